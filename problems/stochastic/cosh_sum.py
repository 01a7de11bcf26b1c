"""A finite sum of cosh functions with shifted centres: (L0, L1)-smooth, not L-smooth, with its minimum in closed form.

f_j(x) = sum_k c_k (cosh(a_k (x_k - b_jk)) - 1). With p_k = mean_j e^(a_k b_jk) and m_k = mean_j e^(-a_k b_jk),

    f(x) = sum_k C_k cosh(a_k (x_k - B_k)) - c_k,   C_k = c_k sqrt(p_k m_k),   B_k = log(p_k / m_k) / (2 a_k),

since c (e^(a x) m + e^(-a x) p) / 2 = C cosh(a (x - B)). So f* = sum_k C_k - c_k at B, which is the heterogeneity as all f_j have
minimum 0, and A1H holds with C in the place of c (see `problems.ridges`). The noise of a term grows with f: no sigma.
"""

import math
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems._data import dimension
from broximal.problems.constant import Known
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.stochastic.finite_sum import FiniteSum, Minibatch, batch_size


class CoshSum(FiniteSum, Ridges):
    """The sum above with c and a (d,), positive, and centres b (N, d); |a b| at most some hundreds."""

    alias: ClassVar[str] = "cosh_sum"
    centres: Any
    scale: Any  # c
    level: Any  # f*
    noise: Minibatch

    def __init__(self, c, a, centres, batch=1, x0=None):
        """Raises InvalidArgument."""
        self.centres = as_matrix(centres, "centres")
        d = self.centres.shape[1]
        self.scale, a = as_array(c, "c", (d,)), as_array(a, "a", (d,))
        s = a * self.centres
        up, down = (np.log(np.mean(np.exp(sign * s), axis=0)) for sign in (1, -1))
        C, B = self.scale * np.exp((up + down) / 2), (up - down) / (2 * a)
        start = B + 2 / a if x0 is None else as_array(x0, "x0", (d,))
        Ridges.__init__(self, RidgeLayer("cosh", C, a, B, start))
        self.level = np.float64((self.scale * np.expm1((up + down) / 2)).sum())
        self.noise = Minibatch(batch_size(batch), math.inf, None)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "CoshSum":
        """12 centres in three clusters, c and a between 1/2 and 3/2."""
        rng = np.random.default_rng(seed)
        d = dimension(dim)
        centres = np.repeat(rng.standard_normal((3, d)), 4, axis=0) + 0.2 * rng.standard_normal((12, d))
        c, a = rng.uniform(0.5, 1.5, (2, d))
        return cls(c, a, centres, 1, centres.mean(axis=0) + rng.choice([-1.0, 1.0], d) * rng.uniform(1, 2, d) / a)

    @property
    def name(self) -> str:
        return "sum of {} cosh({})".format(*self.centres.shape)

    @property
    def count(self) -> int:
        return self.centres.shape[0]

    def _facts(self):
        return super()._facts().but(f_star=self._f_star)

    def _f_star(self) -> Known:
        value = float(self.level)
        return Known(value, 32 * np.finfo(float).eps * (value + float(self.scale.sum())), "sum C - c, at B")

    def gap(self, x):
        """Without the cancellation of f(x) - f*."""
        return Ridges.value(self, x)

    def value(self, x):
        return Ridges.value(self, x) + like(self.level, x)

    def _scores(self, j, x):
        a, b = like(self.layers[0].a, x), like(self.centres, x)[j]
        return a, a * (x - b)

    def term(self, j, x):
        _, s = self._scores(j, x)
        return (like(self.scale, x) * 2 * namespace(x).sinh(s / 2) ** 2).sum()

    def gradient_of_term(self, j, x):
        a, s = self._scores(j, x)
        return like(self.scale, x) * a * namespace(x).sinh(s)

    def part(self, rows):
        return CoshSum(self.scale, self.layers[0].a, self.centres[rows], self.noise.batch, self.x0)

    def spread(self):
        return self.centres

    @property
    def convex_terms(self) -> bool:
        return True
