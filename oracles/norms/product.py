"""Norms on several layers at once, for any pytree of arrays: each layer has its own norm, one gauge joins them.

Product(layers, radii)        |x| = max_i |x_i|_i / r_i        the ball is the product of layer balls of radius r_i
SumProduct(layers, weights)   |x| = sum_i w_i |x_i|_i          the dual of the above, with w = r
L2Product(layers, weights)    |x| = sqrt(sum_i (w_i |x_i|_i)^2)

`layers` is a dict, list or tuple (nested as you like) of norms, and x has the same structure with an array, or for a
layer that is itself a product a subtree, in the place of each norm. LMO: every layer moves (Product), only the first
layer of largest |g_i|_* / w_i does (SumProduct), each in proportion to its dual norm (L2Product; at g = 0 the first).
"""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import namespace, scale, subtract
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.roots import decreasing_root


def _is_norm(node) -> bool:
    return isinstance(node, Norm)


class _Product(Norm):
    """outer(w_1 |x_1|_1, ..., w_n |x_n|_n) with outer = l_inf, l1 or l2."""

    layers: Any
    _weights: tuple
    outer: ClassVar[Norm]

    def __init__(self, layers, weights=None, *, _word: str = "weights"):
        norms, structure = jax.tree.flatten(layers, is_leaf=_is_norm)
        if _is_norm(layers) or not norms:
            raise InvalidArgument("layers must be a dict, list or tuple of norms.")
        for norm in norms:
            _arguments.a_norm(norm, "every layer")
        if weights is None:
            weights = jax.tree.unflatten(structure, [1.0] * len(norms))
        values, weight_structure = jax.tree.flatten(weights)
        if type(weights) is not type(layers) and len(values) == len(norms):  # a plain sequence for a dict, say
            weight_structure = structure
        if weight_structure != structure:
            raise InvalidArgument(f"{_word} must have the same structure as layers, one number per layer.")
        self.layers = layers
        self._weights = tuple(_arguments.positive_number(value, f"every entry of {_word}") for value in values)

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.schatten import Spectral

        pair = cls({"a": Spectral(), "b": L1()}, {"a": 2.0, "b": 0.5})
        nested = cls([LInf(), SumProduct((L2(), L1()))], [1.0, 3.0])
        return ((pair, {"a": (3, 2), "b": (3,)}), (nested, [(3,), ((2,), (2, 2))]))

    # ---- taking trees apart ----------------------------------------------------------------------------------------

    @property
    def _norms(self) -> list[Norm]:
        return jax.tree.leaves(self.layers, is_leaf=_is_norm)

    @property
    def _structure(self):
        return jax.tree.structure(self.layers, is_leaf=_is_norm)

    def _split(self, x) -> list:
        return self._structure.flatten_up_to(x)

    def _join(self, parts):
        return self._structure.unflatten(parts)

    def _check_point(self, x, name):
        try:
            parts = self._split(x)
        except ValueError:
            raise InvalidArgument(
                f"{name} must have the structure of the layers, {self._structure}, but is {jax.tree.structure(x)}."
            ) from None
        for i, (norm, part) in enumerate(zip(self._norms, parts, strict=True)):
            norm._check_point(part, f"layer {i} of {name}")

    # ---- the norm --------------------------------------------------------------------------------------------------

    @property
    def name(self):
        shown = ", ".join(norm.name for norm in self._norms)
        return f"{self.alias}([{shown}], [{', '.join(map(_arguments.number, self._shown_weights))}])"

    @property
    def _shown_weights(self):
        return self._weights

    def _sizes(self, parts):
        sizes = [w * norm._value(part) for w, norm, part in zip(self._weights, self._norms, parts, strict=True)]
        return namespace(sizes).stack(sizes)

    def _dual_sizes(self, parts):
        """|g_i|_i* / w_i."""
        sizes = [norm.dual._value(part) / w for w, norm, part in zip(self._weights, self._norms, parts, strict=True)]
        return namespace(sizes).stack(sizes)

    def _value(self, x):
        return self.outer._value(self._sizes(self._split(x)))

    def _lmo(self, g):
        return self._certified_lmo(g)[0]

    def _certified_lmo(self, g):
        xp = namespace(g)
        answers = [norm._certified_lmo(part) for norm, part in zip(self._norms, self._split(g), strict=True)]
        duals = xp.stack([dual / w for w, (_, dual, _) in zip(self._weights, answers, strict=True)])
        shares = xp.abs(self.outer._lmo(duals))
        points = [scale(shares[i] / w, answers[i][0]) for i, w in enumerate(self._weights)]
        sizes = xp.stack([shares[i] * size for i, (_, _, size) in enumerate(answers)])
        return self._join(points), self.outer.dual._value(duals), self.outer._value(sizes)

    def _project(self, x, radius):
        outside = self._value(x) > radius
        xp = namespace(x)
        if xp is np and not outside:
            return x
        # At unit size: the scalar equations multiply lengths by dual lengths.
        unit = self._value(x)
        unit = xp.where(unit > 0, unit, xp.ones_like(unit))
        point = self._project_outside(self._split(scale(1 / unit, x)), radius / unit)
        point = scale(unit, self._join(point))
        point = jax.tree.map(lambda p, v: xp.where(outside, p, v), point, x)
        size = self._value(point)
        return scale(xp.where(size > radius, radius / xp.where(size > 0, size, 1), 1).astype(size.dtype), point)

    def _project_outside(self, parts, radius) -> list:
        """The projection of a point outside the ball, layer by layer."""
        raise NotImplementedError

    def cvxpy(self, expr):
        """`expr` is a tree of cvxpy expressions of the structure of the layers."""
        parts = zip(self._weights, self._norms, self._split(expr), strict=True)
        return self.outer.cvxpy(cvxpy().hstack([w * norm.cvxpy(part) for w, norm, part in parts]))

    def l2_bounds(self, shape):
        bounds = [norm.l2_bounds(part) for norm, part in zip(self._norms, self._split(shape), strict=True)]
        theta = [w * b.theta for w, b in zip(self._weights, bounds, strict=True)]
        rho = [b.rho / w for w, b in zip(self._weights, bounds, strict=True)]
        rho, theta = self._combine_bounds(rho, theta)
        return L2Bounds(rho, theta, all(b.exact for b in bounds))

    def _combine_bounds(self, rho: list, theta: list) -> tuple[float, float]:
        return max(rho), max(theta)


def _unless_zero(s, at, parts: list) -> list:
    """at(s), or the parts themselves if s = 0: projections take positive radii only."""
    xp = namespace(parts)
    moved = at(xp.where(s > 0, s, xp.ones_like(s)))
    return jax.tree.map(lambda m, part: xp.where(s > 0, m, part), moved, parts)


class Product(_Product):
    """Product(layers, radii): max_i |x_i|_i / r_i; radii default to 1. Its ball of radius t has layers of radius t r_i.

    Raises InvalidArgument if radii are not positive or do not match the layers.
    """

    alias: ClassVar[str] = "product"
    latex = r"\max_i \|\cdot\|_{(i)} / r_i"
    outer = LInf()

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


class SumProduct(_Product):
    """SumProduct(layers, weights): sum_i w_i |x_i|_i; weights default to 1."""

    alias: ClassVar[str] = "sum_product"
    latex = r"\sum_i w_i \|\cdot\|_{(i)}"
    outer = L1()

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


class L2Product(_Product):
    """L2Product(layers, weights): sqrt(sum_i (w_i |x_i|_i)^2); weights default to 1."""

    alias: ClassVar[str] = "l2_product"
    latex = r"\bigl(\sum_i w_i^2 \|\cdot\|_{(i)}^2\bigr)^{1/2}"
    outer = L2()

    @property
    def weights(self) -> tuple:
        return self._weights

    @property
    def dual(self):
        weights = self._join([1 / w for w in self._weights])
        return L2Product(self._join([norm.dual for norm in self._norms]), weights)

    def _project_outside(self, parts, radius):
        """Each layer is the prox of s w_i^2 |.|_i^2 / (2 radius), with the one s that brings the size to the radius.

        s is at most the dual norm of x. The prox of a squared norm is x minus a projection whose radius solves one
        more scalar equation.
        """
        xp = namespace(parts)
        duals = self._dual_sizes(parts)
        size, high = self.outer._value(self._sizes(parts)), self.outer._value(duals)

        def layer(i, s):
            w, norm, part = self._weights[i], self._norms[i], parts[i]
            mu, top = s * w * w / radius, duals[i] * w

            def rest(q):
                return subtract(part, norm.dual._project(part, q))

            q = decreasing_root(lambda q: mu * norm._value(rest(q)) - q, 0 * top, top, mu * norm._value(part), -top)
            return _unless_zero(q, lambda q: [rest(q)], [part])[0]

        def at(s):
            return [layer(i, s) for i in range(len(parts))]

        def excess(s):
            return self.outer._value(self._sizes(at(s))) - radius

        s = decreasing_root(excess, xp.zeros_like(high), high, size - radius, -radius * xp.ones_like(size))
        return _unless_zero(s, at, parts)
