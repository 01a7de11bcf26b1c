"""Answers of iterations and libraries, believed only with a gap that the answer did not define."""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.answers import LmoAnswer, ProjectionAnswer
from broximal.oracles.arrays import Tree, inner, namespace, subtract
from broximal.oracles.errors import NotCertified

NEAR = 1e-5  # error of an iterative projection, relative to the point that is projected
LOW = 1e-8  # of the minimum of a linear function over a ball, by how much a solver's point may be above it


def projection_answer(norm: Any, x: Tree, radius: Any, point: Tree) -> ProjectionAnswer:
    """What is proved of a point that is said to be the projection of x.

    Computed with |x| = 1, as products of what is huge or tiny are no numbers; a gap beyond all numbers is infinite.
    """
    xp = namespace(x)
    rest = subtract(x, point)
    distance = arrays.l2(rest)
    top = arrays.l2(x)
    unit = xp.where((top > 0) & xp.isfinite(top), top, 1.0).astype(distance.dtype)
    apart, near = arrays.divide(rest, unit), arrays.divide(point, unit)
    # 0 * inf is the one product to avoid: an infinite ball projects exactly.
    support = xp.where(distance > 0, radius, 0.0) / unit * norm.dual._value(apart)
    gap = support * (1 + norm.error) - inner(apart, near)
    excess = xp.maximum(norm._value(point) - radius, 0.0)
    with np.errstate(over="ignore"):
        return ProjectionAnswer(point, distance, gap * unit * unit, excess)


def check_projection(norm: Any, x: Tree, radius: Any, point: Tree) -> None:
    """Raise NotCertified unless the gap proves |p - p*|_2 <= NEAR |x|_2, or as much as a solver inside the norm is good for.

    Under jit nothing is looked at. |p - p*|^2 is at most the gap, and |p - p*| <= 2 |x - p| for every p in the ball.
    """
    if not all(arrays.is_concrete(leaf) for leaf in jax.tree.leaves((norm, x, radius))):
        return
    unit = float(arrays.l2(x)) or 1.0
    answer = projection_answer(norm, arrays.divide(x, unit), radius / unit, arrays.divide(point, unit))
    aligned = float(inner(subtract(arrays.divide(x, unit), answer.point), answer.point))
    allowed = (NEAR**2 + 4 * norm.error) * min(1.0, abs(aligned)) + 64 * max(
        arrays.eps(leaf) for leaf in jax.tree.leaves(point)
    )
    if 2 * float(answer.distance) > NEAR and not float(answer.gap) <= allowed:
        raise NotCertified(
            f"the projection onto the {norm.name} ball is proved up to {float(answer.gap) ** 0.5:.1g} of the length of x "
            f"only, not {NEAR:g}.",
            projection_answer(norm, x, radius, point),
        )


def check_lmo(norm: Any, g: Tree, radius: Any, point: Tree) -> None:
    """Raise NotCertified unless <g, point> is within LOW of the minimum, relatively; under jit nothing is looked at."""
    if not all(arrays.is_concrete(leaf) for leaf in jax.tree.leaves((norm, g, radius))) or float(radius) == 0:
        return
    unit = arrays.divide(point, float(radius))
    value, dual = inner(g, unit), norm.dual._value(g) * (1 + norm.error)
    if not float(value + dual) <= (LOW + 10 * norm.error) * float(dual):
        size = np.asarray(norm._value(point))
        raise NotCertified(
            f"the LMO of the {norm.name} ball is above the minimum by {float((value + dual) / dual):.1g} of it.",
            LmoAnswer(point, radius * value, radius * (value + dual), size - radius),
        )
