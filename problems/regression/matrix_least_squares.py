"""Convex quadratics of matrices: |AZ - B|_F^2 / 2 and <X - M, A (X - M) C> / 2, over every matrix ball."""

from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.brox.matrix_ball import matrix_move
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, Frobenius
from broximal.problems import _matrix_constants as constants
from broximal.problems._checks import as_array, as_matrix, as_symmetric, like
from broximal.problems._solution_set import distance_to_affine
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.regression.least_squares import least_value

EPS = float(np.finfo(np.float64).eps)


class MatrixQuadratic(Problem):
    """f(X) = offset + <X - M, A (X - M) C> / 2 on m x n matrices, A (m, m) and C (n, n) positive semidefinite.

    No Kronecker product is formed: A and C are decomposed once, and in the rotated variable f is diagonal.
    """

    alias: ClassVar[str] = "matrix_quadratic"

    A: Any
    C: Any
    left: Any  # (eigenvalues, eigenvectors) of A
    right: Any  # of C
    solution: Any
    level: Any
    start: Any
    definite: bool = eqx.field(static=True)
    isotropic: bool = eqx.field(static=True)  # are all eigenvalue products equal?

    def __init__(self, A, C, minimiser, x0=None, offset=0.0):
        """A (m, m), C (n, n), minimiser M and x0 (m, n). Raises InvalidArgument unless A and C are semidefinite."""
        A, C = as_symmetric(A, "A"), as_symmetric(C, "C")
        M = as_array(minimiser, "minimiser", (A.shape[0], C.shape[0]))
        offset = arrays.as_number(offset, "offset", low=-1e300, high=1e300)
        self._fill(A, C, _semidefinite(A, "A"), _semidefinite(C, "C"), M, offset, x0)

    def _fill(self, A, C, left, right, solution, level, x0):
        self.A, self.C, self.left, self.right = A, C, left, right
        self.solution, self.level = solution, np.float64(level)
        w = np.outer(left[0], right[0])
        self.definite = bool((w > 0).all())
        self.isotropic = bool(w.min() >= w.max() * (1 - 8 * EPS * max(w.shape)) and w.min() > 0)
        if x0 is None:
            zero_is_optimal = not np.any((A @ solution) @ C)
            x0 = solution + 1.0 if zero_is_optimal else np.zeros_like(solution)
        self.start = as_array(x0, "x0", solution.shape)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "MatrixQuadratic":
        """dim x (dim + 1), both factors of condition number 10."""
        rng = np.random.default_rng(seed)
        factors = []
        for n in (_size(dim), _size(dim) + 1):
            Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
            factors.append((Q * np.geomspace(0.1, 1.0, n)) @ Q.T)
        A, C = (0.5 * (F + F.T) for F in factors)
        return cls(A, C, rng.standard_normal((A.shape[0], C.shape[0])))

    # ---- the objective ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return "{}({}x{})".format(self.alias.replace("_", " "), *self.solution.shape)

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=self.solution,
            unique=lambda: self.definite,
            f_star=lambda: Known(float(self.level), 8 * EPS * abs(float(self.level)), "the value at the minimiser"),
            growth=2.0,
        )

    def value(self, x):
        return self.value_and_gradient(x)[0]

    def gradient(self, x):
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x):
        d = x - like(self.solution, x)
        bent = like(self.A, x) @ d @ like(self.C, x)
        return like(self.level, x) + 0.5 * (bent * d).sum(), bent

    def rounding(self, x):
        size = arrays.l2(x - like(self.solution, x))
        top = like(self.left[0].max() * self.right[0].max(), x)
        unit = 2 * arrays.eps(x)
        return unit * (abs(like(self.level, x)) + top * size * size), unit * top * size

    def cvxpy(self, z):
        roots = [(Q * np.sqrt(w)) @ Q.T for w, Q in (self.left, self.right)]
        return cvxpy().sum_squares(roots[0] @ (z - self.solution) @ roots[1]) / 2 + float(self.level)

    def move(self, norm, x, radius):
        return matrix_move(self, norm, x, radius)

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return self.start

    def gap(self, x):
        """f(x) - f* = <X - M, A (X - M) C> / 2 in the eigenbasis: no cancellation against f*."""
        (a, U), (c, V) = self.left, self.right
        d = like(U, x).T @ (x - like(self.solution, x)) @ like(V, x)
        return 0.5 * (like(a, x)[:, None] * like(c, x) * d * d).sum()

    def _distance(self, x, norm) -> Known:
        """dist(x, X*): in every norm if f is definite; else Euclidean exactly, or an upper bound through it."""
        if self.definite:
            return super()._distance(x, norm)
        (a, U), (c, V) = self.left, self.right
        d = x - self.solution
        rest = U @ np.where(np.outer(a, c) > 0, U.T @ d @ V, 0.0) @ V.T
        if isinstance(norm, (L2, Frobenius)) or rest.size > 2500:
            size = float(norm(rest))
            exact = isinstance(norm, (L2, Frobenius))
            lower = size if exact else float(arrays.l2(rest)) / norm.l2_bounds(rest.shape).rho
            why = "Euclidean projection onto the minimisers" + ("" if exact else " (an upper bound)")
            return Known(size, size - lower + 8 * EPS * float(norm(d)), why)
        flat = np.kron(U, V)[:, np.outer(a, c).ravel() == 0]
        return distance_to_affine(d, flat, norm)

    def _constant_L(self, norm):
        return constants.smoothness(self.A, self.C, norm)

    def _constant_mu(self, norm):
        return constants.convexity(self.A, self.C, norm) if self.definite else None

    def _constant_kappa(self, norm):
        if self.definite:
            return super()._constant_kappa(norm)
        w = np.outer(self.left[0], self.right[0])
        lowest = float(w[w > 0].min()) / 2
        if isinstance(norm, (L2, Frobenius)):
            return Constant("kappa", lowest, "exact", "half the least positive eigenvalue")
        theta = norm.l2_bounds(self.solution.shape).theta
        return Constant("kappa", lowest / theta**2, "lower bound", "half the least positive eigenvalue over theta^2")

    def _sublevel_radius(self, norm, x0):
        mu = self._constant_mu(norm)
        if mu is None:
            return None
        value = float(np.sqrt(2 * max(float(self.gap(x0)), 0.0) / mu.value))
        kind = "exact" if mu.kind == "exact" else "upper bound"
        return Constant("R0", value, kind, f"sqrt(2 (f(x0) - f*) / mu), mu: {mu.why}")


class MatrixLeastSquares(MatrixQuadratic):
    """f(Z) = |AZ - B|_F^2 / 2 + ridge |Z|_F^2 / 2 for A (k, m), B (k, n), Z (m, n)."""

    alias: ClassVar[str] = "matrix_least_squares"

    design: Any
    target: Any
    ridge: Any

    def __init__(self, A, B, ridge=0.0, x0=None):
        """Raises InvalidArgument unless A and B have the same number of rows and ridge >= 0."""
        A, B = as_matrix(A, "A"), as_matrix(B, "B")
        if A.shape[0] != B.shape[0]:
            raise InvalidArgument(f"A and B must have the same number of rows, but have {A.shape[0]} and {B.shape[0]}.")
        self.design, self.target = A, B
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        U, s, Vt = np.linalg.svd(A, full_matrices=True)
        keep = s > max(A.shape) * EPS * s.max()
        w = np.full(A.shape[1], float(self.ridge))
        w[: s.size] += np.where(keep, s, 0.0) ** 2
        down = np.where(w > 0, w, 1.0)
        moments = np.zeros((A.shape[1], B.shape[1]))
        moments[: s.size] = np.where(keep, s, 0.0)[:, None] * (U.T @ B)[: s.size]
        solution = Vt.T @ (moments / down[:, None])
        level = 0.5 * float(((A @ solution - B) ** 2).sum()) + 0.5 * float(self.ridge) * float((solution**2).sum())
        gram = (Vt.T * w) @ Vt
        n = B.shape[1]
        self._fill(0.5 * (gram + gram.T), np.eye(n), (w, Vt.T), (np.ones(n), np.eye(n)), solution, level, x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "MatrixLeastSquares":
        """Gaussian data, A (2 dim, dim) and B (2 dim, dim): the residual at the minimiser is not zero."""
        rng, n = np.random.default_rng(seed), _size(dim)
        return cls(rng.standard_normal((2 * n, n)) / np.sqrt(2 * n), rng.standard_normal((2 * n, n)))

    def cvxpy(self, z):
        cp = cvxpy()
        return cp.sum_squares(self.design @ z - self.target) / 2 + float(self.ridge) / 2 * cp.sum_squares(z)

    def _facts(self):
        return super()._facts().but(f_star=lambda: least_value(self, self.left[0]))


def _semidefinite(A: np.ndarray, name: str):
    w, Q = np.linalg.eigh(A)
    tiny = A.shape[0] * EPS * np.abs(w).max()
    if w.min() < -tiny:
        raise InvalidArgument(f"{name} is not positive semidefinite (least eigenvalue {w.min():.3g}).")
    return np.where(w > tiny, w, 0.0), Q


def _size(dim) -> int:
    if int(dim) != dim or dim < 1:
        raise InvalidArgument(f"dim must be a positive integer, not {dim!r}.")
    return int(dim)
