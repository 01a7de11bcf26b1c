"""Which layers move at a step: a mask of 0 and 1, shape (p,), independent of everything before."""

import abc
import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.compressors import Compressor
from broximal.oracles.errors import InvalidArgument
from broximal.theory.methods.lmo.context import Context

MOST = 12  # layers that may be drawn independently of each other


@dataclasses.dataclass(frozen=True)
class Sampler(abc.ABC):
    """A distribution over sets of layers."""

    random: ClassVar[bool]
    latex: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()  # names it reads from the setting

    def validate(self, count: int, given: dict[str, Any]) -> None:
        """Raises InvalidArgument for parameters that are no distribution over this many layers."""
        return None

    @abc.abstractmethod
    def outcomes(self, context: Context) -> tuple[np.ndarray, np.ndarray]:
        """(probabilities (n,), masks (n, p)) of every possible draw."""

    def marginals(self, context: Context) -> np.ndarray:
        """P(layer i moves), shape (p,)."""
        p, masks = self.outcomes(context)
        return p @ masks


@dataclasses.dataclass(frozen=True)
class Full(Sampler):
    """Every layer, always."""

    random = False
    latex = r"S^k = \{1, \dots, p\}"

    def outcomes(self, context):
        return np.ones(1), np.ones((1, context.layers.count))


@dataclasses.dataclass(frozen=True)
class Drawn(Sampler):
    """Some layers, drawn anew at every step.

    parameter weights  randomized progressive training: a cutoff s is drawn with these probabilities, the layers s, ..., p move
    parameter P        layer l moves with probability P_l, on its own
    without either, the cutoff is uniform
    """

    random = True
    latex = r"\Pr(l \in S^k) = P_l"
    parameters = ("weights", "P")

    def validate(self, count, given):
        if "P" in given and "weights" in given:
            raise InvalidArgument("parameters P and weights are two ways to draw the layers; give one of them.")
        if "P" in given:
            p = _probabilities(given["P"], count, "P")
            if np.any(p <= 0):
                raise InvalidArgument(f"parameter P must be positive for every layer, not {p.tolist()}.")
            if count > MOST:
                raise InvalidArgument(
                    f"parameter P is for at most {MOST} layers, as all 2^p sets are listed; use weights."
                )
        if "weights" in given:
            weights = _probabilities(given["weights"], count, "weights")
            if weights[0] <= 0 or abs(weights.sum() - 1) > 1e-9:
                raise InvalidArgument(
                    "parameter weights must add up to 1 with a positive first one, or a layer never moves:"
                    f" {weights.tolist()}."
                )

    def outcomes(self, context):
        count, given = context.layers.count, context.parameters
        self.validate(count, given)
        if "P" in given:
            p = np.asarray(given["P"], dtype=float)
            masks = np.array(list(np.ndindex(*(2,) * count)), dtype=float)
            return np.prod(np.where(masks == 1, p, 1 - p), axis=1), masks
        return np.asarray(given.get("weights", np.full(count, 1 / count)), dtype=float), np.triu(
            np.ones((count, count))
        )


def _probabilities(values: Any, count: int, name: str) -> np.ndarray:
    if isinstance(values, Compressor):
        raise InvalidArgument(f"parameter {name} must be {count} probabilities, one a layer, not {values!r}.")
    p = np.asarray(values, dtype=float)
    if p.shape != (count,) or np.any(p < 0) or np.any(p > 1):
        raise InvalidArgument(f"parameter {name} must be {count} probabilities, one a layer, not {p.tolist()}.")
    return p


def draw(key: Any, p: Any, masks: Any) -> Any:
    """A mask from the outcomes of a sampler."""
    return jnp.asarray(masks)[jax.random.choice(key, len(p), p=jnp.asarray(p))]
