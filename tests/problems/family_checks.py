"""Checks of the structured families that do not rely on the certificate the solvers compute themselves."""

import functools

import numpy as np

from broximal.oracles.brox import brox
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2


class Wrong(AssertionError):
    """A point, a subgradient or a constant that is not what it claims to be."""


def expect(condition, message):
    if not condition:
        raise Wrong(message)


def noise_of(problem, *points) -> float:
    return max(32 * (float(problem.rounding(p)[0]) + 2.3e-16 * abs(float(problem.value(p)))) for p in points)


@functools.lru_cache(maxsize=512)
def _sphere(named: str, shape, count, seed):
    norm, rng = _NORMS[named], np.random.default_rng(seed)
    raw = [rng.standard_normal(shape) for _ in range(count)]
    raw += [norm.lmo(rng.standard_normal(shape)) for _ in range(count)]
    raw += [norm.dual.lmo(rng.standard_normal(shape)) for _ in range(count)]
    raw += [e.reshape(shape) for e in np.eye(int(np.prod(shape)))[:8]] + [
        np.ones(shape),
        rng.choice([-1.0, 1.0], shape),
    ]
    return [v / float(norm(v)) for v in raw]


_NORMS: dict[str, Norm] = {}


def directions(norm: Norm, shape, count, seed=0):
    """Points of the unit sphere of the norm: random ones, vertices of the ball and its polar, unit vectors, (1, .., 1)."""
    _NORMS[norm.name] = norm
    return _sphere(norm.name, tuple(shape), count, seed)


def check_point(problem, norm, x, radius, point, subgradient=None, twin=None, seed=0, trust=1e-6):
    """Is the point in the ball and no point of the ball better: by samples of the ball, by an aligned subgradient, by a twin.

    The subgradient is tested for what it claims: f(z) >= f(u) + <g, z - u> near and far, <g, x - u> = t |g|_*.
    trust: how far the twin's value is trusted, relative to the decrease.
    """
    rng = np.random.default_rng(seed)
    point = np.asarray(point)
    step, size = point - x, float(norm(x)) if np.any(x) else 0.0
    expect(float(norm(step)) <= radius * (1 + 1e-13) + 1e-15 * size, "outside the ball") if np.any(step) else None
    value, start = float(problem.value(point)), float(problem.value(x))
    noise = noise_of(problem, x, point)
    expect(value <= start + noise, "worse than the centre")
    for v in directions(norm, x.shape, 4):
        z = x + radius * rng.choice([1.0, rng.uniform()]) * v
        expect(value <= float(problem.value(z)) + noise, "a point of the ball is better")
        w = point + 1e-3 * radius * v
        if float(norm(w - x)) <= radius:
            expect(value <= float(problem.value(w)) + noise, "a neighbour in the ball is better")
    if subgradient is not None and problem.convex:
        g = np.asarray(subgradient)
        dual = float(norm.dual(g)) if np.any(g) else 0.0
        slack = 1e-12 * (radius * dual + abs(value - start)) + noise
        expect(radius * dual - float((g * -step).sum()) <= slack, "the subgradient is not aligned")
        for v in directions(L2(), x.shape, 3):
            z = point + rng.choice([1e-4, 1.0, 10.0]) * radius * v
            linear, there = value + float((g * (z - point)).sum()), float(problem.value(z))
            rounding = noise + 32 * float(problem.rounding(z)[0]) + 1e-12 * (abs(linear - value) + abs(there))
            expect(there >= linear - rounding, "not a subgradient")
    if twin is not None:
        allowed = trust * abs(start - twin) + noise
        expect(value <= twin + allowed, f"value {value:.17g} above the twin's {twin:.17g}")
        expect(value >= twin - allowed, f"value {value:.17g} below the twin's {twin:.17g}")


def check_exact(problem, norm, x, radius, twin=None, seed=0, trust=1e-6, tol=1e-12):
    """Solve by structure alone and check. twin: a value, or "cvxpy"."""
    answer = brox(problem, norm, x, radius, paths=("structured",), tol=tol)
    value = float(problem.value(answer.point))
    expect(abs(float(answer.value) - value) <= noise_of(problem, answer.point), "the value is not that of the point")
    decrease = max(float(problem.value(x)) - value, 0.0)
    expect(float(answer.gap) <= tol * decrease + 16 * float(answer.rounding), f"gap {float(answer.gap):.2g}")
    if isinstance(twin, str):
        twin = by_cvxpy(problem, norm, x, radius)
    check_point(problem, norm, x, radius, answer.point, answer.subgradient, twin, seed, trust)
    return answer


def by_cvxpy(problem, norm, x, radius) -> float:
    from broximal.oracles.brox.convex_program import convex_program

    return float(problem.value(x + radius * convex_program(problem, norm, x, radius).step))


def mutants(norm, x, radius, point, g):
    """Points that common mistakes would return where the ball does not contain a minimiser; g a subgradient there."""
    step = np.asarray(point) - x
    swapped = {} if isinstance(norm, L2) else {"primal and dual swapped": x + norm.dual.lmo(g, radius)}
    return swapped | {
        "sign flipped": x - step,
        "radius dropped": x + step / float(norm(step)),
        "half the radius": x + 0.5 * step,
        "too long": x + (1 + 1e-9) * step,
        "centre forgotten": step,
    }


# ---- constants -------------------------------------------------------------------------------------------------------


def measured(problem, name, norm, x0=None, seed=0, tries=5, climb=24):
    """The largest ratio that a search finds of what the constant bounds to the constant: above 1 refutes it.

    Random pairs on many scales, rays through the minimiser, then hill climbing from the best one.
    """
    rng = np.random.default_rng(seed)
    x0 = problem.x0 if x0 is None else x0
    constant = problem.constant(name, norm, x0).value
    ratio = _ratios(problem, name, norm, x0, constant)
    base = problem.minimiser if problem.minimiser is not None else x0
    scale = 1 + np.abs(x0 - base).max()
    pairs = []
    for v in directions(norm, x0.shape, tries, seed):
        length = 10.0 ** rng.uniform(-3, 2) * scale
        origin = base + rng.choice([0.0, 1e-3, 1.0, 10.0]) * scale * rng.standard_normal(x0.shape)
        far = base + 100 * scale * np.ones(x0.shape)
        pairs += [(base, base + length * v), (origin, origin + length * v), (far, far + length * v)]
    best = max(pairs, key=lambda p: ratio(*p))
    top = ratio(*best)
    for k in range(climb):
        step = 0.5 ** (k / 4)
        for which in (0, 1):
            moved = list(best)
            width = step * np.abs(best[1] - best[0]).max()
            moved[which] = moved[which] + width * rng.standard_normal(x0.shape) * (rng.uniform(size=x0.shape) < 0.5)
            found = ratio(*moved)
            if found > top:
                best, top = moved, found
    return top


def _ratios(problem, name, norm, x0, constant):
    f, g = problem.value, problem.gradient

    def length(v):
        return float(norm(v)) if np.any(v) else 0.0

    def fn(x, y):
        d = y - x
        n = length(d)
        if n == 0:
            return 0.0
        noise = 0.0 if name in ("L", "R0") else noise_of(problem, y)
        if name == "G":
            return (abs(float(f(y)) - float(f(x))) - 2 * noise) / (n * constant) if constant else 0.0
        if name == "L":
            change = g(y) - g(x)
            dual = float(norm.dual(change)) if np.any(change) else 0.0
            return dual / (n * constant) if constant else float(dual > 1e-12)
        if name == "mu":
            bent = float(f(y)) - float(f(x)) - float((g(x) * d).sum()) + noise
            return constant * n * n / 2 / max(bent, 1e-300) if constant else 0.0
        if name == "kappa":
            distance = problem.distance(y, norm).value
            above = float(problem.gap(y)) + noise
            return constant * distance**problem.growth_exponent / max(above, 1e-300)
        # R0: as far as the ray through y stays in the sublevel set
        center, low, high = problem.minimiser, 0.0, 1.0
        top = float(f(x0))
        while float(f(center + high * (y - center))) <= top and high < 1e6:
            low, high = high, 2 * high
        for _ in range(12):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if float(f(center + middle * (y - center))) <= top else (low, middle)
        return low * length(y - center) / constant

    return fn


def check_constant(problem, name, norm, attained=True, **options):
    """No search may refute the constant; an exact one must nearly be attained."""
    found = problem.constant(name, norm, options.get("x0"))
    top = measured(problem, name, norm, **options)
    expect(top <= 1 + 1e-9, f"{found} is refuted by a factor {top:.6g}")
    if attained and found.kind == "exact" and found.value > 0:
        expect(top >= 0.93, f"{found} is called exact, but only {top:.3g} of it was attained")


# ---- star-convexity --------------------------------------------------------------------------------------------------


def check_star(problem, seed=0, tries=300):
    """f((1 - l) x + l x*) <= (1 - l) f(x) + l f* along random segments to the minimiser."""
    rng = np.random.default_rng(seed)
    center, f_star = problem.minimiser, problem.f_star.value
    for _ in range(tries):
        x = center + 10.0 ** rng.uniform(-3, 2) * rng.standard_normal(center.shape)
        share = rng.uniform()
        left = float(problem.value((1 - share) * x + share * center))
        right = (1 - share) * float(problem.value(x)) + share * f_star
        expect(left <= right * (1 + 1e-12) + 1e-12 * abs(right) + noise_of(problem, x), "not star-convex")


def find_nonconvex(problem, seed=0, tries=4000):
    """(x, y): the middle of the segment is above the chord. Raises Wrong if none is found."""
    rng = np.random.default_rng(seed)
    center = problem.minimiser
    for _ in range(tries):
        scale = 10.0 ** rng.uniform(-1, 1)
        x, y = (center + scale * rng.standard_normal(center.shape) for _ in range(2))
        chord = 0.5 * (float(problem.value(x)) + float(problem.value(y)))
        if float(problem.value(0.5 * (x + y))) > chord * (1 + 1e-6) + 1e-9:
            return x, y
    raise Wrong("no segment refutes convexity")


def steps_to_minimum(problem, norm, radius, limit=500, **options):
    """(N, points) of the Broximal Point Method from problem.x0: a plain loop. x_N is the first point with f = f*."""
    x, points = problem.x0, [problem.x0]
    while float(problem.value(x)) > problem.f_star.value and len(points) <= limit:
        x = brox(problem, norm, x, radius, **options).point
        points.append(x)
    return len(points) - 1, points
