"""Quadratics with random curvature: samples differ in their Hessians, so differences of samples are noisy as well.

    f(x; xi) = <d, A_xi d> / 2 + eta <b, d>,  d = x - x*,  A_xi = A + sum_i zeta_i B_i,

zeta_1, .., zeta_m and eta independent with mean 0 and variance 1: signs ("two-point") or normal ("gaussian"). Proofs:
E f(x; xi) = <d, A d> / 2 = f(x), and the noise of the gradient is sum_i zeta_i B_i d + eta b, so by independence

    E |noise|_2^2 = sum_i |B_i d|_2^2 + |b|_2^2,
    E |g(x; xi) - g(y; xi)|_2^2 = E |A_xi h|_2^2 = <h, (A^2 + sum_i B_i^2) h>,  h = x - y,

the cross terms having mean 0. So calL^2 is the smoothness of the form with the matrix A^2 + sum B_i^2, exact where that is
(see `_quadratic_constants`: all norms that are l1, l2 or l_inf after a linear change of variable, l_inf up to 16 entries);
a mean of b draws has sum B_i^2 / b and |b|^2 / b in their places. s1 of `variance_growth` is sqrt(lambda_max(sum B_i^2)).
"""

import itertools
import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.problems import _quadratic_constants as constants
from broximal.problems._checks import as_array, as_symmetric, like
from broximal.problems.constant import Constant
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.stochastic.contract import Stochastic, VarianceGrowth
from broximal.problems.stochastic.noise import OUTCOMES
from broximal.problems.stochastic.sample import Sample, mean_draw

LAWS = ("two-point", "gaussian")


class QuadraticSample(Sample):
    """level + <d, (A + sum_i zeta_i B_i) d> / 2 + eta <b, d>, d = x - center."""

    A: Any
    B: Any
    b: Any
    center: Any
    level: Any
    zeta: Any  # (m,)
    eta: Any
    semidefinite: bool = eqx.field(static=True)  # is every sample?

    @property
    def convex(self) -> bool:
        return self.semidefinite

    @property
    def smooth(self) -> bool:
        return True

    def _parts(self, x):
        xp = namespace(x, self.zeta)
        d = x - like(self.center, x)
        bent = like(self.A, x) @ d + xp.tensordot(like(self.zeta, x), like(self.B, x) @ d, 1)
        return d, bent, like(self.eta, x) * like(self.b, x)

    def value(self, x):
        d, bent, shift = self._parts(x)
        return like(self.level, x) + (bent * d).sum() / 2 + (shift * d).sum()

    def gradient(self, x):
        _, bent, shift = self._parts(x)
        return bent + shift


class RandomCurvature(Stochastic, Quadratic):
    """The quadratic <x - x*, A (x - x*)> / 2 with the samples above: A (n, n), B (m, n, n) symmetric, b (n,)."""

    alias: ClassVar[str] = "random_curvature"
    B: Any
    b: Any
    law: str = eqx.field(static=True)
    semidefinite: bool = eqx.field(static=True)

    def __init__(self, A, B, b=None, about=None, law="two-point", x0=None):
        """A symmetric, B one symmetric matrix or a stack of them, b and about default to 0. Raises InvalidArgument."""
        A = as_symmetric(A, "A")
        n = len(A)
        B = np.asarray(B, dtype=float) if np.ndim(B) in (2, 3) else None
        if B is None or B.shape[-2:] != (n, n):
            raise InvalidArgument(f"B must be one or more matrices of the shape of A, {A.shape}.")
        self.B = np.stack([as_symmetric(own, "B") for own in B.reshape(-1, n, n)])
        self.b = np.zeros(n) if b is None else as_array(b, "b", (n,))
        if law not in LAWS:
            raise InvalidArgument(f"law must be one of {', '.join(LAWS)}, not {law!r}.")
        Quadratic.__init__(self, A, None, x0, about=np.zeros(n) if about is None else about)
        self.law = law
        signs = itertools.product((-1.0, 1.0), repeat=len(self.B)) if self._few else ()
        lows = [np.linalg.eigvalsh(A + np.tensordot(s, self.B, 1))[0] for s in map(np.array, signs)]
        self.semidefinite = bool(lows and min(lows) >= 0)  # then so are all means of samples

    @classmethod
    def example(cls, dim: int, seed: int = 0, law: str = "two-point") -> "RandomCurvature":
        """Condition number 100, two random curvatures of 0.4 and 0.2 times a random symmetric matrix of norm 1."""
        base, rng = Quadratic.example(dim, seed), np.random.default_rng(seed)
        raw = rng.standard_normal((2, dim, dim))
        raw = raw + raw.swapaxes(1, 2)
        raw *= (np.array([0.4, 0.2]) / np.linalg.norm(raw, 2, axis=(1, 2)))[:, None, None]
        return cls(base.A, raw, 0.1 * rng.standard_normal(dim), base.about, law)

    @property
    def name(self) -> str:
        return f"{Quadratic.name.fget(self)} with {self.law} curvature"  # type: ignore[attr-defined]

    @property
    def _few(self) -> bool:
        return self.law == "two-point" and 2 ** (len(self.B) + 1) <= OUTCOMES

    def _sample(self, zeta, eta):
        return QuadraticSample(self.A, self.B, self.b, self.about, self.level, zeta, eta, self.semidefinite)

    def _draw(self, key, batch):
        def draw(key, like):
            shape, dtype = like.shape, like.dtype
            make = jax.random.rademacher if self.law == "two-point" else jax.random.normal
            return make(key, shape, dtype)

        xi = mean_draw(draw, key, self, np.zeros(len(self.B) + 1), batch)
        return self._sample(xi[:-1], xi[-1])

    def _outcomes(self):
        if not self._few:
            return None
        rows = [np.array(row) for row in itertools.product((-1.0, 1.0), repeat=len(self.B) + 1)]
        return [(1 / len(rows), self._sample(row[:-1], row[-1])) for row in rows]

    def _sigma(self, layers):
        flat = not self.B.any() and layers.count == 1
        return (float(np.linalg.norm(self.b)) if flat else math.inf,) * layers.count

    def _sigma_at(self, x, layers):
        return (float(np.hypot(np.linalg.norm(self.B @ (x - self.about)), np.linalg.norm(self.b))),)

    def variance_growth(self, batch=None):
        """An upper bound, unless n = 1 or B = 0: |B_i d| <= s1 |d|."""
        root = math.sqrt(self._batch(batch))
        s1 = float(np.sqrt(max(np.linalg.eigvalsh(self._squares())[-1], 0.0)))
        return VarianceGrowth(float(np.linalg.norm(self.b)) / root, s1 / root, "distance", len(self.A) == 1 or s1 == 0)

    def _squares(self) -> np.ndarray:
        return np.einsum("mij,mjk->ik", self.B, self.B)

    def _mean_squared_smoothness(self, norm, batch):
        square = self.A @ self.A + self._squares() / batch
        found = constants.smoothness(square, np.linalg.eigvalsh(square), norm)
        why = f"the root of the smoothness of A^2 + sum B_i^2 / {batch}: {found.why}"
        return Constant("calL", math.sqrt(found.value), found.kind, why, norm.name)
