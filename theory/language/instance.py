"""What a statement is checked on: a function in a norm from a start, or something that is no optimisation at all."""

import abc
from typing import Any

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.norm import Norm
from broximal.problems.problem import Problem


class Instance(eqx.Module):
    """A pytree with a name. Statements about recursions, samplings, matrices or arms have instances of their own."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Short readable name with sizes."""

    @property
    def optimisation(self) -> "Optimisation":
        """The instance of a method that minimises something. Raises MissingConstant for one of another kind."""
        raise MissingConstant(f"{self.name} is no function in a norm.")

    @property
    def geometry(self) -> str:
        """The name of the norm, or what stands in its place in a table."""
        return "–"

    @property
    def dims(self) -> list[int]:
        """The sizes of its arrays."""
        return [int(n) for leaf in jax.tree.leaves(self) for n in np.shape(leaf)]


class Optimisation(Instance):
    """A problem, the norm that the method moves in, and the start (a pytree of float64 arrays)."""

    problem: Problem
    norm: Norm
    x0: Any

    @property
    def optimisation(self) -> "Optimisation":
        return self

    @property
    def name(self) -> str:
        return self.problem.name

    @property
    def geometry(self) -> str:
        return self.norm.name

    @property
    def dims(self) -> list[int]:
        return [int(n) for leaf in jax.tree.leaves(self.x0) for n in np.shape(leaf)]
