"""Clocks: what a run has used up when it has reached x_k. Every run has them."""

from broximal.theory.language.quantity import Entry, column


def _read(now, name: str) -> Entry:
    return Entry(1.0 * getattr(now.algorithm.clock(now.world, now.state, now.k), name), 0.0)


@column("samples", r"\mathrm{samples}_{#}", "gradients evaluated, all workers together", "1")
def samples(now):
    return _read(now, "samples")


@column("bits", r"\mathrm{bits}_{#}", "bits sent between server and workers", "1")
def bits(now):
    return _read(now, "bits")


@column("rounds", r"\mathrm{rounds}_{#}", "rounds of communication, or steps where there is none", "1")
def rounds(now):
    return _read(now, "rounds")


@column("elapsed", r"\mathrm{time}_{#}", "time, in the unit of the workers' times, or in steps", "1")
def elapsed(now):
    return _read(now, "elapsed")


@column("lmo_calls", r"\mathrm{lmos}_{#}", "linear minimisations over a ball", "1")
def lmo_calls(now):
    return _read(now, "lmo_calls")
