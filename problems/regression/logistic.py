"""Binary logistic regression, with or without a ridge."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.problems import _quadratic_constants as constants
from broximal.problems._checks import as_array, like
from broximal.problems.constant import Constant, Known
from broximal.problems.regression import data
from broximal.problems.regression._minimum import DENSE, check_size, directions, minimum_of_loss
from broximal.problems.regression._smooth_loss import VectorLoss


class Logistic(VectorLoss):
    """f(z) = mean_i log(1 + exp(-y_i <a_i, z>)) + ridge |z|_2^2 / 2, labels y_i = -1 or +1.

    Solved exactly over Euclidean, ellipsoidal, l_inf and l1 balls by Newton's method, over others by the first-order
    method. The minimum is computed once, to machine precision, when the problem is built; without a ridge there may be
    none, and on separable data inf f = 0 is not attained.
    """

    alias: ClassVar[str] = "logistic"
    task: ClassVar[str] = "classification"  # of the data files that it is built from

    samples: Any  # y_i a_i, (N, d)

    def __init__(self, X, y, ridge=0.0, x0=None):
        """X (N, d), y (N,) with two values, ridge >= 0. The larger label counts as +1. Raises InvalidArgument."""
        X, y = data.check(X, y)
        labels = np.unique(y)
        if labels.size != 2:
            raise InvalidArgument(
                f"y has {number_of(labels.size, 'class')}; logistic regression needs two (see Multinomial)."
            )
        self.samples = np.where(y == labels[1], 1.0, -1.0)[:, None] * X
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        d = X.shape[1]
        check_size(X)
        self.start = np.zeros(d) if x0 is None else as_array(x0, "x0", (d,))
        reach = float(np.linalg.norm(X, axis=1).max())
        z, known = minimum_of_loss(self, self._moving, reach)
        self._solution, self._infimum = (z, known) if known is not None else (None, None)
        if known is None and (self.samples @ z).min() > 0:
            self._infimum = Known(0.0, 0.0, "the data are separable: f(s z) tends to 0, and no point attains it")

    def _moving(self, rows):
        return np.eye(rows.shape[1]) if self.ridge > 0 else directions(rows)

    @classmethod
    def from_data(cls, source="breast_cancer", ridge=1e-2, x0=None, **reading) -> "Logistic":
        """`breast_cancer`, two digits such as `(3, 8)`, or a file (see `problems.data.load`, which takes the rest)."""
        if isinstance(source, str) and source == "breast_cancer":
            X, y = data.breast_cancer()
        elif isinstance(source, (tuple, list)):
            X, y = data.digits(tuple(int(digit) for digit in source))
        else:
            found = data.of(source, cls.task, reading)
            X, y = found.X, found.y
        return cls(X, y, ridge=ridge, x0=x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Logistic":
        """Noisy labels of a random direction, 8 samples per dimension, ridge 0.01."""
        if int(dim) != dim or dim < 1:
            raise InvalidArgument(f"dim must be a positive integer, not {dim!r}.")
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((8 * int(dim) + 2, int(dim)))
        noise = rng.logistic(size=X.shape[0])
        score = X @ rng.standard_normal(int(dim)) + noise
        return cls(X, np.where(score > np.median(score), 1.0, -1.0), ridge=1e-2)

    # ---- the objective ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return "logistic({}x{})".format(*self.samples.shape)

    def value_and_gradient(self, x):
        xp = namespace(x, self.samples)
        samples, ridge = like(self.samples, x), like(self.ridge, x)
        margin = samples @ x
        loss = xp.logaddexp(xp.zeros_like(margin), -margin)
        wrong = xp.exp(-xp.logaddexp(xp.zeros_like(margin), margin))  # 1 / (1 + e^margin), accurate when tiny
        value = loss.mean() + 0.5 * ridge * (x * x).sum()
        return value, ridge * x - samples.T @ wrong / samples.shape[0]

    def hessian(self, x):
        xp = namespace(x, self.samples)
        samples = like(self.samples, x)
        margin = xp.abs(samples @ x)
        weight = xp.exp(-margin - 2 * xp.log1p(xp.exp(-margin))) / samples.shape[0]
        return (samples.T * weight) @ samples + like(self.ridge, x) * xp.eye(x.size, dtype=x.dtype)

    def rounding(self, x):
        size = like(np.sqrt((self.samples**2).sum(axis=0).sum() / self.samples.shape[0]), x)
        return 0.0, 4 * arrays.eps(x) * (size + like(self.ridge, x) * arrays.l2(x))

    def cvxpy(self, z):
        cp = cvxpy()
        return cp.sum(cp.logistic(-(self.samples @ z))) / self.samples.shape[0] + float(
            self.ridge
        ) / 2 * cp.sum_squares(z)

    # ---- what is known ---------------------------------------------------------------------------------------------

    def _facts(self):
        return (
            super()
            ._facts()
            .but(
                unique=lambda: (
                    self._solution is not None
                    and (float(self.ridge) > 0 or directions(self.samples).shape[1] == self.start.size)
                ),
            )
        )

    def _constant_L(self, norm) -> Constant:
        """The Hessian is largest at z = 0, where every sample has weight 1/4: D'HD <= mean <a_i, D>^2 / 4 + ridge |D|^2.

        Where that is not exact, <a_i, D>^2 <= |a_i|_*^2 |D|^2 gives another bound, and the smaller one is returned.
        """
        n = self.samples.shape[0]
        if self.start.size > DENSE:
            return constants.smoothness_of_rows(self.samples / np.sqrt(4 * n), float(self.ridge), norm)
        identity = np.eye(self.start.size)
        H = self.samples.T @ self.samples / (4 * n) + float(self.ridge) * identity
        found = constants.smoothness(H, np.linalg.eigvalsh(H), norm)
        why = f"of the Hessian at 0, the largest one ({found.why})"
        if found.kind != "exact":
            dual = norm.dual
            loss = float(np.mean([float(dual._value(a)) ** 2 for a in self.samples])) / 4
            ridge = float(self.ridge) * constants.smoothness(identity, np.ones(identity.shape[0]), norm).value
            if loss + ridge < found.value:
                return Constant("L", loss + ridge, "upper bound", "mean |a_i|_*^2 / 4 and the ridge")
        return Constant("L", found.value, found.kind, why)

    def _constant_G(self, norm) -> Constant | None:
        if float(self.ridge) > 0:
            return None
        dual = norm.dual
        value = float(np.mean([float(dual(a)) for a in self.samples]))
        return Constant("G", value, "upper bound", "mean of the dual norms of the samples")
