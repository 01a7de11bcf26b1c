"""Least squares |Az - b|^2 / 2, with or without a ridge."""

from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norms import L2
from broximal.problems import _quadratic_constants as constants
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems.constant import Constant, Known
from broximal.problems.regression import data
from broximal.problems.regression._minimum import DENSE, check_size
from broximal.problems.smooth.quadratic import EPS, Quadratic, _dimension


class LeastSquares(Quadratic):
    """f(z) = |Az - b|^2 / 2 + ridge |z|^2 / 2 for A (m, n) of any rank, b (m,): a quadratic with Hessian A'A + ridge I.

    The minimiser (of least norm) comes from a singular value decomposition of A, not from A'A, so it keeps the digits
    that squaring would lose; singular values below max(m, n) eps |A| count as zero.
    """

    alias: ClassVar[str] = "least_squares"
    task: ClassVar[str] = "regression"  # of the data files that it is built from

    design: Any
    target: Any
    ridge: Any
    wide: bool = eqx.field(static=True)

    def __init__(self, A, b, ridge=0.0, x0=None):
        """Raises InvalidArgument unless A is a matrix, b has one entry per row, and ridge >= 0."""
        A = as_matrix(A, "A")
        b = as_array(b, "b", A.shape[:1])
        self.design, self.target = A, b
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        check_size(A)
        n = A.shape[1]
        self.wide = n > DENSE  # then nothing of size n x n is kept, and only the directions that A sees
        U, s, Vt = np.linalg.svd(A, full_matrices=A.shape[0] < n and not self.wide)
        s = np.where(s > max(A.shape) * EPS * s.max(), s, 0.0)
        if self.wide:
            U, s, Vt = U[:, s > 0], s[s > 0], Vt[s > 0]
            n = s.size
        w, moments = np.full(n, float(self.ridge)), np.zeros(n)
        w[: s.size] += s**2
        moments[: s.size] = s * (U.T @ b)[: s.size]
        order = np.argsort(w)
        solution = Vt.T @ (moments / np.where(w > 0, w, 1.0))
        level = 0.5 * float(((A @ solution - b) ** 2).sum()) + 0.5 * float(self.ridge) * float((solution**2).sum())
        gram = None if self.wide else (Vt.T * w) @ Vt
        self.A = None if gram is None else 0.5 * (gram + gram.T)
        self.eigenvalues, self.eigenvectors = w[order], Vt.T[:, order]
        n = A.shape[1]
        self.about = self.solution = solution
        self.slope, self.level = np.zeros(n), np.float64(level)
        self.sizes = np.array([w.max(initial=float(self.ridge)), 0.0])
        full = s.size == n and (s > 0).all()
        self.inertia = "definite" if self.ridge > 0 or full else "semidefinite"
        if x0 is None:
            x0 = np.zeros(n) if np.any(moments) else solution + 1.0
        self.start = as_array(x0, "x0", (n,))

    @classmethod
    def from_data(cls, source, ridge=0.0, x0=None, **reading) -> "LeastSquares":
        """Regression on a file (see `problems.data.load`, which takes the rest), as a mean over samples."""
        found = data.of(source, cls.task, reading)
        size = np.sqrt(len(found.y))
        return cls(found.X / size, found.y / size, ridge=ridge, x0=x0)

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
        return super()._facts().but(f_star=lambda: least_value(self, self._spectrum()))

    # ---- where nothing of size n x n is kept -------------------------------------------------------------------------

    def _spectrum(self) -> np.ndarray:
        """The eigenvalues of the Hessian; of those of a wide one, each once at least."""
        rest = self.wide and self.eigenvalues.size < self.start.size
        return np.append(self.eigenvalues, float(self.ridge)) if rest else self.eigenvalues

    def _bent(self, d):
        A = like(self.design, d)
        return (A @ d) @ A + like(self.ridge, d) * d

    def value_and_gradient(self, x):
        if not self.wide:
            return super().value_and_gradient(x)
        d = x - like(self.about, x)
        bent = self._bent(d)
        return like(self.level, x) + 0.5 * (bent * d).sum(), bent

    def hessian(self, x):
        if not self.wide:
            return super().hessian(x)
        xp = namespace(x)
        A = like(self.design, x)
        return A.T @ A + like(self.ridge, x) * xp.eye(x.size, dtype=x.dtype)

    def move(self, norm, x, radius):
        return None if self.wide else super().move(norm, x, radius)

    def gap(self, x):
        if not self.wide:
            return super().gap(x)
        d = x - like(self.solution, x)
        seen = like(self.design, x) @ d
        return 0.5 * ((seen * seen).sum() + like(self.ridge, x) * (d * d).sum())

    def _distance(self, x, norm) -> Known:
        """Where the minimisers are an affine set, exact in l2, and in other norms between |p|_2 / rho and |p|.

        p is the part of x - x* in the span of the rows: |d|_2 >= |p|_2 for every d of x - X*, one of which is p.
        """
        if not self.wide or self.unique_minimiser:
            return super()._distance(x, norm)
        d = x - self.solution
        part = self.eigenvectors @ (self.eigenvectors.T @ d)
        size, noise = float(norm(part)), 8 * EPS * float(norm(d))
        if isinstance(norm, L2):
            return Known(size, noise, "Euclidean projection onto the affine set of minimisers")
        lower = float(np.linalg.norm(part)) / norm.l2_bounds(part.shape).rho
        return Known(
            size, size - lower + noise, "Euclidean projection onto the affine set of minimisers (an upper bound)"
        )

    def _constant_L(self, norm) -> Constant | None:
        if not self.wide:
            return super()._constant_L(norm)
        return constants.smoothness_of_rows(self.design, float(self.ridge), norm)

    def _constant_mu(self, norm) -> Constant | None:
        if not self.wide or self.inertia != "definite":
            return super()._constant_mu(norm)
        theta = norm.l2_bounds(self.start.shape).theta
        kind = "exact" if isinstance(norm, L2) else "lower bound"
        return Constant("mu", float(self._spectrum().min()) / theta**2, kind, "least eigenvalue over theta^2")


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
