"""Columns and constants with one entry a layer, and the parameters of layer-wise methods.

`g[k, layer]` is the dual norm of layer `layer` of the gradient at x_k; `L0[layer]` the constant of that layer, as the
theorem's hypothesis accepted it (see `theory.smoothness`). Runs of many seeds carry these columns as traces of the
jitted run; a deterministic run is measured at its points.
"""

from typing import Any

import numpy as np

from broximal.oracles.arrays import subtract
from broximal.oracles.compressors import Compressor
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.theory.columns.points import EPS
from broximal.theory.language.quantity import Measured, column, constant, known
from broximal.theory.language.setting import Run

ROUNDING = 64 * EPS  # of a dual norm of a gradient, relative to its size at the start and now


def _of_steps(run: Run, rows: list) -> np.ndarray:
    """One row a step and one entry a layer, also for a run without a step."""
    return np.asarray(rows, dtype=float).reshape(len(rows), run.layers.count)


@column("gl", r"\|\nabla_{@} f(x_{#})\|_{(@)\ast}", "dual norm of a layer of the gradient")
def g(run: Run) -> Measured:
    if "g" in run.trace:
        sizes = run.trace["g"]
    else:
        parts = [run.layers.split(run.problem.gradient(x)) for x in run.points]
        sizes = np.array([run.layers.dual_sizes(part) for part in parts], dtype=float)
    return Measured.of(sizes, ROUNDING * (sizes + sizes[:1]))


@column("tl", r"t^{(@)}_{#}", "radius by which a layer moved, 0 if it did not")
def moved_by(run: Run) -> Measured:
    return Measured.of(run.trace["t"] if "t" in run.trace else _of_steps(run, [r.extra["radii"] for r in run.records]))


@column("dl", r"\|x^{(@)}_{#+1} - x^{(@)}_{#}\|_{(@)}", "length of the step of a layer")
def moved_l(run: Run) -> Measured:
    pairs = zip(run.points[:-1], run.points[1:], strict=True)
    lengths = _of_steps(run, [run.layers.sizes(run.layers.split(subtract(b, a))) for a, b in pairs])
    sizes = _of_steps(run, [run.layers.sizes(run.layers.split(x)) for x in run.points[1:]])
    return Measured.of(lengths, 8 * EPS * (lengths + sizes))


@column("Pl", r"P_{#}", "probability that a layer moves")
def P(run: Run) -> Measured:
    return Measured.of(run.trace["P"]) if "P" in run.trace else Measured.of(np.ones(run.layers.count), 0.0)


@column("mean_f", r"\mathbb{E}_{#} f(x_{#+1})", "expectation of the next value over the layers that may be drawn")
def mean_value(run: Run) -> Measured:
    found = run.trace["mean_f"]
    scale = np.abs(run.trace["f"][:-1]) + np.abs(run.trace["slope"][:-1])
    return Measured.of(found, 16 * EPS * (np.abs(found) + scale))


@column("el", r"\|m^{(@)}_{#} - \nabla_{@} f(x_{#})\|_{(@)\ast}", "dual norm of the estimator's error in a layer")
def error(run: Run) -> Measured:
    sizes = run.trace["e"] if "e" in run.trace else _of_steps(run, [r.extra["errors"] for r in run.records])
    scale = run.trace["m"] if "m" in run.trace else sizes
    return Measured.of(sizes, ROUNDING * (sizes + scale))


@column("rho", r"\rho_{#}", "largest dual norm of a Euclidean unit vector of a layer")
def rho(run: Run) -> Measured:
    parts = run.layers.split(run.setting.x0)
    return Measured.of([norm.l2_bounds(shape_of(x)).rho for norm, x in zip(run.layers.norms, parts, strict=True)])


@column("sigma", r"\sigma_{#}", "Euclidean standard deviation of a layer of the stochastic gradient")
def sigma(run: Run) -> Measured:
    if getattr(run.problem, "noise", None) is None:
        return Measured.of(np.zeros(run.layers.count))
    return Measured.of(run.problem.sigma(run.norm))


def _accepted(run: Run) -> Any:
    if run.setting.smoothness is None:
        raise MissingConstant("no statement about layer-wise smoothness was accepted for this run.")
    return run.setting.smoothness


@column("L0l", r"L^0_{#}", "L0 of a layer, as accepted")
def L0(run: Run) -> Measured:
    return Measured.of(_accepted(run).L0)


@column("L1l", r"L^1_{#}", "L1 of a layer, as accepted")
def L1(run: Run) -> Measured:
    return Measured.of(_accepted(run).L1)


@column("Dl", r"\|x^{(@)}_{#} - x^{\star(@)}\|_{(@)}", "distance of a layer to its minimiser")
def away(run: Run) -> Measured:
    minimiser = run.problem.minimiser
    if minimiser is None:
        raise MissingConstant(f"{run.problem.name} has no known minimiser.")
    found = np.array([run.layers.sizes(run.layers.split(subtract(x, minimiser))) for x in run.points], dtype=float)
    size = np.array(run.layers.sizes(run.layers.split(minimiser)), dtype=float)
    return Measured.of(found, 8 * EPS * (found + size))


@column("Rl", r"R_{#}", "largest distance of a layer to its minimiser along the run")
def R(run: Run) -> Measured:
    distances = run.measure(known("Dl"))
    return Measured.of(distances.values.max(axis=0), distances.noise.max(axis=0))


def parameter(key: str, latex: str, meaning: str, *, layered: bool = False) -> Any:
    """A parameter of a method: claims use it as a symbol (`tau[layer]` if it has one value a layer)."""

    def measure(run: Run) -> Measured:
        if key not in run.setting.parameters:
            raise MissingConstant(f"the parameter {key} was not given and the theorem has no rule for it.")
        given = run.setting.parameters[key]
        if isinstance(given, Compressor):
            raise InvalidArgument(f"parameter {key} must be a number, not {given!r}.")
        value = np.asarray(given, dtype=float)
        return Measured.of(np.broadcast_to(value, (run.layers.count,)) if layered else value)

    PARAMETERS.add(key)
    return (column if layered else constant)(key, latex, meaning)(measure)


PARAMETERS: set[str] = set()  # keys that a theorem's rules set for its method

a = parameter("a", "a", "share of the new gradient in the momentum")
tau = parameter("tau", r"\tau_{#}", "radius factor of a layer", layered=True)
gamma = parameter("gamma", r"\gamma_{#}", "stepsize of a layer on the sharp operator", layered=True)
