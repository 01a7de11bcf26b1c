"""How every verb of a norm answers what is not plain double precision on the host.

Half precision is computed in single and answered in its own type. Under jit and vmap nothing can be refused, so what an eager
call would refuse, NaN, infinity and radii that are none, is answered by NaN.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import Tree, at_least_single, is_concrete

_DOUBLE = np.dtype(np.float64)


def answered(verb: Callable, derivative: Callable | None = None) -> Callable:
    """The verb `(norm, x, number)` with these answers; the number, a radius or weight, may be missing.

    derivative  `derivative(verb, norm)` is the verb of x and the number, with rules for JAX (`derivatives.py`)
    """
    unbounded = verb.__name__ == "project"  # the one verb that an infinite radius is an answer of
    names = list(inspect.signature(verb).parameters)

    @functools.wraps(verb)
    def asked(*given: Any, **named: Any) -> Any:
        if named or len(given) < 2:
            try:
                given = *given, *(named.pop(name) for name in names[len(given) :] if named)
            except KeyError:  # something is left out
                return verb(*given, **named)
            if named or len(given) < 2:
                return verb(*given, **named)
        norm, x, *number = given
        if type(x) is np.ndarray and x.dtype is _DOUBLE and not any(isinstance(n, jax.Array) for n in number):
            return verb(*given)
        leaves = jax.tree.leaves(x)
        traced = not all(map(is_concrete, [*leaves, *number]))
        small = any(map(_half, leaves))
        if not (traced or small):
            return verb(*given)
        wide = jax.tree.map(lambda leaf: _prepared(leaf, traced), x)
        if traced and derivative is not None:
            answer = derivative(verb, norm)(wide, *number)
        else:
            answer = verb(norm, wide, *number)
        if small:
            answer = _narrowed(answer, x)
        if traced:
            good = functools.reduce(jnp.logical_and, [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(wide)])
            for value in number:
                good &= (value >= 0) & (unbounded | (value < jnp.inf))
            answer = jax.tree.map(lambda leaf: jnp.where(good, leaf, jnp.nan).astype(leaf.dtype), answer)
        return answer

    return asked


def _half(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and leaf.dtype.itemsize < 4 and jnp.issubdtype(leaf.dtype, jnp.floating)


def _prepared(leaf: Any, traced: bool) -> Any:
    """A leaf in at least single precision, and of JAX if anything is traced."""
    if traced and isinstance(leaf, np.ndarray):
        leaf = jnp.asarray(leaf)
    return at_least_single(leaf) if _half(leaf) else leaf


def _narrowed(answer: Any, x: Tree) -> Any:
    """The answer in the type of x: points leaf by leaf, scalars in the type that all leaves have in common."""
    if jax.tree.structure(answer) == jax.tree.structure(x) and jax.tree.map(np.shape, answer) == jax.tree.map(
        np.shape, x
    ):
        return jax.tree.map(lambda leaf, own: leaf.astype(own.dtype), answer, x)
    if hasattr(answer, "point"):
        common = jnp.result_type(*jax.tree.leaves(x))
        fields = {name: np.asarray(v) if np.isscalar(v) else v for name, v in vars(answer).items() if name != "point"}
        fields = {name: value.astype(common) for name, value in fields.items()}
        return type(answer)(point=_narrowed(answer.point, x), **fields)
    return answer.astype(jnp.result_type(*jax.tree.leaves(x)))
