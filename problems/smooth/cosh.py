"""f(z) = sum_i (cosh(alpha_i z_i) - 1): smooth with a curvature that grows with the gradient, not L-smooth.

(L0, L1)-smoothness in the sense |grad f(x) - grad f(y)|_* <= (L0 + L1 sup over the segment of |grad f|_*) |x - y|: each term
has h'' = alpha^2 cosh(alpha z) <= alpha^2 + alpha |h'|, as cosh <= 1 + |sinh|. The curvature along a direction u is
sum h_i'' u_i^2 <= sum (alpha_i^2 + alpha_i |h_i'|) u_i^2, which is at most (sum alpha_i^2 + max alpha_i |grad f|_1) |u|_inf^2
in l_inf, and (max alpha_i^2 + max alpha_i |grad f|_inf) |u|_2^2, hence also in l2 and l1, whose dual norms exceed |.|_inf.
"""

import equinox as eqx
import numpy as np

from broximal.oracles.arrays import as_point, namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Cosh(Problem):
    """sum_i (cosh(alpha_i z_i) - 1) with positive alpha (d,); minimiser 0, minimum 0.

    Strongly convex with mu = min alpha_i^2 in the Euclidean norm; no L, but L0 and L1 in l1, l2 and l_inf.
    """

    alias = "cosh"
    alpha: np.ndarray
    start: np.ndarray
    title: str = eqx.field(static=True)

    def __init__(self, alpha, x0=None):
        self.alpha = np.asarray(as_point(alpha, "alpha"), dtype=float)
        if self.alpha.ndim != 1 or np.any(self.alpha <= 0):
            raise InvalidArgument("alpha must be a vector of positive numbers.")
        self.start = 2.0 / self.alpha if x0 is None else np.asarray(as_point(x0, "x0"), dtype=float)
        if self.start.shape != self.alpha.shape:
            raise InvalidArgument(f"x0 has shape {self.start.shape}, but alpha has shape {self.alpha.shape}.")
        self.title = f"cosh({self.alpha.size})"

    @classmethod
    def example(cls, dim, seed=0):
        rng = np.random.default_rng(seed)
        alpha = rng.uniform(0.5, 1.5, dim)
        return cls(alpha, rng.choice([-1.0, 1.0], dim) * rng.uniform(1, 2.5, dim) / alpha)

    @property
    def name(self):
        return self.title

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=lambda: np.zeros_like(self.alpha),
            unique=True,
            f_star=Known(0.0, 0.0, "cosh >= 1 with equality at 0"),
        )

    @property
    def x0(self):
        return self.start

    def value(self, x):
        # cosh(y) - 1 = 2 sinh(y/2)^2 keeps all digits near the minimum
        return (2 * namespace(x).sinh(self.alpha * x / 2) ** 2).sum()

    def gradient(self, x):
        return self.alpha * namespace(x).sinh(self.alpha * x)

    def cvxpy(self, z):
        from broximal.oracles.cvxpy_bridge import cvxpy

        y = cvxpy().multiply(self.alpha, z)
        return cvxpy().sum(0.5 * cvxpy().exp(y) + 0.5 * cvxpy().exp(-y) - 1)

    def _constant_L(self, norm):
        return None

    def _l2_constant(self, name):
        if name == "L":
            return None
        return Constant("mu", float(np.min(self.alpha) ** 2), "exact", "least curvature, at 0", L2().name)

    def _constant_L0(self, norm):
        if isinstance(norm, LInf):
            return Constant(
                "L0", float(np.sum(self.alpha**2)), "upper bound", "cosh <= 1 + |sinh|, summed over features"
            )
        if isinstance(norm, (L1, L2)):
            return Constant("L0", float(np.max(self.alpha) ** 2), "upper bound", "cosh <= 1 + |sinh| in every feature")
        return None

    def _constant_L1(self, norm):
        if isinstance(norm, (L1, L2, LInf)):
            return Constant("L1", float(np.max(self.alpha)), "upper bound", "cosh <= 1 + |sinh| in every feature")
        return None
