"""Broximal steps on one term of a finite sum at a time, and on their average. Euclidean norm, common minimiser."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.algorithm import Algorithm, Clock, Gradients, State

ENUMERATION_LIMIT = 200_000


def terms_of(problem: Any) -> Any:
    """The problem as a finite sum with `p`, `distances` and `term_step`. Raises InvalidArgument if it is none."""
    if not hasattr(problem, "term_step"):
        raise InvalidArgument(f"{problem.name} is not a finite sum with a broximal step for every term.")
    return problem


class TermState(State):
    """reach: the distance of the point before to the minimisers of the term that was drawn; radius: of the step's ball."""

    x: Any
    reach: Any = 0.0
    radius: Any = 0.0


class StochasticBroximal(Algorithm):
    """Draw i ~ p; project onto X_i if the ball reaches it, else take the broximal step of f_i."""

    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    needs: ClassVar[Gradients] = "sample"
    name = "stochastic Broximal Point Method"
    update = r"x_{k+1} = \operatorname{brox}_{t_k} f_{i_k}(x_k)"

    def random(self, experiment):
        return False  # what is claimed holds on every path

    def init(self, world, x0, key):
        return TermState(x0)

    def step(self, world, state, k, key):
        problem, radius = terms_of(world.problem), float(world.radius(k))
        index = int(world.choice(key, problem.p))
        reach = float(problem.distances(state.x)[index])
        return TermState(problem.term_step(index, state.x, radius), reach, radius)

    def clock(self, world, state, k):
        return Clock(k, 0, k, k, 0)


class AveragedBroximal(Algorithm):
    """x_{k+1} = sum_i p_i u_i with u_i the broximal step of f_i (or the projection onto X_i): of all samples at once."""

    host: ClassVar[bool] = True
    needs: ClassVar[Gradients] = "sample"
    name = "averaged Broximal Point Method"
    update = r"x_{k+1} = \sum_i p_i \operatorname{brox}_{t_k} f_i(x_k)"

    def random(self, experiment):
        return False  # every term is used

    def init(self, world, x0, key):
        return TermState(x0)

    def step(self, world, state, k, key):
        problem, radius = terms_of(world.problem), float(world.radius(k))
        steps = [weight * problem.term_step(j, state.x, radius) for j, weight in enumerate(problem.p)]
        return TermState(np.sum(steps, axis=0), 0.0, radius)

    def clock(self, world, state, k):
        return Clock(k * len(terms_of(world.problem).p), 0, k, k, 0)


class PathsState(State):
    """The probabilities of all paths of k draws (n,), and their points (n, d); x is the expected point."""

    x: Any
    weights: Any
    points: Any
    radius: Any = 0.0


class AllPaths(Algorithm):
    """The stochastic method on every path of draws at once, so that expectations are exact sums, not estimates."""

    host: ClassVar[bool] = True
    needs: ClassVar[Gradients] = "sample"
    name = "stochastic Broximal Point Method, all paths"
    update = StochasticBroximal.update

    def random(self, experiment):
        return False  # no path is left out

    def init(self, world, x0, key):
        count = len(terms_of(world.problem).p)
        if count**world.horizon > ENUMERATION_LIMIT:
            raise InvalidArgument(
                f"steps = {world.horizon} gives {count}^{world.horizon} paths, too many to enumerate."
            )
        return PathsState(x0, np.ones(1), np.array([x0]))

    def step(self, world, state, k, key):
        problem, radius = terms_of(world.problem), float(world.radius(k))
        points = np.array([problem.term_step(j, x, radius) for x in state.points for j in range(len(problem.p))])
        weights = np.kron(state.weights, problem.p)
        return PathsState(weights @ points, weights, points, radius)
