"""Which layers move at a step: a mask of 0 and 1, shape (p,), drawn independently of everything before."""

import abc
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.compressors import Compressor
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module
from broximal.oracles.numerals import number_of
from broximal.theory.language.algorithm import World

MOST = 12  # layers that may be drawn independently of each other


class Active(Module):
    """A distribution over sets of layers."""

    random: ClassVar[bool]
    parameters: ClassVar[tuple[str, ...]] = ()  # names it reads

    @property
    @abc.abstractmethod
    def latex(self) -> str: ...

    def validate(self, count: int, given: dict[str, Any]) -> None:
        """Raises InvalidArgument for parameters that are no distribution over this many layers."""
        return None

    def prepare(self, world: World) -> dict[str, Any]:
        """Numbers that the draw needs: `chances` and `masks` of every possible draw, and the `marginals` of the layers."""
        return {}

    @abc.abstractmethod
    def mask(self, world: World, x: Any, k: Any, key: Any) -> Any:
        """1 for the layers that move at this step, else 0."""


class Full(Active):
    """Every layer, always."""

    random: ClassVar[bool] = False
    latex = r"S^k = \{1, \dots, p\}"

    def mask(self, world, x, k, key):
        return namespace(x).ones(world.parts.count)


class Drawn(Active):
    """Some layers, drawn anew at every step.

    parameter weights  randomized progressive training: a cutoff s is drawn with these probabilities, the layers s, ..., p move
    parameter P        layer l moves with probability P_l, on its own
    without either, the cutoff is uniform
    """

    random: ClassVar[bool] = True
    parameters: ClassVar[tuple[str, ...]] = ("weights", "P")
    latex = r"\Pr(l \in S^k) = P_l"

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

    def outcomes(self, count: int, given: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """(probabilities (n,), masks (n, p)) of every possible draw."""
        self.validate(count, given)
        if "P" in given:
            p = np.asarray(given["P"], dtype=float)
            masks = np.array(list(np.ndindex(*(2,) * count)), dtype=float)
            return np.prod(np.where(masks == 1, p, 1 - p), axis=1), masks
        weights = np.asarray(given.get("weights", np.full(count, 1 / count)), dtype=float)
        return weights, np.triu(np.ones((count, count)))

    def prepare(self, world):
        chances, masks = self.outcomes(world.parts.count, world.numbers)
        return {"chances": chances, "masks": masks, "marginals": chances @ masks}

    def mask(self, world, x, k, key):
        return world["masks"][world.choice(key, world["chances"])]


def _probabilities(values: Any, count: int, name: str) -> np.ndarray:
    if isinstance(values, Compressor):
        raise InvalidArgument(
            f"parameter {name} must be {number_of(count, 'probability')}, one a layer, not {values!r}."
        )
    p = np.asarray(values, dtype=float)
    if p.shape != (count,) or np.any(p < 0) or np.any(p > 1):
        raise InvalidArgument(
            f"parameter {name} must be {number_of(count, 'probability')}, one a layer, not {p.tolist()}."
        )
    return p
