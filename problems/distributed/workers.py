"""A mean of n problems of one structure, each seen by a worker of its own: f = (1/n) sum_j f_j.

Workers may see their parts through samples: their own where a part is stochastic, or all through one additive noise. A draw
gives every worker an independent sample; the mean of these is unbiased, as each of them is.

The parameters of the workers are stacked along a first axis, over which gradients are mapped, and which may be sharded
over devices; `parts` are the problems themselves, for what they know about themselves. `whole` is f in closed form up to the constant `level`, so that f has the constants, the infimum and the
minimisers that its family can prove.
"""

import contextlib
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import Tree, namespace
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.numerals import number_of
from broximal.oracles.objective import Objective
from broximal.problems._checks import like
from broximal.problems._mean_quadratic import mean_of_quadratics
from broximal.problems.constant import Constant, Known
from broximal.problems.problem import Problem
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.stochastic.contract import Stochastic
from broximal.problems.stochastic.noise import OUTCOMES, Noise
from broximal.problems.stochastic.noisy import Noisy
from broximal.problems.stochastic.sample import Mean, Sample, eagerly, on_host


class WorkerSamples(Sample):
    """One sample for every worker, stacked along a first axis; as an objective, their mean."""

    stacked: Objective

    def worker_gradients(self, x: Tree) -> Tree:
        """The gradient of the sample of every worker at x, stacked along a first axis."""
        return self._mapped(lambda sample, at: sample.gradient(at), x)

    def gradients_at(self, points: Tree) -> Tree:
        """The gradient of the sample of every worker at its own point, points and gradients stacked along a first axis."""
        return _each(lambda sample, at: sample.gradient(at), self.stacked, points)

    def value(self, x):
        return self._mapped(lambda sample, at: sample.value(at), x).mean()

    def gradient(self, x):
        return jax.tree.map(lambda g: g.mean(axis=0), self.worker_gradients(x))

    def _mapped(self, ask, x):
        return _each(ask, self.stacked, x, shared=True)


def _each(ask: Callable[[Any, Any], Any], stacked: Any, points: Tree, shared: bool = False) -> Tree:
    """ask(part, point) for every worker, at its own point or at one that all share; numpy in, numpy out."""
    host = namespace(points, stacked) is np
    with eagerly() if host else contextlib.nullcontext():
        parts = jax.tree.map(lambda leaf: jnp.asarray(leaf) if _numeric(leaf) else leaf, stacked)
        points = jax.tree.map(jnp.asarray, points)
        found = eqx.filter_vmap(ask, in_axes=(eqx.if_array(0), None if shared else 0))(parts, points)
        return jax.tree.map(np.asarray, found) if host else found


class Workers(Stochastic):
    """Workers(parts, whole, level, noise): whole + level is the mean of the parts.

    parts  one problem for each worker, stochastic or not
    noise  additive noise of every worker, drawn independently (shorthand for parts that are `Noisy`), or None
    exact  the gradients of stochastic parts are seen exactly
    """

    alias: ClassVar[str] = "workers"
    whole: Problem
    parts: tuple[Problem, ...]
    stacked: Any
    level: Any
    worker_noise: Noise | None
    exact: bool = eqx.field(static=True)

    def __init__(
        self,
        parts: Sequence[Problem],
        whole: Problem,
        level: float = 0.0,
        noise: Noise | None = None,
        *,
        exact: bool = False,
    ) -> None:
        """Raises InvalidArgument unless the parts have one structure and their mean is whole + level at its start."""
        if not parts or not all(isinstance(part, Problem) for part in (*parts, whole)):
            raise InvalidArgument("parts must be one or more problems, and whole a problem.")
        self.exact = bool(exact)
        if noise is not None and (exact or any(part.stochastic for part in parts)):
            raise InvalidArgument("noise must be None where the parts have samples of their own, or are seen exactly.")
        if len({part.batch if isinstance(part, Stochastic) else 0 for part in parts}) > 1:
            raise InvalidArgument("parts must all be stochastic, with batches of one size, or all be seen exactly.")
        leaves = [jax.tree.leaves(part) for part in parts]
        if len({tuple(np.shape(leaf) for leaf in own) for own in leaves}) != 1:
            raise InvalidArgument("parts must be problems of one family with parameters of the same shapes.")
        if not any(_numeric(leaf) for leaf in leaves[0]):
            raise InvalidArgument(f"parts must have fields that are numbers or arrays, and {parts[0].name} has none.")
        self.stacked = _stack(parts)
        self.whole, self.level, self.worker_noise = whole, np.float64(level), noise
        self.parts, x = tuple(parts), whole.x0
        for part in (*parts, whole):
            if (shape := jax.tree.map(np.shape, part.gradient(x))) != jax.tree.map(np.shape, x):
                raise InvalidArgument(
                    f"gradient(x) of part {part.name} has the shape {shape} at the start of the whole, a point of shape "
                    f"{jax.tree.map(np.shape, x)}."
                )
        for j, part in enumerate(parts):
            mine = jax.tree.map(lambda leaf, j=j: leaf[j] if _numeric(leaf) else leaf, self.stacked)
            if not _close(mine.gradient(x), part.gradient(x)):
                raise InvalidArgument(
                    f"parts must differ in their parameters only, but {part.name} is of another kind."
                )
        values = [float(part.value(x)) for part in parts]
        mean = jax.tree.map(lambda *g: np.mean(g, axis=0), *(part.gradient(x) for part in parts))
        scale = np.abs(values).max() + abs(level)
        if abs(np.mean(values) - self.value(x)) > 1e-9 * scale or not _close(mean, whole.gradient(x)):
            raise InvalidArgument("whole + level must be the mean of the parts, and is not at the start.")

    @classmethod
    def of_quadratics(cls, parts: Sequence[CoupledQuadratic], noise: Noise | None = None) -> "Workers":
        """Workers with quadratics over the same layers."""
        whole, level = mean_of_quadratics(parts)
        return cls(parts, whole, level, noise)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Workers":
        """Three workers with coupled quadratics of their own."""
        return cls.of_quadratics([CoupledQuadratic.example(dim, 3 * seed + j) for j in range(3)])

    # ---- the workers -------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """n."""
        return next(leaf.shape[0] for leaf in jax.tree.leaves(self.stacked) if _numeric(leaf))

    @property
    def stochastic(self) -> bool:
        return not self.exact and (self.worker_noise is not None or self.parts[0].stochastic)

    @property
    def batch(self) -> int:
        part = self.parts[0]
        return part.batch if isinstance(part, Stochastic) else 1

    @property
    def samplers(self) -> tuple[Stochastic, ...]:
        """The problems that the workers draw from. Raises MissingConstant where gradients are exact."""
        if not self.stochastic:
            raise MissingConstant(f"{self.name} has exact gradients: there are no samples.")
        return tuple(self._sampler(part) for part in self.parts)

    def _sampler(self, part: Problem) -> Any:
        return part if self.worker_noise is None else Noisy(part, self.worker_noise)

    def _draw(self, key, batch):
        """One key for each worker, and one sample each; so the draws of different workers are independent."""
        if not self.stochastic:
            raise MissingConstant(f"{self.name} has exact gradients: there are no samples.")
        host = on_host(key, self.stacked)
        with eagerly() if host else contextlib.nullcontext():
            stacked = jax.tree.map(lambda leaf: jnp.asarray(leaf) if _numeric(leaf) else leaf, self.stacked)
            keys = jax.random.split(key, self.count)
            found = eqx.filter_vmap(lambda part, own: self._sampler(part).draw(own, batch))(stacked, keys)
            if host:
                found = jax.tree.map(lambda leaf: np.asarray(leaf) if eqx.is_array(leaf) else leaf, found)
        return WorkerSamples(found)

    def _outcomes(self):
        try:
            own = [sampler.outcomes(1) for sampler in self.samplers]
        except MissingConstant:
            return None
        if math.prod(len(each) for each in own) > OUTCOMES:
            return None
        rows = itertools.product(*own)
        return [(math.prod(p for p, _ in row), WorkerSamples(_stack([sample for _, sample in row]))) for row in rows]

    def _mean(self, samples):
        return WorkerSamples(Mean(tuple(sample.stacked for sample in samples)))

    def _sigma(self, layers):
        """Of the mean of independent draws: the root of the sum of squares over n, in every layer."""
        return tuple(np.linalg.norm([part.sigma(layers.norm, 1) for part in self.samplers], axis=0) / self.count)

    def _sigma_at(self, x, layers):
        found = [part.sigma_at(x, layers.norm, 1) for part in self.samplers]
        return tuple(np.linalg.norm(found, axis=0) / self.count)

    def _sure(self, layers):
        return tuple(np.mean([part.sure(layers.norm, 1) for part in self.samplers], axis=0))

    def _moment(self, p, layers, batch):
        """By Minkowski's inequality, the mean of those of the workers."""
        return tuple(np.mean([part.moment(p, layers.norm, batch) for part in self.samplers], axis=0))

    def _mean_squared_smoothness(self, norm, batch):
        """By Jensen's inequality, the root of the mean of the squares of those of the workers."""
        found = [part.mean_squared_smoothness(norm, batch).value for part in self.samplers]
        value = math.sqrt(float(np.mean(np.square(found))))
        return Constant("calL", value, "upper bound", "root mean square over the workers", norm.name)

    def worker_gradients(self, x: Tree) -> Tree:
        """grad f_j(x) for every j, stacked along a first axis."""
        if namespace(x) is np:
            return jax.tree.map(lambda *g: np.stack(g), *(part.gradient(x) for part in self.parts))
        stacked = jax.tree.map(lambda leaf: jnp.asarray(leaf) if _numeric(leaf) else leaf, self.stacked)
        return eqx.filter_vmap(lambda part: part.gradient(x))(stacked)

    def gradients_at(self, points: Tree) -> Tree:
        """grad f_j(x_j) for every j, points and gradients stacked along a first axis: what local steps need."""
        return _each(lambda part, at: part.gradient(at), self.stacked, points)

    def worker_sigma(self) -> float:
        """sqrt(E |noise of a worker|_2^2), over all layers, of the worker where it is largest; may be infinite."""
        if not self.stochastic:
            return 0.0
        return max(part.sigma(self._euclidean())[0] for part in self.samplers)

    # ---- f -----------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        noise = f" + {self.worker_noise.name}" if self.worker_noise is not None else ""
        return f"{number_of(self.count, 'worker')} of {self.whole.name}{noise}"

    def _facts(self):
        return self.whole.facts.but(
            f_star=lambda: self._raised(self.whole.f_star), lower=lambda: self._raised(self.whole.lower)
        )

    def _raised(self, found: Known) -> Known:
        value = found.value + float(self.level)
        return Known(value, found.error + 64 * 2.2e-16 * abs(value), found.why)

    @property
    def x0(self):
        return self.whole.x0

    def value(self, x):
        return self.whole.value(x) + like(self.level, jax.tree.leaves(x)[0])

    def gap(self, x):
        return self.whole.gap(x)

    def distance(self, x, norm):
        return self.whole.distance(x, norm)

    def rounding(self, x):
        value, slope = self.whole.rounding(x)
        return value + 2.2e-16 * abs(float(self.level)), slope

    def gradient(self, x):
        return self.whole.gradient(x)

    def constant(self, name, norm, x0=None):
        return self.whole.constant(name, norm, x0)

    def smoothness(self, norm: Norm):
        return self.whole.smoothness(norm)


def _stack(trees: Sequence[Any]) -> Any:
    """Trees that differ in their numbers only as one, stacked along a first axis."""
    leaves = zip(*map(jax.tree.leaves, trees), strict=True)
    together = [np.stack(own) if _numeric(own[0]) else own[0] for own in leaves]
    return jax.tree.unflatten(jax.tree.structure(trees[0]), together)


def _numeric(leaf: Any) -> bool:
    """Is this leaf of a problem a number or an array, not a word?"""
    return isinstance(leaf, jax.Array) or np.asarray(leaf).dtype.kind in "biuf"


def _close(a: Tree, b: Tree) -> bool:
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.allclose(one, other, rtol=1e-9, atol=1e-9 * (1 + np.abs(one).max())) for one, other in pairs)
