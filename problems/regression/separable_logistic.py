"""Logistic loss of linearly separable data: smooth with L0 = 0 in the sense of the second derivative, and no minimiser.

f(x) = mean_n log(1 + exp(-<a_n, x>)) where some u has <a_n, u> >= m > 0 for all n; then f(s u) -> 0 as s grows.

A1H with L0 = 0 and L1 = max_n |a_n|_*^2 / m for any u with |u| <= 1. Proof: psi(t) = log(1 + e^-t) has
0 <= psi'' <= |psi'|, so D^2 f(x)[U, V] <= mean psi''_n |a_n|_*^2 <= max |a_n|_*^2 mean |psi'_n| on unit U, V, while
|grad f(x)|_* >= <-grad f(x), u> = mean |psi'_n| <a_n, u> >= m mean |psi'_n|.
The largest margin of the unit ball of the norm gives the least L1; the one that is used is measured at the u found.
"""

from typing import ClassVar

import numpy as np

from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import Product
from broximal.problems._data import dimension
from broximal.problems.regression.logistic import Logistic
from broximal.problems.smoothness import Smoothness


class SeparableLogistic(Logistic):
    """`Logistic` without a ridge on data that a hyperplane through 0 separates; inf f = 0 is not attained."""

    alias: ClassVar[str] = "separable_logistic"

    def __init__(self, X, y, x0=None):
        """X (N, d), y (N,) with two values. Raises InvalidArgument unless some direction separates the data."""
        super().__init__(X, y, 0.0, x0)
        if self._infimum is None or self._infimum.value != 0:
            raise InvalidArgument("X and y are not separated by the direction that Newton's method found.")

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "SeparableLogistic":
        """Labels are the signs of a random direction, and every sample has a margin."""
        d = dimension(dim)
        rng = np.random.default_rng(seed)
        u = rng.standard_normal(d) / np.sqrt(d)
        X = rng.standard_normal((6 * d + 2, d))
        y = np.where(X @ u >= 0, 1.0, -1.0)
        y[:2], X[:2] = (1.0, -1.0), np.abs(X[:2]) * np.sign(u) * [[1.0], [-1.0]]  # both labels occur
        X += 0.5 * y[:, None] * u / np.linalg.norm(u)
        return cls(X, y, rng.standard_normal(d))

    @property
    def name(self) -> str:
        return "separable logistic({}x{})".format(*self.samples.shape)

    def margin(self, norm: Norm) -> float:
        """min_n <a_n, u> / |u| at the u of (nearly) the largest margin in this norm."""
        cp = cvxpy()
        u, m = cp.Variable(self.start.shape), cp.Variable()
        program = cp.Problem(cp.Maximize(m), [self.samples @ u >= m, norm.cvxpy(u) <= 1])
        program.solve(solver=cp.CLARABEL)
        direction = np.asarray(u.value, dtype=float)
        return float((self.samples @ direction).min()) / float(norm(direction))

    def smoothness(self, norm: Norm) -> tuple[Smoothness, ...]:
        if isinstance(norm, Product):
            return ()
        dual = norm.dual
        largest = max(float(dual(a)) for a in self.samples) ** 2
        second = Smoothness("A1H", (0.0,), (largest / self.margin(norm),), "psi'' <= |psi'|, and the margin")
        return (*super().smoothness(norm), second)
