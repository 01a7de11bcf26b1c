"""What a jitted run keeps of its path: values, dual norms of gradient and estimate, errors."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.layers import Layers
from broximal.theory.methods.method import Record
from broximal.theory.setting import Run, Setting


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


def as_run(setting: Setting, traces: dict[str, np.ndarray], ends: Any, marginals: np.ndarray, place: int) -> Run:
    trace = {name: values[place] for name, values in traces.items()} | {"P": marginals}
    end = jax.tree.map(lambda leaf: leaf[place], ends)
    records = [Record(None, float(np.max(radii)), extra={"radii": radii}) for radii in trace["t"]]
    run = Run(setting, [setting.x0, end], records)
    run.trace = trace
    return run
