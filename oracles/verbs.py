"""The verbs `lmo`, `project`, `prox`, `sharp`: the oracle's answer together with its certificate.

`norm.lmo(g)` returns the bare point for use inside a method; `lmo(norm, g)` also says how exact it is. All are
jittable and batch under `jax.vmap`. In half precision the certificate is that of the point before it is rounded to it.
"""

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.answering import answered
from broximal.oracles.answers import LmoAnswer, ProjectionAnswer, ProxAnswer
from broximal.oracles.arrays import Tree, as_radius, inner, scope, subtract
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.verified import projection_answer


@answered
def lmo(norm: Norm, g: Tree, radius=1.0) -> LmoAnswer:
    """argmin { <g, v> : |v| <= radius } with gap <g, v> + radius |g|_* and excess |v| - radius."""
    g, radius = as_norm(norm).prepare(g, "g"), as_radius(radius)
    with scope(g):
        unit, dual_size, size = norm._certified_lmo(g)
        point = arrays.scale(radius, unit)
        value = inner(g, unit)  # products with the radius may overflow where their difference does not
        gap = value + dual_size * (1 + norm.error)
        with np.errstate(over="ignore"):  # what is beyond all numbers is infinite
            return LmoAnswer(point, radius * value, radius * gap, radius * (size - 1))


@answered
def project(norm: Norm, x: Tree, radius=1.0) -> ProjectionAnswer:
    """The Euclidean projection onto the ball with its dual-norm optimality gap.

    For any feasible p, |p - p*|^2 <= <x - p, p* - p> <= radius |x - p|_* - <x - p, p>, so the gap certifies p.
    """
    x = as_norm(norm).prepare(x)
    radius = as_radius(radius, allow_infinite=True)
    with scope(x):
        return projection_answer(norm, x, radius, norm._projection(x, radius))


@answered
def prox(norm: Norm, x: Tree, weight=1.0) -> ProxAnswer:
    """argmin_z weight |z| + |z - x|_2^2 / 2 with its gap weight |p| - <x - p, p>."""
    x = as_norm(norm).prepare(x)
    with scope(x):
        weight = as_radius(weight, "weight")
        rest = norm.dual._projection(x, weight)
        point = subtract(x, rest)
        dual = projection_answer(norm.dual, x, weight, rest)  # weight |p| - <x - p, p> is the gap of that projection
        value = weight * norm._value(point) + 0.5 * inner(rest, rest)
        return ProxAnswer(point, value, dual.gap, dual.excess)


@answered
def sharp(norm: Norm, g: Tree) -> LmoAnswer:
    """The sharp operator g# = argmax <g, x> - |x|^2 / 2; gap = |g|_*^2 - <g, g#>, excess = |g#| - |g|_*."""
    g = as_norm(norm).prepare(g, "g")
    with scope(g):
        point = norm.sharp(g)
        size = norm.dual._value(g)
        value = inner(g, point)
        return LmoAnswer(point, value, size**2 - value, norm._value(point) - size)
