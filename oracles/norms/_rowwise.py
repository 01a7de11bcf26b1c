"""What mixed norms ask of every row at once: by vmap for JAX, and for numpy without a loop where the rows' norm is simple.

Rows are the parts along the first axis; only those that are vectors are done without a loop.
"""

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.norm import Norm
from broximal.oracles.norms.lp import L1, L2, LInf


def each(fn, *stacks):
    """fn over the first axis: vmap for JAX, a loop for numpy."""
    if namespace(*stacks) is jnp:
        return jax.vmap(fn)(*stacks)
    return np.stack([fn(*parts) for parts in zip(*stacks, strict=True)])


def values(norm: Norm, rows):
    """The norm of every row."""
    if namespace(rows) is np and rows.ndim == 2:
        match norm:
            case L1():
                return np.abs(rows).sum(axis=1)
            case LInf():
                return np.abs(rows).max(axis=1)
            case L2():
                top = np.abs(rows).max(axis=1)
                safe = np.where(top > 0, top, 1.0).astype(rows.dtype)
                return top * np.sqrt(((rows / safe[:, None]) ** 2).sum(axis=1))
    return each(norm._value, rows)


def lmos(norm: Norm, rows):
    """The LMO of every row."""
    if namespace(rows) is np and rows.ndim == 2:
        match norm:
            case LInf():
                return norm._lmo(rows)
            case L1():
                top = np.abs(rows).argmax(axis=1)[:, None]
                sign = np.where(np.take_along_axis(rows, top, axis=1) >= 0, -1.0, 1.0).astype(rows.dtype)
                return np.where(np.arange(rows.shape[1]) == top, sign, np.zeros_like(rows))
    return each(norm._lmo, rows)


def projections(norm: Norm, rows, radii):
    """The projection of every row onto the ball of its own radius >= 0, or of the one radius of all."""
    xp = namespace(rows)
    radii = xp.broadcast_to(xp.asarray(radii, dtype=rows.dtype), rows.shape[:1])
    if xp is np and rows.ndim == 2:
        match norm:
            case LInf():
                return np.clip(rows, -radii[:, None], radii[:, None])
            case L1():
                return _onto_l1(rows, radii)

    def one(row, radius):
        inside = norm._project(row, xp.where(radius > 0, radius, 1).astype(row.dtype))
        return xp.where(radius > 0, inside, xp.zeros_like(row))

    return each(one, rows, radii)


def prox_squares(norm: Norm, rows, mu):
    """argmin mu |z|^2 / 2 + |z - row|_2^2 / 2 of every row."""
    if namespace(rows) is np and rows.ndim == 2 and isinstance(norm, L1 | LInf):
        # The level of soft thresholding, mu |soft(row, q)|_1 = q, or of clipping, mu q = |soft(row, q)|_1, is the largest
        # of what each number of entries would give.
        sums, counts = (
            np.cumsum(np.sort(np.abs(rows), axis=1)[:, ::-1], axis=1),
            np.arange(1, rows.shape[1] + 1, dtype=rows.dtype),
        )
        if isinstance(norm, LInf):
            level = (sums / (mu + counts)).max(axis=1)[:, None]
            return np.clip(rows, -level, level)
        level = (mu * sums / (1 + mu * counts)).max(axis=1)[:, None]
        return np.sign(rows) * np.maximum(np.abs(rows) - level, 0)
    return each(lambda row: norm._prox_square(row, mu), rows)


def _onto_l1(rows, radii):
    size = np.abs(rows)
    sums = np.cumsum(np.sort(size, axis=1)[:, ::-1], axis=1)
    # The level s with sum (|x| - s)_+ = radius is the largest of what each number of entries would give.
    level = ((sums - radii[:, None]) / np.arange(1, rows.shape[1] + 1, dtype=rows.dtype)).max(axis=1)
    rest = np.maximum(size - np.maximum(level, 0)[:, None], 0)
    total = rest.sum(axis=1)
    stretch = np.where((level > 0) & (total > 0), radii / np.where(total > 0, total, 1), 1).astype(rows.dtype)
    return np.sign(rows) * (rest * stretch[:, None])
