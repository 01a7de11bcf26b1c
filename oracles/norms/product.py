"""Norms on several layers at once, for any pytree of arrays: each layer has its own norm, one gauge joins them.

Product(layers, radii)        |x| = max_i |x_i|_i / r_i        the ball is the product of layer balls of radius r_i
SumProduct(layers, weights)   |x| = sum_i w_i |x_i|_i          the dual of the above, with w = r
L2Product(layers, weights)    |x| = sqrt(sum_i (w_i |x_i|_i)^2)

`layers` is a dict, list or tuple (nested as you like) of norms, and x has the same structure with an array, or for a
layer that is itself a product a subtree, in the place of each norm. LMO: every layer moves (Product), only the first
layer of largest |g_i|_* / w_i does (SumProduct), each in proportion to its dual norm (L2Product; at g = 0 the first).
"""

from typing import ClassVar

import jax

from broximal.oracles.arrays import namespace, subtract
from broximal.oracles.norms._layers import Layered
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.schatten import Spectral
from broximal.oracles.roots import decreasing_root


def _examples(cls):
    pair = cls({"a": Spectral(), "b": L1()}, {"a": 2.0, "b": 0.5})
    nested = cls([LInf(), SumProduct((L2(), L1()))], [1.0, 3.0])
    return ((pair, {"a": (3, 2), "b": (3,)}), (nested, [(3,), ((2,), (2, 2))]))


def _unless_zero(s, at, parts: list) -> list:
    """at(s), or the parts themselves if s = 0: projections take positive radii only."""
    xp = namespace(parts)
    moved = at(xp.where(s > 0, s, xp.ones_like(s)))
    return jax.tree.map(lambda m, part: xp.where(s > 0, m, part), moved, parts)


class Product(Layered):
    """Product(layers, radii): max_i |x_i|_i / r_i; radii default to 1. Its ball of radius t has layers of radius t r_i.

    Raises InvalidArgument if radii are not positive or do not match the layers.
    """

    alias: ClassVar[str] = "product"
    latex = r"\max_i \|\cdot\|_{(i)} / r_i"
    outer = LInf()

    @classmethod
    def examples(cls):
        return _examples(cls)

    def __init__(self, layers, radii=None):
        super().__init__(layers, radii, _word="radii")
        self._weights = tuple(1 / r for r in self._weights)

    @property
    def radii(self) -> tuple:
        return tuple(1 / w for w in self._weights)

    @property
    def _shown_weights(self):
        return self.radii

    @property
    def dual(self):
        return SumProduct(self._join([norm.dual for norm in self._norms]), self._join(list(self.radii)))

    def _project_outside(self, parts, radius):
        layers = zip(self._weights, self._norms, parts, strict=True)
        return [norm._project(part, radius / w) for w, norm, part in layers]

    def _combine_bounds(self, rho, theta):
        return sum(r**2 for r in rho) ** 0.5, max(theta)


class SumProduct(Layered):
    """SumProduct(layers, weights): sum_i w_i |x_i|_i; weights default to 1."""

    alias: ClassVar[str] = "sum_product"
    latex = r"\sum_i w_i \|\cdot\|_{(i)}"
    outer = L1()

    @classmethod
    def examples(cls):
        return _examples(cls)

    def __init__(self, layers, weights=None):
        super().__init__(layers, weights)

    @property
    def weights(self) -> tuple:
        return self._weights

    @property
    def dual(self):
        return Product(self._join([norm.dual for norm in self._norms]), self._join(list(self._weights)))

    def _project_outside(self, parts, radius):
        """Each layer is the prox of s w_i |.|_i, with the one s for which the sizes add up to the radius."""
        size, high = self.outer._value(self._sizes(parts)), self._dual_sizes(parts).max()

        def at(s):
            moved = zip(self._weights, self._norms, parts, strict=True)
            return [subtract(part, norm.dual._project(part, s * w)) for w, norm, part in moved]

        def excess(s):
            return self._sizes(at(s)).sum() - radius

        xp = namespace(parts)
        s = decreasing_root(excess, xp.zeros_like(high), high, size - radius, -radius * xp.ones_like(size))
        return _unless_zero(s, at, parts)

    def _combine_bounds(self, rho, theta):
        return max(rho), sum(t**2 for t in theta) ** 0.5


class L2Product(Layered):
    """L2Product(layers, weights): sqrt(sum_i (w_i |x_i|_i)^2); weights default to 1."""

    alias: ClassVar[str] = "l2_product"
    latex = r"\bigl(\sum_i w_i^2 \|\cdot\|_{(i)}^2\bigr)^{1/2}"
    outer = L2()

    @classmethod
    def examples(cls):
        return _examples(cls)

    def __init__(self, layers, weights=None):
        super().__init__(layers, weights)

    @property
    def weights(self) -> tuple:
        return self._weights

    @property
    def dual(self):
        weights = self._join([1 / w for w in self._weights])
        return L2Product(self._join([norm.dual for norm in self._norms]), weights)

    def _each_prox_square(self, parts, mu) -> list:
        layers = zip(self._weights, self._norms, parts, strict=True)
        return [norm._prox_square(part, mu * w * w) for w, norm, part in layers]

    def _prox_square(self, x, mu):
        """The square is a sum over the layers."""
        return self._join(self._each_prox_square(self._split(x), mu))

    def _project_outside(self, parts, radius):
        """Each layer is the prox of s w_i^2 |.|_i^2 / (2 radius), with the one s that brings the size to the radius.

        s is at most the dual norm of x.
        """
        xp = namespace(parts)
        size, high = self.outer._value(self._sizes(parts)), self.outer._value(self._dual_sizes(parts))

        def at(s):
            return self._each_prox_square(parts, s / radius)

        def excess(s):
            return self.outer._value(self._sizes(at(s))) - radius

        s = decreasing_root(excess, xp.zeros_like(high), high, size - radius, -radius * xp.ones_like(size))
        return _unless_zero(s, at, parts)
