"""ceil(D_0^2 / t^2) steps in the Euclidean norm, for every integer.

f(z) = sum_i w_i |z_i|, w_i = eta^i, x_0 = (1 + a, .., 1 + a, 1/2), t = 1: the distance satisfies
m - 1 < D_0^2 = (m - 1)(1 + a)^2 + 1/4 <= m for a <= 1 / (4 m), so the bound is m, and m steps are needed.

Proof. A step from x with |x|_2 > 1 has x_i - u_i = min(x_i, gamma w_i), of Euclidean length 1. Claim: before step k < m, each
coordinate i >= k has lost at most eta^(i-1) + .. + eta^(i-k+1) <= eta / (1 - eta). Then x_k >= 1 + a - eta / (1 - eta) > 1 if
a > eta / (1 - eta), so |x|_2 > 1, and gamma w_k <= 1 since the step has length 1: coordinate k stays positive, and a
later one loses at most gamma w_i <= w_i / w_k = eta^(i-k), which is the claim for k + 1. So coordinate m keeps at least
1/2 - eta / (1 - eta) > 0 through the first m - 1 steps, and x_{m-1} is not the minimiser. QED
"""

import math
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.separable import weighted_absolute_l2
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Staircase(Problem):
    """Staircase(m, bits=10): exactly m = ceil(D_0^2 / t^2) Euclidean steps of radius 1; eta = 2^-bits, a = 1 / (4 m).

    Raises InvalidArgument unless 2^-bits / (1 - 2^-bits) < 1 / (4 m), and m bits <= 1000 (the weights must not underflow).
    """

    alias: ClassVar[str] = "staircase"

    weights: Any
    start: Any

    def __init__(self, m: int, bits: int = 10):
        dimension(m, "m")
        dimension(bits, "bits")
        if (m > 1 and 4 * m >= 2**bits - 1) or m * bits > 1000:
            raise InvalidArgument(
                f"bits = {bits} does not fit m = {m}: 4 m < 2^bits - 1 and m bits <= 1000 are needed."
            )
        self.weights = 2.0 ** (-float(bits) * np.arange(m))
        self.start = np.r_[np.full(m - 1, 1 + 1 / (4 * m)), 0.5]

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Staircase":
        return cls(dimension(dim))

    @property
    def steps(self) -> int:
        """N, for the radius 1."""
        return self.start.size

    @property
    def exact_bound(self) -> int:
        """ceil(D_0^2 / t^2) in rational arithmetic, from the start as stored."""
        return math.ceil(sum(Fraction(float(v)) ** 2 for v in self.start))

    @property
    def name(self) -> str:
        return f"staircase({self.start.size})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=lambda: np.zeros_like(self.start),
            unique=True,
            f_star=Known(0.0, 0.0, "a norm is zero at zero"),
            growth=1.0,
        )

    def value(self, x):
        return (like(self.weights, x) * namespace(x).abs(x)).sum()

    def gradient(self, x):
        return like(self.weights, x) * namespace(x).sign(x)

    def minorant(self, u, g):
        """f is the support function of the box |h_i| <= w_i."""
        w = like(self.weights, u)
        h = namespace(u).clip(g, -w, w)
        return h, self.value(u) - (h * u).sum()

    def cvxpy(self, z):
        return cvxpy().norm1(cvxpy().multiply(self.weights, z))

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        xp, w = namespace(x), like(self.weights, x)
        if isinstance(ball, LInf):
            point = xp.sign(x) * xp.maximum(xp.abs(x) - t, 0)
            return Move(point, w * xp.sign(point), (w * xp.abs(point)).sum())
        if not isinstance(ball, L2):
            return None
        y, s = weighted_absolute_l2(w, x, t)
        moved = xp.abs(x) * s <= w
        g = xp.clip(s * y, -w, w)
        return Move(xp.where(moved, 0.0 * x, x - y), g, path="breakpoints")

    @property
    def x0(self):
        return self.start

    def _constant_G(self, norm: Norm) -> Constant | None:
        exact = norm.absolute
        value = float(norm.dual(self.weights)) if exact else sum(float(norm.dual(e)) for e in np.diag(self.weights))
        return Constant("G", value, "exact" if exact else "upper bound", "the dual norm of the weights")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """|d| <= sum |d_i| |e_i| <= f(d) max |e_i| / w_i, attained at a unit vector."""
        units = zip(self.weights, np.eye(self.start.size), strict=True)
        value = min(float(w) / float(norm(e)) for w, e in units)
        return Constant("kappa", value, "exact", "the smallest of w_i / |e_i|")
