"""Finite sums whose terms share a minimiser: consistent linear systems.

f(z) = sum_i p_i f_i(z), f_i(z) = (<a_i, z> - b_i)^2 / 2 with A z* = b solvable, so every f_i is minimised, with value 0,
on its hyperplane X_i = { <a_i, z> = b_i }, and X* is their intersection. The Euclidean broximal step of one term moves
towards its hyperplane by min(t, dist): clipped Kaczmarz.
"""

import equinox as eqx
import numpy as np

from broximal.oracles.arrays import as_point, namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Kaczmarz(Problem):
    """A consistent system A z = b with sampling probabilities p.

    A is (m, d), solution is (d,); b = A solution by construction. Raises InvalidArgument for zero rows, wrong shapes
    and probabilities that are not positive or do not add up to 1.
    """

    alias = "kaczmarz"
    A: np.ndarray
    solution: np.ndarray
    p: np.ndarray
    start: np.ndarray
    title: str = eqx.field(static=True)

    def __init__(self, A, solution, p=None, start=None):
        self.A = np.asarray(as_point(A, "A"), dtype=float)
        if self.A.ndim != 2 or not np.all(np.any(self.A != 0, axis=1)):
            raise InvalidArgument("A must be a matrix without zero rows.")
        rows, dim = self.A.shape
        self.solution = np.asarray(as_point(solution, "solution"), dtype=float)
        self.start = np.zeros(dim) if start is None else np.asarray(as_point(start, "start"), dtype=float)
        self.p = np.full(rows, 1 / rows) if p is None else np.asarray(as_point(p, "p"), dtype=float)
        if self.solution.shape != (dim,) or self.start.shape != (dim,):
            raise InvalidArgument(f"solution and start must have shape ({dim},), the number of columns of A.")
        if self.p.shape != (rows,) or np.any(self.p <= 0) or abs(self.p.sum() - 1) > 1e-12:
            raise InvalidArgument("p must hold one positive probability per row of A, adding up to 1.")
        self.title = f"kaczmarz({rows}x{dim})"

    @classmethod
    def example(cls, dim, seed=0):
        rng = np.random.default_rng(seed)
        return cls(rng.standard_normal((dim, dim)) + np.eye(dim), rng.standard_normal(dim))

    @property
    def name(self):
        return self.title

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=self.solution,
            unique=lambda: bool(np.linalg.matrix_rank(self.A) == self.A.shape[1]),
            f_star=Known(0.0, 0.0, "the system is consistent by construction"),
            growth=lambda: 2.0 if self.unique_minimiser else None,
        )

    @property
    def x0(self):
        return self.start

    def residuals(self, x):
        """<a_i, x - x*> for every i, shape (m,)."""
        return self.A @ (x - self.solution)

    def value(self, x):
        return 0.5 * (self.p * self.residuals(x) ** 2).sum()

    def gradient(self, x):
        return self.A.T @ (self.p * self.residuals(x))

    def cvxpy(self, z):
        from broximal.oracles.cvxpy_bridge import cvxpy

        weights = np.sqrt(self.p)[:, None] * self.A
        return 0.5 * cvxpy().sum_squares(weights @ (z - self.solution))

    def _l2_constant(self, name):
        spectrum = np.linalg.eigvalsh((self.A.T * self.p) @ self.A)
        value = spectrum[-1] if name == "L" else max(spectrum[0], 0.0)
        return Constant(name, float(value), "exact", "extreme eigenvalue of the Hessian", L2().name)

    # ---- the terms -------------------------------------------------------------------------------------------------

    def distances(self, x):
        """dist(x, X_i) in the Euclidean norm for every i, shape (m,)."""
        return namespace(x).abs(self.residuals(x)) / np.linalg.norm(self.A, axis=1)

    def term_step(self, index: int, x, radius: float):
        """The broximal step of f_i, or the projection onto X_i if the ball reaches it: towards X_i by min(t, dist)."""
        row = self.A[index]
        length = np.linalg.norm(row)
        signed = row @ (x - self.solution) / length
        return x - np.clip(signed, -radius, radius) * row / length

    @property
    def regularity(self) -> Constant:
        """The least chi with dist(x, X*)^2 <= chi sum_i p_i dist(x, X_i)^2."""
        rows = self.A / np.linalg.norm(self.A, axis=1, keepdims=True)
        spectrum = np.linalg.eigvalsh((rows.T * self.p) @ rows)
        positive = spectrum[spectrum > 1e-12 * spectrum[-1]]
        return Constant("chi", float(1 / positive[0]), "exact", "inverse of the least positive eigenvalue", L2().name)
