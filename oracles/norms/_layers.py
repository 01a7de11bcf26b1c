"""What norms on several layers share: taking trees apart, and one gauge (l_inf, l1 or l2) that joins the layers."""

import abc
from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import namespace, scale
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms import _arguments


def _is_norm(node) -> bool:
    return isinstance(node, Norm)


def paths_of(layers: Any) -> list[tuple[Any, ...]]:
    """Where every layer is in a tree of norms or compressors, in their order."""

    def is_leaf(node: Any) -> bool:
        return isinstance(node, Module)

    return [path for path, _ in jax.tree_util.tree_leaves_with_path(layers, is_leaf=is_leaf)]


def label_of(path: tuple[Any, ...]) -> str:
    """How a layer is called in messages: by its place in a list, by its name in a dict."""
    match path:
        case (jax.tree_util.SequenceKey(idx=place),):
            return str(place)
        case (jax.tree_util.DictKey(key=name),):
            return repr(name)
    return jax.tree_util.keystr(path)


def listed(tree: Any, is_leaf: Any = None) -> str:
    """How many layers a tree has, and their paths."""
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(tree, is_leaf=is_leaf)]
    shown = ", ".join(paths if len(paths) <= 8 else [*paths[:7], "..."])
    return f"{len(paths)} layer{'' if len(paths) == 1 else 's'} ({shown})"


class Layered(Norm):
    """outer(w_1 |x_1|_1, ..., w_n |x_n|_n) with outer = l_inf, l1 or l2."""

    layers: Any
    _weights: tuple
    outer: ClassVar[Norm]

    def __init__(self, layers, weights=None, *, _word: str = "weights"):
        norms, structure = jax.tree.flatten(layers, is_leaf=lambda node: _is_norm(node) or node is None)
        if _is_norm(layers) or not norms:
            raise InvalidArgument("layers must be a dict, list or tuple of norms.")
        for norm in norms:
            as_norm(norm, "every layer")
        if weights is None:
            weights = jax.tree.unflatten(structure, [1.0] * len(norms))
        values, weight_structure = jax.tree.flatten(weights)
        plain = isinstance(weights, list | tuple) and isinstance(layers, list | tuple)
        if plain and len(values) == len(
            norms
        ):  # a list for a tuple, say; a dict has names, whose order nobody writes down
            weight_structure = structure
        if weight_structure != structure:
            raise InvalidArgument(f"{_word} must have the same structure as layers, one number per layer.")
        self.layers = layers
        self._weights = tuple(_arguments.positive_number(value, f"every entry of {_word}") for value in values)

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
            raise InvalidArgument(self._mismatch(x, name)) from None
        for path, norm, part in zip(paths_of(self.layers), self._norms, parts, strict=True):
            norm._check_point(part, f"layer {label_of(path)} of {name}")

    def _mismatch(self, x, name) -> str:
        """In words, why x has not the layers of the norm."""
        wanted = f"the norm has {listed(self.layers, is_leaf=_is_norm)}"
        if hasattr(x, "shape"):
            return f"{name} is one array, but {wanted}."
        if listed(x) != listed(self.layers, is_leaf=_is_norm):
            named = ", ".join(f"{key!r}: .." for key in x) if isinstance(x, dict) else ""
            return f"{name} has {listed(x)}, but {wanted}{f'; give it as {type(self).__name__}({{{named}}})' if named else ''}."
        return f"{name} has the layers of the norm in other containers (a tuple where the norm has a list, say)."

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

    @abc.abstractmethod
    def _project_outside(self, parts, radius) -> list:
        """The projection of a point outside the ball, layer by layer."""

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
