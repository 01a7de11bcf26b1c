"""The directions that an LMO method moves along.

state_0 = init(world, x_0),    (directions of the layers, state_{k+1}) = step(world, state_k, m_k, k)
"""

import abc
from typing import Any

import jax

from broximal.oracles.arrays import combine, inner, namespace
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm
from broximal.oracles.polar import InexactMethod
from broximal.theory.language.algorithm import World


class Direction(Module):
    """From the layers of m_k to one direction a layer."""

    @property
    def latex(self) -> str:
        """The direction d_k, as the update shows it."""
        return r"\operatorname{LMO}(m_k)"

    def init(self, world: World, x: Any) -> Any:
        return ()

    @abc.abstractmethod
    def step(self, world: World, state: Any, m: list[Any], k: Any) -> tuple[list[Any], Any]: ...


class Lmo(Direction):
    """The exact LMO of every layer."""

    def step(self, world, state, m, k):
        return world.parts.lmo(m), state


class Approximate(Direction):
    """An inexact polar factor in the layers whose norm it approximates, the exact LMO in the others."""

    inexact: InexactMethod

    @property
    def latex(self) -> str:
        return r"O_k, \; O_k \approx \operatorname{LMO}(m_k)"

    def step(self, world, state, m, k):
        found = []
        for norm, part in zip(world.parts.norms, m, strict=True):
            factor = approximated(self.inexact, norm, shape_of(part))
            found.append(norm._lmo(part) if factor is None else self.inexact._point(part) / factor)
        return found, state


class AverageOfLmos(Direction):
    """d_k = (1 - a) d_{k-1} + a LMO(m_k) with d_{-1} = 0 (ALMOND)."""

    weight: str = "a"

    @property
    def latex(self) -> str:
        return r"d_k, \; d_k = (1-a) d_{k-1} + a \operatorname{LMO}(m_k)"

    def init(self, world, x):
        return jax.tree.map(lambda leaf: 0.0 * leaf, world.parts.split(x))

    def step(self, world, state, m, k):
        a = world[self.weight]
        d = [combine(1 - a, old, a, new) for old, new in zip(state, world.parts.lmo(m), strict=True)]
        return d, d


def approximated(inexact: InexactMethod, norm: Norm, shape: Any) -> Any:
    """The multiple of the inexact method's norm that this layer has, None if it is another norm."""
    base, factor = unscaled(norm, shape)
    return factor if isinstance(base, type(inexact.norm)) else None


def quality(layers: Layers, estimate: list[Any], along: list[Any]) -> tuple[Any, Any]:
    """(lo, hi) of the directions O for the norm of all layers: -<m, O> / |m|_* and |O|; lo is 1 where m is zero."""
    whole = layers.dual_sizes(estimate).sum()
    xp = namespace(whole)
    captured = -inner(estimate, along) / xp.where(whole > 0, whole, 1)
    return xp.where(whole > 0, captured, 1.0), layers.sizes(along).max()
