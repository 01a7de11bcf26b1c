"""sum_i phi_i(z_i) over the balls of l_inf, l1, l2 and lp.

l_inf (any box)   each coordinate for itself: the minimiser of phi_i over [x_i - t_i, x_i + t_i]; convexity is not needed.
otherwise         phi_i convex. With the multiplier s of the ball, u_i minimises phi_i(z) + s P(|z - x_i|), where P(d) is d
                  for l1 and d^p / p for lp; lengths |u - x| decrease as s grows, and s is a root.

Proved here: with g_i in dphi_i(u_i) of the form -s sign(u_i - x_i) P'(|u_i - x_i|) (for l1 and u_i = x_i any |g_i| <= s),
g is aligned with x - u, so u is a minimiser over the ball of radius |u - x|. For l1 and piecewise linear phi_i the
solution jumps at the root s; every convex combination of its two limits is stationary for the same g, and one of them has
the right length.

The stationary point in one coordinate is bisected between x_i and the minimiser of phi_i; a kink that it converges to is
returned as the kink itself, so that g is an element of its subdifferential and not of its neighbour's.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace, while_loop
from broximal.oracles.roots import decreasing_root


class Separated(NamedTuple):
    """point u, step u - x (of the right length to the last digit), aligned g with g_i in dphi_i(u_i), who rests on a kink.

    Where an entry rests on a kink or on its minimiser, the point is that number exactly; elsewhere it is x + step.
    """

    point: Any
    step: Any
    subgradient: Any
    resting: Any


def weighted_squares_l1(a: Any, r: Any, radius: Any) -> Any:
    """argmin sum a_i (y_i - r_i)^2 / 2 over |y|_1 <= radius for a > 0: y = soft(r, s / a), with |y|_1 = radius or y = r."""
    from broximal.oracles.simplex import soft_threshold_level

    xp = namespace(a, r)
    size, root = xp.abs(r), xp.sqrt(1 / a)
    level = soft_threshold_level(size / root, radius, root)
    return xp.sign(r) * xp.maximum(size - level / a, 0)


def weighted_absolute_l2(w: Any, r: Any, radius: Any) -> tuple[Any, Any]:
    """argmin sum w_i |r_i - y_i| over |y|_2 <= radius for w > 0: (y, s) with |y_i| = min(|r_i|, w_i / s).

    With the breakpoints |r_i| / w_i sorted, the first j entries reach r_i and the others share the rest of the radius:
    sum_{i < j} r_i^2 + (1/s)^2 sum_{i >= j} w_i^2 = radius^2. s = 0 if r fits into the ball.
    """
    xp = namespace(w, r)
    size = xp.abs(r)
    breaks = size / w
    order = xp.argsort(breaks)
    sizes, weights, breaks = size[order], w[order], breaks[order]
    zero = xp.zeros(1, dtype=r.dtype)
    done = xp.concatenate([zero, xp.cumsum(sizes**2)[:-1]])
    rest = xp.cumsum(weights[::-1] ** 2)[::-1]
    length = xp.sqrt(xp.maximum(radius**2 - done, 0) / rest)
    # Segment j is right if its length ends before the next breakpoint; the first such one.
    reach = length[xp.argmax(length <= breaks)]
    inside = arrays.l2(r) <= radius
    reach = xp.where(inside, xp.inf, xp.minimum(reach, breaks.max()))
    y = xp.sign(r) * xp.minimum(size, xp.where(inside, 1.0, reach) * w)
    y = xp.where(inside, r, y).astype(r.dtype)
    return y, xp.where(inside, 0.0, 1 / xp.where(inside | (reach == 0), 1.0, reach)).astype(r.dtype)


def weighted_absolute_l1(w: Any, r: Any, radius: Any) -> tuple[Any, Any]:
    """argmin sum w_i |r_i - y_i| over |y|_1 <= radius for w > 0: (y, s), spending the radius on the largest w_i first.

    s is the weight at which the radius is used up, 0 if r fits into the ball: a linear function of what is spent.
    """
    xp = namespace(w, r)
    order = xp.argsort(-w)
    size = xp.abs(r)[order]
    before = xp.concatenate([xp.zeros(1, dtype=r.dtype), xp.cumsum(size)[:-1]])
    spent = xp.clip(radius - before, 0.0, size)
    inside = xp.abs(r).sum() <= radius
    last = xp.argmax(before + size >= radius)
    y = xp.where(inside, r, xp.sign(r) * spent[xp.argsort(order)]).astype(r.dtype)
    return y, xp.where(inside, 0.0, w[order][last]).astype(r.dtype)


def stationary(slopes: Callable, pull: Callable, kinks: tuple, x: Any, target: Any) -> Any:
    """Entry by entry the u between x and target with 0 in dphi(u) + pull(u - x), pull an increasing odd function.

    slopes(u) gives the left and right derivatives of phi, which is convex with a minimiser at `target`; kinks are where
    they differ.
    """
    xp = namespace(x, target)
    sign = xp.where(target >= x, 1.0, -1.0).astype(x.dtype)

    def beyond(u):
        """Is the stationary point not farther from x than u?"""
        left, right = slopes(u)
        falling = xp.where(sign > 0, left, -right)
        return falling + sign * pull(u - x) >= 0

    near, far = x, target + 0.0 * x
    steps = 130 if x.dtype.itemsize == 8 else 60

    def body(state):
        near, far, k = state
        middle = near + 0.5 * (far - near)
        hit = beyond(middle)
        return xp.where(hit, near, middle), xp.where(hit, middle, far), k + 1

    def cond(state):
        near, far, k = state
        middle = near + 0.5 * (far - near)
        return (k < steps) & ((middle != near) & (middle != far)).any()

    near, far, _ = while_loop(cond, body, (near, far, xp.asarray(0)), xp)
    u = far
    for kink in kinks:
        k = kink + 0.0 * x
        left, right = slopes(k)
        force = pull(k - x)
        between = (sign * (k - x) >= 0) & (sign * (target - k) >= 0)
        u = xp.where(between & (left + force <= 0) & (right + force >= 0), k, u)
    return u.astype(x.dtype)


def convex_ball(
    slopes: Callable, kinks: tuple, x: Any, target: Any, p: float, radius: Any, best: Callable | None = None
) -> Separated:
    """Over |z - x|_p <= radius, 1 <= p < inf; `target` is a minimiser of each phi_i, or any point beyond the ball.

    Kinks are compared entry by entry (arrays or numbers); x is not within the ball of the target, or the target is u.
    best(s) minimises phi_i(z) + s P(|z - x_i|) entry by entry; without it that is found by bisection.
    """
    xp = namespace(x, target)
    radius = xp.asarray(radius, dtype=x.dtype)
    unit = arrays.eps(x)

    def pull(s):
        if p == 1:
            return lambda d: s * xp.sign(d)
        return lambda d: s * xp.sign(d) * xp.abs(d) ** (p - 1)

    def solve(s):
        return stationary(slopes, pull(s), kinks, x, target) if best is None else best(s)

    def length(d):
        top = xp.abs(d).max()
        safe = xp.where(top > 0, top, 1.0)
        return safe * (xp.abs(d / safe) ** p).sum() ** (1 / p)

    left, right = slopes(x)
    steep = xp.maximum(xp.abs(left), xp.abs(right)).max()
    inside = length(target - x) <= radius
    # |g|_q >= s t^(p-1), and |g|_q is at most that of the slopes at x.
    high = steep * 1.0 if p == 1 else steep * x.size / radius ** (p - 1)
    tiny = 1e-300 if x.dtype.itemsize == 8 else 1e-37
    high = xp.where(high > tiny, high, 1.0)
    low = xp.maximum(high * (1e10 * tiny), tiny)

    def excess(log_s):
        return length(solve(xp.exp(log_s)) - x) - radius

    ends = xp.log(low), xp.log(high)
    at_low, at_high = excess(ends[0]), excess(ends[1] + unit)
    root = decreasing_root(excess, ends[0], ends[1] + unit, at_low, xp.minimum(at_high, 0.0))
    s = xp.exp(root)
    if p == 1:
        width = 64 * unit * s
        u0, u1 = solve(s - width), solve(s + width)
        d0, d1 = length(u0 - x), length(u1 - x)
        share = xp.where(d0 > d1, xp.clip((radius - d1) / xp.where(d0 > d1, d0 - d1, 1.0), 0.0, 1.0), 1.0)
        u = u1 + share * (u0 - u1)
    else:
        u = solve(s)
    step = u - x
    size = length(step)
    step = step * xp.where(size > 0, radius / xp.where(size > 0, size, 1.0), 1.0)
    # Scaling must not leave a kink that the point rests on.
    resting = inside | (u == target)
    for kink in kinks:
        resting = resting | (u == kink)
    u = xp.where(resting, u, x + step)
    u = xp.where(inside, target, u).astype(x.dtype)
    step = xp.where(resting, u - x, step).astype(x.dtype)
    left, right = slopes(u)
    force = -pull(s)(u - x)
    if p == 1:
        force = xp.where(u == x, xp.clip(0.0 * x, -s, s), force)
        nearest = xp.clip(0.0 * x, xp.minimum(left, right), xp.maximum(left, right))
        force = xp.where(u == x, nearest, force)
    g = xp.clip(force, left, right)
    return Separated(u, step, xp.where(inside, 0.0, g).astype(x.dtype), resting)
