"""Broximal steps on one term of a finite sum at a time, and on their average. Euclidean norm, common minimiser."""

import dataclasses
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting

ENUMERATION_LIMIT = 200_000


def terms_of(setting: Setting) -> Any:
    """The problem as a finite sum with `p`, `distances` and `term_step`. Raises InvalidArgument if it is none."""
    problem = setting.problem
    if not hasattr(problem, "term_step"):
        raise InvalidArgument(f"{problem.name} is not a finite sum with a broximal step for every term.")
    return problem


@dataclasses.dataclass(frozen=True)
class StochasticBroximal(Method):
    """Draw i ~ p; project onto X_i if the ball reaches it, else take the broximal step of f_i."""

    name: ClassVar[str] = "stochastic Broximal Point Method"
    update: ClassVar[str] = r"x_{k+1} = \operatorname{brox}_{t_k} f_{i_k}(x_k)"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem = terms_of(setting)
        rng = np.random.default_rng(setting.seed)
        x = setting.x0
        points, records = [x], []
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            index = int(rng.choice(len(problem.p), p=problem.p))
            records.append(Record(None, radius, extra={"index": index, "dist": float(problem.distances(x)[index])}))
            x = problem.term_step(index, x, radius)
            points.append(x)
        return Run(setting, points, records)


@dataclasses.dataclass(frozen=True)
class AveragedBroximal(Method):
    """x_{k+1} = sum_i p_i u_i with u_i the broximal step of f_i (or the projection onto X_i)."""

    name: ClassVar[str] = "averaged Broximal Point Method"
    update: ClassVar[str] = r"x_{k+1} = \sum_i p_i \operatorname{brox}_{t_k} f_i(x_k)"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem = terms_of(setting)
        x = setting.x0
        points, records = [x], []
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            steps = [weight * problem.term_step(j, x, radius) for j, weight in enumerate(problem.p)]
            x = np.sum(steps, axis=0)
            points.append(x)
            records.append(Record(None, radius))
        return Run(setting, points, records)


@dataclasses.dataclass(frozen=True)
class AllPaths(Method):
    """The stochastic method on every path of draws at once, so that expectations are exact sums, not estimates.

    Point k of the run is a pair (weights, states): the probabilities of all paths of k draws and their points.
    """

    name: ClassVar[str] = "stochastic Broximal Point Method, all paths"
    update: ClassVar[str] = StochasticBroximal.update

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem = terms_of(setting)
        count = len(problem.p)
        if count**setting.steps > ENUMERATION_LIMIT:
            raise InvalidArgument(
                f"steps = {setting.steps} gives {count}^{setting.steps} paths, too many to enumerate."
            )
        weights, states = np.ones(1), np.array([setting.x0])
        points, records = [(weights, states)], []
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            states = np.array([problem.term_step(j, x, radius) for x in states for j in range(count)])
            weights = np.kron(weights, problem.p)
            points.append((weights, states))
            records.append(Record(None, radius))
        return Run(setting, points, records)
