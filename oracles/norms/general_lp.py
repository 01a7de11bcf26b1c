"""The entrywise lp norm |x|_p = (sum |x_i|^p)^(1/p) for every p >= 1, on arrays of any shape.

Its dual is lq with 1/p + 1/q = 1. For p = 1, 2 and infinity everything is exact and is what L1, L2, LInf say. In
between the ball is strictly convex: the LMO is unique (the first basis vector at g = 0).
"""

import math
from typing import ClassVar

import equinox as eqx

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace, while_loop
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.roots import decreasing_root


class Lp(Norm):
    """Lp(p): p is a number in [1, inf]. Raises InvalidArgument for p < 1 or NaN."""

    p: float = eqx.field(static=True)

    alias: ClassVar[str] = "lp"
    absolute = symmetric = True

    def __init__(self, p: float):
        self.p = float(arrays.as_number(p, "p", low=1))

    @classmethod
    def examples(cls):
        return (*((cls(p), (5,)) for p in (1, 1.5, 2, 3, math.inf)), (cls(1.1), (2, 3)), (cls(7.5), (4,)))

    @property
    def name(self):
        return f"lp({_arguments.number(self.p)})"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{{_arguments.latex_number(self.p)}}}"

    @property
    def conjugate(self) -> float:
        """The q with 1/p + 1/q = 1."""
        return {1.0: math.inf, math.inf: 1.0}.get(self.p) or self.p / (self.p - 1)

    @property
    def dual(self):
        return Lp(self.conjugate)

    @property
    def _exact(self) -> Norm | None:
        kind = {1.0: L1, 2.0: L2, math.inf: LInf}.get(self.p)
        return kind() if kind else None

    def _value(self, x):
        if self._exact:
            return self._exact._value(x)
        size, top, _ = _normalised(x)
        return top * (size**self.p).sum() ** (1 / self.p)

    def _lmo(self, g):
        if self._exact:
            return self._exact._lmo(g)
        xp = namespace(g)
        size, _, zero = _normalised(g)
        shape = size ** (self.conjugate - 1)
        length = (shape**self.p).sum() ** (1 / self.p)
        first = (xp.arange(g.size) == 0).astype(g.dtype).reshape(g.shape)
        return xp.where(zero, first, -xp.sign(g) * shape / xp.where(zero, 1, length))

    def _project(self, x, radius):
        if self._exact:
            return self._exact._project(x, radius)
        xp = namespace(x)
        size, top, _ = _normalised(x)
        radius = xp.asarray(radius, dtype=x.dtype)
        relative = radius / top
        # With z = r y the optimality system is r y + s y^(p-1) = |x|, |y|_p = 1; s = |x - z|_q lies in (0, |x|_q).
        start, end = Lp(self.p)._value(size), self.dual._value(size)
        level = decreasing_root(
            lambda s: (_solve(size, relative, s, self.p) ** self.p).sum() - 1,
            xp.zeros_like(end),
            end,
            xp.where(start > relative, 1, -1).astype(x.dtype),
            -xp.ones_like(end),
        )
        point = xp.sign(x) * radius * _solve(size, relative, xp.maximum(level, arrays.eps(x) ** 2), self.p)
        outside = start > relative
        return xp.where(outside, _arguments.into_ball(self, xp.where(outside, point, x), radius), x)

    def cvxpy(self, expr):
        cp = cvxpy()
        return cp.pnorm(cp.vec(expr, order="C"), self.p) if self.p != math.inf else cp.norm_inf(expr)

    def l2_bounds(self, shape):
        growth = math.prod(shape) ** abs((1 / self.p if self.p < math.inf else 0.0) - 0.5)
        return L2Bounds(1.0, growth) if self.p <= 2 else L2Bounds(growth, 1.0)


def _normalised(x):
    """(|x| / max |x|, max |x|, x is zero): so that powers neither overflow nor vanish."""
    xp = namespace(x)
    size = xp.abs(x)
    top = size.max()
    zero = top == 0
    safe = xp.where(zero, xp.ones_like(top), top)
    return size / safe, safe, zero


def _solve(a, r, s, p):
    """The y >= 0 with r y + s y^(p-1) = a, entry by entry, for r, s > 0.

    For p < 2 the unknown is w = y^(p-1) instead, whose equation s w + r w^(q-1) = a has again an exponent above 1, so
    that Newton's method from the right converges monotonically in a few steps.
    """
    xp = namespace(a)
    linear, curved, power = (r, s, p - 1) if p >= 2 else (s, r, 1 / (p - 1))
    start = xp.minimum(a / linear, (a / curved) ** (1 / power))

    def body(state):
        y, _, k = state
        lower = y ** (power - 1)
        value, slope = linear * y + curved * lower * y - a, linear + power * curved * lower
        new = xp.maximum(y - value / slope, 0)
        return new, (new < y * (1 - 2 * arrays.eps(a))).any() & (k < 80), k + 1

    def cond(state):
        return state[1]

    y, _, _ = while_loop(cond, body, (start, xp.asarray(True), xp.asarray(0)), xp)
    return y if p >= 2 else y**power
