"""The k-support norm and its dual, the top-k l2 norm, on vectors.

k-support   the unit ball is the convex hull of the k-sparse vectors of l2 length 1;
            |x|^2 = min { sum x_i^2 / theta_i : 0 <= theta <= 1, sum theta = k }
top-k l2    |y| = l2 length of the k largest |y_i|

The LMO of the first keeps the k largest entries of -g (ties by position; e_1 at g = 0) and normalises; that of the
second is sign-full: -|g_i| / |g| on the large entries, constant size on the small ones, sign(0) = +1.
Both projections are found along one path: for mu > 0 the minimiser of |z - x|^2 / 2 + mu |z|_sp^2 / 2 shrinks large
entries by 1 / (1 + mu) and soft-thresholds the others, at a level that one more scalar equation determines.
"""

from typing import ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy, largest_sum, minimum
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.ordered import ranked, sorted_sizes
from broximal.oracles.roots import decreasing_root


def _split(sizes, k):
    """(j, level, |x|_sp) for sizes in decreasing order: the first j entries stand alone, the rest act as k - j equal
    entries of size `level`."""
    xp = namespace(sizes)
    index = xp.arange(sizes.size)
    r = xp.arange(k)  # candidates: j = k - 1 - r entries stand alone and r + 1 are shared
    ahead = sizes[:k][::-1]
    tails = sizes[k:].sum() + xp.cumsum(ahead)
    before = xp.concatenate([ahead[1:], xp.full_like(sizes[:1], xp.inf)])
    chosen = xp.argmax(tails < (r + 1) * before)
    j, level = k - 1 - chosen, tails[chosen] / (chosen + 1).astype(sizes.dtype)
    effective = xp.where(index < j, sizes, xp.where(index < k, level, 0))
    return j, level, arrays.l2(effective)


def _shrunk(sizes, k, mu):
    """argmin_z |z - sizes|_2^2 / 2 + mu |z|_sp^2 / 2 for sizes in decreasing order and mu > 0."""
    xp = namespace(sizes)
    # theta_i = clip(|x_i| / b - mu, 0, 1) with sum theta = k, or theta = 1 if at most k entries are nonzero (b = 0).
    # At low the k largest are full, at high nothing is left.
    low, high = sizes[k - 1] / (1 + mu), sizes[0] / mu

    def fill(b):
        return xp.clip(sizes / b - mu, 0, 1).sum() - k

    f_low = xp.where(low > 0, fill(xp.where(low > 0, low, 1)), 0)
    b = decreasing_root(fill, low, high, f_low, xp.full_like(f_low, -k))
    return xp.where(sizes >= b * (1 + mu), sizes / (1 + mu), xp.maximum(sizes - mu * b, 0))


def _squares_below(y, q, theta):
    """y_i^2 <= q_i theta_i for every i, as one cvxpy constraint of second-order cones."""
    cp = cvxpy()
    return cp.SOC(q + theta, cp.vstack([2 * y, q - theta]))


class _KNorm(Norm):
    k: int = eqx.field(static=True)
    absolute = symmetric = True

    def __init__(self, k: int):
        self.k = _arguments.count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(2), (5,)), (cls(1), (3,)), (cls(3), (3,)))

    @property
    def name(self):
        return f"{self.alias}({self.k})"

    def _check_shape(self, shape, name):
        _arguments.at_most(self.k, shape, name, self)

    def _along_path(self, x, outside, mu, high, equation):
        """sign(x) z(mu(s)) at the s in (0, high) where equation(z, s), decreasing in s, is zero.

        If x is not outside the ball the result is of no use, and no root is sought.
        """
        xp = namespace(x)
        sizes, rank, sign = ranked(x)
        one = xp.ones_like(sizes[0])

        def at(s):
            return _shrunk(sizes, self.k, mu(s))

        s = decreasing_root(lambda s: equation(at(s), s), 0 * one, high, xp.where(outside, one, -one), -one)
        return sign * at(xp.where(s > 0, s, 1))[rank]


class KSupport(_KNorm):
    """KSupport(k). Raises InvalidArgument for k < 1, and at call for k > size."""

    alias: ClassVar[str] = "ksupport"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{{self.k}\mathrm{{-sup}}}}"

    @property
    def dual(self):
        return TopKL2(self.k)

    def _value(self, x):
        return _split(sorted_sizes(x), self.k)[2]

    def _lmo(self, g):
        xp = namespace(g)
        _, rank, _ = ranked(g)
        kept = xp.where(rank < self.k, g, xp.zeros_like(g))
        size = arrays.l2(kept)
        first = (xp.arange(g.size) == 0).astype(g.dtype)
        return xp.where(size > 0, -kept / xp.where(size > 0, size, 1), first)

    def _project(self, x, radius):
        xp = namespace(x)
        outside = self._value(x) > radius
        # mu |z|_sp = |x - z|_* at the solution, where |z|_sp = radius: so s = mu radius is below |x|_*.
        point = self._along_path(
            x, outside, lambda s: s / radius, self.dual._value(x), lambda z, s: _split(z, self.k)[2] / radius - 1
        )
        return _arguments.into_ball(self, xp.where(outside, point, x), radius)

    def cvxpy(self, expr):
        """min (sum y_i^2 / theta_i + t) / 2 with 0 <= theta <= t, sum theta <= k t, y >= |expr|."""
        cp = cvxpy()
        n = expr.size
        y, q, theta, t = cp.Variable(n), cp.Variable(n), cp.Variable(n, nonneg=True), cp.Variable()
        constraints = [y >= cp.abs(expr), _squares_below(y, q, theta), theta <= t, cp.sum(theta) <= self.k * t]
        return minimum(0.5 * (cp.sum(q) + t), constraints, expr)

    def l2_bounds(self, shape):
        return L2Bounds(1.0, (shape[0] / self.k) ** 0.5)


class TopKL2(_KNorm):
    """TopKL2(k): the l2 length of the k largest |x_i|, the dual of KSupport(k)."""

    alias: ClassVar[str] = "topk_l2"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{(2,{self.k})}}"

    @property
    def dual(self):
        return KSupport(self.k)

    def _value(self, x):
        return arrays.l2(sorted_sizes(x)[: self.k])

    def _lmo(self, g):
        xp = namespace(g)
        sizes, rank, sign = ranked(g)
        j, level, size = _split(sizes, self.k)
        safe = xp.where(size > 0, size, 1)
        shape = xp.where(rank < j, xp.abs(g), level) / safe
        return -sign * xp.where(size > 0, shape, self.k**-0.5)

    def _project(self, x, radius):
        xp = namespace(x)
        outside = self._value(x) > radius

        # x - P(x) = prox of radius |.|_sp, which lies on the path where mu |z|_sp = radius; s = |z|_sp.
        rest = self._along_path(
            x, outside, lambda s: radius / s, self.dual._value(x), lambda z, s: _split(z, self.k)[2] / s - 1
        )
        return _arguments.into_ball(self, xp.where(outside, x - rest, x), radius)

    def cvxpy(self, expr):
        """min (t + sum of the k largest x_i^2 / t) / 2 over t, the square root by its perspective."""
        cp = cvxpy()
        y, q, t = cp.Variable(expr.size), cp.Variable(expr.size), cp.Variable()
        over = _squares_below(y, q, t * np.ones(expr.size))
        return minimum(0.5 * (t + largest_sum(q, self.k)), [y >= cp.abs(expr), over], expr)

    def l2_bounds(self, shape):
        return L2Bounds((shape[0] / self.k) ** 0.5, 1.0)
