"""Matrix factorisation: not (L0, L1)-smooth in any norm, with constants on bounded sets only.

f(U, V) = |U V' - A|_F^2 / 2 + ridge (|U|_F^2 + |V|_F^2) / 2.

No layer-wise constants exist. Without a ridge the gradient is zero on U V' = A while the second derivative in U is V'V, of
any size. With one, take V = 0 and U = t u w' with A w = 0: the gradient in U is linear in t, the one in V too, and the second
derivative in V is t^2.

On the set |U|_op <= a, |V|_op <= b, |U V' - A|_op <= r, with Frobenius layers: for two of its points, the residuals R and R',

    R V - R' V' = R (V - V') + (U - U') V^T V' + U' (V - V')^T V',

so |grad_U - grad_U'| <= b^2 |U - U'| + (a b + r) |V - V'|: A2 with L_UU = b^2, L_VV = a^2, L_UV = a b + r, and the ridge on
the diagonal. The segment between the points need not lie in the set. In other norms times rho_i rho_j.

f* = sum_k s_k^2 / 2 - sum_{k <= rank} max(s_k - ridge, 0)^2 / 2 over the singular values s of A: (|U|^2 + |V|^2) / 2 >= |U V'|_nuc,
with equality for a balanced pair, and the best matrix of this rank shares the singular vectors of A (von Neumann).
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Frobenius
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems._data import dimension, finite
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.smoothness import Smoothness

WHY_NOT = "the second derivative in one layer is the square of the other layer, which the gradient does not bound"


class Factorisation(Problem):
    """The function above on [U, V] with shapes (m, rank) and (n, rank)."""

    alias: ClassVar[str] = "factorisation"
    A: Any
    ridge: Any
    start: Any

    def __init__(self, A, x0, ridge=0.0):
        """A (m, n), x0 = [U, V] of shapes (m, rank) and (n, rank), ridge >= 0. Raises InvalidArgument."""
        self.A = as_matrix(A, "A")
        if not isinstance(x0, (list, tuple)) or len(x0) != 2 or np.ndim(x0[0]) != 2:
            raise InvalidArgument("x0 must be a list [U, V] of two matrices.")
        rank = np.shape(x0[0])[1]
        self.start = [as_array(part, "x0", (n, rank)) for part, n in zip(x0, self.A.shape, strict=True)]
        self.ridge = finite(ridge, "ridge", low=0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Factorisation":
        """A dim x (dim + 1) matrix with normal entries, factors of half the rank."""
        m = dimension(dim)
        rng = np.random.default_rng(seed)
        rank = (m + 1) // 2
        return cls(rng.standard_normal((m, m + 1)), [rng.standard_normal((n, rank)) for n in (m, m + 1)])

    @property
    def name(self) -> str:
        return "factorisation({}x{}, rank {})".format(*self.A.shape, self.start[0].shape[1])

    def _facts(self):
        return Facts(
            convex=False,
            smooth=True,
            minimiser=self._minimiser,
            f_star=self._f_star,
        )

    def value(self, x):
        U, V = x
        ridge = like(self.ridge, U) * ((U * U).sum() + (V * V).sum())
        return ((U @ V.T - like(self.A, U)) ** 2).sum() / 2 + ridge / 2

    def gradient(self, x):
        U, V = x
        residual, ridge = U @ V.T - like(self.A, U), like(self.ridge, U)
        return [residual @ V + ridge * U, residual.T @ U + ridge * V]

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return list(self.start)

    def _minimiser(self):
        """The balanced one: the leading singular vectors times the roots of the shrunk singular values."""
        P, s, Qt = np.linalg.svd(self.A, full_matrices=False)
        rank = self.start[0].shape[1]
        kept = min(rank, len(s))
        root = np.sqrt(np.maximum(s[:kept] - self.ridge, 0))
        return [np.pad(part, ((0, 0), (0, rank - kept))) for part in (P[:, :kept] * root, Qt[:kept].T * root)]

    def _f_star(self) -> Known:
        s = np.linalg.svd(self.A, compute_uv=False)
        kept = np.maximum(s[: self.start[0].shape[1]] - self.ridge, 0)
        value = float((s**2).sum() - (kept**2).sum()) / 2
        error = 32 * arrays.eps(s) * float((s**2).sum())
        return Known(max(value, 0.0), error, "the best matrix of this rank, from the singular values of A")

    def smoothness(self, norm: Norm) -> tuple[Smoothness, ...]:
        """Empty: see `why_not_smooth`, and `smoothness_on` for bounded sets."""
        return ()

    @property
    def why_not_smooth(self) -> str:
        return WHY_NOT

    def smoothness_on(self, norm: Norm, a: float, b: float, r: float) -> Smoothness:
        """A2 between points with |U|_op <= a, |V|_op <= b, |U V' - A|_op <= r: never a global statement.

        Raises InvalidArgument for a norm that does not have the two layers U and V, or negative sizes.
        """
        a, b, r = (float(finite(value, name, low=0)) for value, name in ((a, "a"), (b, "b"), (r, "r")))
        layers = Layers(norm)
        if layers.count != 2:
            raise InvalidArgument(f"norm must have two layers, but {norm.name} has {layers.count}.")
        ridge = float(self.ridge)
        rho = [
            1.0 if isinstance(inner, (L2, Frobenius)) else inner.l2_bounds(part.shape).rho
            for inner, part in zip(layers.norms, self.start, strict=True)
        ]
        table = np.array([[b * b + ridge, a * b + r], [a * b + r, a * a + ridge]]) * np.outer(rho, rho)
        why = f"on |U| <= {a:g}, |V| <= {b:g}, |UV' - A| <= {r:g} only"
        return Smoothness.coupled(table, why)
