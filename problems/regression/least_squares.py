"""Least squares |Az - b|^2 / 2, with or without a ridge."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.problems._checks import as_array, as_matrix
from broximal.problems.constant import Known
from broximal.problems.regression import data
from broximal.problems.smooth.quadratic import EPS, Quadratic, _dimension


class LeastSquares(Quadratic):
    """f(z) = |Az - b|^2 / 2 + ridge |z|^2 / 2 for A (m, n) of any rank, b (m,): a quadratic with Hessian A'A + ridge I.

    The minimiser (of least norm) comes from a singular value decomposition of A, not from A'A, so it keeps the digits
    that squaring would lose; singular values below max(m, n) eps |A| count as zero.
    """

    alias: ClassVar[str] = "least_squares"

    design: Any
    target: Any
    ridge: Any

    def __init__(self, A, b, ridge=0.0, x0=None):
        """Raises InvalidArgument unless A is a matrix, b has one entry per row, and ridge >= 0."""
        A = as_matrix(A, "A")
        b = as_array(b, "b", A.shape[:1])
        self.design, self.target = A, b
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        U, s, Vt = np.linalg.svd(A, full_matrices=True)
        s = np.where(s > max(A.shape) * EPS * s.max(), s, 0.0)
        n = A.shape[1]
        w, moments = np.full(n, float(self.ridge)), np.zeros(n)
        w[: s.size] += s**2
        moments[: s.size] = s * (U.T @ b)[: s.size]
        order = np.argsort(w)
        solution = Vt.T @ (moments / np.where(w > 0, w, 1.0))
        level = 0.5 * float(((A @ solution - b) ** 2).sum()) + 0.5 * float(self.ridge) * float((solution**2).sum())
        gram = (Vt.T * w) @ Vt
        self.A, self.eigenvalues, self.eigenvectors = 0.5 * (gram + gram.T), w[order], Vt.T[:, order]
        self.about = self.solution = solution
        self.slope, self.level = np.zeros(n), np.float64(level)
        self.sizes = np.array([w.max(), 0.0])
        self.inertia = "definite" if (w > 0).all() else "semidefinite"
        if x0 is None:
            x0 = np.zeros(n) if np.any(moments) else solution + 1.0
        self.start = as_array(x0, "x0", (n,))

    @classmethod
    def from_data(cls, source, ridge=0.0, x0=None) -> "LeastSquares":
        """Regression of the last column on the features of a file (see `problems.data.load`), as a mean over samples."""
        X, y = data.load(source)
        return cls(X / np.sqrt(len(y)), y / np.sqrt(len(y)), ridge=ridge, x0=x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "LeastSquares":
        """Gaussian data with twice as many rows as unknowns."""
        rng, n = np.random.default_rng(seed), _dimension(dim)
        return cls(rng.standard_normal((2 * n, n)) / np.sqrt(2 * n), rng.standard_normal(2 * n))

    @property
    def name(self) -> str:
        return "least squares({}x{})".format(*self.design.shape)

    def cvxpy(self, z):
        cp = cvxpy()
        return cp.sum_squares(self.design @ z - self.target) / 2 + float(self.ridge) / 2 * cp.sum_squares(z)

    def _facts(self):
        return super()._facts().but(f_star=lambda: least_value(self, self.eigenvalues))


def least_value(f: Any, eigenvalues: np.ndarray) -> Known:
    """The value at the computed minimiser; the gradient there, of size delta, costs at most |delta|^2 / (2 lambda_min).

    f has `design`, `target`, `ridge`, the `solution` and its `level`; the eigenvalues are those of design'design + ridge I.
    """
    z = f.solution
    gradient = f.design.T @ (f.design @ z - f.target) + f.ridge * z
    w = eigenvalues[eigenvalues > 0]
    defect = float((gradient**2).sum()) / (2 * float(w.min())) if w.size else 0.0
    scale = float((f.target**2).sum() + (f.design**2).sum() * (z**2).sum())
    error = defect + 4 * EPS * np.sqrt(scale * max(float(f.level), EPS * scale))
    return Known(float(f.level), float(error), "the value at the minimiser, with |grad|^2 / (2 lambda_min)")
