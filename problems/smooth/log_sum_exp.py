"""The smooth maximum log sum exp(<a_i, z> + b_i), with or without a ridge."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.problems import _quadratic_constants as constants
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems.constant import Constant, Known
from broximal.problems.regression._minimum import directions, newton_minimum
from broximal.problems.regression._smooth_loss import VectorLoss

PAIRS = 100  # rows up to which all differences are measured


class LogSumExp(VectorLoss):
    """f(z) = log sum_i exp(<a_i, z> + b_i) + ridge |z|_2^2 / 2 for A = (a_i) of shape (m, d), b (m,).

    Without a ridge f has a minimum if and only if 0 is in the relative interior of the convex hull of the a_i.
    """

    alias: ClassVar[str] = "log_sum_exp"

    A: Any
    b: Any

    def __init__(self, A, b=None, ridge=0.0, x0=None):
        """A (m, d), b (m,) (default 0), ridge >= 0, x0 (d,). Raises InvalidArgument."""
        self.A = as_matrix(A, "A")
        m, d = self.A.shape
        self.b = np.zeros(m) if b is None else as_array(b, "b", (m,))
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        self.start = np.zeros(d) if x0 is None else as_array(x0, "x0", (d,))
        moving = np.eye(d)
        if self.ridge == 0 and np.any(self.A):
            moving = directions(self.A)
        centred = self.A - self.A.mean(axis=0)
        reach = 2 * float(np.linalg.norm(centred, axis=1).max())
        self._solution, self._infimum = None, None
        if self.ridge == 0 and not np.any(self.A):
            value = np.logaddexp.reduce(self.b)
            self._solution, self._infimum = np.zeros(d), Known(float(value), 1e-15 * abs(float(value)), "f is constant")
            return
        z, known = newton_minimum(self, np.zeros(d), moving, reach)
        if known is not None:
            self._solution, self._infimum = z, known

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "LogSumExp":
        """4 dim Gaussian rows and ridge 0.01."""
        if int(dim) != dim or dim < 1:
            raise InvalidArgument(f"dim must be a positive integer, not {dim!r}.")
        rng = np.random.default_rng(seed)
        m = 4 * int(dim) + 1
        return cls(rng.standard_normal((m, int(dim))), rng.standard_normal(m), ridge=1e-2, x0=np.ones(int(dim)))

    # ---- the objective ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return "log sum exp({}x{})".format(*self.A.shape)

    def _softmax(self, x):
        xp = namespace(x, self.A)
        scores = like(self.A, x) @ x + like(self.b, x)
        top = scores.max()
        power = xp.exp(scores - top)
        return top + xp.log(power.sum()), power / power.sum()

    def value_and_gradient(self, x):
        value, p = self._softmax(x)
        ridge = like(self.ridge, x)
        return value + 0.5 * ridge * (x * x).sum(), p @ like(self.A, x) + ridge * x

    def hessian(self, x):
        A, (_, p) = like(self.A, x), self._softmax(x)
        centred = A - p @ A
        return (centred.T * p) @ centred + like(self.ridge, x) * namespace(x, A).eye(x.size, dtype=x.dtype)

    def rounding(self, x):
        top = like(np.linalg.norm(self.A, axis=1).max(), x)
        size = arrays.l2(x)
        # A rounded score moves the value by as much, and the weights relatively by as much.
        error = 4 * arrays.eps(x) * (1 + top * size)
        return error, error * top + 4 * arrays.eps(x) * like(self.ridge, x) * size

    def cvxpy(self, z):
        cp = cvxpy()
        return cp.log_sum_exp(self.A @ z + self.b) + float(self.ridge) / 2 * cp.sum_squares(z)

    # ---- what is known ---------------------------------------------------------------------------------------------

    def _facts(self):
        return (
            super()
            ._facts()
            .but(
                unique=lambda: (
                    self._solution is not None
                    and (
                        float(self.ridge) > 0
                        or (directions(self.A).shape[1] == self.start.size and bool(np.any(self.A)))
                    )
                ),
            )
        )

    def _constant_L(self, norm) -> Constant:
        """D'HD is the variance of <a_i, D> under the softmax weights, at most (max_ij <a_i - a_j, D>)^2 / 4.

        So L <= max_ij |a_i - a_j|_*^2 / 4, which two rows attain with equal weights.
        """
        m, dual = self.A.shape[0], norm.dual
        if m <= PAIRS:
            widths = [float(dual(u - v)) for i, u in enumerate(self.A) for v in self.A[:i] if np.any(u - v)]
            width, why = max(widths, default=0.0), "max |a_i - a_j|_*^2 / 4"
        else:
            centred = self.A - self.A.mean(axis=0)
            width, why = 2 * max(float(dual(u)) for u in centred), "max |a_i - mean|_*^2"
        kind = "exact" if m <= 2 and float(self.ridge) == 0 else "upper bound"
        extra = 0.0
        if float(self.ridge) > 0:
            n = self.start.size
            extra = float(self.ridge) * constants.smoothness(np.eye(n), np.ones(n), norm).value
            why += " plus the ridge"
        return Constant("L", width**2 / 4 + extra, kind, why)

    def _constant_G(self, norm) -> Constant | None:
        """Gradients fill the interior of the hull of the rows, where a norm is largest at an extreme, exposed row."""
        if float(self.ridge) > 0:
            return None
        value = max(float(norm.dual(a)) for a in self.A)
        return Constant("G", value, "exact", "the largest dual norm of a row, approached where it has all the weight")
