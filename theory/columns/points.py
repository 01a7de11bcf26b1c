"""The one vocabulary of claims: columns (`gap[k]`) and constants (`mu`) shared by all theorems, with their measurement.

A statement that needs a quantity of its own defines it in its own file with the same decorators.
"""

import numpy as np

from broximal.oracles.arrays import is_concrete, leaves, subtract
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.problems.problem import CONSTANTS
from broximal.theory.language.declaration import Range
from broximal.theory.language.quantity import (
    EPS,
    Best,
    Entry,
    K,
    Measured,
    column,
    constant,
    i,
    k,
    known,
    of_run,
)
from broximal.theory.language.run import Run

__all__ = [
    "D0",
    "EPS",
    "G0",
    "PL",
    "R0",
    "Best",
    "K",
    "L",
    "d0",
    "dim",
    "distance",
    "gap",
    "grad",
    "growth",
    "i",
    "k",
    "kappa",
    "moved",
    "mu",
    "q",
    "radius",
    "slope",
    "t",
    "unit_f",
    "unit_x",
    "value",
]

CLEARLY = 1e3  # times the rounding: such a contradiction is no accident


def placing(norm, *points) -> float:
    """How far points that were computed may be from where they should be, by rounding of their coordinates."""
    return 16 * EPS * sum(float(norm(x)) for x in points)


def scale_at(problem, x) -> float:
    """The scale on which f(x) is rounded (see `View.scale`), at a point that is no state."""
    f = abs(float(problem.value(x)))
    try:
        pairs = zip(leaves(problem.gradient(x)), leaves(x), strict=True)
        return f + float(sum(np.abs(g * u).sum() for g, u in pairs))
    except MissingConstant:
        return f


@column("f", r"f(x_{#})", "function value", "f")
def value(now):
    own = 0.0
    if all(is_concrete(leaf) for leaf in leaves(now.x)):  # families state it for their own data, which a scan traces
        own, _ = now.problem.rounding(now.x)  # where f is a difference of terms that cancel, near a minimum say
    return Entry(now.value, 8 * EPS * now.scale + own, now.state.charge)


def _refuse_below(run: Run, above: np.ndarray, noise: np.ndarray, stated: str) -> None:
    """Raise InvalidArgument where a value is far below what the problem states as its infimum or a bound of it."""
    if np.any(above < -CLEARLY * noise):
        raise InvalidArgument(
            f"problem {run.problem.name} states {stated}, but f is lower by {-above.min():.3g} on the run."
        )


@of_run("gap", r"(f(x_{#}) - f^\star)", "function value above the infimum", "f", uses=[value], nonnegative=True)
def gap(run):
    f_star, found = run.problem.f_star, run.column("f")
    above = found.values - f_star.value
    noise = found.noise + 8 * EPS * abs(f_star.value) + f_star.error
    _refuse_below(run, above, noise, f"f* = {f_star.value:g}")
    # A negative gap is rounding: the true one is >= 0 and within the noise.
    return Measured.of(np.maximum(above, 0.0), np.maximum(noise, -above), found.oracle)


@column("D", r"D_{#}", "distance to the minimiser (set) in the norm", "x", host=True)
def distance(now):
    found = now.problem.distance(now.x, now.norm)
    return Entry(found.value, found.error, now.state.drift)


@column("t", r"t_{#}", "radius", "x")
def radius(now, after):
    return Entry(after.state.radius, 0.0)


@column(
    "slope",
    r"\|g_{#}\|_\ast",
    "dual norm of the aligned subgradient that the step to x_k produced",
    "f/x",
    host=True,
    nonnegative=True,
)
def slope(now):
    """g_0 is a subgradient at the start (the gradient where f is smooth)."""
    start = float(now.norm.dual(now.start.gradient))
    if now.k == 0:
        return Entry(start, 64 * EPS * start)
    found = now.state.answer.subgradient
    if found is None:
        raise MissingConstant(f"{now.problem.name} gives no aligned subgradient in the {now.norm.name} norm")
    size = float(now.norm.dual(found))
    return Entry(size, 32 * EPS * (size + start), now.state.charge / now.state.radius)


@column(
    "grad",
    r"\|\nabla f(x_{#})\|_\ast",
    "dual norm of an arbitrary subgradient (the gradient where f is smooth)",
    "f/x",
    nonnegative=True,
)
def grad(now):
    size, start = now.norm.dual._value(now.gradient), now.start.norm.dual._value(now.start.gradient)
    return Entry(size, 64 * EPS * (size + start))


@column("moved", r"\|x_{#+1} - x_{#}\|", "length of the step", "x")
def moved(now, after):
    length = now.norm._value(subtract(after.x, now.x))
    return Entry(length, 4 * EPS * (length + now.norm._value(after.x)))


def given(run: Run, name: str) -> Measured:
    """A constant of the problem in the norm, or the value that the user insists on."""
    if name in run.experiment.constants:
        return Measured.of(run.experiment.constants[name], 0.0)
    found = run.problem.constant(name, run.norm, run.start.x)
    return Measured.of(found.value, 8 * EPS * found.value if found.kind == "exact" else 0.0)


@constant("mu", r"\mu", "strong convexity in the norm", "f/x^2", safe=CONSTANTS["mu"].safe)
def mu(run):
    return given(run, "mu")


@constant("L", "L", "smoothness in the norm", "f/x^2", range=Range(strict=True), safe=CONSTANTS["L"].safe)
def L(run):
    return given(run, "L")


@constant("kappa", r"\kappa", "growth: f - f* >= kappa dist^q", "f/x^q", safe=CONSTANTS["kappa"].safe)
def kappa(run):
    return given(run, "kappa")


@constant("PL", r"\mu", "Polyak-Lojasiewicz constant of the layer-wise dual norms", "f/x^2", safe=CONSTANTS["PL"].safe)
def PL(run):
    return given(run, "PL")


@constant("q", "q", "growth exponent", "1", range=Range(1.0))
def q(run):
    exponent = run.problem.growth_exponent
    if exponent is None:
        raise MissingConstant(f"{run.problem.name} has no known growth exponent")
    return Measured.of(exponent, 0.0)


growth = (kappa, q)


@constant(
    "R_0",
    "R_0",
    "sublevel radius: sup { |z - x*| : f(z) <= f(x_0) } in the norm",
    "x",
    option="R0",
    safe=CONSTANTS["R0"].safe,
)
def R0(run):
    return given(run, "R0")


@constant("D_0", "D_0", "distance of the start to the minimiser (set) in the norm", "x", option="D0", safe="larger")
def D0(run):
    found = run.problem.distance(run.start.x, run.norm)
    return Measured.of(found.value, found.error)


@constant("d_0", r"(f(x_0) - f^\star)", "gap of the start", "f", option="d0", safe="larger")
def d0(run):
    """With a lower bound of inf f where f* is not known: then d_0 is an upper bound of the gap."""
    start, size = float(run.start.value), float(run.start.scale)
    try:
        known_, stated = run.problem.f_star, "f*"
    except MissingConstant:
        known_, stated = run.problem.lower, "the lower bound"
    own, _ = run.problem.rounding(run.start.x)
    above, noise = start - known_.value, 8 * EPS * (size + abs(known_.value)) + known_.error + float(own)
    _refuse_below(run, np.array([above]), np.array([noise]), f"{stated} = {known_.value:g}")
    return Measured.of(max(above, 0.0), max(noise, -above))


@constant(
    "G_0", r"\|\nabla f(x_0)\|_\ast", "dual norm of a subgradient at the start", "f/x", option="G0", safe="larger"
)
def G0(run):
    size = float(run.norm.dual(run.start.gradient))
    return Measured.of(size, 128 * EPS * size)


@constant("d", "d", "dimension", "1", range=Range(1.0, whole=True), positive=True, integer=True)
def dim(run):
    return Measured.of(sum(leaf.size for leaf in leaves(run.start.x)), 0.0)


@constant("t_const", "t", "the constant radius", "x", option="t", range=Range(strict=True))
def t(run):
    if not run.experiment.constant_radius:
        raise MissingConstant("this claim is about a constant radius, and the run used a schedule")
    return Measured.of(run.experiment.radius_at(0), 0.0)


@constant("unit_f", r"\mathrm{u}_f", "the unit of function values: the number 1", "f", fixed=True)
def unit_f(run):
    """For numbers that are function values: gap[K] <= 0.1 * unit_f."""
    return Measured.of(1.0, 0.0)


@constant("unit_x", r"\mathrm{u}_x", "the unit of lengths: the number 1", "x", fixed=True)
def unit_x(run):
    """For numbers that are lengths: moved[k] <= 0.1 * unit_x."""
    return Measured.of(1.0, 0.0)


def at_start(run: Run, base) -> Measured:
    """The entry of a column at x_0."""
    found = run.measure(known(str(base.label)))
    return Measured.of(found.values[0], found.noise[0])
