"""|z - c|_a over a ball of another norm b: with r = c - x and y = u - x, minimise |r - y|_a over |y|_b <= t.

    a absolute      b = l_inf       y = clip(r, -t, t); weighted: clip(r, -t / w, t / w)
    a symmetric     b = l1          y = soft(r, s), |y|_1 = t: one y for all a
    a = l_inf       b absolute      y = soft(r, s), |y|_b = t; weighted: soft(r, s / w)
    a weighted l1   b weighted l1   the entries that gain most for their length, one after the other
    a weighted l1   b = lp          |y_i| = min(|r_i|, s w_i^(1 / (p - 1))), |y|_p = t
    a = l1          b symmetric     y = clip(r, -s, s), |y|_b = t
    a = l2          b any           y = the Euclidean projection of r onto the ball
    a any           b = l2          level-set duality (level_set.py)
    a = l1, l_inf or weighted, b ellipsoidal   level-set duality, each projection a quadratic over the ball of a; on the host
    a, b unitarily invariant        the vector solution y(sigma) at the singular values: Y = U diag(y(sigma)) V'

If r fits into the ball, y = r. Each y is proved by an aligned subgradient g = -h of |. - c|_a at u: with w = r - y, h in
d|w|_a and <h, y> = t |h|_b*. Proved here, row by row: (1) where |r_i| > t, y_i = t sign(w_i); elsewhere w_i = 0 and h_i
may be 0 since |.|_a is absolute. (2) w has its largest size s exactly where y may move; h in d|w|_a is ordered like |w|
and may be averaged over ties of |w|, so |h_i| = |h|_inf there. (3) any h in d|y|_b supported on y's entries, of l1 length
1, is in d|w|_inf, because |w_i| = s there. (4) h in d|y|_b is ordered like |y|, so h / |h|_inf is +-1 where y is clipped,
at most 1 elsewhere, where w = 0. The singular values of Z - X dominate the sorted differences of theirs (Mirsky, 1960),
so a solution in the singular values is one for the matrices.
"""

from typing import Any, NamedTuple

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.brox.level_set import into_level_set
from broximal.oracles.brox.separable import weighted_absolute_l1
from broximal.oracles.brox.standard_ball import StandardBall, minimise, standard_ball
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Ellipsoid, LInf, Lp, WeightedL1, WeightedLInf
from broximal.oracles.norms._arguments import like
from broximal.oracles.norms.schatten import UnitarilyInvariant, reduced_svd
from broximal.oracles.roots import decreasing_root


class Nearest(NamedTuple):
    """step y, an element h of d|r - y|_a aligned with y, and a lower bound <h, r> - t |h|_b* of the minimum."""

    step: Any
    dual: Any
    lower: Any


def nearest(a: Norm, b: Norm, r: Any, radius: Any) -> Nearest | None:
    """min |r - y|_a over |y|_b <= radius, or None if the pair of norms has no structure."""
    (a, shrink), (b, radius) = plain(a), plain(b, radius)
    xp = namespace(r, radius)
    radius = xp.asarray(radius, dtype=r.dtype)
    if xp is np and b._value(r) <= radius:
        return Nearest(r, np.zeros_like(r), r.dtype.type(0))
    found = _pair(a, b, r, radius)
    if found is None:
        return None
    step, dual = found
    fits = b._value(r) <= radius
    step, dual = xp.where(fits, r, step), xp.where(fits, xp.zeros_like(r), dual)
    size = a.dual._value(dual)
    dual = dual * xp.where(size > 1, 1 / xp.where(size > 0, size, 1.0), 1.0).astype(r.dtype)
    lower = xp.where(fits, 0.0, (dual * r).sum() - radius * b.dual._value(dual)).astype(r.dtype)
    return Nearest(step, dual / shrink, xp.maximum(lower, 0) / shrink)


def _pair(a: Norm, b: Norm, r: Any, radius: Any):
    xp = namespace(r)
    if same(a, b):
        size = a._value(r)
        return r * (radius / xp.where(size > 0, size, 1.0)).astype(r.dtype), a.subgradient(r)
    if isinstance(b, LInf) and a.absolute:
        step = xp.clip(r, -radius, radius)
        return step, xp.where(xp.abs(r) > radius, a.subgradient(r - step), 0.0).astype(r.dtype)
    if isinstance(b, WeightedLInf) and a.absolute:
        bound = radius / like(b.weights, r)
        step = xp.clip(r, -bound, bound)
        return step, xp.where(xp.abs(r) > bound, a.subgradient(r - step), 0.0).astype(r.dtype)
    if isinstance(a, WeightedLInf) and b.absolute:
        return _soft(b, r, radius, 1 / like(a.weights, r))
    if isinstance(a, L1 | WeightedL1) and isinstance(b, L1 | WeightedL1):
        return _most_for_its_length(a, b, r, radius)
    if isinstance(a, WeightedL1) and isinstance(b, Lp):
        return _capped(a, b, r, radius)
    if isinstance(b, L1) and a.symmetric:
        step = _onto(b, b._project(r, radius), radius)
        return step, _level_ties(a.subgradient(r - step), r - step, xp.abs(step) > 0)
    if isinstance(a, LInf) and b.absolute:
        return _soft(b, r, radius)
    if isinstance(a, L1) and b.symmetric:
        return _clipped(b, r, radius)
    if isinstance(a, L2):
        step = _onto(b, b._project(r, radius), radius)
        size = arrays.l2(r - step)
        return step, (r - step) / xp.where(size > 0, size, 1.0)
    if isinstance(a, UnitarilyInvariant) and isinstance(b, UnitarilyInvariant | L2):
        u, s, vt = reduced_svd(r)
        inside = nearest(a.gauge, b.gauge if isinstance(b, UnitarilyInvariant) else b, s, radius)
        return None if inside is None else ((u * inside.step) @ vt, (u * inside.dual) @ vt)
    if isinstance(b, L2):
        return _euclidean(a, r, radius)
    if isinstance(b, Ellipsoid) and is_concrete(r) and is_concrete(radius) and (ball := standard_ball(a)) is not None:
        return _ellipsoidal(a, b, ball, r, float(radius))
    return None


def _soft(b: Norm, r, radius, share=1.0):
    """a = l_inf, weighted by 1 / share: shrink every entry by s times its share."""
    xp = namespace(r)
    top = (xp.abs(r) / share).max()
    safe = xp.where(top > 0, top, 1.0)

    def shrunk(s):
        return xp.sign(r) * xp.maximum(xp.abs(r) - s * share, 0)

    zero = xp.zeros_like(top)
    level = decreasing_root(lambda s: b._value(shrunk(s)) - radius, zero, top, b._value(r) - radius, -radius)
    step = _onto(b, shrunk(level), radius)
    dual = xp.where(step != 0, b.subgradient(shrunk(level) / safe), 0.0).astype(r.dtype)
    length = (share * xp.abs(dual)).sum()
    return step, dual / xp.where(length > 0, length, 1.0)


def _most_for_its_length(a: Norm, b: Norm, r, radius):
    """a and b are weighted l1: in z = w_b y a knapsack with the gains w_a / w_b."""
    xp = namespace(r)
    inner = like(getattr(b, "weights", np.ones(r.shape)), r)
    gain = like(getattr(a, "weights", np.ones(r.shape)), r) / inner
    z, s = weighted_absolute_l1(gain.ravel(), (inner * r).ravel(), radius)
    z = z.reshape(r.shape)
    dual = xp.sign(r) * inner * xp.where(z == inner * r, xp.minimum(gain, s), gain)
    return (z / inner).astype(r.dtype), dual.astype(r.dtype)


def _capped(a: WeightedL1, b: Lp, r, radius):
    """Every entry goes to r_i, or as far as its gain pays for: s w_i^(1 / (p - 1))."""
    xp = namespace(r)
    reach = like(a.weights, r) ** (1 / (b.p - 1))
    zero = 0.0 * xp.abs(r).max()

    def cut(s):
        return xp.sign(r) * xp.minimum(xp.abs(r), s * reach)

    # In -s, the length decreases.
    top = (xp.abs(r) / reach).max()
    level = -decreasing_root(lambda s: b._value(cut(-s)) - radius, -top, zero, b._value(r) - radius, zero - radius)
    dual = xp.sign(r) * (xp.abs(cut(level)) / xp.where(level > 0, level, 1.0)) ** (b.p - 1)
    return _onto(b, cut(level), radius), dual.astype(r.dtype)


def _clipped(b: Norm, r, radius):
    """a = l1: cut every entry at s."""
    xp = namespace(r)
    top = xp.abs(r).max()
    safe = xp.where(top > 0, top, 1.0)
    zero = xp.zeros_like(top)
    # In -s, the length of the clipped vector decreases.
    level = -decreasing_root(lambda s: b._value(xp.clip(r, s, -s)) - radius, -top, zero, b._value(r) - radius, -radius)
    step = _onto(b, xp.clip(r, -level, level), radius)
    cut = xp.abs(r) >= level * (1 - 8 * arrays.eps(r))
    dual = _level_ties(b.subgradient(step / safe), step, cut)
    size = xp.abs(dual).max()
    return step, xp.where(cut, xp.sign(r), dual / xp.where(size > 0, size, 1.0)).astype(r.dtype)


def _euclidean(a: Norm, r, radius):
    """b = l2: y is the part of r outside the level set {|w|_a <= s}; the aligned direction is that of y itself."""
    xp = namespace(r)
    size = a._value(r)
    least = arrays.eps(r) ** 2 * size
    step = -into_level_set(lambda s: a._project(r, xp.maximum(s, least)), r, radius, least, size, arrays.l2(r))
    length = a.dual._value(step)
    return step, step / xp.where(length > 0, length, 1.0)


def _ellipsoidal(a: Norm, b: Ellipsoid, ball: StandardBall, r, radius: float):
    """y = r - w with w nearest to r in b among |w|_a <= s; the aligned direction is P y, which is normal there."""
    P, goal = np.asarray(b.matrix_p, dtype=np.float64), np.asarray(r, dtype=np.float64)
    spectrum = np.asarray(b.spectrum, dtype=np.float64), np.asarray(b.basis, dtype=np.float64)
    pull, state = -P @ goal, {"w": np.zeros_like(goal)}

    def step(s):
        state["w"] = minimise(ball, P, pull, s, state["w"], spectrum)[0]
        return goal - state["w"]

    top = a._value(goal)
    level = decreasing_root(
        lambda s: b._value(step(float(s))) - radius, 0 * top, top, b._value(goal) - radius, np.float64(-radius)
    )
    y = _onto(b, step(float(level)), radius)
    dual = P @ y
    size = a.dual._value(dual)
    xp = namespace(r)
    return xp.asarray(y, dtype=r.dtype), xp.asarray(dual / (size if size > 0 else 1.0), dtype=r.dtype)


def _onto(b: Norm, step, radius):
    """The rounding of the multiplier put right: the step has length `radius`."""
    xp = namespace(step)
    size = b._value(step)
    return step * xp.where(size > 0, radius / xp.where(size > 0, size, 1.0), 1.0).astype(step.dtype)


def _level_ties(h, w, moving):
    """h averaged over the entries of |w| that are tied with the largest one, which are those that move."""
    xp = namespace(h)
    size = xp.abs(w)
    tied = moving | (size >= size.max() * (1 - 8 * arrays.eps(h)))
    mean = xp.where(tied, xp.abs(h), 0.0).sum() / tied.sum().astype(h.dtype)
    limited = xp.clip(h, -mean, mean)
    return xp.where(tied, xp.sign(w) * mean, limited).astype(h.dtype)
