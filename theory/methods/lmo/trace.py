"""What a jitted run keeps of its path: values, dual norms of gradient and estimate, errors."""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.layers import Layers
from broximal.theory.language.method import Record
from broximal.theory.language.setting import Run, Setting


def at(problem: Any, layers: Any, parts: list, gradient: list) -> dict[str, Any]:
    """f, <gradient, x>, and the size of its terms, on which the rounding of both depends."""
    size = inner(jax.tree.map(jnp.abs, gradient), jax.tree.map(jnp.abs, parts))
    return {"f": problem.value(layers.join(parts)), "gx": inner(gradient, parts), "slope": size}


def errors(layers: Layers, exact: list, estimate: list, seen: list, before: list | None) -> dict[str, Any]:
    """Dual norms of the gradient (g), of the estimate (m) and of the error of what the LMO is taken of (e), a layer each.

    e2 is the squared Euclidean length of that error; stale (dual norms) and stale2 (squared length) are of the error that a
    memory has before its update, if there is one.
    """
    off = [subtract(m, g) for m, g in zip(seen, exact, strict=True)]
    found = {
        "g": layers.dual_sizes(exact),
        "m": layers.dual_sizes(estimate),
        "e": layers.dual_sizes(off),
        "e2": inner(off, off),
    }
    if before is not None:
        old = [subtract(m, g) for m, g in zip(before, exact, strict=True)]
        found |= {"stale": layers.dual_sizes(old), "stale2": inner(old, old)}
    return found


CHUNK = 32  # seeds that run at once: one size, so that a run is compiled once however many seeds there will be
SMALL = 10_000  # entries of a point times steps; such runs take less time than their compilation


def entries(setting: Setting) -> int:
    """How many numbers a point has."""
    return sum(np.size(leaf) for leaf in jax.tree.leaves(setting.x0))


def jitted(scan: Callable[..., Any]) -> Callable[[Setting], Callable[..., Any]]:
    """scan under jit, by the size of the run: small ones are compiled fast, large ones to run fast."""
    slow = eqx.filter_jit(scan)
    options: dict[str, Any] = {"compiler_options": {"xla_backend_optimization_level": 0}}
    quick = eqx.filter_jit(scan, **options)

    def chosen(setting: Setting) -> Callable[..., Any]:
        return quick if entries(setting) * setting.steps <= SMALL else slow

    return chosen


def in_chunks(setting: Setting, seeds: range, size: int, scan: Callable[[np.ndarray], Any]) -> list[Run]:
    """One run for every seed from scans of `size` seeds each, in double precision; the last scan is filled up."""
    runs: list[Run] = []
    with jax.enable_x64(True):
        for low in range(0, len(seeds), size):
            part = np.asarray(seeds[low : low + size])
            padded = np.concatenate([part, np.full(size - len(part), part[-1])])
            traces, ends = jax.tree.map(np.asarray, scan(padded))
            for place in range(len(part)):
                end = jax.tree.map(lambda leaf, at=place: leaf[at], ends)
                runs.append(Path(setting, end, {name: values[place] for name, values in traces.items()}))
    return runs


class Path(Run):
    """The run of one seed: its trace, its two ends; the records of its steps are made when they are asked for."""

    def __init__(self, setting: Setting, end: Any, trace: dict[str, np.ndarray]):
        super().__init__(setting, [setting.x0, end], [])
        del self.records
        self.trace = trace

    @functools.cached_property
    def records(self) -> list[Record]:  # type: ignore[override]
        return [Record(None, float(np.max(radii)), extra={"radii": radii}) for radii in self._radii]

    @property
    def length(self) -> int:
        return len(self._radii)

    @property
    def _radii(self) -> np.ndarray:
        """Of the layers (t), or the length of the whole step (moved)."""
        return self.trace["t"] if "t" in self.trace else self.trace["moved"]
