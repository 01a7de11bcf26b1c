"""Validation of the data a problem is built from, and its conversion to the array kind of a point."""

from typing import Any

import numpy as np

from broximal.oracles.arrays import as_point, namespace
from broximal.oracles.errors import InvalidArgument


def like(a: Any, x: Any) -> Any:
    """The data `a` (float64 numpy) in the kind and dtype of the point x; nothing is copied for float64 numpy.

    At a point of integers they stay floats, as integers would cut off their digits.
    """
    if type(a) is type(x) is np.ndarray and a.dtype == x.dtype:  # the common case in a host loop
        return a
    xp = namespace(a, x)
    return xp.asarray(a, dtype=x.dtype if x.dtype.kind not in "biu" else float)


def as_matrix(A: Any, name: str) -> np.ndarray:
    """A two-dimensional float64 numpy array, or InvalidArgument."""
    A = as_point(A, name)
    if not hasattr(A, "shape") or A.ndim != 2:
        raise InvalidArgument(f"{name} must be a matrix (2 axes), but has shape {getattr(A, 'shape', 'of a tree')}.")
    return np.array(A, dtype=np.float64)


def as_symmetric(A: Any, name: str) -> np.ndarray:
    """A symmetric float64 numpy matrix; asymmetry up to rounding is averaged away."""
    A = as_matrix(A, name)
    if A.shape[0] != A.shape[1]:
        raise InvalidArgument(f"{name} must be square, but has shape {A.shape}.")
    top = float(np.abs(A).max())
    if np.abs(A - A.T).max() > 1e-12 * top:
        raise InvalidArgument(f"{name} is not symmetric: it differs from its transpose by {np.abs(A - A.T).max():.3g}.")
    return 0.5 * (A + A.T)


def as_array(b: Any, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A float64 numpy array of this shape, or InvalidArgument."""
    b = as_point(b, name)
    if tuple(getattr(b, "shape", ())) != shape:
        raise InvalidArgument(f"{name} has shape {getattr(b, 'shape', 'of a tree')}, but {shape} is needed.")
    return np.array(b, dtype=np.float64)
