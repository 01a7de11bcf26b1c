"""Additive noise with heavy tails and known p-th moments.

            |noise|_2 of a leaf with d entries      (E |noise|_2^p)^(1/p), p < df or alpha
StudentT    entries s t_df, independent             at most s (d E |t|^p)^(1/p), exact for d = 1
Pareto      s sqrt(d) R, direction uniform          s sqrt(d) (alpha / (alpha - p))^(1/p) exactly

with E |t|^p = df^(p/2) Gamma((p + 1)/2) Gamma((df - p)/2) / (sqrt(pi) Gamma(df/2)) and P(R > r) = r^-alpha for r >= 1. For
StudentT |v|_2^p <= sum |v_i|^p, as p <= 2. Both are symmetric and have means (df, alpha > 1), so they are unbiased; the
variance is infinite for df, alpha <= 2.
"""

import math

import jax

from broximal.oracles.arrays import as_number
from broximal.problems.stochastic.noise import Noise


class StudentT(Noise):
    """Entries s t with df > 1 degrees of freedom. Raises InvalidArgument for others: there is no mean."""

    df: float = 1.5

    def __check_init__(self):
        as_number(self.df, "df", low=1, high=1e300, open_low=True)

    @property
    def name(self):
        return f"student_t({self.s:g}, df={self.df:g})"

    def _draw(self, key, shape, dtype):
        return self.s * jax.random.t(key, self.df, shape, dtype)

    def _sigma(self, size):
        return self.s * math.sqrt(size * self.df / (self.df - 2)) if self.df > 2 else math.inf

    def _moment(self, size, p):
        if p >= self.df:
            return math.inf
        halves = math.lgamma((p + 1) / 2) + math.lgamma((self.df - p) / 2) - math.lgamma(self.df / 2)
        entry = self.df ** (p / 2) * math.exp(halves) / math.sqrt(math.pi)
        return min(self.s * (size * entry) ** (1 / p), self._sigma(size))


class Pareto(Noise):
    """A uniform direction times s sqrt(d) R, R Pareto distributed on [1, inf) with index alpha > 1.

    Raises InvalidArgument for another alpha: there is no mean.
    """

    alpha: float = 1.5

    def __check_init__(self):
        as_number(self.alpha, "alpha", low=1, high=1e300, open_low=True)

    @property
    def name(self):
        return f"pareto({self.s:g}, alpha={self.alpha:g})"

    def _draw(self, key, shape, dtype):
        direction, length = jax.random.split(key)
        raw = jax.random.normal(direction, shape, dtype)
        size = self.s * math.sqrt(math.prod(shape)) * jax.random.pareto(length, self.alpha, (), dtype)
        return size * raw / jax.numpy.sqrt((raw * raw).sum())

    def _sigma(self, size):
        return self._moment(size, 2.0)

    def _moment(self, size, p):
        if p >= self.alpha:
            return math.inf
        return self.s * math.sqrt(size) * (self.alpha / (self.alpha - p)) ** (1 / p)
