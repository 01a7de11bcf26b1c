"""Laws of rewards around given means, independent from arm to arm and from pull to pull, with exactly known size.

            rewards of an arm with mean m              range                sub-Gaussian constant   variance
Bernoulli   1 with probability m, else 0               [0, 1]               1/2                     m (1 - m)
TwoPoint    m + s or m - s, equally likely             [m - s, m + s]       s                       s^2
Uniform     uniform on [m - s, m + s]                  [m - s, m + s]       s / sqrt 3              s^2 / 3
Gaussian    normal with deviation s                    unbounded            s                       s^2

An arm is c-sub-Gaussian if E exp(l (X - m)) <= exp(l^2 c^2 / 2) for every l: Hoeffding's lemma for Bernoulli;
cosh u <= exp(u^2 / 2) for TwoPoint; sinh(u) / u <= exp(u^2 / 6), term by term, for Uniform.
"""

import abc
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import as_number
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module


class Rewards(Module):
    """A law. `means` are arrays of shape (n,), in the unit of rewards."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Short readable name."""

    @abc.abstractmethod
    def draw(self, key: Any, means: Any) -> Any:
        """One reward of every arm, (n,), by JAX."""

    @abc.abstractmethod
    def interval(self, means: Any) -> tuple[Any, Any]:
        """(low, high), (n,) each, that rewards never leave; infinite where they are unbounded."""

    @abc.abstractmethod
    def sub_gaussian(self) -> float:
        """A constant c in which the rewards of every arm are sub-Gaussian."""

    @abc.abstractmethod
    def variance(self, means: Any) -> Any:
        """The variance of a reward of every arm, (n,)."""

    def outcomes(self, mean: float) -> list[tuple[float, float]] | None:
        """All (probability, reward) of an arm, or None if they are not finitely many."""
        return None

    def validate(self, means: np.ndarray) -> None:
        """Raises InvalidArgument for means that no arm of this law has."""
        return None


class Bernoulli(Rewards):
    """1 with probability mean, else 0."""

    name = "bernoulli"

    def draw(self, key, means):
        return jax.random.bernoulli(key, jnp.asarray(means)).astype(float)

    def interval(self, means):
        return 0.0 * means, 0.0 * means + 1.0

    def sub_gaussian(self):
        return 0.5

    def variance(self, means):
        return means * (1 - means)

    def outcomes(self, mean):
        return [(mean, 1.0), (1 - mean, 0.0)]

    def validate(self, means):
        if np.any((means < 0) | (means > 1)):
            raise InvalidArgument(f"means of Bernoulli rewards must lie in [0, 1], not {means.tolist()}.")


class _Scaled(Rewards):
    """A law of scale s > 0. Raises InvalidArgument for another s."""

    s: float

    def __check_init__(self):
        as_number(self.s, "s", low=0, high=1e300, open_low=True)

    @property
    def name(self):
        return f"{type(self).__name__.lower()}({self.s:g})"

    def interval(self, means):
        return means - self.s, means + self.s

    def sub_gaussian(self):
        return self.s

    def variance(self, means):
        return 0.0 * means + self.s**2


class TwoPoint(_Scaled):
    """mean + s or mean - s, equally likely."""

    def draw(self, key, means):
        return means + self.s * jax.random.rademacher(key, np.shape(means), dtype=jnp.result_type(float))

    def outcomes(self, mean):
        return [(0.5, mean + self.s), (0.5, mean - self.s)]


class Uniform(_Scaled):
    """Uniform on [mean - s, mean + s]."""

    def draw(self, key, means):
        return means + self.s * jax.random.uniform(key, np.shape(means), minval=-1.0, maxval=1.0)

    def sub_gaussian(self):
        return self.s / math.sqrt(3)

    def variance(self, means):
        return 0.0 * means + self.s**2 / 3


class Gaussian(_Scaled):
    """Normal with deviation s."""

    def draw(self, key, means):
        return means + self.s * jax.random.normal(key, np.shape(means))

    def interval(self, means):
        return 0.0 * means - np.inf, 0.0 * means + np.inf
