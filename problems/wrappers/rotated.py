"""phi(Q z) with orthonormal rows: any problem with a Euclidean oracle, turned and embedded into more dimensions."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.brox.kinds import plain
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.objective import Move
from broximal.problems._checks import as_matrix, like
from broximal.problems._data import as_start, dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.problem import Problem


class Rotated(Problem):
    """f(z) = inside(Q z), Q (k, n) with Q Q' = I, on vectors of length n >= k.

    Over the Euclidean ball u = x + Q'(brox(Q x) - Q x): |Q z - Q x| <= |z - x|, and u attains the best value on the
    image. X* is the preimage of that of the inside: distances are those of Q z.
    """

    alias: ClassVar[str] = "rotated"

    Q: Any
    inside: Problem
    start: Any

    def __init__(self, Q, inside: Problem, x0=None):
        """x0 defaults to Q' inside.x0. Raises InvalidArgument, also unless Q Q' = I up to 1e-12."""
        self.Q = as_matrix(Q, "Q")
        if np.abs(self.Q @ self.Q.T - np.eye(len(self.Q))).max() > 1e-12:
            raise InvalidArgument("Q must have orthonormal rows.")
        if not isinstance(inside, Problem) or getattr(inside.x0, "shape", None) != (len(self.Q),):
            raise InvalidArgument(f"inside must be a problem on vectors of length {len(self.Q)}.")
        self.inside = inside
        self.start = as_start(x0, self.Q.T @ inside.x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Rotated":
        """Huber functions of all but one coordinate of a random basis."""
        from broximal.problems.smooth.separable import Separable

        rng, dim = np.random.default_rng(seed), dimension(dim)
        k = max(dim - 1, 1)
        Q = np.linalg.qr(rng.standard_normal((dim, dim)))[0][:, :k].T
        return cls(Q, Separable.example(k, seed), 3 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"rotated {self.inside.name}"

    def _facts(self):
        square = self.Q.shape[0] == self.Q.shape[1]
        return self.inside.facts.but(minimiser=self._minimiser, unique=lambda: square and self.inside.unique_minimiser)

    def value(self, x):
        return self.inside.value(like(self.Q, x) @ x)

    def gradient(self, x):
        Q = like(self.Q, x)
        return Q.T @ self.inside.gradient(Q @ x)

    def rounding(self, x):
        Q = like(self.Q, x)
        s = Q @ x
        slope = arrays.l2(self.inside.gradient(s))
        return self.inside.rounding(s)[0] + 4 * arrays.eps(x) * slope * arrays.l2(x), self.inside.rounding(s)[1]

    def minorant(self, u, g):
        Q = like(self.Q, u)
        found = self.inside.minorant(Q @ u, Q @ g)
        return None if found is None else (Q.T @ found[0], found[1])

    def cvxpy(self, z):
        return self.inside.cvxpy(self.Q @ z)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, L2):
            return None
        Q = like(self.Q, x)
        s = Q @ x
        found = self.inside.move(ball, s, t)
        if found is None:
            return None
        gradient = None if found.subgradient is None else Q.T @ found.subgradient
        return found._replace(point=x + Q.T @ (found.point - s), subgradient=gradient, start=None)

    @property
    def x0(self):
        return self.start

    def _minimiser(self):
        inside = self.inside.minimiser
        return None if inside is None else self.Q.T @ inside

    def _distance(self, x, norm: Norm) -> Known:
        if not isinstance(plain(norm)[0], L2):
            if self.unique_minimiser:
                return super()._distance(x, norm)
            raise MissingConstant(f"{self.name} knows the distance to its minimisers in the Euclidean norm only.")
        known = self.inside.distance(self.Q @ x, norm)
        return Known(known.value, known.error + 8 * arrays.eps(x) * float(norm(x)), f"of Q z: {known.why}")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """Distances to X* are known to be those of Q z in the Euclidean norm."""
        return self.inside._constant_kappa(norm) if isinstance(plain(norm)[0], L2) else None

    def _constant_G(self, norm: Norm) -> Constant | None:
        found = self.inside._constant_G(L2()) if hasattr(self.inside, "_constant_G") else None
        if found is None or isinstance(norm, L2):
            return found
        rho = norm.l2_bounds(tuple(self.start.shape)).rho
        return Constant("G", rho * found.value, "upper bound", f"rho times the Euclidean one ({found.why})")

    def _l2_constant(self, name: str) -> Constant | None:
        if name == "mu" and self.Q.shape[0] < self.Q.shape[1]:
            return Constant("mu", 0.0, "exact", "f is constant along the null space of Q")
        return getattr(self.inside, f"_constant_{name}")(L2())
