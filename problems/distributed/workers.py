"""A mean of n problems of one structure, each seen by a worker of its own: f = (1/n) sum_j f_j.

The parameters of the workers are stacked along a first axis, over which gradients are mapped, and which may be sharded
over devices; `parts` are the problems themselves, for what they know about themselves. `whole` is f in closed form up to the constant `level`, so that f has the constants, the infimum and the
minimisers that its family can prove.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import Tree, combine, namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm
from broximal.problems._mean_quadratic import mean_of_quadratics
from broximal.problems.constant import Known
from broximal.problems.problem import Problem
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.stochastic.noise import Noise


class Workers(Problem):
    """Workers(parts, whole, level, noise): whole + level is the mean of the parts.

    noise  of the gradient of every worker, drawn independently, or None for exact gradients
    """

    alias: ClassVar[str] = "workers"
    whole: Problem
    parts: tuple[Problem, ...]
    stacked: Any
    level: Any
    worker_noise: Noise | None

    def __init__(
        self, parts: Sequence[Problem], whole: Problem, level: float = 0.0, noise: Noise | None = None
    ) -> None:
        """Raises InvalidArgument unless the parts have one structure and their mean is whole + level at its start."""
        if not parts or not all(isinstance(part, Problem) for part in (*parts, whole)):
            raise InvalidArgument("parts must be one or more problems, and whole a problem.")
        leaves = [jax.tree.leaves(part) for part in parts]
        if len({tuple(np.shape(leaf) for leaf in own) for own in leaves}) != 1:
            raise InvalidArgument("parts must be problems of one family with parameters of the same shapes.")
        together = [np.stack(own) if _numeric(own[0]) else own[0] for own in zip(*leaves, strict=True)]
        self.stacked = jax.tree.unflatten(jax.tree.structure(parts[0]), together)
        self.whole, self.level, self.worker_noise = whole, np.float64(level), noise
        self.parts, x = tuple(parts), whole.x0
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

    def worker_gradients(self, x: Tree) -> Tree:
        """grad f_j(x) for every j, stacked along a first axis."""
        if namespace(x) is np:
            return jax.tree.map(lambda *g: np.stack(g), *(part.gradient(x) for part in self.parts))
        stacked = jax.tree.map(lambda leaf: jnp.asarray(leaf) if _numeric(leaf) else leaf, self.stacked)
        return eqx.filter_vmap(lambda part: part.gradient(x))(stacked)

    def sample_worker_gradients(self, keys: Any, x: Tree) -> Tree:
        """Stochastic gradients of all workers at x, one key each."""
        g = self.worker_gradients(x)
        if self.worker_noise is None:
            return g
        return combine(1.0, g, 1.0, jax.vmap(self.worker_noise.sample)(keys, jax.tree.map(jnp.asarray, g)))

    def worker_sigma(self) -> float:
        """sqrt(E |noise of a worker|_2^2), over all layers."""
        if self.worker_noise is None:
            return 0.0
        return float(np.linalg.norm(self.worker_noise.sigmas(shape_of(self.x0))))

    # ---- f -----------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        noise = f" + {self.worker_noise.name}" if self.worker_noise is not None else ""
        return f"{self.count} workers of {self.whole.name}{noise}"

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
        return self.whole.value(x) + namespace(x).asarray(self.level, dtype=jax.tree.leaves(x)[0].dtype)

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


def _numeric(leaf: Any) -> bool:
    """Is this leaf of a problem a number or an array, not a word?"""
    return isinstance(leaf, jax.Array) or np.asarray(leaf).dtype.kind in "biuf"


def _close(a: Tree, b: Tree) -> bool:
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.allclose(one, other, rtol=1e-9, atol=1e-9 * (1 + np.abs(one).max())) for one, other in pairs)
