"""Finding the level of a soft threshold without sorting.

The projection of a >= 0 onto { u >= 0, <w, u> = r } is max(a - s w, 0) with s the root of the convex, piecewise
linear, decreasing function <w, max(a - s w, 0)> - r. Newton's method from the left moves s up monotonically, ends
exactly in at most as many steps as there are breakpoints (in practice 5 to 15), and needs only sums: no sort, no
cumulative sum. From the right one step goes to the left, so any guess is a valid start, and on long vectors a guess
from every hundredth entry saves most of the steps.
"""

import jax.numpy as jnp

from broximal.oracles.arrays import namespace, while_loop

SAMPLE = 1 << 14  # a guess from so many entries costs nothing beside one pass over a vector of this size times four


def soft_threshold_level(a, radius, weights=None):
    """The s >= 0 with <w, max(a - s w, 0)> = radius, or 0 if <w, a> <= radius; w is all ones by default.

    `a` is a vector of non-negative entries, `weights` one of positive entries.
    """
    xp = namespace(a, radius)
    radius = xp.asarray(radius, dtype=a.dtype)
    w = xp.ones((), dtype=a.dtype) if weights is None else weights

    def newton(s):
        """(the point Newton's method goes to from s, is anything active at s?)"""
        rest = xp.maximum(a - s * w, 0)
        if weights is None and xp is jnp:  # XLA keeps this sum parallel, unlike one of booleans
            slope = xp.minimum(rest / jnp.finfo(a.dtype).tiny, 1).sum()
        else:
            slope = xp.where(rest > 0, w * w, 0).sum()
        step = (w * rest).sum() - radius
        return s + step / xp.where(slope > 0, slope, 1), slope > 0

    def cond(state):
        return state[1]

    def body(state):
        s, _ = state
        new, active = newton(s)
        return xp.where(active, new, s), active & (new > s)

    total = (w * a).sum()
    # The Newton step from minus infinity, where everything is active: left of the root.
    start = xp.maximum((total - radius) / (a.size if weights is None else (w * w).sum()), 0).astype(a.dtype)
    stride = a.size // SAMPLE
    if stride >= 4:
        guess = soft_threshold_level(a[::stride], radius / stride, None if weights is None else weights[::stride])
        left, active = newton(guess)
        start = xp.where(active, xp.maximum(start, left), start)
    level, _ = while_loop(cond, body, (start, total > radius), xp)
    return xp.minimum(level, (a / w).max())
