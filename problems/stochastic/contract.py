"""The contract of randomness: what a problem says whose gradients are seen through samples."""

import abc
import dataclasses
import itertools
import math
from typing import Any, Literal

import jax
import numpy as np

from broximal.oracles.arrays import Tree, as_number
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers, shape_of
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import L2, L2Product
from broximal.oracles.objective import Objective
from broximal.problems._data import dimension
from broximal.problems.constant import Constant
from broximal.problems.one_layer import as_one_layer
from broximal.problems.problem import Problem, on_space
from broximal.problems.stochastic.noise import OUTCOMES
from broximal.problems.stochastic.sample import Mean


@dataclasses.dataclass(frozen=True)
class VarianceGrowth:
    """E |noise|_2^2 <= s0^2 + s1^2 |.|_2^2 over all layers, with equality if `exact`.

    of  "distance" (of x - x*) or "gradient" (of grad f(x)); either where s1 = 0
    """

    s0: float
    s1: float
    of: Literal["distance", "gradient"]
    exact: bool


class Stochastic(Problem):
    """f(x) = E f(x; xi), seen through samples: **a sample is an objective**, the same at every point it is asked at.

    A family implements `_draw(key, batch)`, for a finite space `_outcomes()`, and what it knows about the size of the
    noise f'(.; xi) - f': `_sigma`, `_sure`, `_sigma_at`, `_moment`, `_mean_squared_smoothness`, `variance_growth`. Samples
    are unbiased, E f'(x; xi) = f'(x), which is proved in the docstring of the family; draws of different keys are
    independent. A batch is the mean of that many independent draws; without one it is the problem's own `batch`.

    >>> import jax
    >>> from broximal.problems import Noisy, Quadratic, noise
    >>> problem = Noisy(Quadratic.example(3), noise.Signs(0.5))
    >>> sample = problem.draw(jax.random.key(0))
    >>> shift = sample.gradient(problem.x0) - problem.gradient(problem.x0)
    >>> bool((abs(shift) - 0.5 < 1e-12).all()), len(problem.outcomes())
    (True, 8)
    """

    @property
    def stochastic(self) -> bool:
        return True

    @property
    def batch(self) -> int:
        """How many draws a sample averages by default."""
        return 1

    # ---- samples -----------------------------------------------------------------------------------------------------

    def draw(self, key: Any, batch: int | None = None) -> Objective:
        """A sample: a pytree with `value(x)`, `gradient(x)` and `hvp(x, v)`, the mean of `batch` draws.

        With a concrete key it holds float64 numpy arrays, whatever the precision that JAX is in; under jit and vmap
        (over keys) it is traced. Raises InvalidArgument for a batch that is no positive integer, or no key.
        """
        if not isinstance(key, jax.Array | np.ndarray):
            raise InvalidArgument(f"key must be a random key, such as jax.random.key(0), not {key!r:.80}.")
        return self._draw(key, self._batch(batch))

    @abc.abstractmethod
    def _draw(self, key: Any, batch: int) -> Objective:
        """`draw` with a validated batch."""

    def outcomes(self, batch: int | None = None) -> list[tuple[float, Objective]]:
        """All (probability, sample), for exact expectations.

        Raises MissingConstant where the space is not finite, or has more than 4096 outcomes of this batch.
        """
        batch, single = self._batch(batch), self._outcomes()
        if single is None or len(single) ** batch > OUTCOMES:
            raise MissingConstant(f"{self.name} has no list of at most {OUTCOMES} outcomes in batches of {batch}.")
        if batch == 1:
            return single
        rows = itertools.product(single, repeat=batch)
        return [(math.prod(p for p, _ in row), self._mean(tuple(sample for _, sample in row))) for row in rows]

    def _outcomes(self) -> list[tuple[float, Objective]] | None:
        """All (probability, sample) of single draws, or None if they are more than 4096."""
        return None

    def _mean(self, samples: tuple) -> Objective:
        """The mean of single draws."""
        return Mean(samples)

    # ---- the size of the noise, for each layer of a norm ---------------------------------------------------------------

    def sigma(self, norm: Norm, batch: int | None = None) -> tuple[float, ...]:
        """sqrt(E |noise|_2^2) of every layer at every point, exact or an upper bound; infinite if there is none."""
        return tuple(size / math.sqrt(self._batch(batch)) for size in self._sigma(Layers(norm)))

    def _sigma(self, layers: Layers) -> tuple[float, ...]:
        """`sigma` of a single draw."""
        return (math.inf,) * layers.count

    def sure(self, norm: Norm, batch: int | None = None) -> tuple[float, ...]:
        """What |noise|_2 of every layer never exceeds, at any point; infinite if it is unbounded."""
        self._batch(batch)  # the length of a mean is at most the mean length
        return self._sure(Layers(norm))

    def _sure(self, layers: Layers) -> tuple[float, ...]:
        return (math.inf,) * layers.count

    def sigma_at(self, x: Tree, norm: Norm, batch: int | None = None) -> tuple[float, ...]:
        """sqrt(E |noise|_2^2) of every layer at the point x, exact or an upper bound.

        Raises InvalidArgument for a point of another space, MissingConstant where nothing is known.
        """
        layers, batch = Layers(norm), self._batch(batch)
        found = self._sigma_at(on_space(self, x, as_norm(norm), "x"), layers)
        return tuple(float(size) / math.sqrt(batch) for size in found)

    def _sigma_at(self, x: Tree, layers: Layers) -> tuple[float, ...]:
        """`sigma_at` of a single draw: the bound for all points, else by the outcomes."""
        everywhere = self._sigma(layers)
        if np.isfinite(everywhere).all():
            return everywhere
        if (single := self._outcomes()) is None:
            raise MissingConstant(f"{self.name} does not know the size of its noise at a point.")
        mean, total = layers.split(self.gradient(x)), np.zeros(layers.count)
        for probability, sample in single:
            off = [_length(g, h) for g, h in zip(layers.split(sample.gradient(x)), mean, strict=True)]
            total += probability * np.square(off)
        return tuple(np.sqrt(total))

    def moment(self, p: float, norm: Norm, batch: int | None = None) -> tuple[float, ...]:
        """(E |noise|_2^p)^(1/p) of every layer at every point for p in (1, 2], exact or an upper bound.

        Raises InvalidArgument for another p, MissingConstant where no finite bound is known.
        """
        p = float(as_number(p, "p", low=1, high=2, open_low=True))
        layers, batch = Layers(norm), self._batch(batch)
        averaged = tuple(size / math.sqrt(batch) for size in self._sigma(layers))  # Lyapunov: p <= 2
        own = self._moment(p, layers, batch) or averaged
        found = tuple(min(one, other) for one, other in zip(own, averaged, strict=True))
        if not np.isfinite(found).all():
            raise MissingConstant(f"{self.name} has no known moment of order {p:g} for all points.")
        return found

    def _moment(self, p: float, layers: Layers, batch: int) -> tuple[float, ...] | None:
        """`moment` where it is better than sigma, or None."""
        return None

    def variance_growth(self, batch: int | None = None) -> VarianceGrowth:
        """How E |noise|_2^2 grows with the point. Raises MissingConstant where that is not known."""
        everywhere = self.sigma(self._euclidean(), batch)
        if np.isfinite(everywhere).all():
            return VarianceGrowth(math.hypot(*everywhere), 0.0, "distance", False)
        raise MissingConstant(f"{self.name} does not know how its noise grows.")

    def mean_squared_smoothness(self, norm: Norm, batch: int | None = None) -> Constant:
        """calL: sqrt(E |g(x; xi) - g(y; xi)|_2^2) <= calL |x - y|. Raises MissingConstant if there is none."""
        found = self._mean_squared_smoothness(as_norm(norm), self._batch(batch))
        if found is None:
            raise MissingConstant(f"{self.name} has no mean-squared smoothness constant in the {norm.name} norm.")
        return found

    def _mean_squared_smoothness(self, norm: Norm, batch: int) -> Constant | None:
        return None

    # ---- helpers of the families ---------------------------------------------------------------------------------------

    def _batch(self, batch: int | None) -> int:
        return self.batch if batch is None else dimension(batch, "batch")

    def _euclidean(self) -> Norm:
        """The Euclidean norm over all layers."""
        return euclidean(self.x0)

    # ---- at one point --------------------------------------------------------------------------------------------------


def euclidean(x0: Tree) -> Norm:
    """The Euclidean norm over all layers of points like x0."""
    return L2() if hasattr(x0, "shape") else L2Product(jax.tree.map(lambda leaf: L2(), x0))


def additive_smoothness(problem: Problem, norm: Norm, factor: float = 1.0, more: float = 0.0) -> Constant | None:
    """calL where E |g(x; xi) - g(y; xi)|_2^2 = factor^2 |f'(x) - f'(y)|_2^2 + more^2 |x - y|_2^2.

    sqrt(factor^2 L_2^2 + more^2) for the Euclidean L_2, exact if that is, since it is the supremum of the first ratio and
    the second is constant; rho times that in another norm. None if L_2 is not known.
    """
    try:
        best = as_one_layer(problem, euclidean(problem.x0))
    except MissingConstant:
        return None
    if best.L1[0] > 0:
        return None
    value, why = math.hypot(factor * best.L0[0], more), f"the Euclidean L ({best.why})"
    if isinstance(norm, L2):
        return Constant("calL", value, "exact" if best.exact else "upper bound", why, norm.name)
    rho = norm.l2_bounds(shape_of(problem.x0)).rho
    return Constant("calL", rho * value, "upper bound", f"rho times {why}", norm.name)


def _length(g: Tree, h: Tree) -> float:
    pairs = zip(jax.tree.leaves(g), jax.tree.leaves(h), strict=True)
    return math.hypot(*(float(np.linalg.norm(a - b)) for a, b in pairs))
