"""Quadratics z'Az/2 - b'z + offset of any inertia: the workhorse, exact over the Euclidean, l1 and l_inf balls."""

from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.brox.quadratic_ball import quadratic_move
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.objective import Move
from broximal.problems import _quadratic_constants as constants
from broximal.problems._checks import as_array, as_symmetric, like
from broximal.problems._solution_set import distance_to_affine
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem

EPS = float(np.finfo(np.float64).eps)


class Quadratic(Problem):
    """f(z) = z'Az/2 - b'z + offset on vectors of length n, A symmetric n x n of any inertia, n <= a few thousand.

    One eigendecomposition A = Q diag(w) Q' is computed when the problem is built (host, float64); a Euclidean step then
    costs a few products with an n x n matrix. Eigenvalues below n eps |A| count as zero.

    f is stored expanded about a point p, f(z) = level + <slope, z - p> + (z - p)'A(z - p)/2, with p the minimiser (and
    slope zero) where that loses no digits: values and gradients are then accurate relative to f - f*, down to f* itself.
    """

    alias: ClassVar[str] = "quadratic"

    A: Any
    eigenvalues: Any
    eigenvectors: Any
    about: Any
    slope: Any
    level: Any
    start: Any
    solution: Any  # the stationary point (of least norm), or None if A c = b has no solution
    sizes: Any  # largest |eigenvalue| and Euclidean length of the slope
    inertia: str = eqx.field(static=True)  # "definite", "semidefinite" or "indefinite"

    def __init__(self, A, b=None, x0=None, offset=0.0, *, about=None):
        """A symmetric (n, n), b and x0 (n,), offset a number.

        With `about` (n,) instead of b: f(z) = offset + (z - about)'A(z - about)/2, whose stationary point and value
        there are exact. x0 defaults to 0, or to about + 1 where 0 is stationary. Raises InvalidArgument.
        """
        A = as_symmetric(A, "A")
        n = A.shape[0]
        offset = arrays.as_number(offset, "offset", low=-1e300, high=1e300)
        if (b is None) == (about is None):
            raise InvalidArgument("Quadratic needs exactly one of b and about.")
        w, Q = np.linalg.eigh(A)
        null = np.abs(w) <= n * EPS * np.abs(w).max()
        solution = None
        if about is not None:
            solution = about = as_array(about, "about", (n,))
            slope, level = np.zeros(n), offset
        else:
            b = as_array(b, "b", (n,))
            c = Q.T @ b
            about, slope, level = np.zeros(n), -b, offset
            if np.all(np.abs(c[null]) <= 8 * n * EPS * np.abs(c).max()):
                solution = Q @ (np.where(null, 0.0, c) / np.where(null, 1.0, w))
                if abs(solution @ b) >= 1e-3 * np.abs(w).max() * (solution @ solution):  # else |A||c|^2 would swamp f
                    about, slope, level = solution, np.zeros(n), offset - 0.5 * float(b @ solution)
        self.A, self.eigenvalues, self.eigenvectors = A, np.where(null, 0.0, w), Q
        self.about, self.slope, self.level, self.solution = about, slope, np.float64(level), solution
        negative = bool((w[~null] < 0).any())
        self.inertia = "indefinite" if negative else "semidefinite" if null.any() else "definite"
        if x0 is None:
            x0 = np.zeros(n) if solution is None or np.abs(A @ solution).max() > 0 else solution + 1.0
        self.start = as_array(x0, "x0", (n,))
        self.sizes = np.array([np.abs(w).max(), np.linalg.norm(slope)])

    @classmethod
    def with_spectrum(cls, eigenvalues, *, seed: int = 0, about=None, offset=0.0, x0=None) -> "Quadratic":
        """Prescribed eigenvalues in a random orthonormal basis, stationary at `about` (default: a random point)."""
        w = arrays.as_point(eigenvalues, "eigenvalues")
        w = as_array(w, "eigenvalues", (np.size(w),))
        rng = np.random.default_rng(seed)
        Q, R = np.linalg.qr(rng.standard_normal((w.size, w.size)))
        Q = Q * np.where(np.diag(R) >= 0, 1.0, -1.0)
        A = (Q * w) @ Q.T
        about = rng.standard_normal(w.size) if about is None else about
        return cls(0.5 * (A + A.T), about=about, offset=offset, x0=x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Quadratic":
        """Definite, condition number 100."""
        return cls.with_spectrum(np.geomspace(0.01, 1.0, _dimension(dim)), seed=seed)

    @classmethod
    def semidefinite(cls, dim: int, rank: int, seed: int = 0) -> "Quadratic":
        """Singular: `rank` eigenvalues between 0.1 and 1, the others 0; the minimisers are an affine set."""
        dim = _dimension(dim)
        if not 1 <= rank <= dim:
            raise InvalidArgument(f"rank must lie in [1, {dim}], but is {rank}.")
        return cls.with_spectrum(np.r_[np.zeros(dim - rank), np.geomspace(0.1, 1.0, rank)], seed=seed)

    @classmethod
    def indefinite(cls, dim: int, negative: int = 1, seed: int = 0) -> "Quadratic":
        """`negative` eigenvalues between -1 and -0.1: no minimum, but a global one in every ball."""
        dim = _dimension(dim)
        if not 1 <= negative <= dim:
            raise InvalidArgument(f"negative must lie in [1, {dim}], but is {negative}.")
        return cls.with_spectrum(
            np.r_[-np.geomspace(0.1, 1, negative), np.geomspace(0.1, 1, dim - negative)], seed=seed
        )

    # ---- the objective ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return (
            f"quadratic({self.A.shape[0]})"
            if self.inertia == "definite"
            else f"{self.inertia} quadratic({self.A.shape[0]})"
        )

    def _facts(self):
        return Facts(
            convex=lambda: self.inertia != "indefinite",
            smooth=True,
            minimiser=lambda: self.solution if self.convex else None,
            unique=lambda: self.inertia == "definite",
            f_star=self._f_star,
            growth=lambda: 2.0 if self.minimiser is not None else None,
        )

    def value(self, x):
        return self.value_and_gradient(x)[0]

    def gradient(self, x):
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x):
        d = x - like(self.about, x)
        bent, slope = like(self.A, x) @ d, like(self.slope, x)
        return like(self.level, x) + ((slope + 0.5 * bent) * d).sum(), slope + bent

    def hessian(self, x):
        return like(self.A, x)

    def rounding(self, x):
        size, unit = arrays.l2(x - like(self.about, x)), 2 * arrays.eps(x)
        top, slope = like(self.sizes, x)
        return unit * (abs(like(self.level, x)) + (slope + top * size) * size), unit * (slope + top * size)

    def cvxpy(self, z):
        if not self.convex:
            return None
        cp, d = cvxpy(), z - self.about
        return cp.quad_form(d, cp.psd_wrap(self.A)) / 2 + self.slope @ d + float(self.level)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        return quadratic_move(self, norm, x, radius)

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        if self.minimiser is None:
            raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")
        if not self.slope.any():
            return Known(float(self.level), EPS * abs(float(self.level)), "the value at the point f is expanded about")
        value, gradient = self.value_and_gradient(self.solution)
        noise, _ = self.rounding(self.solution)
        positive = self.eigenvalues[self.eigenvalues > 0].min()
        defect = float(gradient @ gradient) / (2 * float(positive))
        return Known(
            float(value), float(noise) + defect, "value at the minimiser; |grad|^2 / (2 lambda_min) and rounding"
        )

    def gap(self, x):
        """f(x) - f* = (x - x*)'A(x - x*)/2, summed in the eigenbasis: no cancellation against f*."""
        if self.minimiser is None:
            raise MissingConstant(f"{self.name} is unbounded below, so f - inf f is not a number.")
        d = like(self.eigenvectors, x).T @ (x - like(self.solution, x))
        return 0.5 * (like(self.eigenvalues, x) * d * d).sum()

    def _distance(self, x, norm: Norm) -> Known:
        """dist(x, X*): in every norm if A is definite, else to the affine set of minimisers (l2 exact, others solved)."""
        if self.unique_minimiser or self.minimiser is None:
            return super()._distance(x, norm)
        return distance_to_affine(x - self.minimiser, self.eigenvectors[:, self.eigenvalues == 0], norm)

    def _constant_L(self, norm: Norm) -> Constant | None:
        return constants.smoothness(self.A, self.eigenvalues, norm)

    def _constant_mu(self, norm: Norm) -> Constant | None:
        if self.inertia != "definite":
            return None
        return constants.convexity(self.A, self.eigenvalues, self.eigenvectors, norm)

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """mu/2 where mu > 0; else half the least positive eigenvalue, which is exact in the Euclidean norm."""
        if self.unique_minimiser or self.minimiser is None:
            return super()._constant_kappa(norm)
        lowest = float(self.eigenvalues[self.eigenvalues > 0].min()) / 2
        if isinstance(norm, L2):
            return Constant("kappa", lowest, "exact", "half the least positive eigenvalue")
        theta = norm.l2_bounds(self.start.shape).theta
        return Constant("kappa", lowest / theta**2, "lower bound", "half the least positive eigenvalue over theta^2")

    def _sublevel_radius(self, norm: Norm, x0) -> Constant | None:
        """(z - x*)'A(z - x*)/2 <= d0 and mu = min d'Ad/|d|^2 give sup |z - x*| = sqrt(2 d0 / mu), attained."""
        mu = self._constant_mu(norm)
        if mu is None:
            return None
        value = float(np.sqrt(2 * max(float(self.gap(x0)), 0.0) / mu.value))
        kind = "exact" if mu.kind == "exact" else "upper bound"
        return Constant("R0", value, kind, f"sqrt(2 (f(x0) - f*) / mu), mu: {mu.why}")


def _dimension(dim) -> int:
    if int(dim) != dim or dim < 1:
        raise InvalidArgument(f"dim must be a positive integer, not {dim!r}.")
    return int(dim)
