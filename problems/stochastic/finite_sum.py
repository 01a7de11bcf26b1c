"""Finite sums f = (1/N) sum_j f_j seen through minibatches, and split into workers.

A sample draws `batch` indices independently and uniformly, and averages their gradients, so that its variance is that of one
term divided by `batch`.
"""

import abc
import contextlib
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers
from broximal.oracles.module import Module
from broximal.problems._data import dimension
from broximal.problems.stochastic.contract import Stochastic
from broximal.problems.stochastic.noise import OUTCOMES
from broximal.problems.stochastic.sample import Sample, eagerly, on_host


class Minibatch(Module):
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


class Terms(Sample):
    """The mean of some terms of a finite sum: f(x; xi) = (1/b) sum over the rows j of f_j(x)."""

    problem: "FiniteSum"
    rows: Any  # integers, (b,)

    @property
    def convex(self) -> bool:
        return self.problem.convex_terms

    @property
    def smooth(self) -> bool:
        return self.problem.smooth

    def _mean(self, term, x):
        if namespace(x, self.rows) is np:
            return np.mean([term(j, x) for j in self.rows], axis=0)
        x = jnp.asarray(x)
        return jax.vmap(lambda j: term(j, x))(jnp.asarray(self.rows)).mean(axis=0)

    def value(self, x):
        return self._mean(self.problem.term, x)

    def gradient(self, x):
        return self._mean(self.problem.gradient_of_term, x)


class FiniteSum(Stochastic):
    """The interface; a family gives `noise`, `count`, `term`, `gradient_of_term`, `part`, `spread` and `convex_terms`.

    Unbiased: the mean of f'_j over a uniform j is f'. The variance of one term at a point is a mean over all of them.
    """

    noise: eqx.AbstractVar[Minibatch]

    @property
    def batch(self) -> int:
        return self.noise.batch

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

    @property
    @abc.abstractmethod
    def convex_terms(self) -> bool:
        """Is every f_j convex?"""

    def _draw(self, key, batch):
        host = on_host(key)
        with eagerly() if host else contextlib.nullcontext():
            # 32 bits, so that a key draws the same terms in every precision
            rows = jax.random.randint(key, (batch,), 0, self.count, dtype=np.int32)
            return Terms(self, np.asarray(rows) if host else rows)

    def _outcomes(self):
        if self.count > OUTCOMES:
            return None
        return [(1 / self.count, Terms(self, np.array([j]))) for j in range(self.count)]

    def _mean(self, samples):
        return Terms(self, np.concatenate([sample.rows for sample in samples]))

    def _sigma(self, layers):
        return (math.sqrt(self.noise.batch) * self.noise.sigma,) * _one(layers)

    def _sure(self, layers):
        return (math.inf if self.noise.sure is None else self.noise.sure,) * _one(layers)

    def _sigma_at(self, x, layers):
        _one(layers)
        mean = self.gradient(x)
        squares = [float(((self.gradient_of_term(j, x) - mean) ** 2).sum()) for j in range(self.count)]
        return (math.sqrt(float(np.mean(squares))),)

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


def _one(layers: Layers) -> int:
    if layers.count != 1:
        raise InvalidArgument(f"norm must have one layer, but {layers.norm.name} has {layers.count}.")
    return 1


def batch_size(batch: Any) -> int:
    return dimension(batch, "batch")
