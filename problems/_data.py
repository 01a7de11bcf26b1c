"""Small helpers of the structured families: dimensions, starts, and data in the kind of a point."""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree
from broximal.oracles.errors import InvalidArgument
from broximal.problems._checks import as_array, like


def dimension(dim: Any, name: str = "dim", low: int = 1) -> int:
    """An integer >= low, or InvalidArgument."""
    if isinstance(dim, bool) or not isinstance(dim, (int, np.integer)) or dim < low:
        raise InvalidArgument(f"{name} must be an integer, at least {low}, not {dim!r}.")
    return int(dim)


def finite(value: Any, name: str, **bounds) -> np.float64:
    """A finite number, or InvalidArgument."""
    return np.float64(arrays.as_number(value, name, **{"low": -1e300, "high": 1e300, **bounds}))


def positive(value: Any, name: str) -> np.float64:
    return finite(value, name, low=0, open_low=True)


def as_center(c: Any, name: str) -> np.ndarray:
    """One finite float64 numpy array of any shape (a number becomes a vector of length 1), or InvalidArgument."""
    c = arrays.as_point(c, name)
    if not hasattr(c, "shape"):
        raise InvalidArgument(f"{name} must be one array, not a tree of layers.")
    c = np.array(c, dtype=np.float64)
    return c.reshape(1) if c.ndim == 0 else c


def as_start(x0: Any, default: np.ndarray) -> np.ndarray:
    """x0 of the shape of the default, or the default."""
    return np.array(default, dtype=np.float64) if x0 is None else as_array(x0, "x0", tuple(default.shape))


def like_tree(a: Tree, x: Tree) -> Tree:
    """The data `a` leaf by leaf in the kind and dtype of x; the structures must agree."""
    if jax.tree.structure(a) != jax.tree.structure(x):
        raise InvalidArgument(f"x has structure {jax.tree.structure(x)}, but {jax.tree.structure(a)} is needed.")
    return jax.tree.map(like, a, x)
