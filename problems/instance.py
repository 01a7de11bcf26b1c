"""What a statement is checked on: a function in a norm from a start, arms of a bandit, or something else again."""

import abc
from typing import Any

import jax
import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.module import Module


class Instance(Module):
    """A pytree with a name. Statements about recursions, samplings, matrices or arms have instances of their own."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Short readable name with sizes."""

    @property
    def optimisation(self) -> Any:
        """The instance of a method that minimises something. Raises MissingConstant for one of another kind."""
        raise MissingConstant(f"{self.name} is no function in a norm.")

    @property
    def arms(self) -> int:
        """How many arms it has. Raises MissingConstant for what is no bandit."""
        raise MissingConstant(f"{self.name} has no arms.")

    @property
    def geometry(self) -> str:
        """The name of the norm, or what stands in its place in a table."""
        return "–"

    @property
    def dims(self) -> list[int]:
        """The sizes of its arrays."""
        return [int(n) for leaf in jax.tree.leaves(self) for n in np.shape(leaf)]
