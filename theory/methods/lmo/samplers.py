"""Which layers move at a step: a mask of 0 and 1, shape (p,), independent of everything before."""

import abc
import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.errors import InvalidArgument


@dataclasses.dataclass(frozen=True)
class Sampler(abc.ABC):
    random: ClassVar[bool] = True
    latex: ClassVar[str]

    @abc.abstractmethod
    def marginals(self, count: int) -> np.ndarray:
        """P(layer i moves), shape (count,)."""

    @abc.abstractmethod
    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """(probabilities (n,), masks (n, count)) of every possible draw."""

    def draw(self, key: Any, count: int) -> Any:
        """A mask."""
        p, masks = self.outcomes(count)
        return jnp.asarray(masks)[jax.random.choice(key, len(p), p=jnp.asarray(p))]


@dataclasses.dataclass(frozen=True)
class Full(Sampler):
    """Every layer, always."""

    random = False
    latex = r"S^k = \{1, \dots, p\}"

    def marginals(self, count):
        return np.ones(count)

    def outcomes(self, count):
        return np.ones(1), np.ones((1, count))


@dataclasses.dataclass(frozen=True)
class Nested(Sampler):
    """Randomized progressive training: a cutoff s is drawn, the layers s, ..., p move. `weights` are P(s = 1), ..., P(s = p)."""

    weights: tuple[float, ...] = ()
    latex = r"S^k = \{s^k, \dots, p\}"

    def _weights(self, count: int) -> np.ndarray:
        w = np.asarray(self.weights or (1 / count,) * count, dtype=float)
        if len(w) != count or np.any(w < 0) or abs(w.sum() - 1) > 1e-9:
            raise InvalidArgument(f"weights must be {count} probabilities that add up to 1, not {self.weights}.")
        return w

    def marginals(self, count):
        return np.cumsum(self._weights(count))

    def outcomes(self, count):
        return self._weights(count), np.triu(np.ones((count, count)))


@dataclasses.dataclass(frozen=True)
class Independent(Sampler):
    """Layer i moves with probability p_i, on its own."""

    probabilities: tuple[float, ...] = ()
    latex = r"\Pr(l \in S^k) = P_l"

    def marginals(self, count):
        p = np.asarray(self.probabilities or (0.5,) * count, dtype=float)
        if len(p) != count or np.any(p <= 0) or np.any(p > 1):
            raise InvalidArgument(f"probabilities must be {count} numbers in (0, 1], not {self.probabilities}.")
        return p

    def outcomes(self, count):
        p = self.marginals(count)
        masks = np.array(list(np.ndindex(*(2,) * count)), dtype=float)
        return np.prod(np.where(masks == 1, p, 1 - p), axis=1), masks

    def draw(self, key, count):
        return (jax.random.uniform(key, (count,)) < jnp.asarray(self.marginals(count))).astype(float)
