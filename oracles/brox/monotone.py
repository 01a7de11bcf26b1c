"""Functions with an order: the ball's smallest element, or its least spread one, is a minimiser. No convexity is used.

lower            F coordinatewise nondecreasing, l_inf: z >= x - t (1, .., 1) on the ball, so F(z) >= F(x - t).
shrink           F nondecreasing in every |z_i - c_i|, l_inf: |z_i - c_i| >= (|x_i - c_i| - t)_+ on the ball, and
                 u = c + soft(x - c, t) attains all of them at once.
cut              F nondecreasing and Schur-convex, l1: u = min(x, s) with sum (x_i - s)_+ = t.

Proof of the last one. It is enough to look at z = x - q, q >= 0, sum q <= t (z below x otherwise only rises F). Let I be the
entries above s, m = |I|. The sum of the j largest entries of z is at least (j / m) of their sum over I, hence at least j s,
for j <= m, and at least m s plus the j - m largest others for j > m: so min(x, s) is weakly submajorised by every feasible
z, and nondecreasing Schur-convex functions respect this order (Marshall, Olkin, Arnold, Inequalities, chapter 3).
"""

from typing import Any

from broximal.oracles.arrays import namespace
from broximal.oracles.norm import Norm
from broximal.oracles.roots import decreasing_root
from broximal.oracles.simplex import soft_threshold_level


def shrink(x: Any, center: Any, radius: Any) -> Any:
    """center + soft(x - center, radius), exactly the centre where it is reached."""
    xp = namespace(x, center)
    d = x - center
    return xp.where(xp.abs(d) <= radius, center, xp.where(d > 0, x - radius, x + radius)).astype(x.dtype)


def cut(x: Any, radius: Any) -> tuple[Any, Any]:
    """(u, s): u = min(x, s) with sum (x - s)_+ = radius."""
    xp = namespace(x)
    base = x.min()
    above = x - base
    total = above.sum()
    level = base + soft_threshold_level(above, radius)
    # A radius beyond the sum of all that sticks out lowers everything alike.
    level = xp.where(total > radius, level, base - (radius - total) / x.size).astype(x.dtype)
    return xp.minimum(x, level), level


def cut_in(norm: Norm, x: Any, radius: Any) -> tuple[Any, Any]:
    """(u, s): u = min(x, s) with |(x - s)_+| = radius in an absolute norm: the broximal point of max z_i.

    Every z in the ball has max z >= s: else (x - z)_+ >= (x - max z)_+ entrywise, of a norm above the radius.
    """
    xp = namespace(x)
    ones = xp.ones_like(x)
    top = x.max()
    width = radius / norm._value(ones)

    def missing(depth):
        """How much of the radius is left when the level is this far below the top."""
        return radius - norm._value(xp.maximum(x - (top - depth), 0))

    deepest = top - x.min() + width * (1 + 1e-6)
    level = top - decreasing_root(missing, xp.zeros_like(top), deepest, radius + 0.0 * top, missing(deepest))
    return xp.minimum(x, level), level
