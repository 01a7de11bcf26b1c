"""The entrywise l1, l2 and l_inf norms, on arrays of any shape.

l1    |x|_1 = sum |x_i|, dual l_inf; the LMO puts everything on the first entry of largest |g_i| (entry 0 at g = 0)
l2    |x|_2, dual itself; the LMO is -g / |g|_2 (the first basis vector at g = 0)
l_inf |x|_inf = max |x_i|, dual l1; the LMO is -sign(g_i), with sign(0) = +1 so that it is always a vertex
"""

import math
from typing import ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.simplex import soft_threshold_level


class L1(Norm):
    alias: ClassVar[str] = "l1"
    absolute = symmetric = True
    name = "l1"
    latex = r"\|\cdot\|_1"

    @property
    def dual(self):
        return LInf()

    def _value(self, x):
        return namespace(x).abs(x).sum()

    def _lmo(self, g):
        xp = namespace(g)
        flat = g.ravel()
        top = xp.argmax(xp.abs(flat))
        sign = xp.where(flat[top] >= 0, -1.0, 1.0).astype(g.dtype)
        return xp.where(xp.arange(flat.size) == top, sign, xp.zeros_like(flat)).reshape(g.shape)

    def _project(self, x, radius):
        xp = namespace(x)
        size = xp.abs(x)
        level = soft_threshold_level(size.ravel(), radius)
        rest = xp.maximum(size - level, 0)
        # The level is rounded at the scale of the largest entry; where the radius is small beside it, that shows.
        total = rest.sum()
        stretch = xp.where((level > 0) & (total > 0), radius / xp.where(total > 0, total, 1), 1).astype(x.dtype)
        return xp.sign(x) * (rest * stretch)

    def cvxpy(self, expr):
        return cvxpy().norm1(expr)

    def l2_bounds(self, shape):
        return L2Bounds(1.0, math.sqrt(math.prod(shape)))


class L2(Norm):
    alias: ClassVar[str] = "l2"
    absolute = symmetric = True
    name = "l2"
    latex = r"\|\cdot\|_2"

    @property
    def dual(self):
        return self

    def _value(self, x):
        return arrays.l2(x)

    def _lmo(self, g):
        xp = namespace(g)
        size = arrays.l2(g)
        first = (xp.arange(g.size) == 0).astype(g.dtype).reshape(g.shape)
        return xp.where(size > 0, -g / xp.where(size > 0, size, 1), first)

    def _project(self, x, radius):
        xp = namespace(x)
        size = arrays.l2(x)
        return x * xp.where(size > radius, radius / xp.where(size > 0, size, 1), 1).astype(x.dtype)

    def _prox_square(self, x, mu):
        return (x / (1 + mu)).astype(x.dtype)

    def cvxpy(self, expr):
        return cvxpy().norm2(cvxpy().vec(expr, order="C"))

    def l2_bounds(self, shape):
        return L2Bounds(1.0, 1.0)


class LInf(Norm):
    alias: ClassVar[str] = "linf"
    absolute = symmetric = True
    name = "linf"
    latex = r"\|\cdot\|_\infty"

    @property
    def dual(self):
        return L1()

    def _value(self, x):
        return namespace(x).abs(x).max()

    def _lmo(self, g):
        xp = namespace(g)
        return xp.where(g >= 0, -1.0, 1.0).astype(g.dtype)

    def _project(self, x, radius):
        return namespace(x).clip(x, -radius, radius)

    def cvxpy(self, expr):
        return cvxpy().norm_inf(expr)

    def l2_bounds(self, shape):
        return L2Bounds(math.sqrt(np.prod(shape)), 1.0)
