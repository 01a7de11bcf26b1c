"""Weighted l1, |x| = sum w_i |x_i|, and weighted l_inf, |x| = max w_i |x_i|, on vectors; weights are positive.

The dual of weighted l1 with weights w is weighted l_inf with weights 1/w, and the other way round. The LMO of l1 puts
everything on the first entry of largest |g_i| / w_i; that of l_inf is -sign(g) / w with sign(0) = +1.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms._arguments import like
from broximal.oracles.norms.lp import L1
from broximal.oracles.simplex import soft_threshold_level


class _Weighted(Norm):
    weights: Any
    absolute = True

    def __init__(self, weights):
        self.weights = _arguments.positive(weights, "weights")

    @classmethod
    def examples(cls):
        return ((cls([1.0, 2.0, 0.5, 3.0]), (4,)), (cls([2.0]), (1,)))

    @property
    def name(self):
        return f"{self.alias}({_arguments.listing(self.weights)})"

    def _check_shape(self, shape, name):
        _arguments.same_size(shape, name, self, self.weights.size)


class WeightedL1(_Weighted):
    """WeightedL1(weights). Raises InvalidArgument unless weights is a vector of positive numbers."""

    alias: ClassVar[str] = "weighted_l1"
    latex = r"\|\cdot\|_{1,w}"

    @property
    def dual(self):
        return WeightedLInf(1 / self.weights)

    def _value(self, x):
        return (like(self.weights, x) * namespace(x).abs(x)).sum()

    def _lmo(self, g):
        weights = like(self.weights, g)
        return L1()._lmo(g / weights) / weights

    def _project(self, x, radius):
        xp = namespace(x)
        weights, size = like(self.weights, x), xp.abs(x)
        level = soft_threshold_level(size, radius, weights)
        rest = xp.maximum(size - weights * level, 0)
        # As for l1: where the radius is small beside the point, the rounding of the level shows.
        total = (weights * rest).sum()
        stretch = xp.where((level > 0) & (total > 0), radius / xp.where(total > 0, total, 1), 1).astype(x.dtype)
        return xp.sign(x) * (rest * stretch)

    def cvxpy(self, expr):
        return cvxpy().norm1(cvxpy().multiply(np.asarray(self.weights), expr))

    def l2_bounds(self, shape):
        return L2Bounds(1 / float(self.weights.min()), float(np.linalg.norm(self.weights)))


class WeightedLInf(_Weighted):
    """WeightedLInf(weights). Raises InvalidArgument unless weights is a vector of positive numbers."""

    alias: ClassVar[str] = "weighted_linf"
    latex = r"\|\cdot\|_{\infty,w}"

    @property
    def dual(self):
        return WeightedL1(1 / self.weights)

    def _value(self, x):
        return (like(self.weights, x) * namespace(x).abs(x)).max()

    def _lmo(self, g):
        return namespace(g).where(g >= 0, -1.0, 1.0).astype(g.dtype) / like(self.weights, g)

    def _project(self, x, radius):
        bound = radius / like(self.weights, x)
        return namespace(x).clip(x, -bound, bound)

    def cvxpy(self, expr):
        return cvxpy().norm_inf(cvxpy().multiply(np.asarray(self.weights), expr))

    def l2_bounds(self, shape):
        return L2Bounds(float(np.linalg.norm(1 / self.weights)), float(self.weights.max()))
