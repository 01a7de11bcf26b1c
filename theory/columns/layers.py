"""Columns and constants with one entry a layer, and the parameters of layer-wise methods.

`g[k, layer]` is the dual norm of layer `layer` of the gradient at x_k; `L0[layer]` the constant of that layer, as the
theorem's hypothesis accepted it (see `theory.hypotheses.smoothness`).
"""

import sys
from typing import Any

import numpy as np

from broximal.oracles.arrays import subtract
from broximal.oracles.compressors import Compressor
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.problems.smoothness import Smoothness
from broximal.theory.language.declaration import Range
from broximal.theory.language.quantity import (
    EPS,
    Entry,
    Measured,
    column,
    constant,
    layer,
    of_axis,
    of_layers,
)
from broximal.theory.language.run import Run, View

SHARE = Range(0.0, 1.0, strict=True)
POSITIVE = Range(strict=True)
ROUNDING = 64 * EPS  # of a dual norm of a gradient, relative to its size at the start and now


def of_gradients(now: View, parts: list[Any], also: Any = 0.0) -> Entry:
    """Dual norms of layers that are made of gradients at x_k, rounded on their scale and that of `also`."""
    sizes = now.layers.dual_sizes(parts)
    return Entry(sizes, ROUNDING * (sizes + also))


@column(
    "gl",
    r"\|\nabla_{@} f(x_{#})\|_{(@)\ast}",
    "dual norm of a layer of the gradient",
    "f/x",
    axis=layer,
    nonnegative=True,
)
def g(now):
    return Entry(now.dual_sizes, ROUNDING * (now.dual_sizes + now.start.dual_sizes))


@column("tl", r"t^{(@)}_{#}", "radius by which a layer moved, 0 if it did not", "x", axis=layer)
def moved_by(now, after):
    return after.state.lengths


@column("dl", r"\|x^{(@)}_{#+1} - x^{(@)}_{#}\|_{(@)}", "length of the step of a layer", "x", axis=layer)
def moved_l(now, after):
    split, sizes = now.layers.split, now.layers.sizes
    lengths = sizes(split(subtract(after.x, now.x)))
    return Entry(lengths, 8 * EPS * (lengths + sizes(split(after.x))))


@of_layers("Pl", r"P_{#}", "probability that a layer moves", "1", option="P", range=SHARE)
def P(run):
    if "marginals" in run.world.numbers:
        return Measured.of(run.world["marginals"])
    return Measured.of(np.ones(run.layers.count), 0.0)


@column(
    "el",
    r"\|m^{(@)}_{#} - \nabla_{@} f(x_{#})\|_{(@)\ast}",
    "dual norm of the estimator's error in a layer",
    "f/x",
    axis=layer,
)
def error(now, after):
    split = now.layers.split
    estimate = split(after.state.m)
    off = [subtract(m, g) for m, g in zip(estimate, now.slopes, strict=True)]
    return of_gradients(now, off, now.layers.dual_sizes(estimate))


@of_layers(
    "rho", r"\rho_{#}", "largest dual norm of a Euclidean unit vector of a layer", "1", safe="larger", ratio=True
)
def rho(run):
    parts = run.layers.split(run.experiment.x0)
    return Measured.of([norm.l2_bounds(shape_of(x)).rho for norm, x in zip(run.layers.norms, parts, strict=True)])


@of_layers(
    "sigma", r"\sigma_{#}", "Euclidean standard deviation of a layer of the stochastic gradient", "f/x", safe="larger"
)
def sigma(run):
    if not run.experiment.noisy:
        return Measured.of(np.zeros(run.layers.count))
    return Measured.of(run.problem.sigma(run.norm))


@of_layers("L0l", r"L^0_{#}", "L0 of a layer, as accepted", "f/x^2", option="L0", safe="larger")
def L0(run):
    return Measured.of(run.experiment.fact(Smoothness).L0)


@of_layers("L1l", r"L^1_{#}", "L1 of a layer, as accepted", "1/x", option="L1", safe="larger")
def L1(run):
    return Measured.of(run.experiment.fact(Smoothness).L1)


@column("Dl", r"\|x^{(@)}_{#} - x^{\star(@)}\|_{(@)}", "distance of a layer to its minimiser", "x", axis=layer)
def away(now):
    split, sizes = now.layers.split, now.layers.sizes
    found = sizes(split(subtract(now.x, now.minimiser)))
    return Entry(found, 8 * EPS * (found + sizes(split(now.minimiser))))


@of_layers(
    "Rl",
    r"R_{#}",
    "largest distance of a layer to its minimiser along the run",
    "x",
    uses=[away],
    option="R",
    safe="larger",
)
def R(run):
    distances = run.column("Dl")
    return Measured.of(distances.values.max(axis=0), distances.noise.max(axis=0))


def parameter(
    key: str,
    latex: str,
    meaning: str,
    units: str,
    *,
    axis: Any = None,
    option: str = "",
    range: Range | None = None,
) -> Any:
    """A parameter of a method: claims use it as a symbol, or as `tau[layer]` (`times[worker]`) if it has one value for each.

    range  what may be given for it: `Range(0, 1)`, `Range(strict=True)`. A parameter that may be zero says so with a range;
           without one it is above zero, or at least zero where it has several values
    """

    def measure(run: Run) -> Measured:
        if key not in run.experiment.parameters:
            raise MissingConstant(f"the parameter {key} was not given and the theorem has no rule for it")
        given = run.experiment.parameters[key]
        if isinstance(given, Compressor):
            raise InvalidArgument(f"parameter {key} must be a number, not {given!r}.")
        value = np.asarray(given, dtype=float)
        return Measured.of(value if axis is None else np.broadcast_to(value, (run.count(axis),)))

    # one key stands for one quantity: what tells two apart is the module that asks for it
    measure.__module__, measure.__qualname__ = sys._getframe(1).f_globals["__name__"], f"parameter {key}"
    given: dict[str, Any] = {"option": option, "range": Range() if range is None else range, "parameter": True}
    if axis is not None:
        return of_axis(axis, key, latex, meaning, units, **given)(measure)
    sign = "positive" if range is None or range.low > 0 or range.strict else "real" if range.low < 0 else "nonnegative"
    given[sign] = True
    return constant(key, latex, meaning, units, **given)(measure)


a = parameter("a", "a", "share of the new gradient in the momentum", "1", range=SHARE)
tau = parameter("tau", r"\tau_{#}", "radius factor of a layer", "x", axis=layer, range=POSITIVE)
gamma = parameter(
    "gamma", r"\gamma_{#}", "stepsize of a layer on the sharp operator", "x^2/f", axis=layer, range=POSITIVE
)
