"""Arrays and pytrees of arrays: one code path for numpy and JAX.

Every oracle is written once against a namespace `xp`. Numpy input is computed by numpy (float64, no compilation: right
for small problems in a host loop), JAX input by JAX (jit, vmap, any device). Float64 JAX arrays are computed inside
JAX's x64 scope, so that nothing is truncated silently and no global is flipped.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arguments import as_real
from broximal.oracles.errors import InvalidArgument

Array = np.ndarray | jax.Array
Tree = Any  # an array, or a dict / list / tuple / dataclass of arrays


_NO_NUMBERS = (str, bytes, bool, np.bool_, type(None))
_HOST = (np.ndarray, np.generic, float, int)


def namespace(*trees: Tree):
    """`jax.numpy` if any leaf is a JAX array or tracer, else `numpy`."""
    for tree in trees:
        if not isinstance(tree, _HOST):
            break
    else:  # flattening trees would cost more than the sums that follow
        return np
    return jnp if any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(trees)) else np


def scope(*trees: Tree):
    """Context in which the float64 JAX leaves of the trees keep their precision; a no-op for numpy and under jit."""
    double = any(
        isinstance(leaf, jax.Array) and not isinstance(leaf, jax.core.Tracer) and leaf.dtype == np.float64
        for leaf in jax.tree.leaves(trees)
    )
    return jax.enable_x64(True) if double else contextlib.nullcontext()


def while_loop(cond: Callable, body: Callable, state, xp):
    """`lax.while_loop` for JAX, a Python loop for numpy. `state` is a tuple of arrays of fixed shape and dtype."""
    if xp is jnp:
        return jax.lax.while_loop(cond, body, state)
    while cond(state):
        state = body(state)
    return state


def at_least_single(x):
    """x in single precision if it has less: there is no SVD below that."""
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


def eps(x: Array) -> float:
    """Machine epsilon of the dtype of x."""
    return _eps(x.dtype)


@functools.cache
def _eps(dtype) -> float:
    return float(jnp.finfo(dtype).eps)


# ---- pytrees (single numpy arrays are answered without flattening) ---------------------------------------------------


def leaves(x: Tree) -> list:
    return jax.tree.leaves(x)


def inner(a: Tree, b: Tree):
    """<a, b>, summed over all leaves."""
    if isinstance(a, np.ndarray):
        return (a * b).sum()
    terms = jax.tree.leaves(jax.tree.map(lambda u, v: (u * v).sum(), a, b))
    return sum(terms[1:], start=terms[0])


def combine(alpha, a: Tree, beta, b: Tree) -> Tree:
    """alpha a + beta b, leaf by leaf."""
    if isinstance(a, np.ndarray):
        return alpha * a + beta * b
    return jax.tree.map(lambda u, v: alpha * u + beta * v, a, b)


def subtract(a: Tree, b: Tree) -> Tree:
    if isinstance(a, np.ndarray):
        return a - b
    return jax.tree.map(lambda u, v: u - v, a, b)


def scale(alpha, a: Tree) -> Tree:
    return jax.tree.map(lambda u: alpha * u, a)


def divide(a: Tree, alpha) -> Tree:
    """a / alpha, leaf by leaf; unlike a multiplication by 1 / alpha it does not overflow for tiny alpha."""
    return jax.tree.map(lambda u: u / alpha, a)


def l2(x: Tree):
    """Euclidean length over all leaves, without overflow or underflow in the squares."""
    if isinstance(x, np.ndarray):
        top = np.abs(x).max()
        return top * np.sqrt(((x / top) ** 2).sum()) if top > 0 else top
    leaves = jax.tree.leaves(x)
    xp = namespace(*leaves)
    top = xp.max(xp.stack([xp.max(xp.abs(leaf)) for leaf in leaves]))
    safe = xp.where(top > 0, top, xp.ones_like(top))
    return safe * xp.sqrt(sum(((leaf / safe) ** 2).sum() for leaf in leaves))


def shapes(x: Tree):
    """The same tree with every leaf replaced by its shape (a `jax.ShapeDtypeStruct`)."""
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(np.shape(leaf), leaf.dtype), x)


# ---- validation ----------------------------------------------------------------------------------------------------


def is_concrete(x) -> bool:
    return not isinstance(x, jax.core.Tracer)


def as_leaf(x, name: str, *, finite: bool = True) -> Array:
    """x as one real floating array; integers become float64. Raises InvalidArgument, unless `finite` not for NaN and infinity."""
    if isinstance(x, np.ma.MaskedArray):
        raise InvalidArgument(f"{name} is a masked array; fill what is masked, or leave it out.")
    if not isinstance(x, jax.Array):
        try:
            x = np.asarray(x)
        except Exception as error:
            raise InvalidArgument(f"{name} is not an array of numbers ({error}).") from None
    if x.dtype.kind == "b":
        raise InvalidArgument(f"{name} is a mask of truth values, not an array of numbers.")
    if x.dtype.kind in "ui" or x.dtype == object:
        try:
            if x.dtype == object and any(
                isinstance(entry, _NO_NUMBERS) for entry in np.ravel(x)
            ):  # which float would take
                raise TypeError
            x = namespace(x).asarray(x, dtype=np.float64 if not isinstance(x, jax.Array) else None) * 1.0
        except (TypeError, ValueError):
            raise InvalidArgument(f"{name} is not an array of numbers.") from None
    if x.dtype.kind == "c":
        raise InvalidArgument(f"{name} is complex; broximal works over the real numbers.")
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise InvalidArgument(f"{name} has dtype {x.dtype}; a real floating dtype is needed.")
    if x.size == 0:
        raise InvalidArgument(f"{name} is empty (shape {x.shape}).")
    if finite and is_concrete(x) and not bool(namespace(x).isfinite(x).all()):
        raise InvalidArgument(f"{name} contains NaN or infinity.")
    return x


def as_point(x: Tree, name: str = "x") -> Tree:
    """x as an array or pytree of real floating arrays; lists of numbers become one array, integers become float64.

    Raises InvalidArgument for complex, empty, masked, non-numeric, NaN or infinite entries, and for a layer that is None.
    """
    if isinstance(x, (dict, tuple)) or (isinstance(x, list) and any(np.ndim(e) > 0 and not _is_rows(x) for e in x)):
        leaves, structure = jax.tree.flatten(x, is_leaf=lambda node: node is None)
        if not leaves:
            raise InvalidArgument(f"{name} has no arrays.")
        return jax.tree.unflatten(structure, [as_leaf(leaf, name) for leaf in leaves])
    return as_leaf(x, name)


def _is_rows(x: list) -> bool:
    """Is a list of lists of plain numbers (a matrix written out), rather than a list of layers?"""
    return all(isinstance(e, (list, float, int)) for e in x)


def as_number(value, name: str, *, low: float = -np.inf, high: float = np.inf, open_low: bool = False) -> Any:
    """A real scalar in [low, high] (or (low, high]); tracers pass unchecked. Raises InvalidArgument."""
    if not is_concrete(value):
        return value
    number = as_real(value, name, low=low, high=high, open_low=open_low)
    return number if not isinstance(value, jax.Array) else value


def as_radius(radius, name: str = "radius", *, allow_infinite: bool = False) -> Any:
    """A radius: a non-negative number, finite unless `allow_infinite`. Raises InvalidArgument."""
    radius = as_number(radius, name, low=0)
    if not allow_infinite and is_concrete(radius) and np.isinf(float(radius)):
        raise InvalidArgument(f"{name} is infinite; the ball would be the whole space.")
    return radius
