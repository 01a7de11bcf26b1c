"""Finding the level of a soft threshold without sorting.

The projection of a >= 0 onto { u >= 0, <w, u> = r } is max(a - s w, 0) with s the root of the convex, piecewise
linear, decreasing function <w, max(a - s w, 0)> - r. Newton's method from the left moves s up monotonically, ends
exactly in at most as many steps as there are breakpoints (in practice 5 to 15), and needs only sums: no sort, no
cumulative sum. From the right one step goes to the left, so any guess is a valid start.
"""

from broximal.oracles.arrays import namespace, while_loop


def soft_threshold_level(a, radius, weights=None):
    """The s >= 0 with <w, max(a - s w, 0)> = radius, or 0 if <w, a> <= radius; w is all ones by default.

    `a` is a vector of non-negative entries, `weights` one of positive entries.
    """
    xp = namespace(a, radius)
    radius = xp.asarray(radius, dtype=a.dtype)
    w = 1 if weights is None else weights

    def newton(s):
        """The Newton step from s; zero once nothing is active."""
        rest = a - s * w
        active = rest > 0
        excess = (w * xp.where(active, rest, 0)).sum() - radius
        slope = (active if weights is None else xp.where(active, w * w, 0)).sum().astype(a.dtype)
        return xp.where(slope > 0, excess / xp.where(slope > 0, slope, 1), 0)

    def cond(state):
        return state[1]

    def body(state):
        s, _ = state
        new = s + newton(s)
        return new, new > s

    total = (w * a).sum()
    size = a.size if weights is None else (w * w).sum()
    # The Newton step from minus infinity, where everything is active: left of the root.
    start = xp.maximum((total - radius) / size, 0).astype(a.dtype)
    level, _ = while_loop(cond, body, (start, total > radius), xp)
    return xp.minimum(level, (a / w).max())
