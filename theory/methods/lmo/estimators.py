"""Estimators of the gradient: what an LMO method moves along.

memory_0 = init(world, x_0, key),    (m_k, memory_{k+1}) = step(world, memory_k, x_{k-1}, x_k, k, key)
"""

import abc
from typing import Any, ClassVar

import jax

from broximal.oracles.arrays import combine, namespace
from broximal.oracles.module import Module
from broximal.theory.language.algorithm import Gradients, World


def sample(world: World, key: Any) -> Any:
    """The function of one draw: f itself where there is no noise."""
    return world.problem.draw(key) if world.problem.stochastic else world.problem


def choose(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b, leaf by leaf."""
    xp = namespace(condition, a, b)
    return jax.tree.map(lambda u, v: xp.where(condition, u, v), a, b)


class Estimator(Module):
    """m_k from a memory and what is evaluated at x_k (and at x_{k-1}, with the same sample).

    needs     exact gradients, or samples
    per_step  how many gradients a step evaluates, at the start and afterwards
    """

    needs: ClassVar[Gradients] = "sample"

    @property
    @abc.abstractmethod
    def latex(self) -> str: ...

    @property
    def per_step(self) -> tuple[int, int]:
        return 1, 1

    @abc.abstractmethod
    def init(self, world: World, x: Any, key: Any) -> Any:
        """The memory before the first step."""

    @abc.abstractmethod
    def step(self, world: World, memory: Any, before: Any, x: Any, k: Any, key: Any) -> tuple[Any, Any]:
        """(what the direction is taken of, the memory after the step)."""

    def held(self, world: World, mask: Any, new: Any, old: Any) -> Any:
        """The memory where only the layers of the mask were updated; a memory that is no point is not held back."""
        return new


class Exact(Estimator):
    """The gradient."""

    needs: ClassVar[Gradients] = "exact"
    latex = r"m_k = \nabla f(x_k)"

    def init(self, world, x, key):
        return ()

    def step(self, world, memory, before, x, k, key):
        return world.problem.gradient(x), ()


class Sample(Estimator):
    """A stochastic gradient, new at every step."""

    latex = r"m_k = g(x_k; \xi_k)"

    def init(self, world, x, key):
        return ()

    def step(self, world, memory, before, x, k, key):
        return sample(world, key).gradient(x), ()


class Ema(Estimator):
    """m_k = (1 - a_k) m_{k-1} + a_k g_k with stochastic gradients g_k.

    weight     the parameter a (constant), or None for a_k = (k + 1)^-power
    again      the first step draws a second sample at x_0: m_0 = (1 - a) g(x_0; xi) + a g(x_0; xi'); else m_0 = g_0
    nesterov   moves along (1 - a) m_k + a g_k
    """

    weight: str | None = "a"
    power: float = 0.5
    again: bool = False
    nesterov: bool = False
    latex = r"m_k = (1-a_k) m_{k-1} + a_k g(x_k; \xi_k)"

    @property
    def per_step(self) -> tuple[int, int]:
        return 2 if self.again else 1, 1

    def share(self, world: World, k: Any) -> Any:
        return world[self.weight] if self.weight else (k + 1.0) ** -self.power

    def init(self, world, x, key):
        return sample(world, key).gradient(x)

    def step(self, world, memory, before, x, k, key):
        a, g = self.share(world, k), sample(world, key).gradient(x)
        m = combine(1 - a, memory, a, g)
        if not self.again:
            m = choose(k == 0, memory, m)
        return combine(1 - a, m, a, g) if self.nesterov else m, m

    def held(self, world, mask, new, old):
        split = world.parts.split
        pairs = zip(split(new), split(old), mask, strict=True)
        return world.parts.join([choose(on > 0, a, b) for a, b, on in pairs])
