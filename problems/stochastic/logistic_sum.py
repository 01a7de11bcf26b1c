"""Logistic regression seen through minibatches: bounded noise.

With a_j the sample times its label, grad f_j(x) = -p_j a_j + ridge x, 0 < p_j < 1. Proved here, for one term and any point:
* E |grad f_j - grad f|_2^2 <= E |-p_j a_j - v|_2^2 for every fixed v; v = 0 gives mean |a_j|^2, v = -mean a / 2 gives
  mean max(|v|^2, |a_j + v|^2), convex in p_j and so largest at p_j = 0 or 1. sigma^2 is the smaller one over the batch.
* |grad f_j - grad f|_2 <= max_j |a_j| + |mean of p a| <= max |a_j| + mean |a_j|.
* |p_j(x) - p_j(y)| <= |<a_j, x - y>| / 4, so E |..|_2^2 <= d' M d, M = mean |a_j|^2 a_j a_j' / 16, and with the ridge
  calL <= sqrt(lambda_max(M)) + ridge in l2 (Minkowski), times rho in any norm; an average over a batch is no worse.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.problems._checks import like
from broximal.problems.constant import Constant
from broximal.problems.regression.logistic import Logistic
from broximal.problems.stochastic.finite_sum import FiniteSum, Minibatch, batch_size


class LogisticSum(FiniteSum, Logistic):
    """`Logistic` with minibatches of `batch` samples."""

    alias: ClassVar[str] = "logistic_sum"
    noise: Minibatch

    def __init__(self, X, y, ridge=0.0, batch=1, x0=None):
        """X (N, d), y (N,) with two values, ridge >= 0. Raises InvalidArgument."""
        batch = batch_size(batch)
        Logistic.__init__(self, X, y, ridge, x0)
        a, v = self.samples, -self.samples.mean(axis=0) / 2
        lengths = np.linalg.norm(a, axis=1)
        around = np.maximum((v * v).sum(), ((a + v) ** 2).sum(axis=1)).mean()
        sigma = float(np.sqrt(min(float((lengths**2).mean()), float(around)) / batch))
        self.noise = Minibatch(batch, sigma, float(lengths.max() + lengths.mean()))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "LogisticSum":
        """The samples of `Logistic.example`, an even number of them, in batches of 4."""
        base = Logistic.example(dim, seed)
        return _from_rows(base.samples[: len(base.samples) // 2 * 2], float(base.ridge), 4, base.start)

    @property
    def name(self) -> str:
        return "sum of {} logistic losses({})".format(*self.samples.shape)

    @property
    def count(self) -> int:
        return self.samples.shape[0]

    def term(self, j, x):
        margin = like(self.samples, x)[j] @ x
        return namespace(x).logaddexp(0 * margin, -margin) + like(self.ridge, x) * (x * x).sum() / 2

    def gradient_of_term(self, j, x):
        a, xp = like(self.samples, x)[j], namespace(x)
        margin = a @ x
        return like(self.ridge, x) * x - xp.exp(-xp.logaddexp(0 * margin, margin)) * a

    def part(self, rows):
        return _from_rows(self.samples[rows], float(self.ridge), self.noise.batch, self.start)

    def spread(self):
        return self.samples

    @property
    def convex_terms(self) -> bool:
        return True

    def _mean_squared_smoothness(self, norm, batch):
        a = self.samples
        M = (a * ((a**2).sum(axis=1) / 16)[:, None]).T @ a / len(a)
        value = float(np.sqrt(np.linalg.eigvalsh(M)[-1])) + float(self.ridge)
        rho = norm.l2_bounds(self.start.shape).rho
        return Constant("calL", rho * value, "upper bound", "fourth moments of the samples, and the ridge", norm.name)


def _from_rows(rows: np.ndarray, ridge: float, batch: int, x0: Any) -> LogisticSum:
    """From samples times labels; which label a row has does not matter, as long as both occur."""
    if len(rows) == 1:  # the same term twice
        rows = np.repeat(rows, 2, axis=0)
    labels = np.where(np.arange(len(rows)) % 2 == 0, 1.0, -1.0)
    return LogisticSum(rows * labels[:, None], labels, ridge, batch, x0)
