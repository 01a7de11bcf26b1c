"""Quadratics over the Euclidean ball, in the eigenbasis: the secular equation.

    min  sum_i w_i y_i^2 / 2 + c_i y_i    over  |y|_2 <= t,      w of any sign

y is a global minimiser if and only if some s >= 0 has w + s >= 0, (w + s) y = -c and s (|y| - t) = 0 (More and
Sorensen, SIAM J. Sci. Stat. Comput. 4, 1983). Proved here: for every s >= 0 with w + s >= 0 and every |y| <= t,

    sum w y^2/2 + c y  >=  sum (w + s) y^2/2 + c y - s t^2/2  >=  - sum c^2 / (2 (w + s)) - s t^2/2 =: dual(s),

the right side being minus infinity if c_i != 0 = w_i + s; the optimality system is equality throughout. So the dual
value certifies, for non-convex quadratics too.

The root s of |y(s)| = t: h(s) = 1/|y(s)| is concave and increasing (a power mean of exponent -2 of the affine functions
(w_i + s)/|c_i|), so Newton's method on h = 1/t increases monotonically from any s left of the root, and
max_i |c_i|/t - w_i is left of it because each |y_i| <= t.
"""

from typing import Any, NamedTuple

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace, while_loop


class Secular(NamedTuple):
    """point y, multiplier s, lower bound `dual` of the minimum, Newton iterations."""

    point: Any
    multiplier: Any
    dual: Any
    iterations: Any


def secular(w: Any, c: Any, radius: Any, noise: Any = 0.0) -> Secular:
    """Solve the problem above for arrays w, c of one shape and radius > 0.

    noise  absolute rounding error of the entries of c: a component in the null space of w + s below it counts as zero
           (it decides between the hard case and the root).
    """
    xp = namespace(w, c, radius)
    unit = arrays.eps(c)
    radius = xp.asarray(radius, dtype=c.dtype)
    lowest, largest = w.min(), xp.abs(w).max()
    tiny = w.size * unit * largest
    indefinite = lowest < -tiny
    shift = xp.where(indefinite, -lowest, 0.0).astype(c.dtype)
    v = w + shift
    null = v <= tiny
    v = xp.where(null, 0.0, v).astype(c.dtype)
    hidden = xp.where(null, xp.abs(c), 0.0).max() <= noise
    c = xp.where(null & hidden, 0.0, c).astype(c.dtype)

    # Without multiplier: the minimum norm solution, if it exists and fits into the ball.
    inner_step = -c / xp.where(null, 1.0, v).astype(c.dtype)
    length = arrays.l2(inner_step)
    inside = hidden & (length <= radius)
    # Hard case: complete it to the boundary along the lowest eigenvector, where the function is flat after the shift.
    rest = xp.sqrt(xp.maximum(radius - length, 0) * (radius + length))
    bottom = (xp.arange(w.size) == xp.argmin(w)).reshape(w.shape).astype(c.dtype)
    inner_step = xp.where(indefinite, inner_step + rest * bottom, inner_step)

    # The root, in units where |c|_inf = 1 and t = 1.
    top = xp.abs(c).max()
    safe = xp.where(top > 0, top, 1.0).astype(c.dtype)
    d, scaled = c / safe, v * (radius / safe)
    start = xp.maximum((xp.abs(d) - scaled).max(), 0).astype(c.dtype)

    def lengths(s):
        """|y(s)| and sum d^2 / (v + s)^3."""
        down = scaled + s
        down = xp.where(down > 0, down, 1.0).astype(c.dtype)
        y = d / down
        return arrays.l2(y), (y * y / down).sum()

    def cond(state):
        _, going, count = state
        return going & (count < 200)

    def body(state):
        s, _, count = state
        size, bend = lengths(s)
        step = (size - 1) * size * size / xp.where(bend > 0, bend, 1.0)
        return s + xp.maximum(step, 0).astype(c.dtype), step > 2 * unit * s, count + 1

    root, _, count = while_loop(cond, body, (start, ~inside & (top > 0), xp.asarray(0)), xp)
    down = scaled + root
    outer_step = -radius * d / xp.where(down > 0, down, 1.0)
    size = arrays.l2(outer_step)
    outer_step = outer_step * (radius / xp.where(size > 0, size, 1.0))

    sigma = xp.where(inside, 0.0, root * (safe / radius)).astype(c.dtype)
    down = v + sigma
    dual = -0.5 * xp.where(down > 0, c * c / xp.where(down > 0, down, 1.0), 0.0).sum()
    multiplier = sigma + shift
    point = xp.where(inside, inner_step, outer_step).astype(c.dtype)
    return Secular(point, multiplier, dual - 0.5 * multiplier * radius * radius, xp.where(inside, 0, count))
