"""A point taken apart into the layers that a layer-wise method moves one by one, each in a norm of its own."""

from typing import Any

import jax

from broximal.oracles.arrays import Tree, namespace
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import Product, Scaled
from broximal.oracles.norms._layers import label_of, paths_of
from broximal.oracles.norms.induced import Induced


class Layers(Module):
    """The layers of a norm: those of a `Product` (nested ones too), the whole space for any other norm.

    `norms[i]` is the norm of layer i with the product's radius in it, so that the ball of radius t of the product is
    the product of the balls of radius t of the layers.
    """

    norm: Norm
    norms: tuple[Norm, ...]

    def __init__(self, norm: Norm):
        self.norm = as_norm(norm)
        self.norms = tuple(_norms(norm))

    @property
    def count(self) -> int:
        return len(self.norms)

    @property
    def labels(self) -> list[str]:
        """How messages call every layer: by its place in a list, by its name in a dict."""
        return [label_of(path) if path else "0" for path in _paths(self.norm)]

    def split(self, x: Tree) -> list[Tree]:
        """The parts of x, one for each layer."""
        return _split(self.norm, x)

    def join(self, parts: list[Tree]) -> Tree:
        """The point with these parts; the inverse of `split`."""
        rest = iter(parts)
        return _join(self.norm, rest)

    def sizes(self, parts: list[Tree]) -> Any:
        """|x_i|_i of every layer, shape (count,)."""
        return namespace(*parts).stack([norm._value(part) for norm, part in zip(self.norms, parts, strict=True)])

    def dual_sizes(self, parts: list[Tree]) -> Any:
        """|g_i|_i* of every layer, shape (count,)."""
        return namespace(*parts).stack([norm.dual._value(part) for norm, part in zip(self.norms, parts, strict=True)])

    def lmo(self, parts: list[Tree]) -> list[Tree]:
        """The minimiser of <g_i, v> over the unit ball of every layer."""
        return [norm._lmo(part) for norm, part in zip(self.norms, parts, strict=True)]


def _norms(norm: Norm) -> list[Norm]:
    if not isinstance(norm, Product):
        return [norm]
    return [
        inner if radius == 1 else Scaled(1 / radius, inner)
        for layer, radius in zip(norm._norms, norm.radii, strict=True)
        for inner in _norms(layer)
    ]


def _paths(norm: Norm) -> list[tuple[Any, ...]]:
    if not isinstance(norm, Product):
        return [()]
    layers = zip(paths_of(norm.layers), norm._norms, strict=True)
    return [(*outer, *inner) for outer, layer in layers for inner in _paths(layer)]


def _split(norm: Norm, x: Tree) -> list[Tree]:
    if not isinstance(norm, Product):
        return [x]
    return [part for layer, inner in zip(norm._norms, norm._split(x), strict=True) for part in _split(layer, inner)]


def _join(norm: Norm, rest: Any) -> Tree:
    if not isinstance(norm, Product):
        return next(rest)
    return norm._join([_join(layer, rest) for layer in norm._norms])


def unscaled(norm: Norm, shape: Any) -> tuple[Norm, float]:
    """(base, c) with |x| = c |x|_base on arrays of this shape, base neither scaled nor a size-scaled norm."""
    factor = 1.0
    while isinstance(norm, (Scaled, Induced)):
        factor *= float(norm.c if isinstance(norm, Scaled) else norm._factor(shape))
        norm = norm.base
    return norm, factor


def shape_of(x: Tree) -> Any:
    """The shape of an array, or the tree of shapes."""
    return tuple(x.shape) if hasattr(x, "shape") else jax.tree.map(lambda leaf: tuple(leaf.shape), x)
