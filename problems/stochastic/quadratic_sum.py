"""A finite sum of quadratics with one Hessian: noise that does not depend on the point.

f_j(x) = <x - c_j, A (x - c_j)> / 2, so f(x) = <x - c, A (x - c)> / 2 + mean_j <c_j - c, A (c_j - c)> / 2 with the mean c, and
grad f_j - grad f = A (c - c_j) at every point: sigma^2 = mean |A (c_j - c)|^2 / batch exactly, and a minibatch gradient
differs between two points by A (x - y), so that the mean-squared smoothness is sup |A d|_2 / |d|.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.oracles.numerals import number_of
from broximal.problems._checks import as_matrix, as_symmetric, like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.stochastic.contract import VarianceGrowth
from broximal.problems.stochastic.finite_sum import FiniteSum, Minibatch, batch_size


class QuadraticSum(FiniteSum, Quadratic):
    """The sum above with A (n, n) semidefinite and centres (N, n)."""

    alias: ClassVar[str] = "quadratic_sum"
    centres: Any
    noise: Minibatch

    def __init__(self, A, centres, batch=1, x0=None):
        """Raises InvalidArgument."""
        A, self.centres, batch = as_symmetric(A, "A"), as_matrix(centres, "centres"), batch_size(batch)
        if self.centres.shape[1] != len(A):
            raise InvalidArgument(
                f"centres must have {number_of(len(A), 'column')}, but has shape {self.centres.shape}."
            )
        mean = self.centres.mean(axis=0)
        off = (self.centres - mean) @ A
        Quadratic.__init__(self, A, None, x0, 0.5 * float((off * (self.centres - mean)).sum(axis=1).mean()), about=mean)
        lengths = np.linalg.norm(off, axis=1)
        self.noise = Minibatch(batch, float(np.sqrt((lengths**2).mean() / batch)), float(lengths.max()), True)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "QuadraticSum":
        """12 normal centres in three clusters, condition number 100, batches of 2."""
        base = Quadratic.example(dim, seed)
        rng = np.random.default_rng(seed)
        centres = np.repeat(rng.standard_normal((3, dimension(dim))), 4, axis=0)
        centres += 0.3 * rng.standard_normal((12, dim))
        return cls(base.A, centres, 2, centres.mean(axis=0) + 2 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return "sum of {} quadratics({})".format(*self.centres.shape)

    @property
    def count(self) -> int:
        return self.centres.shape[0]

    def term(self, j, x):
        d = x - like(self.centres, x)[j]
        return (d * (like(self.A, x) @ d)).sum() / 2

    def gradient_of_term(self, j, x):
        return like(self.A, x) @ (x - like(self.centres, x)[j])

    def part(self, rows):
        return QuadraticSum(self.A, self.centres[rows], self.noise.batch, self.start)

    def spread(self):
        return self.centres

    @property
    def convex_terms(self) -> bool:
        return self.convex

    def variance_growth(self, batch=None):
        return VarianceGrowth(self.sigma(L2(), batch)[0], 0.0, "distance", True)

    def _mean_squared_smoothness(self, norm, batch):
        top = float(np.abs(self.eigenvalues).max())
        if isinstance(norm, L2):
            return Constant("calL", top, "exact", "all terms have the Hessian A", norm.name)
        value = top * norm.l2_bounds(self.start.shape).rho
        return Constant("calL", value, "upper bound", "rho times the largest eigenvalue of A", norm.name)
