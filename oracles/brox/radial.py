"""Moves along a line: towards a nearest point, and along the direction in which a linear function falls fastest.

towards  f = phi(dist(z, C)) in the norm of the ball, phi nondecreasing, p a nearest point of C: the distance is
         1-Lipschitz, so dist >= (dist(x, C) - t)_+ on the ball, and the point at distance t on the segment from x to p
         attains it. With C = {c} this is phi(|z - c|).
descend  f = phi(<a, z>), phi falling towards a target value m and rising beyond it: on the ball <a, z> takes exactly the
         values [<a, x> - t |a|_*, <a, x> + t |a|_*], so the best one is m clipped, reached along the LMO of a.
"""

from typing import Any

from broximal.oracles.arrays import Tree, combine, inner, namespace
from broximal.oracles.norm import Norm


def towards(x: Tree, target: Tree, distance: Any, radius: Any) -> Tree:
    """x + min(1, radius / distance) (target - x); `distance` is |target - x| in the norm of the ball."""
    xp = namespace(x, target)
    safe = xp.where(distance > 0, distance, 1.0)
    share = xp.where(distance > radius, radius / safe, 1.0)
    return combine(1 - share, x, share, target)


def descend(norm: Norm, a: Tree, x: Tree, low: Any, high: Any, radius: Any) -> tuple[Tree, Any]:
    """(u, <a, u>): the point of the ball whose <a, u> is nearest to the interval [low, high] (infinite ends allowed).

    <a, u> is returned as it was chosen, free of the rounding error of u.
    """
    xp = namespace(a, x)
    here, reach = inner(a, x), norm.dual._value(a)
    wanted = xp.clip(here, low, high)
    hit = xp.abs(here - wanted) <= radius * reach
    share = xp.where(hit, here - wanted, 0.0) / xp.where(hit & (reach > 0), reach, 1.0)
    length = xp.where(hit, share, xp.where(here > wanted, radius, -radius))
    length = xp.where(reach > 0, length, 0.0)
    return combine(1.0, x, length, norm._lmo(a)), xp.where(hit, wanted, here - length * reach)
