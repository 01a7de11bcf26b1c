"""Norms of the sorted sizes |x|_(1) >= |x|_(2) >= ... of a vector, and their duals.

owl       |x| = sum w_i |x|_(i), weights nonincreasing and non-negative with w_1 > 0 (ordered weighted l1)
topk      |x| = sum of the k largest |x_i|, the vector Ky Fan norm: weights 1 (k times), then 0
duals     |y| = max_j (|y|_(1) + ... + |y|_(j)) / (w_1 + ... + w_j); for topk this is max(|y|_inf, |y|_1 / k)

The vertices of an OWL ball are equal on j entries and zero elsewhere; those of the dual ball are the signed
permutations of w. The LMOs return such a vertex; ties are broken by position and sign(0) = +1. The prox of an OWL norm
is one isotonic regression, so the dual projection is exact by Moreau; the primal one finds the multiplier.
"""

import abc
import math
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from broximal.oracles import isotonic
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.cvxpy_bridge import cvxpy, largest_sum
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms._arguments import like
from broximal.oracles.roots import decreasing_root


def ranked(x):
    """(sizes in decreasing order, the rank of every entry, signs with sign(0) = +1)."""
    xp = namespace(x)
    size = xp.abs(x)
    order = xp.argsort(-size, stable=True)
    places = xp.arange(x.size)
    if xp is np:
        rank = np.empty_like(order)
        rank[order] = places
    else:
        rank = jnp.zeros_like(order).at[order].set(places.astype(order.dtype))
    return size[order], rank, xp.where(x >= 0, 1.0, -1.0).astype(x.dtype)


def sorted_sizes(x):
    """The sizes alone, for which no order has to be kept."""
    xp = namespace(x)
    return xp.sort(xp.abs(x))[::-1]


class _Ordered(Norm):
    """A norm given by nonincreasing weights, or the dual of one."""

    absolute = symmetric = True

    @abc.abstractmethod
    def _weights(self, size: int) -> Any:
        """The weights on vectors of this size."""

    def _prox_sorted(self, sizes, level):
        xp = namespace(sizes)
        return xp.maximum(isotonic.decreasing(sizes - level * like(self._weights(sizes.size), sizes)), 0)


class _OrderedPrimal(_Ordered):
    def _value(self, x):
        return (like(self._weights(x.size), x) * sorted_sizes(x)).sum()

    def _lmo(self, g):
        xp = namespace(g)
        sizes, rank, sign = ranked(g)
        w = like(self._weights(g.size), g)
        total = xp.cumsum(w)
        # Only these j give vertices; the others are averages of them (equal first weights) or lie on faces (zero next).
        more = xp.concatenate([w[1:] > 0, xp.zeros(1, bool)])
        last = xp.arange(g.size) == g.size - 1
        vertex = ((w < w[0]) | (xp.arange(g.size) == 0)) & (more | last)
        j = xp.argmax(xp.where(vertex, xp.cumsum(sizes) / total, -1))
        return xp.where(rank <= j, -sign / total[j], xp.zeros_like(g))

    def _project(self, x, radius):
        xp = namespace(x)
        sizes, rank, sign = ranked(x)
        w = like(self._weights(x.size), x)
        radius = xp.asarray(radius, dtype=x.dtype)
        size, end = (w * sizes).sum(), self.dual._value(x)
        level = decreasing_root(
            lambda s: (w * self._prox_sorted(sizes, s)).sum() - radius, xp.zeros_like(end), end, size - radius, -radius
        )
        point = sign * self._prox_sorted(sizes, level)[rank]
        return _arguments.into_ball(self, xp.where(size > radius, point, x), radius)

    def cvxpy(self, expr):
        cp = cvxpy()
        w = np.asarray(self._weights(expr.size))
        drops = w - np.append(w[1:], 0.0)
        return sum(drops[j] * largest_sum(cp.abs(expr), j + 1) for j in range(w.size) if drops[j] > 0)

    def l2_bounds(self, shape):
        w = np.asarray(self._weights(math.prod(shape)), dtype=float)
        corners = np.sqrt(np.arange(1, w.size + 1)) / np.cumsum(w)
        return L2Bounds(float(corners.max()), float(np.linalg.norm(w)))


class _OrderedDual(_Ordered):
    def _value(self, x):
        xp = namespace(x)
        return (xp.cumsum(sorted_sizes(x)) / xp.cumsum(like(self._weights(x.size), x))).max()

    def _lmo(self, g):
        _, rank, sign = ranked(g)
        return -sign * like(self._weights(g.size), g)[rank]

    def _project(self, x, radius):
        sizes, rank, sign = ranked(x)
        return _arguments.into_ball(self, x - sign * self._prox_sorted(sizes, radius)[rank], radius)

    def cvxpy(self, expr):
        cp = cvxpy()
        total = np.cumsum(np.asarray(self._weights(expr.size)))
        return cp.max(cp.hstack([largest_sum(cp.abs(expr), j + 1) / total[j] for j in range(total.size)]))

    def l2_bounds(self, shape):
        primal = self.dual.l2_bounds(shape)
        return L2Bounds(primal.theta, primal.rho)


class _Owl(_Ordered):
    weights: Any

    def __init__(self, weights):
        self.weights = w = _arguments.array(weights, "weights", 1)
        if is_concrete(w):
            if not bool((w >= 0).all() and w[0] > 0):
                raise InvalidArgument("weights must be non-negative with a positive first one.")
            if not bool((w[1:] <= w[:-1]).all()):
                raise InvalidArgument("weights must be nonincreasing.")

    @classmethod
    def examples(cls):
        return ((cls([3.0, 2.0, 2.0, 0.5]), (4,)), (cls([2.0, 1.0, 0.0]), (3,)), (cls([1.0, 1.0, 1.0]), (3,)))

    @property
    def name(self):
        return f"{self.alias}({_arguments.listing(self.weights)})"

    def _weights(self, size):
        return self.weights

    def _check_shape(self, shape, name):
        _arguments.same_size(shape, name, self, self.weights.size)


class OWL(_Owl, _OrderedPrimal):
    """OWL(weights). Raises InvalidArgument unless the weights are nonincreasing, non-negative and w_1 > 0."""

    alias: ClassVar[str] = "owl"
    latex = r"\|\cdot\|_{\mathrm{OWL}}"

    @property
    def dual(self):
        return OWLDual(self.weights)


class OWLDual(_Owl, _OrderedDual):
    """OWLDual(weights): the dual of OWL(weights)."""

    alias: ClassVar[str] = "owl_dual"
    latex = r"\|\cdot\|_{\mathrm{OWL}*}"

    @property
    def dual(self):
        return OWL(self.weights)


class _TopK(_Ordered):
    k: int = eqx.field(static=True)

    def __init__(self, k: int):
        self.k = _arguments.count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(2), (5,)), (cls(1), (3,)), (cls(3), (3,)))

    @property
    def name(self):
        return f"{self.alias}({self.k})"

    def _weights(self, size):
        return np.where(np.arange(size) < self.k, 1.0, 0.0)

    def _check_shape(self, shape, name):
        _arguments.at_most(self.k, shape, name, self)


class TopK(_TopK, _OrderedPrimal):
    """TopK(k): the sum of the k largest |x_i|. Raises InvalidArgument for k < 1, and at call for k > size."""

    alias: ClassVar[str] = "topk"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{(\mathrm{{top}}\,{self.k})}}"

    @property
    def dual(self):
        return TopKDual(self.k)


class TopKDual(_TopK, _OrderedDual):
    """TopKDual(k): max(|x|_inf, |x|_1 / k), the dual of TopK(k)."""

    alias: ClassVar[str] = "topk_dual"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{(\mathrm{{top}}\,{self.k})*}}"

    @property
    def dual(self):
        return TopK(self.k)
