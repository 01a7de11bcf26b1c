"""The one vocabulary of claims: columns (`gap[k]`) and constants (`mu`) shared by all theorems, with their measurement.

A statement that needs a quantity of its own defines it in its own file with the same decorators.
"""

import jax
import numpy as np

from broximal.oracles.arrays import inner, l2, scale, subtract
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.theory.language.quantity import Best, K, Measured, column, constant, i, k
from broximal.theory.language.setting import Run

__all__ = [
    "D0",
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
    "value",
]

EPS = float(np.finfo(float).eps)
CLEARLY = 1e3  # times the rounding: such a contradiction is no accident


def size_of_value(run: Run, x) -> float:
    """The scale on which f(x) is rounded: |f(x)| + sum |x_i grad_i f(x)|, f being a sum of terms of that size."""
    f = abs(float(run.problem.value(x)))

    try:
        sizes = (jax.tree.map(np.abs, part) for part in (run.problem.gradient(x), x))
        linear = float(inner(*sizes))
    except MissingConstant:
        linear = 0.0
    return f + linear


def _values(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """f along the run and the scale of its rounding, from the trace of a jitted run or at the points."""
    if "f" in run.trace:
        return run.trace["f"], np.abs(run.trace["f"]) + np.abs(run.trace["slope"])
    values = np.array([float(run.problem.value(x)) for x in run.points])
    return values, np.array([size_of_value(run, x) for x in run.points])


def oracle_gaps(run: Run) -> np.ndarray:
    return np.array([0.0, *(record.charge for record in run.records)])


@column("f", r"f(x_{#})", "function value")
def value(run: Run) -> Measured:
    values, sizes = _values(run)
    return Measured.of(values, 8 * EPS * sizes, oracle_gaps(run))


def _refuse_below(run: Run, above: np.ndarray, noise: np.ndarray, stated: str) -> None:
    """Raise InvalidArgument where a value is far below what the problem states as its infimum or a bound of it."""
    if np.any(above < -CLEARLY * noise):
        raise InvalidArgument(
            f"problem {run.problem.name} states {stated}, but f is lower by {-above.min():.3g} on the run."
        )


@column("gap", r"(f(x_{#}) - f^\star)", "function value above the infimum")
def gap(run: Run) -> Measured:
    f_star = run.problem.f_star
    values, sizes = _values(run)
    values = values - f_star.value
    noise = 8 * EPS * (sizes + abs(f_star.value)) + f_star.error
    _refuse_below(run, values, noise, f"f* = {f_star.value:g}")
    # A negative gap is rounding: the true one is >= 0 and within the noise.
    return Measured.of(np.maximum(values, 0.0), np.maximum(noise, -values), oracle_gaps(run))


@column("D", r"D_{#}", "distance to the minimiser (set) in the norm")
def distance(run: Run) -> Measured:
    known = [run.problem.distance(x, run.norm) for x in run.points]
    drift = np.array([0.0, *(record.drift for record in run.records)])
    return Measured.of([d.value for d in known], np.array([d.error for d in known]), drift)


@column("t", r"t_{#}", "radius")
def radius(run: Run) -> Measured:
    return Measured.of([record.radius for record in run.records], 0.0)


@column("slope", r"\|g_{#}\|_\ast", "dual norm of the aligned subgradient that the step to x_k produced")
def slope(run: Run) -> Measured:
    """g_0 is a subgradient at the start (the gradient where f is smooth)."""
    norms = [float(run.norm.dual(run.problem.gradient(run.points[0])))]
    charge = [0.0]
    for record in run.records:
        if record.answer.subgradient is None:
            raise MissingConstant(f"{run.problem.name} gives no aligned subgradient in the {run.norm.name} norm.")
        norms.append(float(run.norm.dual(record.answer.subgradient)))
        charge.append(record.charge / record.radius)
    sizes = np.array(norms)
    return Measured.of(sizes, 32 * EPS * (sizes + sizes[0]), np.array(charge))


@column("grad", r"\|\nabla f(x_{#})\|_\ast", "dual norm of an arbitrary subgradient (the gradient where f is smooth)")
def grad(run: Run) -> Measured:
    sizes = np.array([float(run.norm.dual(run.problem.gradient(x))) for x in run.points])
    return Measured.of(sizes, 64 * EPS * (sizes + sizes[0]))


@column("moved", r"\|x_{#+1} - x_{#}\|", "length of the step")
def moved(run: Run) -> Measured:
    steps = zip(run.points[:-1], run.points[1:], strict=True)
    lengths = np.array([float(run.norm(subtract(b, a))) for a, b in steps])
    sizes = np.array([float(run.norm(x)) for x in run.points[1:]])
    return Measured.of(lengths, 4 * EPS * (lengths + sizes))


def _given(run: Run, name: str) -> Measured:
    if name in run.setting.constants:
        return Measured.of(run.setting.constants[name], 0.0)
    found = run.problem.constant(name, run.norm, run.points[0])
    return Measured.of(found.value, 8 * EPS * found.value if found.kind == "exact" else 0.0)


def _first(run: Run, base) -> Measured:
    from broximal.theory.language.quantity import known

    column_ = run.measure(known(str(base.label)))
    return Measured.of(column_.values[0], column_.noise[0])


@constant("mu", r"\mu", "strong convexity in the norm")
def mu(run: Run) -> Measured:
    return _given(run, "mu")


@constant("L", "L", "smoothness in the norm")
def L(run: Run) -> Measured:
    return _given(run, "L")


@constant("kappa", r"\kappa", "growth: f - f* >= kappa dist^q")
def kappa(run: Run) -> Measured:
    return _given(run, "kappa")


@constant("PL", r"\mu", "Polyak-Lojasiewicz constant of the layer-wise dual norms")
def PL(run: Run) -> Measured:
    return _given(run, "PL")


@constant("q", "q", "growth exponent")
def q(run: Run) -> Measured:
    exponent = run.problem.growth_exponent
    if exponent is None:
        raise MissingConstant(f"{run.problem.name} has no known growth exponent.")
    return Measured.of(exponent, 0.0)


growth = (kappa, q)


@constant("R_0", "R_0", "sublevel radius: sup { |z - x*| : f(z) <= f(x_0) } in the norm")
def R0(run: Run) -> Measured:
    return _given(run, "R0")


@constant("D_0", "D_0", "distance of the start to the minimiser (set) in the norm")
def D0(run: Run) -> Measured:
    return _first(run, distance)


@constant("d_0", r"(f(x_0) - f^\star)", "gap of the start")
def d0(run: Run) -> Measured:
    """With a lower bound of inf f where f* is not known: then d_0 is an upper bound of the gap."""
    try:
        return _first(run, gap)
    except MissingConstant:
        lower = run.problem.lower
        values, sizes = _values(run)
        _refuse_below(run, values - lower.value, 8 * EPS * sizes + lower.error, f"the lower bound {lower.value:g}")
        start = _first(run, value)
        return Measured.of(start.values - lower.value, start.noise + lower.error)


@constant("G_0", r"\|\nabla f(x_0)\|_\ast", "dual norm of a subgradient at the start")
def G0(run: Run) -> Measured:
    return _first(run, grad)


@constant("d", "d", "dimension", positive=True, integer=True)
def dim(run: Run) -> Measured:
    import jax

    return Measured.of(sum(leaf.size for leaf in jax.tree.leaves(run.points[0])), 0.0)


@constant("t_const", "t", "the constant radius")
def t(run: Run) -> Measured:
    if not run.setting.constant_radius:
        raise MissingConstant("this claim is about a constant radius, and the run used a schedule.")
    return Measured.of(run.setting.radius_at(0), 0.0)


def misalignment(norm, step, subgradient) -> float:
    """|x - u - t g / |g|_2|_2, how far a Euclidean step is from the direction of its subgradient."""
    size = float(l2(subgradient))
    if size == 0:
        return 0.0
    return float(l2(subtract(step, scale(float(l2(step)) / size, subgradient))))
