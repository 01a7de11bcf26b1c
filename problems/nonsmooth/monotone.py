"""Nondecreasing functions of the coordinates: log-sum-exp, the maximum, and sums of the largest entries.

All three are convex, symmetric (so Schur-convex) and unbounded below: they test what needs no minimiser. The l_inf step
is x - t (1, .., 1), the l1 step cuts the largest entries at one level; the maximum is cut over the ball of every absolute
norm. Each comes with its aligned subgradient, whose weight is shared equally among entries that are tied at the top.
"""

import abc
from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.monotone import cut, cut_in
from broximal.oracles.cvxpy_bridge import cvxpy, largest_sum
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, LInf
from broximal.oracles.numerals import number_of
from broximal.oracles.objective import Move
from broximal.problems._data import as_center, dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class _Nondecreasing(Problem):
    """F(z) on vectors, nondecreasing in every entry, convex and symmetric; x0 is its only datum."""

    start: Any

    def __init__(self, x0):
        """x0 a vector. Raises InvalidArgument."""
        self.start = as_center(x0, "x0")
        if self.start.ndim != 1:
            raise InvalidArgument(f"x0 must be a vector, but has shape {self.start.shape}.")

    @classmethod
    def example(cls, dim: int, seed: int = 0):
        return cls(2 * np.random.default_rng(seed).standard_normal(dimension(dim)))

    @property
    def name(self) -> str:
        return f"{self.alias}({self.start.size})"

    def _facts(self):
        return Facts(
            convex=True,
            f_star=self._f_star,
        )

    @abc.abstractmethod
    def aligned(self, u: Any, tied: Any) -> Any:
        """A subgradient at u that is the same on the entries `tied` at the top, where it is largest."""

    def gradient(self, x):
        return self.aligned(x, x == x.max())

    def rounding(self, x):
        return x.size * arrays.eps(x) * namespace(x).abs(x).max(), 0.0

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        xp = namespace(x)
        if isinstance(ball, LInf):
            point = x - t
            return Move(point, self.aligned(point, point == point.max()))
        if isinstance(ball, L1):
            point, level = cut(x, t)
            return Move(point, self.aligned(point, x >= level), path="water level")
        return self._other(xp, ball, x, t)

    def _other(self, xp, ball, x, t):
        return None

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return Constant("mu", 0.0, "exact", "f is linear along (1, .., 1)")


class SoftMaximum(_Nondecreasing):
    """log sum_i exp(z_i). SoftMaximum(x0)."""

    alias: ClassVar[str] = "soft_maximum"

    def _facts(self):
        return super()._facts().but(smooth=True)

    def value(self, x):
        xp, top = namespace(x), x.max()
        return top + xp.log(xp.exp(x - top).sum())

    def gradient(self, x):
        weight = namespace(x).exp(x - x.max())
        return weight / weight.sum()

    def aligned(self, u, tied):
        return self.gradient(u)

    def cvxpy(self, z):
        return cvxpy().log_sum_exp(z)

    def _constant_L(self, norm: Norm) -> Constant | None:
        """d'Hd is the variance of d under the softmax weights: at most (max d - min d)^2 / 4."""
        if isinstance(norm, LInf):
            exact = self.start.size > 1
            return Constant("L", 1.0 if exact else 0.0, "exact", "a variance of d is at most (max d - min d)^2 / 4")
        if isinstance(norm, L1) and self.start.size > 1:
            return Constant("L", 0.25, "exact", "a variance of d is at most (max d - min d)^2 / 4 <= |d|_1^2 / 4")
        return super()._constant_L(norm)

    def _l2_constant(self, name: str) -> Constant | None:
        """(max d - min d)^2 / 4 <= |d|_2^2 / 2, attained by two equal weights (in the limit if there are more)."""
        value = 0.5 if name == "L" and self.start.size > 1 else 0.0
        return Constant(name, value, "exact", "a variance of d is at most (max d - min d)^2 / 4 <= |d|_2^2 / 2")

    def _constant_G(self, norm: Norm) -> Constant | None:
        units = np.eye(self.start.size)
        value = max(float(norm.dual(e)) for e in units)
        return Constant(
            "G", value, "exact", "the gradients fill the open simplex, where the dual norm is largest at a vertex"
        )


class Largest(_Nondecreasing):
    """max_i z_i. Largest(x0). Structured over every absolute norm."""

    alias: ClassVar[str] = "largest"

    def value(self, x):
        return x.max()

    def aligned(self, u, tied):
        return tied.astype(u.dtype) / tied.sum().astype(u.dtype)

    def minorant(self, u, g):
        """f is the support function of the simplex."""
        xp = namespace(u)
        h = xp.where(xp.any(g > 0), xp.maximum(g, 0), u == u.max()).astype(u.dtype)
        h = h / h.sum()
        return h, u.max() - (h * u).sum()

    def cvxpy(self, z):
        return cvxpy().max(z)

    def _other(self, xp, ball, x, t):
        if not ball.absolute:
            return None
        point, level = cut_in(ball, x, t)
        weight = xp.where(x >= level, xp.abs(ball.subgradient(xp.maximum(x - level, 0.0))), 0.0)
        return Move(point, (weight / weight.sum()).astype(x.dtype), path="water level")

    def _constant_G(self, norm: Norm) -> Constant | None:
        value = max(float(norm.dual(e)) for e in np.eye(self.start.size))
        return Constant("G", value, "exact", "the largest dual norm of a unit vector")


class TopSum(_Nondecreasing):
    """The sum of the k largest entries (of the entries, not of their sizes). TopSum(x0, k=2)."""

    alias: ClassVar[str] = "topsum"

    k: int = eqx.field(static=True)

    def __init__(self, x0, k: int = 2):
        super().__init__(x0)
        self.k = dimension(k, "k")
        if k > self.start.size:
            raise InvalidArgument(f"k = {k} exceeds the {number_of(self.start.size, 'entry')} of x0.")

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "TopSum":
        return cls(2 * np.random.default_rng(seed).standard_normal(dimension(dim)), min(2, dim))

    def value(self, x):
        return namespace(x).sort(x)[-self.k :].sum()

    def aligned(self, u, tied):
        """1 above the k-th largest entry; the entries equal to it share what is left of k."""
        xp, u = namespace(u), 1.0 * u
        kth = xp.sort(u)[-self.k]
        near = xp.abs(u - kth) <= 4 * arrays.eps(u) * xp.abs(kth)
        above = (u > kth) & ~near
        rest = (self.k - above.sum()) / near.sum().astype(u.dtype)
        return xp.where(above, 1.0, xp.where(near, rest, 0.0)).astype(u.dtype)

    def minorant(self, u, g):
        """f is the support function of the weights in [0, 1] that add up to k: any aligned g is one of them."""
        xp = namespace(u)
        h = xp.clip(g, 0, 1)
        missing = self.k - h.sum()  # shared among the entries that have room, or something to spare
        room = xp.where(missing > 0, 1 - h, h)
        h = h + room * (missing / xp.where(room.sum() > 0, room.sum(), 1.0)).astype(u.dtype)
        return h, self.value(u) - (h * u).sum()

    def cvxpy(self, z):
        return largest_sum(z, self.k)

    def _constant_G(self, norm: Norm) -> Constant | None:
        value = float(norm.dual(np.r_[np.ones(self.k), np.zeros(self.start.size - self.k)]))
        kind = "exact" if norm.symmetric else None
        return kind and Constant("G", value, kind, "the dual norm of k ones")
