"""Arms of a stochastic bandit: an instance without a point, a norm or a minimiser."""

import itertools
import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from broximal.oracles.arguments import as_integer
from broximal.oracles.arrays import as_point
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.numerals import number_of
from broximal.problems.bandits.rewards import Bernoulli, Rewards
from broximal.problems.instance import Instance
from broximal.problems.stochastic.noise import OUTCOMES


class Arms(Instance):
    """Arms(means, rewards): pulling arm a pays an independent reward with mean means[a]; the best arm has the largest.

    A reward scales as a function value: it has units "f", and points there are none.

    >>> from broximal.problems import Arms, rewards
    >>> arms = Arms([0.7, 0.4], rewards.Bernoulli())
    >>> arms.gaps.round(12).tolist(), arms.outcomes(1)
    ([0.0, 0.3], [(0.4, 1.0), (0.6, 0.0)])
    """

    means: Any
    rewards: Rewards

    def __init__(self, means: Any, rewards: Rewards | None = None):
        """Raises InvalidArgument unless means are a list of finite numbers that rewards of this law (Bernoulli) can have."""
        found = np.asarray(as_point(means, "means"), dtype=np.float64)
        if found.ndim != 1:
            raise InvalidArgument(f"means must be a list of numbers, one an arm, not of shape {found.shape}.")
        law = Bernoulli() if rewards is None else rewards
        if not isinstance(law, Rewards):
            raise InvalidArgument(f"rewards must be a law of broximal.problems.rewards, not {law!r:.80}.")
        law.validate(found)
        self.means, self.rewards = found, law

    @classmethod
    def example(cls, count: int, seed: int = 0) -> "Arms":
        """So many Bernoulli arms with means drawn from [0.1, 0.9]."""
        return cls(np.random.default_rng(seed).uniform(0.1, 0.9, as_integer(count, "count")))

    @property
    def name(self) -> str:
        return f"{number_of(self.arms, 'arm')}, {self.rewards.name}"

    @property
    def arms(self) -> int:
        return int(np.shape(self.means)[0])

    @property
    def dims(self) -> list[int]:
        return [self.arms]

    @property
    def best(self) -> Any:
        """The largest mean."""
        return self.means.max()

    @property
    def gaps(self) -> Any:
        """How far every mean is below the largest, (n,)."""
        return self.best - self.means

    # ---- rewards -----------------------------------------------------------------------------------------------------

    def pull(self, key: Any, arm: Any) -> Any:
        """The reward of one arm, which may be traced."""
        return self.draw(key)[arm]

    def draw(self, key: Any) -> Any:
        """One reward of every arm, (n,), independent of each other."""
        return self.rewards.draw(key, jnp.asarray(self.means))

    def outcomes(self, arm: int | None = None) -> list[tuple[float, Any]]:
        """All (probability, reward) of an arm; without one, all (probability, rewards (n,)) of all of them.

        Raises MissingConstant where they are not finitely many, or more than 4096.
        """
        chosen = range(self.arms) if arm is None else [int(arm)]
        single = [self.rewards.outcomes(float(self.means[a])) for a in chosen]
        if any(own is None for own in single) or math.prod(len(own) for own in single if own) > OUTCOMES:
            raise MissingConstant(f"{self.name} has no list of at most {OUTCOMES} outcomes.")
        if arm is not None:
            return list(single[0] or [])
        rows = itertools.product(*(own for own in single if own is not None))
        return [(math.prod(p for p, _ in row), np.array([reward for _, reward in row])) for row in rows]

    @property
    def sub_gaussian(self) -> float:
        """A constant c with E exp(l (X - mean)) <= exp(l^2 c^2 / 2) for every arm and every l."""
        return float(self.rewards.sub_gaussian())

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high) that no reward of any arm leaves. Raises MissingConstant where they are unbounded."""
        low, high = self.rewards.interval(np.asarray(self.means))
        if not (np.all(np.isfinite(low)) and np.all(np.isfinite(high))):
            raise MissingConstant(f"the rewards of {self.name} are unbounded.")
        return float(np.min(low)), float(np.max(high))
