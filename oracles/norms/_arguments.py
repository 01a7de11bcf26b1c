"""What the constructors of norms share: checking arguments, writing them in names, and leaving JAX for the host."""

import math
from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.numerals import number_of


def number(value: float) -> str:
    """A number as it stands in a norm's name, which `parse` reads back to the last digit."""
    if not arrays.is_concrete(value):
        return "?"
    short = f"{float(value):.12g}"
    return short if float(short) == float(value) else repr(float(value))


def latex_number(value: float) -> str:
    return r"\infty" if value == math.inf else f"{float(value):.12g}"


def listing(values: Any) -> str:
    """A short array as it stands in a name that `parse` reads back; long or traced ones are abbreviated."""
    if not arrays.is_concrete(values) or values.size > 16:
        return f"<{'x'.join(map(str, values.shape))}>"
    if values.ndim == 1:
        return "[" + ", ".join(number(float(v)) for v in values) + "]"
    return "[" + ", ".join(listing(row) for row in values) + "]"


def count(value: Any, name: str) -> int:
    """An integer >= 1."""
    value = positive_number(arrays.as_number(value, name, low=1), name)
    if value != int(value):
        raise InvalidArgument(f"{name} must be an integer, but is {value:g}.")
    return int(value)


def array(value: Any, name: str, ndim: int) -> Any:
    """A finite real float64 (or JAX) array with this many axes."""
    value = arrays.as_point(value, name)
    if not hasattr(value, "shape") or value.ndim != ndim:
        kind = {1: "a vector", 2: "a matrix"}[ndim]
        raise InvalidArgument(f"{name} must be {kind}, but has shape {getattr(value, 'shape', None)}.")
    return value


def positive(value: Any, name: str) -> Any:
    """A vector of positive numbers."""
    value = array(value, name, 1)
    if arrays.is_concrete(value) and not bool((value > 0).all()):
        raise InvalidArgument(f"{name} must all be positive, but the smallest is {float(value.min()):g}.")
    return value


def gauge_norm(value: Any, name: str) -> Norm:
    """A norm of vectors that depends only on the sizes of the entries."""
    if not as_norm(value, name).absolute:
        raise InvalidArgument(f"{name} must depend only on the absolute values of entries, but {value.name} does not.")
    return value


def symmetric_norm(value: Any, name: str) -> Norm:
    """A symmetric gauge: invariant under signs and permutations."""
    if not as_norm(value, name).symmetric:
        raise InvalidArgument(f"{name} must be invariant under signs and permutations, but {value.name} is not.")
    return value


def like(values: Any, x: Any) -> Any:
    """A parameter array in the namespace and dtype of x, so that float32 stays float32."""
    return arrays.namespace(x, values).asarray(values, dtype=x.dtype)


def same_size(shape: tuple[int, ...], name: str, norm: Norm, size: int) -> None:
    """Raise unless `shape` is that of a vector of this size."""
    if shape != (size,):
        raise InvalidArgument(f"{name} has shape {shape}, but the {norm.name} norm is defined on shape {(size,)}.")


def on_host(fn, x: Any, radius: Any = 1.0, *, what: str) -> Any:
    """fn(x, radius) on numpy float64 arrays, returned in the namespace and dtype of x. Raises under jit."""
    if not (arrays.is_concrete(x) and arrays.is_concrete(radius)):
        raise InvalidArgument(f"{what} runs a solver on the host and cannot run under jit or vmap; call it outside.")
    result = np.asarray(fn(np.asarray(x, dtype=np.float64), float(radius)))
    if isinstance(x, jax.Array):
        return jax.numpy.asarray(result, dtype=x.dtype)
    return result.astype(x.dtype)[()]


def into_ball(norm: Norm, x: Any, radius: Any) -> Any:
    """x shrunk by the rounding error (or solver tolerance) by which it sticks out of the ball."""
    xp = arrays.namespace(x)
    size = norm._value(x)
    return x * xp.where(size > radius, radius / xp.where(size > 0, size, 1), 1).astype(x.dtype)


def at_most(k: int, shape: tuple[int, ...], name: str, norm: Norm) -> None:
    """Raise unless `shape` is that of a vector of at least k entries."""
    if len(shape) != 1:
        raise InvalidArgument(f"{name} has shape {shape}; the {norm.name} norm is defined on vectors.")
    if shape[0] < k:
        raise InvalidArgument(f"k = {k} exceeds the {number_of(shape[0], 'entry')} of {name}.")


def positive_number(value: Any, name: str) -> Any:
    """A positive finite number (tracers pass unchecked)."""
    value = arrays.as_number(value, name, low=0, open_low=True)
    if arrays.is_concrete(value) and float(value) == math.inf:
        raise InvalidArgument(f"{name} is infinite.")
    return value


def finite(value: Any, name: str) -> float:
    """A finite number."""
    value = float(arrays.as_number(value, name))
    if math.isinf(value):
        raise InvalidArgument(f"{name} is infinite.")
    return value
