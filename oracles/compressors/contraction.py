"""What is known of a compressor in a norm, and which norms differ by a factor only."""

import math
from typing import Any, NamedTuple

import jax
import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Scaled, Schatten, SizeScaled
from broximal.oracles.norms.induced import Induced


class Contraction(NamedTuple):
    """E |C(x) - x|^2 <= (1 - alpha) |x|^2 for every x, in the norm that was asked for.

    exact = the largest such alpha (else a smaller one that is proved); why = the argument, in a sentence.
    """

    alpha: float
    exact: bool
    why: str


def without_factor(norm: Norm) -> Norm:
    """The norm up to a positive factor, which no contraction depends on."""
    while isinstance(norm, Scaled | SizeScaled | Induced):
        norm = norm.base
    return norm


def exponent(norm: Norm) -> float | None:
    """p of an entrywise lp norm, else None."""
    if isinstance(norm, Lp):
        return float(norm.p)
    if isinstance(norm, Schatten | Frobenius):  # Schatten 2 is entrywise
        return 2.0 if exponent(norm.gauge) == 2 else None
    return {L1: 1.0, L2: 2.0, LInf: math.inf}.get(type(norm))


def is_shape(node: Any) -> bool:
    return isinstance(node, tuple) and bool(node) and all(isinstance(n, int | np.integer) for n in node)


def as_shape(shape: Any) -> Any:
    """A shape (an integer counts as one axis), or a tree of shapes. Raises InvalidArgument."""
    if isinstance(shape, int | np.integer) and not isinstance(shape, bool):
        shape = (int(shape),)
    leaves = jax.tree.leaves(shape, is_leaf=is_shape)
    if not leaves or not all(is_shape(leaf) and min(leaf) >= 1 for leaf in leaves):
        raise InvalidArgument(f"shape must be a tuple of positive integers, or a tree of such, not {shape!r}.")
    return jax.tree.map(lambda leaf: tuple(int(n) for n in leaf), shape, is_leaf=is_shape)


def check_norm(norm: Any, shape: Any) -> None:
    """Raise InvalidArgument unless `norm` is a norm that is defined on this shape."""
    if not isinstance(norm, Norm):
        raise InvalidArgument(f"norm must be a norm, not {norm!r}.")
    norm._check_point(jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf, np.float64), shape, is_leaf=is_shape), "x")


def size(shape: Any) -> int:
    """How many numbers there are in all."""
    return sum(math.prod(leaf) for leaf in jax.tree.leaves(shape, is_leaf=is_shape))
