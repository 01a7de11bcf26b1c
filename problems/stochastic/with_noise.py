"""A problem seen through noise: everything that is known about f is that of the problem."""

import abc
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.problems.problem import Problem
from broximal.problems.stochastic.contract import Stochastic


class WithNoise(Stochastic):
    """The base of `Noisy`, `DistanceNoise` and `GradientNoise`, which add what the samples are."""

    problem: Problem

    @property
    @abc.abstractmethod
    def noise_name(self) -> str:
        """Short readable name of the noise."""

    @property
    def name(self) -> str:
        return f"{self.problem.name} + {self.noise_name}"

    def _facts(self):
        return self.problem.facts

    def value(self, x):
        return self.problem.value(x)

    def gradient(self, x):
        return self.problem.gradient(x)

    def value_and_gradient(self, x):
        return self.problem.value_and_gradient(x)

    def rounding(self, x):
        return self.problem.rounding(x)

    def cvxpy(self, z):
        return self.problem.cvxpy(z)

    def minorant(self, u, g):
        return self.problem.minorant(u, g)

    def move(self, norm, x, radius):
        return self.problem.move(norm, x, radius)

    @property
    def x0(self):
        return self.problem.x0

    def gap(self, x):
        return self.problem.gap(x)

    def distance(self, x, norm):
        return self.problem.distance(x, norm)

    def constant(self, name, norm, x0=None):
        return self.problem.constant(name, norm, x0)

    def smoothness(self, norm):
        return self.problem.smoothness(norm)


def seen_exactly(problem: Any) -> Problem:
    """problem, if it is one without samples of its own (they would not be drawn). Raises InvalidArgument."""
    if not isinstance(problem, Problem):
        raise InvalidArgument(f"problem must be a problem, not {problem!r:.80}.")
    if problem.stochastic:
        raise InvalidArgument(f"problem must have exact gradients, but {problem.name} has samples of its own.")
    return problem
