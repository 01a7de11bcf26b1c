"""The laws of norms, as one function that every norm goes through: `check_laws(norm, shape, rng)`.

Each law is stated with quantities that are computed independently of each other (value, dual value, LMO, projection),
and fails with an AssertionError that begins with the name of the law. `tests/oracles/test_mutations.py` makes sure
that wrong oracles do fail.
"""

import itertools

import jax
import numpy as np

from broximal import oracles
from broximal.oracles import arrays
from broximal.oracles.arrays import combine, inner, l2, scale, subtract


def is_shape(node) -> bool:
    return isinstance(node, tuple) and bool(node) and all(isinstance(n, int) for n in node)


def draw(shape, rng):
    """Gaussian numbers of this shape (or tree of shapes)."""
    return jax.tree.map(lambda s: rng.standard_normal(s), shape, is_leaf=is_shape)


def filled(shape, value):
    return jax.tree.map(lambda s: np.full(s, value), shape, is_leaf=is_shape)


def law(name: str, holds, *shown) -> None:
    assert bool(holds), f"{name}: {shown}"


def near(a, b, tol) -> bool:
    return abs(float(a) - float(b)) <= tol * max(abs(float(a)), abs(float(b)), np.finfo(float).tiny)


def check_laws(norm, shape, rng, tol: float = 1e-9) -> None:
    """Every law at a pair of random points, and the l2 bounds."""
    check_at(norm, draw(shape, rng), draw(shape, rng), rng, tol)
    check_l2_bounds(norm, shape, rng, tol)


def check_at(norm, x, g, rng, tol: float = 1e-9) -> None:
    """The laws at one pair of points."""
    check_norm(norm, x, g, tol)
    check_lmo(norm, g, rng, tol)
    for share in (1e-3, 0.3, 0.95, 1.5):
        check_projection(norm, x, g, share, rng, tol)
    check_prox(norm, x, 0.4, rng, tol)
    check_sharp(norm, g, x, tol)
    check_invariances(norm, x, g, rng, tol)


def check_norm(norm, x, g, tol):
    size, dual = norm(x), norm.dual(g)
    law("positive", (size > 0) == (l2(x) > 0), size)
    law("homogeneous", near(norm(scale(-2.5, x)), 2.5 * size, tol), size)
    law("triangle", norm(combine(1.0, x, 1.0, g)) <= (size + norm(g)) * (1 + tol), size)
    law("zero", norm(scale(0.0, x)) == 0)
    law("Hölder", abs(inner(g, x)) <= size * dual * (1 + tol), inner(g, x), size * dual)
    law("dual of dual", near(norm.dual.dual(x), size, tol), norm.dual.dual(x), size)


def check_lmo(norm, g, rng, tol, radius=1.7):
    v, dual = norm.lmo(g, radius), norm.dual(g)
    law("LMO keeps shape and dtype", same_kind(v, g), v)
    law("LMO is in the ball", norm(v) <= radius * (1 + tol), norm(v), radius)
    law("LMO is on the sphere", near(norm(v), radius, 100 * tol), norm(v), radius)
    law("Hölder equality at the LMO", near(inner(g, v), -radius * dual, tol), inner(g, v), -radius * dual)
    answer = oracles.lmo(norm, g, radius)
    law("LMO certificate", abs(answer.gap) <= tol * radius * dual, answer.gap)
    law("LMO excess", -100 * tol * radius <= answer.excess <= tol * radius, answer.excess)
    u = draw(sizes(g), rng)
    u = scale(radius / float(norm(u)), u)
    law("LMO beats another point of the sphere", inner(g, v) <= inner(g, u) + tol * radius * dual, inner(g, u))


def check_projection(norm, x, g, share, rng, tol):
    size = float(norm(x))
    radius = share * size if size > 0 else share
    p, square = norm.project(x, radius), float(l2(x)) ** 2
    law("projection keeps shape and dtype", same_kind(p, x), p)
    law("projection is in the ball", norm(p) <= radius * (1 + tol), norm(p), radius)
    if share > 1:
        law("projection leaves the ball alone", l2(subtract(p, x)) <= tol * l2(x), share)
    rest = subtract(x, p)
    for u in (norm.lmo(scale(-1.0, rest), radius), norm.lmo(g, radius), scale(radius / max(size, 1e-300), x)):
        slope = inner(rest, subtract(u, p))
        law("projection variational inequality", slope <= 10 * tol * square, slope, share)
    answer = oracles.project(norm, x, radius)
    law("projection certificate", abs(answer.gap) <= 10 * tol * square, answer.gap, share)
    law("projection twice", l2(subtract(norm.project(p, radius), p)) <= tol**0.5 * l2(x), share)
    law("projection on the point", l2(norm.project(x, 0.0)) == 0)
    law("projection on the space", l2(subtract(norm.project(x, np.inf), x)) == 0)


def check_prox(norm, x, share, rng, tol):
    weight = share * float(norm.dual(x)) or 1.0
    z = norm.prox(x, weight)
    rest, square = subtract(x, z), float(l2(x)) ** 2
    law("prox: the rest is a subgradient", norm.dual(rest) <= weight * (1 + tol), norm.dual(rest), weight)
    law("prox: the rest is aligned", abs(weight * norm(z) - inner(rest, z)) <= 10 * tol * square, norm(z))

    def objective(u):
        return weight * norm(u) + 0.5 * l2(subtract(u, x)) ** 2

    for u in (x, scale(0.0, x), scale(1.01, z), scale(0.99, z), combine(1.0, z, 1e-2 * share, draw_like(x, rng))):
        law("prox is a minimiser", objective(z) <= objective(u) + 10 * tol * square, objective(z), objective(u))
    # Moreau, with the projection of the dual norm asked for its own certificate.
    answer = oracles.project(norm.dual, x, weight)
    law("Moreau", l2(subtract(answer.point, rest)) <= tol * l2(x), l2(rest))
    law("Moreau certificate", abs(answer.gap) <= 10 * tol * square, answer.gap)


def check_sharp(norm, g, x, tol):
    s, dual = norm.sharp(g), norm.dual(g)
    law("sharp identity", near(inner(g, s), dual**2, tol) and near(norm(s), dual, 100 * tol), norm(s), dual)
    y = norm.subgradient(x)
    law("subgradient is aligned", near(inner(y, x), norm(x), tol), inner(y, x), norm(x))
    law("subgradient is in the dual ball", norm.dual(y) <= 1 + tol, norm.dual(y))
    law("subgradient inequality", norm(g) >= norm(x) + inner(y, subtract(g, x)) - tol * (norm(x) + norm(g)), norm(g))


def check_invariances(norm, x, g, rng, tol):
    if norm.absolute and hasattr(x, "shape"):
        check_moved(norm, x, g, rng.choice([-1.0, 1.0], size=x.shape).__mul__, tol, "signs")
    if norm.symmetric and hasattr(x, "shape"):
        order = rng.permutation(x.size)
        check_moved(norm, x, g, lambda u: u.ravel()[order].reshape(u.shape), tol, "permutations")
    if norm.unitary:
        q, r = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in x.shape)
        check_moved(norm, x, g, lambda u: q @ u @ r, tol, "rotations")


def check_moved(norm, x, g, move, tol, what):
    size = norm(x)
    law(f"value under {what}", near(norm(move(x)), size, tol))
    law(f"LMO under {what}", near(inner(move(g), norm.lmo(move(g))), inner(g, norm.lmo(g)), tol))
    radius = 0.4 * float(size) or 1.0
    moved, still = norm.project(move(x), radius), move(norm.project(x, radius))
    law(f"projection under {what}", l2(subtract(moved, still)) <= tol**0.5 * l2(x))


def check_l2_bounds(norm, shape, rng, tol):
    """Not refuted by ascent from many starts; attained by it if the bounds are said to be exact."""
    rho, theta, exact = norm.l2_bounds(shape)
    dual = norm.dual.l2_bounds(shape)
    law("l2 bounds of the dual", rho <= dual.theta * (1 + tol) or not exact, rho, dual)
    reached = farthest(norm, shape, rng), farthest(norm.dual, shape, rng)
    law("rho is not refuted", reached[0] <= rho * (1 + tol), reached, rho)
    law("theta is not refuted", reached[1] <= theta * (1 + tol), reached, theta)
    if exact:
        law("rho is attained", reached[0] >= rho * (1 - 1e-5), reached, rho)
        law("theta is attained", reached[1] >= theta * (1 - 1e-5), reached, theta)


def farthest(norm, shape, rng, steps: int = 60):
    """The largest |u|_2 found in the unit ball: u <- LMO(-u) never decreases it."""
    best = 0.0
    for start in itertools.islice(starts(shape, rng), 10):
        u, length = norm.lmo(scale(-1.0, start)), 0.0
        for _ in range(steps):
            new = float(l2(u))
            if new <= length * (1 + 1e-7):
                break
            length, u = new, norm.lmo(scale(-1.0, u))
        best = max(best, length)
    return best


def starts(shape, rng):
    yield filled(shape, 1.0)
    zero = filled(shape, 0.0)
    leaves, structure = jax.tree.flatten(zero)
    for i, leaf in enumerate(leaves):
        for j in range(min(leaf.size, 4)):
            axis = [np.zeros_like(other) for other in leaves]
            axis[i].flat[j] = 1.0
            yield jax.tree.unflatten(structure, axis)
        diagonal = [np.zeros_like(other) for other in leaves]
        diagonal[i][...] = np.eye(*leaf.shape) if leaf.ndim == 2 else 1.0
        yield jax.tree.unflatten(structure, diagonal)
    while True:
        yield draw(shape, rng)


def sizes(x):
    return jax.tree.map(lambda leaf: tuple(leaf.shape), x)


def draw_like(x, rng):
    return jax.tree.map(lambda leaf: float(l2(x)) * rng.standard_normal(leaf.shape), x)


def same_kind(a, b) -> bool:
    return sizes(a) == sizes(b) and all(
        u.dtype == v.dtype for u, v in zip(arrays.leaves(a), arrays.leaves(b), strict=True)
    )
