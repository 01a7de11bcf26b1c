"""Level-set duality: the broximal step as a projection, and as a proximal step.

For convex f and a ball that contains no minimiser, u in brox_t f(x) if and only if u is a nearest point of the level set
{f <= s} to x, where s = N_t f(x) is the level whose distance from x is t. Proved here: s -> dist(x, {f <= s}) decreases
strictly above inf f; u = brox has f(u) = s and |x - u| = t, and no point of the open ball has f <= s, so u is a nearest
one; conversely a nearest point at distance t has f <= s = N_t f(x).

In the Euclidean norm also u = prox_{gamma f}(x) with the gamma for which |x - prox_{gamma f}(x)| = t; that length
increases with gamma. (arXiv:2502.02002 relates the two operators.)
"""

from collections.abc import Callable
from typing import Any

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.roots import decreasing_root


def into_level_set(project: Callable[[Any], Any], x: Any, radius: Any, low: Any, high: Any, far: Any) -> Any:
    """The step u - x of Euclidean length `radius` to the level set {f <= s}, where project(s) projects x onto it.

    low and high bracket the level: dist(x, {f <= low}) = far >= radius and f(x) <= high; project is called strictly
    inside the bracket.
    """
    level = decreasing_root(lambda s: arrays.l2(x - project(s)) - radius, low, high, far - radius, -radius)
    return resized(project(level) - x, radius)


def proximal_step(prox: Callable[[Any], Any], x: Any, radius: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """(u, gamma): u = prox(gamma) with |x - u| = radius; low and high bracket gamma, lengths increase with it."""
    xp = namespace(x, radius)

    def inside(logarithm):
        return radius - arrays.l2(x - prox(xp.exp(logarithm)))

    start, end = xp.log(low), xp.log(high)
    root = xp.exp(decreasing_root(inside, start, end, inside(start), inside(end)))
    return x + resized(prox(root) - x, radius), root


def resized(step: Any, radius: Any) -> Any:
    """The step with its length put right; a zero step stays."""
    xp = namespace(step)
    size = arrays.l2(step)
    return step * xp.where(size > 0, radius / xp.where(size > 0, size, 1.0), 1.0).astype(step.dtype)
