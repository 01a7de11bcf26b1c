"""A convex quadratic plus cosines: nonconvex, smooth with exact constants, minimum 0 at 0.

f(x) = <x, A x> / 2 + c sum_k (1 - cos(w x_k)), A positive semidefinite, c, w > 0. The Hessian is A + c w^2 diag(cos(w x_k)).

L in any norm is that of the quadratic with matrix M = A + c w^2 I, exact where that one is. Proof: -M <= H(x) <= M at every x,
so |<u, H v>| <= sqrt(<u, M u> <v, M v>), Cauchy-Schwarz for M + H and M - H, and <u, M u> <= L |u|^2; and H(0) = M.
f is not convex where A - c w^2 I has a negative eigenvalue, as that is the Hessian at (pi / w, .., pi / w).
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.problems import _quadratic_constants as quadratics
from broximal.problems._checks import as_symmetric, like
from broximal.problems._data import as_start, dimension, positive
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class QuadraticCosine(Problem):
    """The function above on vectors (n,); x0 defaults to (2 pi / w, .., 2 pi / w)."""

    alias: ClassVar[str] = "quadratic_cosine"
    A: Any
    c: Any
    w: Any
    eigenvalues: Any
    start: Any

    def __init__(self, A, c=1.0, w=1.0, x0=None):
        """A (n, n) positive semidefinite, c and w positive. Raises InvalidArgument."""
        self.A, self.c, self.w = as_symmetric(A, "A"), positive(c, "c"), positive(w, "w")
        self.eigenvalues = np.linalg.eigvalsh(self.A)
        if self.eigenvalues[0] < -1e-12 * max(self.eigenvalues[-1], 1e-300):
            raise InvalidArgument(f"A has the negative eigenvalue {self.eigenvalues[0]:.3g}.")
        self.start = as_start(x0, np.full(len(self.A), 2 * np.pi / float(self.w)))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "QuadraticCosine":
        """Eigenvalues between 0.05 and 1, c = 0.5, w = 2: nonconvex."""
        n = dimension(dim)
        rng = np.random.default_rng(seed)
        Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
        A = (Q * np.geomspace(0.05, 1.0, n)) @ Q.T
        return cls(0.5 * (A + A.T), 0.5, 2.0, 4 * rng.standard_normal(n))

    @property
    def name(self) -> str:
        return f"quadratic + cosine({len(self.A)})"

    def _facts(self):
        return Facts(
            convex=lambda: float(self.eigenvalues[0]) >= float(self.c * self.w**2),
            smooth=True,
            minimiser=lambda: np.zeros(len(self.A)),
            unique=lambda: bool(self.eigenvalues[0] > 1e-12 * self.eigenvalues[-1]),
            f_star=Known(0.0, 0.0, "no term is negative, and all vanish at 0"),
            growth=lambda: 2.0 if self.unique_minimiser else None,
        )

    def value(self, x):
        # 1 - cos s = 2 sin(s/2)^2 keeps all digits near the minimum
        waves = 2 * namespace(x).sin(like(self.w, x) * x / 2) ** 2
        return (x * (like(self.A, x) @ x)).sum() / 2 + like(self.c, x) * waves.sum()

    def gradient(self, x):
        w = like(self.w, x)
        return like(self.A, x) @ x + like(self.c, x) * w * namespace(x).sin(w * x)

    @property
    def x0(self):
        return self.start

    def _constant_L(self, norm):
        M = self.A + float(self.c * self.w**2) * np.eye(len(self.A))
        found = quadratics.smoothness(M, np.linalg.eigvalsh(M), norm)
        return Constant("L", found.value, found.kind, f"of the Hessian at 0, which dominates all others ({found.why})")

    def _constant_mu(self, norm):
        if not self.convex or not self.unique_minimiser:
            return None
        least = float(self.eigenvalues[0] - self.c * self.w**2)
        if least <= 0:
            return None
        theta = norm.l2_bounds(self.start.shape).theta
        return Constant("mu", least / theta**2, "lower bound", "least eigenvalue of A less c w^2, over theta^2")

    def _constant_kappa(self, norm):
        """f >= <x, A x> / 2."""
        if not self.unique_minimiser:
            return None
        value = float(self.eigenvalues[0]) / (2 * norm.l2_bounds(self.start.shape).theta ** 2)
        return Constant("kappa", value, "lower bound", "half the least eigenvalue of A over theta^2")
