"""The verbs `lmo`, `project`, `prox`, `sharp`: the oracle's answer together with its certificate.

`norm.lmo(g)` returns the bare point for use inside a method; `lmo(norm, g)` also says how exact it is. All are
jittable and batch under `jax.vmap`. In half precision the certificate is that of the point before it is rounded to it.
"""

from broximal.oracles import arrays
from broximal.oracles.answering import answered
from broximal.oracles.answers import LmoAnswer, ProjectionAnswer, ProxAnswer
from broximal.oracles.arrays import Tree, as_radius, inner, namespace, scope, subtract
from broximal.oracles.norm import Norm, as_norm


@answered
def lmo(norm: Norm, g: Tree, radius=1.0) -> LmoAnswer:
    """argmin { <g, v> : |v| <= radius } with gap <g, v> + radius |g|_* and excess |v| - radius."""
    g, radius = as_norm(norm).prepare(g, "g"), as_radius(radius)
    with scope(g):
        unit, dual_size, size = norm._certified_lmo(g)
        point = arrays.scale(radius, unit)
        value = inner(g, point)
        return LmoAnswer(point, value, value + radius * dual_size, radius * (size - 1))


@answered
def project(norm: Norm, x: Tree, radius=1.0) -> ProjectionAnswer:
    """The Euclidean projection onto the ball with its dual-norm optimality gap.

    For any feasible p, |p - p*|^2 <= <x - p, p* - p> <= radius |x - p|_* - <x - p, p>, so the gap certifies p.
    """
    x = as_norm(norm).prepare(x)
    radius = as_radius(radius, allow_infinite=True)
    with scope(x):
        xp = namespace(x)
        point = norm.project(x, radius)
        rest = subtract(x, point)
        distance = arrays.l2(rest)
        # 0 * inf is the one product to avoid: an infinite ball projects exactly.
        support = xp.where(distance > 0, radius, xp.zeros_like(distance)) * norm.dual._value(rest)
        excess = xp.maximum(norm._value(point) - radius, 0.0)
        return ProjectionAnswer(point, distance, support - inner(rest, point), excess)


@answered
def prox(norm: Norm, x: Tree, weight=1.0) -> ProxAnswer:
    """argmin_z weight |z| + |z - x|_2^2 / 2 with its gap weight |p| - <x - p, p>."""
    x = as_norm(norm).prepare(x)
    with scope(x):
        xp = namespace(x)
        point = norm.prox(x, weight)
        rest = subtract(x, point)
        size = norm._value(point)
        value = weight * size + 0.5 * inner(rest, rest)
        excess = xp.maximum(norm.dual._value(rest) - weight, 0.0)
        return ProxAnswer(point, value, weight * size - inner(rest, point), excess)


@answered
def sharp(norm: Norm, g: Tree) -> LmoAnswer:
    """The sharp operator g# = argmax <g, x> - |x|^2 / 2; gap = |g|_*^2 - <g, g#>, excess = |g#| - |g|_*."""
    g = as_norm(norm).prepare(g, "g")
    with scope(g):
        point = norm.sharp(g)
        size = norm.dual._value(g)
        value = inner(g, point)
        return LmoAnswer(point, value, size**2 - value, norm._value(point) - size)
