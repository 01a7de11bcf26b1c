"""Additive noise with exactly known size: independent of the point, and symmetric, v and -v being equally likely.

So it is unbiased wherever it has a mean, and the entries of every leaf are alike.

            |noise|_2 of a leaf with d entries          sigma = sqrt(E |noise|_2^2)
Gaussian    normal entries of deviation s               s sqrt d
Signs       entries +-s: s sqrt d surely                s sqrt d
Sphere      uniform on the sphere: s sqrt d surely      s sqrt d
OneEntry    +-s at one random entry: s surely           s
Rare        Signs with probability p, else 0            s sqrt(p d)

(StudentT and Pareto stand in `heavy_tails`.)

In a dual norm exactly: by enumeration where the support is small, else |.|_2 for Euclidean layers; entries +-s have one size in
every absolute norm; for normal entries E |.|_1^2 = s^2 (d + d (d - 1) 2 / pi).
"""

import abc
import itertools
import math
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import as_number
from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Frobenius, LInf

OUTCOMES = 4096  # enumerate up to this many


class Noise(Module):
    """Independent noise in every leaf, of scale s > 0. Raises InvalidArgument for another s."""

    s: float

    def __check_init__(self):
        as_number(self.s, "s", low=0, high=1e300, open_low=True)

    @property
    def name(self) -> str:
        return f"{type(self).__name__.lower()}({self.s:g})"

    @abc.abstractmethod
    def _draw(self, key: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        """One leaf, by JAX."""

    @abc.abstractmethod
    def _sigma(self, size: int) -> float:
        """sqrt(E |noise|_2^2) of a leaf of this size."""

    def _bound(self, size: int) -> float | None:
        """The least number that |noise|_2 of a leaf surely does not exceed, if there is one."""
        return None

    def _moment(self, size: int, p: float) -> float:
        """(E |noise|_2^p)^(1/p) of a leaf for p in (1, 2], exact or an upper bound; infinite if there is none."""
        return self._sigma(size)  # Lyapunov; and exact where |noise|_2 is constant

    def _support(self, size: int) -> tuple[np.ndarray, np.ndarray] | None:
        """(probabilities (count,), values (count, size)) of a leaf, if there are few."""
        return None

    def sample(self, key: Any, like: Any) -> Any:
        """One draw with the structure, shapes and dtypes of `like`; numpy for numpy leaves, else traceable."""
        leaves, structure = jax.tree.flatten(like)
        keys = jax.random.split(key, len(leaves))
        return structure.unflatten([self._one(k, leaf) for k, leaf in zip(keys, leaves, strict=True)])

    def _one(self, key: Any, leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            with jax.enable_x64(True):
                return np.asarray(self._draw(key, leaf.shape, leaf.dtype))
        return self._draw(key, leaf.shape, leaf.dtype)

    def sigmas(self, shapes: Any) -> tuple[float, ...]:
        """The Euclidean sigma of every leaf of a shape, or tree of shapes; may be infinite."""
        return tuple(self._sigma(math.prod(shape)) for shape in leaf_shapes(shapes))

    def bounds(self, shapes: Any) -> tuple[float, ...] | None:
        """What |noise|_2 of every leaf surely does not exceed, or None for unbounded noise."""
        found = [self._bound(math.prod(shape)) for shape in leaf_shapes(shapes)]
        return None if None in found else tuple(float(value) for value in found if value is not None)

    def moment(self, p: float, shapes: Any) -> float:
        """(E |noise|_2^p)^(1/p) over all leaves for p in (1, 2], exact for one leaf whose own is, else an upper bound.

        (sum a_i^2)^(p/2) <= sum a_i^p for the lengths a_i of the leaves, as p <= 2. May be infinite.
        """
        return sum(self._moment(math.prod(shape), p) ** p for shape in leaf_shapes(shapes)) ** (1 / p)

    def layer_sigmas(self, layers: Layers, x: Any) -> tuple[float, ...]:
        """The Euclidean sigma of every layer of x; may be infinite."""
        return tuple(math.hypot(*self.sigmas(shape_of(part))) for part in layers.split(x))

    def layer_bounds(self, layers: Layers, x: Any) -> tuple[float, ...]:
        """What |noise|_2 of every layer of x surely does not exceed; infinite where there is no bound."""
        found = [self.bounds(shape_of(part)) for part in layers.split(x)]
        return tuple(math.inf if own is None else math.hypot(*own) for own in found)

    def layer_moments(self, p: float, layers: Layers, x: Any, batch: int) -> tuple[float, ...]:
        """`moment` of every layer of x for the mean of a batch: the noise is symmetric (see `Noisy`)."""
        return tuple(self.moment(p, shape_of(part)) * batch ** (1 / p - 1) for part in layers.split(x))

    def outcomes(self, shapes: Any) -> list[tuple[float, Any]]:
        """All (probability, tree) for exact expectations. Raises MissingConstant beyond 4096 outcomes or a finite support."""
        own = leaf_shapes(shapes)
        supports = [self._support(math.prod(shape)) for shape in own]
        if any(s is None for s in supports) or math.prod(len(s[0]) for s in supports if s is not None) > OUTCOMES:
            raise MissingConstant(f"{self.name} has no list of at most {OUTCOMES} outcomes on {shapes}.")
        structure = jax.tree.structure(shapes, is_leaf=is_shape)
        rows = itertools.product(*(list(zip(*s, strict=True)) for s in supports if s is not None))
        return [
            (
                math.prod(float(chance) for chance, _ in row),
                structure.unflatten([v.reshape(s) for (_, v), s in zip(row, own, strict=True)]),
            )
            for row in rows
        ]

    def dual_sigma(self, norm: Norm, shape: tuple[int, ...]) -> float | None:
        """sqrt(E |noise|_*^2) of one leaf in the dual of this norm where it is known exactly, else None."""
        base, factor = unscaled(norm, shape)
        support = self._support(math.prod(shape))
        if support is not None and len(support[0]) <= OUTCOMES:
            chances, values = support
            found = math.sqrt(float(chances @ [float(base.dual._value(v.reshape(shape))) ** 2 for v in values]))
        elif isinstance(base, (L2, Frobenius)):
            found = self._sigma(math.prod(shape))
        else:
            special = self._dual(base, shape)
            if special is None:
                return None
            found = special
        return found / factor

    def _dual(self, norm: Norm, shape: tuple[int, ...]) -> float | None:
        return None


class Gaussian(Noise):
    """Normal entries with standard deviation s."""

    def _draw(self, key, shape, dtype):
        return self.s * jax.random.normal(key, shape, dtype)

    def _sigma(self, size):
        return self.s * math.sqrt(size)

    def _moment(self, size, p):
        """|noise|_2 / s has the chi distribution with d degrees of freedom."""
        return self.s * math.sqrt(2) * math.exp((math.lgamma((size + p) / 2) - math.lgamma(size / 2)) / p)

    def _dual(self, norm, shape):
        d = math.prod(shape)
        return self.s * math.sqrt(d + d * (d - 1) * 2 / math.pi) if isinstance(norm, LInf) else None


class Signs(Noise):
    """Entries +s and -s with equal chances."""

    def _draw(self, key, shape, dtype):
        return self.s * jax.random.rademacher(key, shape, dtype)

    def _sigma(self, size):
        return self.s * math.sqrt(size)

    _bound = _sigma

    def _support(self, size):
        return _equally(self.s * _signs(size)) if 2**size <= OUTCOMES else None

    def _dual(self, norm, shape):
        return float(norm.dual._value(np.full(shape, self.s))) if norm.absolute else None


class Sphere(Noise):
    """Uniform on the sphere of radius s sqrt(d)."""

    def _draw(self, key, shape, dtype):
        raw = jax.random.normal(key, shape, dtype)
        return self._sigma(math.prod(shape)) * raw / jax.numpy.sqrt((raw * raw).sum())

    def _sigma(self, size):
        return self.s * math.sqrt(size)

    _bound = _sigma


class OneEntry(Noise):
    """+-s at one entry, drawn uniformly, and 0 elsewhere."""

    def _draw(self, key, shape, dtype):
        place, sign = jax.random.split(key)
        size = math.prod(shape)
        hot = jax.nn.one_hot(jax.random.randint(place, (), 0, size), size, dtype=dtype)
        return (self.s * jax.random.rademacher(sign, (), dtype) * hot).reshape(shape)

    def _sigma(self, size):
        return self.s

    _bound = _sigma

    def _support(self, size):
        return _equally(self.s * np.concatenate([np.eye(size), -np.eye(size)]))


class Rare(Noise):
    """Entries +s and -s with equal chances with probability p, else zero: what it surely does not exceed is far above sigma."""

    p: float = 0.1

    def __check_init__(self):
        as_number(self.p, "p", low=0, high=1, open_low=True)

    @property
    def name(self):
        return f"rare({self.s:g}, p={self.p:g})"

    def _draw(self, key, shape, dtype):
        coin, signs = jax.random.split(key)
        return self.s * jax.random.bernoulli(coin, self.p) * jax.random.rademacher(signs, shape, dtype)

    def _sigma(self, size):
        return self.s * math.sqrt(self.p * size)

    def _moment(self, size, p):
        return self.p ** (1 / p) * self.s * math.sqrt(size)

    def _bound(self, size):
        return self.s * math.sqrt(size)

    def _support(self, size):
        if 2**size >= OUTCOMES:
            return None
        values = np.concatenate([self.s * _signs(size), np.zeros((1, size))])
        chances = np.append(np.full(2**size, self.p / 2**size), 1 - self.p)
        return (chances, values) if self.p < 1 else (chances[:-1], values[:-1])

    def _dual(self, norm, shape):
        return math.sqrt(self.p) * float(norm.dual._value(np.full(shape, self.s))) if norm.absolute else None


def _signs(size: int) -> np.ndarray:
    """All vectors of signs, (2^size, size)."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=size)))


def _equally(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equally likely values with their probabilities."""
    return np.full(len(values), 1 / len(values)), values


def is_shape(node: Any) -> bool:
    return isinstance(node, tuple) and all(isinstance(n, int) for n in node)


def leaf_shapes(shapes: Any) -> list[tuple[int, ...]]:
    """The shapes in a tree of shapes (see `oracles.layers.shape_of`), leaf by leaf."""
    return jax.tree.leaves(shapes, is_leaf=is_shape)
