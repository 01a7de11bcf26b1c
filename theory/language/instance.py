"""The instance of an optimisation method: a function in a norm from a start."""

from typing import Any

import jax
import numpy as np

from broximal.oracles.norm import Norm
from broximal.problems.instance import Instance
from broximal.problems.problem import Problem


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
