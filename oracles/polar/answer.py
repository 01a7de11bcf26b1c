"""Inexact LMOs: a point with its two numbers (lo, hi), measured, which are all a rate needs of it.

Inexact-LMO bound (proved here): f L-smooth in |.|, x+ = x + eta O with <m, O> <= -lo |m|_*, |O| <= hi, e = grad f - m:

    (1/K) sum |grad f|_* <= (1/lo) (Delta / (eta K) + L hi^2 eta / 2 + (lo + hi) mean |e|_*).

Proof. f(x+) - f(x) <= eta <grad f, O> + L eta^2 hi^2 / 2 and <grad f, O> = <m, O> + <e, O> <= -lo |m|_* + hi |e|_* <=
-lo |grad f|_* + (lo + hi) |e|_*; sum. With e = 0 the best eta gives (hi / lo) sqrt(2 L Delta / K), so the K that
reaches a given accuracy is (hi / lo)^2 times that of the exact LMO.
"""

from typing import Any, NamedTuple

from broximal.oracles.arrays import at_least_single, inner, namespace, scope
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm


class InexactLMO(Module):
    """A point O that nearly minimises <g, .> over the unit ball of a norm.

    lo     -<g, O> / |g|_*, measured: the fraction of the dual norm that is captured (1 at g = 0, where nothing is lost)
    hi     |O|, measured; above one where O sticks out of the ball
    value  <g, O>
    """

    point: Any
    lo: Any
    hi: Any
    value: Any

    @property
    def slowdown(self):
        """(hi / lo)^2, the factor on the number of steps; infinite unless lo > 0."""
        xp = namespace(self.point)
        useful = self.lo > 0
        return xp.where(useful, (self.hi / xp.where(useful, self.lo, 1)) ** 2, xp.inf)


class Guarantee(NamedTuple):
    """What is proved before g is seen: lo and hi as in `InexactLMO`, and error = |O + U V'|_op on the range of g."""

    lo: float
    hi: float
    error: float


def measured(norm: Norm, g: Any, point: Any) -> InexactLMO:
    """(lo, hi) of any array as an LMO of this norm at g; both have the rounding error of the norms of g and the point.

    Raises InvalidArgument if the norm is not defined on g or on the point.
    """
    g, point = norm.prepare(g, "g"), norm.prepare(point, "point")
    with scope(g, point):
        xp = namespace(g, point)
        wide, near = at_least_single(g), at_least_single(point)
        value, dual, size = inner(wide, near), norm.dual._value(wide), norm._value(near)
        lo = xp.where(dual > 0, -value / xp.where(dual > 0, dual, 1), xp.ones_like(dual))
        return InexactLMO(point, lo, size, value)
