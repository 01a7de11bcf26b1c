"""Multinomial (softmax) regression, with or without a ridge, over vector and matrix balls."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.oracles.numerals import number_of
from broximal.problems import _matrix_constants as constants
from broximal.problems._checks import as_array, like
from broximal.problems.constant import Constant, Known
from broximal.problems.regression import data
from broximal.problems.regression._minimum import check_size, directions, minimum_of_loss
from broximal.problems.regression._smooth_loss import SmoothLoss


class Multinomial(SmoothLoss):
    """f(W) = mean_i [log sum_k exp <x_i, w_k> - <x_i, w_(y_i)>] + ridge |W|_F^2 / 2 on matrices W = (w_1 .. w_K), d x K.

    The loss does not change when one vector is added to all columns. Solved by Newton's method over balls of the entries
    (Frobenius, l1, l_inf), by the first-order method over others such as the spectral one.
    """

    alias: ClassVar[str] = "multinomial"
    task: ClassVar[str] = "classification"  # of the data files that it is built from

    samples: Any  # (N, d)
    classes: Any  # one-hot labels (N, K)

    def __init__(self, X, y, ridge=0.0, x0=None):
        """X (N, d), y (N,) with K >= 2 values, sorted to classes 0 .. K - 1, ridge >= 0. Raises InvalidArgument."""
        X, y = data.check(X, y)
        labels = np.unique(y)
        if data.is_continuous(y):
            raise InvalidArgument(
                f"y has {labels.size} different values that are not whole numbers, so it is no class."
            )
        check_size(X, labels.size)
        self.samples, self.classes = X, (y[:, None] == labels).astype(np.float64)
        self.ridge = np.float64(arrays.as_number(ridge, "ridge", low=0, high=1e300))
        d, k = X.shape[1], labels.size
        self.start = np.zeros((d, k)) if x0 is None else as_array(x0, "x0", (d, k))
        # A class difference <x, v_j - v_k> is at most sqrt(2) |x| |V|.
        reach = float(np.sqrt(2) * np.linalg.norm(X, axis=1).max())
        z, known = minimum_of_loss(self, self._moving, reach)
        self._solution, self._infimum = (z, known) if known is not None else (None, None)
        if known is None and self._margin(z) > 0:
            self._infimum = Known(0.0, 0.0, "the data are separable: f(s W) tends to 0, and no point attains it")

    def _moving(self, rows):
        k = self.classes.shape[1]
        if self.ridge > 0:
            return np.eye(rows.shape[1] * k)
        return np.kron(directions(rows), np.linalg.svd(np.eye(k) - 1 / k)[0][:, : k - 1])  # orthogonal to (1, .., 1)

    def _margin(self, z) -> float:
        """The least lead of the right class over the others."""
        scores = self.samples @ z
        right = (scores * self.classes).sum(axis=1)
        return float((right - np.where(self.classes > 0, -np.inf, scores).max(axis=1)).min())

    @classmethod
    def from_data(cls, source=tuple(range(10)), ridge=1e-2, x0=None, **reading) -> "Multinomial":
        """Digits such as `(0, 1, 2)`, all ten by default, or a file (see `problems.data.load`, which takes the rest)."""
        if isinstance(source, (tuple, list)):
            return cls(*data.digits(tuple(source)), ridge=ridge, x0=x0)
        found = data.of(source, cls.task, reading)
        return cls(found.X, found.y, ridge=ridge, x0=x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Multinomial":
        """Three noisy classes in `dim` features, 8 samples per feature, ridge 0.01."""
        if int(dim) != dim or dim < 1:
            raise InvalidArgument(f"dim must be a positive integer, not {dim!r}.")
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((8 * int(dim) + 3, int(dim)))
        scores = X @ rng.standard_normal((int(dim), 3)) + rng.gumbel(size=(X.shape[0], 3))
        y = scores.argmax(axis=1)
        y[:3] = (0, 1, 2)  # every class occurs
        return cls(X, y, ridge=1e-2)

    # ---- the objective ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return (
            f"multinomial({self.samples.shape[0]}x{self.samples.shape[1]}, {number_of(self.classes.shape[1], 'class')})"
        )

    def _softmax(self, x):
        xp = namespace(x, self.samples)
        scores = like(self.samples, x) @ x
        scores = scores - scores.max(axis=1, keepdims=True)
        power = xp.exp(scores)
        total = power.sum(axis=1, keepdims=True)
        return scores, xp.log(total), power / total

    def value_and_gradient(self, x):
        samples, classes, ridge = like(self.samples, x), like(self.classes, x), like(self.ridge, x)
        scores, log_total, p = self._softmax(x)
        n = samples.shape[0]
        value = (log_total.sum() - (scores * classes).sum()) / n + 0.5 * ridge * (x * x).sum()
        return value, samples.T @ (p - classes) / n + ridge * x

    def hessian(self, x):
        """Over the row-major entries of W: mean_i (x_i x_i') kron (diag p_i - p_i p_i') + ridge."""
        xp = namespace(x, self.samples)
        samples, (_, _, p) = like(self.samples, x), self._softmax(x)
        n, k = p.shape
        size = x.size
        rows = (samples[:, :, None] * p[:, None, :]).reshape(n, size) / n**0.5
        coupled = rows.T @ rows
        blocks = xp.einsum("ni,nk,nj->ikj", samples, p / n, samples, optimize=True)
        diagonal = (blocks[:, :, :, None] * xp.eye(k, dtype=x.dtype)[None, :, None, :]).reshape(size, size)
        return diagonal - coupled + like(self.ridge, x) * xp.eye(size, dtype=x.dtype)

    def rounding(self, x):
        size = like(np.sqrt((self.samples**2).sum() / self.samples.shape[0]), x)
        return 0.0, 4 * arrays.eps(x) * (size + like(self.ridge, x) * arrays.l2(x))

    def cvxpy(self, z):
        cp = cvxpy()
        scores = self.samples @ z
        loss = cp.sum(cp.log_sum_exp(scores, axis=1)) - cp.sum(cp.multiply(self.classes, scores))
        return loss / self.samples.shape[0] + float(self.ridge) / 2 * cp.sum_squares(z)

    # ---- what is known ---------------------------------------------------------------------------------------------

    def _facts(self):
        return super()._facts().but(unique=lambda: self._solution is not None and float(self.ridge) > 0)

    def _constant_L(self, norm) -> Constant:
        """diag(p) - pp' <= (I - 11'/K) / 2 (Boehning 1992).

        Proved here: u'(diag p - pp')u is the variance of u under p, unchanged when a constant is added to u, and at
        most (max u - min u)^2 / 4 <= |u|^2 / 2. So the Hessian is at most <D, (X'X/N) D (I - 11'/K)/2> + ridge, and in
        the Euclidean norm that is approached where two classes share all the probability: at W = 0 if K = 2, else if
        some feature has one sign (an intercept, say), with which a third class can be made as unlikely as one likes.
        """
        n, k = self.classes.shape
        X = self.samples
        loss = constants.smoothness_of_rows(X / np.sqrt(n), (np.eye(k) - 1 / k) / 2, norm)
        ridge = constants.of_identity(X.shape[1], k, norm) * float(self.ridge)
        one_sign = bool(((X > 0).all(axis=0) | (X < 0).all(axis=0)).any())
        kind = "exact" if isinstance(plain(norm)[0], L2) and (k == 2 or one_sign) else "upper bound"
        return Constant("L", loss.value + ridge, kind, f"Boehning's bound of the Hessian ({loss.why}) plus the ridge")

    def _constant_mu(self, norm) -> Constant | None:
        """The loss is flat along W = w 1', so the ridge is all there is; exact in the Euclidean norm."""
        if float(self.ridge) == 0:
            return None
        d, k = self.start.shape
        value = float(self.ridge) / constants.of_identity(d, k, norm.dual)
        kind = "exact" if isinstance(plain(norm)[0], L2) else "lower bound"
        return Constant("mu", value, kind, "of the ridge, by 1 / L of its inverse in the dual norm")
