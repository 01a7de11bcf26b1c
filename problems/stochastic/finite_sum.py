"""Finite sums f = (1/N) sum_j f_j seen through minibatches, and split into workers.

A sample draws `batch` indices independently and uniformly, and averages their gradients, so that its variance is that of one
term divided by `batch`.
"""

import abc
import itertools
from typing import Any

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.problems._data import dimension
from broximal.problems.constant import Constant
from broximal.problems.problem import Problem
from broximal.problems.stochastic.noise import OUTCOMES


class Minibatch(eqx.Module):
    """What is known about the noise of a minibatch at any point.

    sigma    sqrt(E |noise|_2^2), exact or an upper bound; infinite if it has none for all points
    sure     what |noise|_2 never exceeds, or None
    exact    is sigma attained (at every point)?
    """

    batch: int = eqx.field(static=True)
    sigma: float = eqx.field(static=True)
    sure: float | None = eqx.field(static=True)
    exact: bool = eqx.field(static=True, default=False)

    @property
    def name(self) -> str:
        return f"minibatch({self.batch})"

    def sigmas(self, shapes: Any) -> tuple[float, ...]:
        """One leaf, as finite sums live on one array."""
        return (self.sigma,)

    def bounds(self, shapes: Any) -> tuple[float, ...] | None:
        return None if self.sure is None else (self.sure,)


class FiniteSum(Problem):
    """The interface; a family gives `noise`, `count`, `term`, `gradient_of_term` and `part`."""

    noise: eqx.AbstractVar[Minibatch]

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """N."""

    @abc.abstractmethod
    def term(self, j: Any, x: Any) -> Any:
        """f_j(x)."""

    @abc.abstractmethod
    def gradient_of_term(self, j: Any, x: Any) -> Any:
        """grad f_j(x); the index may be a tracer."""

    @abc.abstractmethod
    def part(self, rows: np.ndarray) -> "FiniteSum":
        """The same problem with these terms only."""

    @abc.abstractmethod
    def spread(self) -> np.ndarray:
        """The data in which terms differ, one row a term, (N, d)."""

    def mean_squared_smoothness(self, norm: Norm) -> Constant:
        """calL: sqrt(E |g(x; xi) - g(y; xi)|_2^2) <= calL |x - y|. Raises MissingConstant if there is none."""
        raise MissingConstant(f"{self.name} has no mean-squared smoothness constant.")

    def sigma(self, norm: Norm) -> tuple[float, ...]:
        """sqrt(E |noise|_2^2) of the one layer of this norm, or an upper bound of it."""
        if Layers(norm).count != 1:
            raise InvalidArgument(f"norm must have one layer, but {norm.name} has {Layers(norm).count}.")
        return (self.noise.sigma,)

    def sample_gradient(self, key: Any, x: Any) -> Any:
        """The mean gradient of the terms that this key draws, the same at every point."""
        drawn = jax.random.randint(key, (self.noise.batch,), 0, self.count)
        if namespace(x) is np:
            return np.mean([self.gradient_of_term(j, x) for j in np.asarray(drawn)], axis=0)
        return jax.vmap(lambda j: self.gradient_of_term(j, x))(drawn).mean(axis=0)

    def gradient_outcomes(self, x: Any) -> list[tuple[float, Any]]:
        """All (probability, stochastic gradient) at x. Raises MissingConstant beyond 4096 of them."""
        if self.count**self.noise.batch > OUTCOMES:
            raise MissingConstant(f"{self.name} has more than {OUTCOMES} minibatches.")
        gradients = [self.gradient_of_term(j, x) for j in range(self.count)]
        draws = itertools.product(gradients, repeat=self.noise.batch)
        return [(self.count**-self.noise.batch, sum(draw) / self.noise.batch) for draw in draws]

    def workers(self, n: int) -> list["FiniteSum"]:
        """n problems of equally many terms whose mean is f, as different as a cut along the widest direction makes them.

        Raises InvalidArgument unless n divides the number of terms.
        """
        n = dimension(n, "n")
        if self.count % n:
            raise InvalidArgument(f"n must divide the number of terms ({self.count}), but is {n}.")
        rows = self.spread() - self.spread().mean(axis=0)
        order = np.argsort(rows @ np.linalg.svd(rows, full_matrices=False)[2][0], kind="stable")
        return [self.part(np.sort(share)) for share in np.split(order, n)]


def batch_size(batch: Any) -> int:
    return dimension(batch, "batch")
