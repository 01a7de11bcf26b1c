"""Noise that grows with the distance to the minimiser, or with the gradient: exactly, by random signs.

DistanceNoise   f(x; xi) = f(x) + (s1 / 2) sum_i e_i (x_i - x*_i)^2 + <v, x>     E |noise|^2 = s0^2 + s1^2 |x - x*|_2^2
GradientNoise   f(x; xi) = (1 + s1 e) f(x) + <v, x>                              E |noise|^2 = s0^2 + s1^2 |grad f(x)|_2^2

e are independent signs (one for each entry; one), v is a draw of additive noise with E |v|_2^2 = s0^2 that is independent of
them, or 0. The noise of the gradient is s1 e (x - x*) + v and s1 e grad f(x) + v. Proofs: E e = 0 and E v = 0 make it
unbiased; e^2 = 1 makes the length of its first term s1 |x - x*|_2 and s1 |grad f(x)|_2 surely, in every layer; and the two
terms are uncorrelated. Between two points E |g(x; xi) - g(y; xi)|_2^2 is |f'(x) - f'(y)|_2^2 + s1^2 |x - y|_2^2, and
(1 + s1^2) |f'(x) - f'(y)|_2^2. A mean of b draws has s1^2 / b and s0^2 / b in their places.
"""

import abc
import math
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import as_number, combine, inner, scale, subtract
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.problems._data import like_tree
from broximal.problems.problem import Problem
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import Ridges
from broximal.problems.stochastic.contract import VarianceGrowth, additive_smoothness
from broximal.problems.stochastic.noise import OUTCOMES, Noise, Signs
from broximal.problems.stochastic.noisy import Shifted, as_noise
from broximal.problems.stochastic.sample import Sample, mean_draw
from broximal.problems.stochastic.with_noise import WithNoise, seen_exactly


class _Growing(WithNoise):
    """What both have in common; a family says what the signs belong to and what they multiply."""

    grows_with: ClassVar[Literal["distance", "gradient"]]
    additive: Noise | None
    s1: float

    def __init__(self, problem, s1, noise=None):
        """A problem with exact gradients, s1 >= 0, additive noise or None. Raises InvalidArgument."""
        self.problem = seen_exactly(problem)
        self.s1 = float(as_number(s1, "s1", low=0, high=1e300))
        self.additive = None if noise is None else as_noise(noise)

    @abc.abstractmethod
    def _signs(self) -> Any:
        """A tree with an entry for every sign."""

    @abc.abstractmethod
    def _with_signs(self, signs: Any) -> Sample:
        """The sample of these signs, without additive noise."""

    @abc.abstractmethod
    def _grows_with(self, x: Any) -> Any:
        """What the signs multiply at x, up to s1."""

    def _sample(self, signs: Any, shift: Any) -> Sample:
        found = self._with_signs(signs)
        return found if shift is None else Shifted(found, shift)

    def _draw(self, key, batch):
        def draw(key, like):
            first, second = jax.random.split(key)
            signs = Signs(1.0).sample(first, like["signs"])
            return signs, None if self.additive is None else self.additive.sample(second, like["x"])

        return self._sample(*mean_draw(draw, key, self, {"signs": self._signs(), "x": self.x0}, batch))

    def _outcomes(self):
        try:
            signs = Signs(1.0).outcomes(shape_of(self._signs()))
            shifts = [(1.0, None)] if self.additive is None else self.additive.outcomes(shape_of(self.x0))
        except MissingConstant:
            return None
        if len(signs) * len(shifts) > OUTCOMES:
            return None
        return [(p * q, self._sample(e, v)) for p, e in signs for q, v in shifts]

    def _floors(self, layers) -> tuple[float, ...]:
        """s0 of every layer."""
        return (0.0,) * layers.count if self.additive is None else self.additive.layer_sigmas(layers, self.x0)

    def _sigma(self, layers):
        return self._floors(layers) if self.s1 == 0 else (math.inf,) * layers.count

    def _sure(self, layers):
        if self.s1 > 0:
            return (math.inf,) * layers.count
        return (0.0,) * layers.count if self.additive is None else self.additive.layer_bounds(layers, self.x0)

    def _sigma_at(self, x, layers):
        floors = self._floors(layers)
        if not np.isfinite(floors).all():
            raise MissingConstant(f"{self.name} has no variance.")
        sizes = [math.hypot(*map(np.linalg.norm, jax.tree.leaves(part))) for part in layers.split(self._grows_with(x))]
        return tuple(math.hypot(s0, self.s1 * size) for s0, size in zip(floors, sizes, strict=True))

    def _moment(self, p, layers, batch):
        if self.s1 > 0 or self.additive is None:
            return None
        return self.additive.layer_moments(p, layers, self.x0, batch)

    def variance_growth(self, batch=None):
        root = math.sqrt(self._batch(batch))
        s0 = 0.0 if self.additive is None else math.hypot(*self.additive.sigmas(shape_of(self.x0)))
        if not math.isfinite(s0):
            raise MissingConstant(f"{self.name} has no variance.")
        return VarianceGrowth(s0 / root, self.s1 / root, self.grows_with, True)


class BentSample(Sample):
    """f(x) + (s1 / 2) sum_i signs_i (x_i - center_i)^2."""

    problem: Problem
    s1: Any
    signs: Any
    center: Any

    @property
    def smooth(self) -> bool:
        return self.problem.smooth

    def _off(self, x):
        off = subtract(x, like_tree(self.center, x))
        return off, jax.tree.map(lambda e, d: self.s1 * e * d, like_tree(self.signs, x), off)

    def value(self, x):
        off, bent = self._off(x)
        return self.problem.value(x) + inner(bent, off) / 2

    def gradient(self, x):
        return combine(1.0, self.problem.gradient(x), 1.0, self._off(x)[1])


class DistanceNoise(_Growing):
    """DistanceNoise(problem, s1, noise): see above; the problem needs a known minimiser, a point of its space."""

    alias: ClassVar[str] = "distance_noise"
    grows_with = "distance"

    def __init__(self, problem, s1, noise=None):
        """Raises InvalidArgument, also for a problem without a known minimiser."""
        super().__init__(problem, s1, noise)
        if problem.minimiser is None:
            raise InvalidArgument(f"problem must have a known minimiser, but {problem.name} has none.")

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "DistanceNoise":
        """A quadratic with condition number 100, s1 = 1/5 and signs of size 1/10."""
        return cls(Quadratic.example(dim, seed), 0.2, Signs(0.1))

    @property
    def noise_name(self) -> str:
        return f"{self.s1:g} signs (x - x*)" + (f" + {self.additive.name}" if self.additive is not None else "")

    def _signs(self):
        return self.x0

    def _with_signs(self, signs):
        return BentSample(self.problem, self.s1, signs, self.problem.minimiser)

    def _grows_with(self, x):
        return subtract(x, self.problem.minimiser)

    def _mean_squared_smoothness(self, norm, batch):
        return additive_smoothness(self.problem, norm, 1.0, self.s1 / math.sqrt(batch))


class ScaledSample(Sample):
    """factor f(x)."""

    problem: Problem
    factor: Any
    nonnegative: bool = eqx.field(static=True)  # is the factor?

    @property
    def convex(self) -> bool:
        return self.problem.convex and self.nonnegative

    @property
    def smooth(self) -> bool:
        return self.problem.smooth

    def value(self, x):
        return self.factor * self.problem.value(x)

    def gradient(self, x):
        return scale(self.factor, self.problem.gradient(x))


class GradientNoise(_Growing):
    """GradientNoise(problem, s1, noise): see above; without additive noise the strong growth condition holds."""

    alias: ClassVar[str] = "gradient_noise"
    grows_with = "gradient"
    nonnegative: bool = eqx.field(static=True)

    def __init__(self, problem, s1, noise=None):
        """Raises InvalidArgument."""
        super().__init__(problem, s1, noise)
        self.nonnegative = self.s1 <= 1

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "GradientNoise":
        """A nonconvex sum of ridge functions, s1 = 1/2 and signs of size 1/10."""
        return cls(Ridges.example(dim, seed), 0.5, Signs(0.1))

    @property
    def noise_name(self) -> str:
        return f"{self.s1:g} sign grad f" + (f" + {self.additive.name}" if self.additive is not None else "")

    def _signs(self):
        return np.zeros(1)

    def _with_signs(self, signs):
        return ScaledSample(self.problem, 1 + self.s1 * signs[0], self.nonnegative)

    def _grows_with(self, x):
        return self.gradient(x)

    def _mean_squared_smoothness(self, norm, batch):
        return additive_smoothness(self.problem, norm, math.sqrt(1 + self.s1**2 / batch))
