"""Sums of nearly aligned absolute values, which the l_inf method has to bring to zero one after the other."""

from fractions import Fraction
from typing import Any

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class PinnedSum(Problem):
    """f(z) = sum_j W_j |<a_j, z>| on R^d, a_j = e_j + eps sum_{l > j} sigma_jl e_l, W_j = (eps / 2)^(j - 1), f* = f(0) = 0.

    sigma has entries +-1, eps = 2^-bits, so that the whole run is exact in double precision while d bits stays below 50.
    The l_inf step from a point with <a_i, x> = 0 for i < j, <a_j, x> != 0 is, for t small enough that no sign changes:

      g = sum_{i >= j} W_i sign(<a_i, x>) a_i  is a subgradient at u (the terms i < j contribute 0 in W_i [-1, 1] a_i),
      sign g_j = sign <a_j, x>, and sign g_l = sign(<a_j, x>) sigma_jl for l > j, because |g_l - eps W_j sigma_jl s_j| <=
      W_{j+1} + eps (W_{j+1} + W_{j+2} + ..) <= eps W_j (1/2 + eps), below eps W_j,
      u_l = x_l - t sign(g_l) for l >= j, and <a_i, u> = 0 for i < j, solved backwards for u_i, with |u_i - x_i| <= t:

    g is aligned, so u is a minimiser over the ball, and it is the only one: alignment fixes the coordinates l >= j, and
    no other point with those has the terms i < j at zero. Hence the run below is that of every selection.
    """

    A: Any
    W: Any
    start: Any
    sigma: Any
    eps: Any

    def _build(self, sigma: np.ndarray, bits: int, start: list[Fraction]) -> None:
        d = len(sigma)
        self.sigma, self.eps = sigma, np.float64(2.0**-bits)
        self.A = np.eye(d) + self.eps * np.triu(sigma, 1)
        self.W = (self.eps / 2) ** np.arange(d)
        self.start = np.array([float(v) for v in start])

    @property
    def exact_data(self) -> tuple[list[list[Fraction]], list[Fraction], list[Fraction]]:
        """(A, W, x_0) in rational numbers: the doubles themselves, which are exact."""

        def exact(values):
            return [Fraction(float(v)) for v in values]

        return [exact(row) for row in self.A], exact(self.W), exact(self.start)

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=lambda: np.zeros_like(self.start),
            unique=True,
            f_star=Known(0.0, 0.0, "a norm is zero at zero"),
            growth=1.0,
        )

    def _terms(self, x):
        return like(self.A, x) @ x

    def value(self, x):
        return (like(self.W, x) * abs(self._terms(x))).sum()

    def gradient(self, x):
        return like(self.A, x).T @ (like(self.W, x) * namespace(x).sign(self._terms(x)))

    def cvxpy(self, z):
        return cvxpy().norm1(cvxpy().multiply(self.W, self.A @ z))

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        """The step of the proof where it is aligned (checked), else None: the general solvers then take over."""
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return None
        if not (arrays.is_concrete(x) and arrays.is_concrete(radius)):
            raise InvalidArgument(
                f"{type(self).__name__} decides on the host which step is exact; call it outside jit."
            )
        center, t = np.asarray(x, dtype=np.float64), float(t)
        if np.abs(center).max() <= t:
            return Move(like(np.zeros_like(center), x), like(np.zeros_like(center), x), like(np.float64(0.0), x))
        terms = self.A @ center
        signs = np.sign(terms)
        signs[np.abs(terms) <= 8 * arrays.eps(center) * (np.abs(self.A) @ np.abs(center))] = 0.0
        first = int(np.flatnonzero(signs)[0])
        g = self.A.T @ (self.W * signs)
        point = center - t * np.sign(g)
        for i in range(first - 1, -1, -1):
            point[i] = -self.A[i, i + 1 :] @ point[i + 1 :]
        later = self.A @ point * signs
        aligned = float(g @ (center - point))
        if np.abs(point - center).max() > t or later.min() < 0 or aligned < t * np.abs(g).sum() * (1 - 1e-14):
            return None
        return Move(like(point, x), like(g, x), like(np.float64(g @ center - t * np.abs(g).sum()), x))

    @property
    def x0(self):
        return self.start

    def _constant_G(self, norm: Norm) -> Constant | None:
        value = sum(float(norm.dual(w * a)) for w, a in zip(self.W, self.A, strict=True))
        return Constant("G", value, "upper bound", "the sum of the dual norms of the terms")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """d = A^-1 y gives |d| <= sum |y_j| |A^-1 e_j| <= f(d) max_j |A^-1 e_j| / W_j, attained at the best column."""
        columns = np.linalg.inv(self.A).T
        value = min(float(w) / float(norm(c)) for w, c in zip(self.W, columns, strict=True))
        return Constant("kappa", value, "exact", "the smallest of W_j / |A^-1 e_j|")


def check_size(d: int, bits: int, extra: int = 0) -> None:
    """Raise InvalidArgument unless the run of a d-dimensional instance is exact in double precision."""
    dimension(d, "d")
    dimension(bits, "bits", 2)
    if d * bits + extra > 50:
        raise InvalidArgument(f"d * bits must stay below 50 for an exact run, but is {d * bits + extra}.")
