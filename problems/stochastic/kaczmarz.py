"""Finite sums whose terms share a minimiser: consistent linear systems.

f(z) = sum_i p_i f_i(z), f_i(z) = (<a_i, z> - b_i)^2 / 2 with A z* = b solvable, so every f_i is minimised, with value 0,
on its hyperplane X_i = { <a_i, z> = b_i }, and X* is their intersection. The Euclidean broximal step of one term moves
towards its hyperplane by min(t, dist): clipped Kaczmarz.

A sample is one term, drawn with the probability p_i, so that E f_i = f and E grad f_i = grad f. With d = z - z* its noise is
a_i <a_i, d> - H d for H = sum_i p_i a_i a_i^T, of mean square <d, (M - H^2) d> for M = sum_i p_i |a_i|^2 a_i a_i^T: it grows with
the distance, vanishes at z*, and has no bound for all points unless every term is f. The gradients of one sample differ
between two points by a_i <a_i, z - y>, of mean square <z - y, M (z - y)>.
"""

import contextlib
import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import as_point, namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.oracles.norms import L2
from broximal.problems._checks import like
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.stochastic.contract import Stochastic, VarianceGrowth
from broximal.problems.stochastic.noise import OUTCOMES
from broximal.problems.stochastic.sample import Sample, eagerly, on_host

ROUNDING = 64 * 2.2e-16  # relative, of eigenvalues of M - H^2


class Rows(Sample):
    """The mean of some terms of the system: (1/b) sum over its rows of (<a, z> - b)^2 / 2, with residuals <a, z - z*>."""

    rows: Any  # (b, d)
    solution: Any

    @property
    def convex(self) -> bool:
        return True

    @property
    def smooth(self) -> bool:
        return True

    def _residuals(self, x):
        return like(self.rows, x) @ (x - like(self.solution, x))

    def value(self, x):
        return 0.5 * (self._residuals(x) ** 2).mean()

    def gradient(self, x):
        return like(self.rows, x).T @ self._residuals(x) / self.rows.shape[0]


class Kaczmarz(Stochastic):
    """A consistent system A z = b with sampling probabilities p: a sample is a row, and a batch the mean of several.

    A is (m, d), solution is (d,); b = A solution by construction. Raises InvalidArgument for zero rows, wrong shapes
    and probabilities that are not positive or do not add up to 1.
    """

    alias: ClassVar[str] = "kaczmarz"
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
        return like(self.A, x) @ (x - like(self.solution, x))

    def value(self, x):
        return 0.5 * (like(self.p, x) * self.residuals(x) ** 2).sum()

    def gradient(self, x):
        return like(self.A, x).T @ (like(self.p, x) * self.residuals(x))

    def cvxpy(self, z):
        from broximal.oracles.cvxpy_bridge import cvxpy

        weights = np.sqrt(self.p)[:, None] * self.A
        return 0.5 * cvxpy().sum_squares(weights @ (z - self.solution))

    def _l2_constant(self, name):
        spectrum = np.linalg.eigvalsh((self.A.T * self.p) @ self.A)
        value = spectrum[-1] if name == "L" else max(spectrum[0], 0.0)
        return Constant(name, float(value), "exact", "extreme eigenvalue of the Hessian", L2().name)

    # ---- samples ---------------------------------------------------------------------------------------------------

    def _draw(self, key, batch):
        host = on_host(key)
        with eagerly() if host else contextlib.nullcontext():
            rows = jax.random.choice(key, self.A.shape[0], (batch,), p=jnp.asarray(self.p))
            if host:
                return Rows(self.A[np.asarray(rows)], self.solution)
            return Rows(jnp.asarray(self.A)[rows], jnp.asarray(self.solution))

    def _outcomes(self):
        if len(self.p) > OUTCOMES:
            return None
        return [(float(chance), Rows(row[None], self.solution)) for chance, row in zip(self.p, self.A, strict=True)]

    def _mean(self, samples):
        return Rows(np.concatenate([sample.rows for sample in samples]), self.solution)

    def _second_moment(self) -> np.ndarray:
        """M, (d, d)."""
        return (self.A.T * (self.p * (self.A**2).sum(axis=1))) @ self.A

    def _covariance(self) -> np.ndarray:
        """M - H^2, by which the variance at z* + d is <d, (M - H^2) d>."""
        hessian = (self.A.T * self.p) @ self.A
        return self._second_moment() - hessian @ hessian

    def _sigma(self, layers):
        finite = self._growth()[1] == 0
        return (0.0,) * layers.count if finite and layers.count == 1 else (math.inf,) * layers.count

    def _sigma_at(self, x, layers):
        if layers.count != 1:
            raise InvalidArgument(f"norm must have one layer, but {layers.norm.name} has {layers.count}.")
        d = np.asarray(x) - self.solution
        return (math.sqrt(max(float(d @ self._covariance() @ d), 0.0)),)

    def _growth(self) -> tuple[float, float]:
        """The least and the largest eigenvalue of M - H^2; what is rounding is 0."""
        spectrum = np.linalg.eigvalsh(self._covariance())
        least = ROUNDING * float(np.linalg.eigvalsh(self._second_moment())[-1])
        low, high = (0.0 if value <= least else float(value) for value in (spectrum[0], spectrum[-1]))
        return low, high

    def variance_growth(self, batch=None):
        low, high = self._growth()
        return VarianceGrowth(0.0, math.sqrt(high / self._batch(batch)), "distance", high - low <= ROUNDING * high)

    def _mean_squared_smoothness(self, norm, batch):
        """Of a batch: M / b + (1 - 1/b) H^2 in the place of M."""
        hessian = (self.A.T * self.p) @ self.A
        mean = self._second_moment() / batch + (1 - 1 / batch) * hessian @ hessian
        top = math.sqrt(float(np.linalg.eigvalsh(mean)[-1]))
        if isinstance(norm, L2):
            return Constant("calL", top, "exact", "root of the largest eigenvalue of M", norm.name)
        rho = norm.l2_bounds(shape_of(self.start)).rho
        return Constant("calL", rho * top, "upper bound", "rho times that in the Euclidean norm", norm.name)

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
