"""The points a problem is asked at, and the norms it is asked in: checked in one place for every family, also those of users.

`Problem` puts these checks around what a class defines. Under jit they look at shapes and types only, while the program is
traced; in a host loop a point that is right already costs one comparison.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, as_leaf, as_point, at_least_single
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import as_norm
from broximal.oracles.norms._layers import listed


class Space:
    """What the points of a problem look like: one array of a shape, or a tree of arrays."""

    __slots__ = ("shape", "shapes", "structure")

    def __init__(self, x0: Tree):
        parts, self.structure = jax.tree.flatten(x0)
        self.shapes = [np.shape(part) for part in parts]
        self.shape = self.shapes[0] if self.structure == _LEAF else None

    def has(self, x: Tree) -> bool:
        """Is x a float64 numpy point of this space? False for what has to be looked at more closely."""
        if type(x) is np.ndarray:
            return x.dtype is _DOUBLE and x.shape == self.shape
        parts, structure = jax.tree.flatten(x)
        if structure != self.structure:
            return False
        return all(
            type(part) is np.ndarray and part.dtype is _DOUBLE and part.shape == shape
            for part, shape in zip(parts, self.shapes, strict=True)
        )

    def shown(self, shapes: list) -> Any:
        return self.structure.unflatten(shapes)


_LEAF, _DOUBLE = jax.tree.structure(0.0), np.dtype(np.float64)


def space_of(problem: Any) -> Space | None:
    """The space of a problem, or None under jit where the problem itself is traced and makes its start on the host."""
    try:
        return Space(as_point(problem.x0, "x0"))
    except jax.errors.TracerArrayConversionError:
        return None


def as_point_of(problem: Any, x: Tree, name: str = "x", *, finite: bool = False) -> Tree:
    """x in the problem's space, as arrays of real floating numbers: lists, data frames and integers are made such arrays.

    NaN and infinity pass unless `finite`: a run may diverge, and its values are then no numbers. Raises InvalidArgument for
    other shapes and layers, masks, text, None and complex numbers.
    """
    space = problem.space
    if space is None:
        return x
    try:
        parts = space.structure.flatten_up_to(x)
    except ValueError:
        wanted = listed(space.shown(space.shapes), is_leaf=lambda node: isinstance(node, tuple))
        raise InvalidArgument(f"{name} has not the layers of {problem.name}, which has {wanted}.") from None
    parts = [as_leaf(part, name, finite=finite) for part in parts]
    shapes = [part.shape for part in parts]
    if shapes != space.shapes:
        raise InvalidArgument(
            f"{name} has shape {space.shown(shapes)}, but {problem.name} lives on {space.shown(space.shapes)}."
        )
    return space.structure.unflatten(parts)


def _scalar(answer: Any, x: Tree) -> Any:
    return answer.astype(jax.numpy.result_type(*jax.tree.leaves(x)))


def _point(answer: Any, x: Tree) -> Any:
    return jax.tree.map(lambda own, leaf: own.astype(leaf.dtype), answer, x)


def _pair(answer: Any, x: Tree) -> Any:
    return _scalar(answer[0], x), _point(answer[1], x)


AT_A_POINT = {"value": _scalar, "gradient": _point, "value_and_gradient": _pair, "gap": _scalar, "hessian": _scalar}


def at_a_point(method: Callable, lowered: Callable) -> Callable:
    """The method of one argument, which is checked first; half precision is computed in single, and answered in its own."""

    @functools.wraps(method)
    def checked(self: Any, x: Tree) -> Any:
        space = self.space
        if space is not None and space.has(x):
            return method(self, x)
        x = as_point_of(self, x)
        if min(leaf.dtype.itemsize for leaf in jax.tree.leaves(x)) >= 4:
            return method(self, x)
        return lowered(method(self, jax.tree.map(at_least_single, x)), x)

    return checked


def in_a_norm(method: Callable) -> Callable:
    """The method of a norm, which is checked to be one."""

    @functools.wraps(method)
    def checked(self: Any, norm: Any) -> Any:
        return method(self, as_norm(norm))

    return checked
