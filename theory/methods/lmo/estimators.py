"""Estimators of the gradient: what an LMO method moves along.

`first` and `update` work on the list of layers; `sample` is a stochastic gradient at the current point.
"""

import abc
import dataclasses
from typing import Any, ClassVar

from broximal.oracles.arrays import combine
from broximal.theory.methods.lmo.context import Context


@dataclasses.dataclass(frozen=True)
class Estimator(abc.ABC):
    """m_k from the memory and the gradient at x_k."""

    latex: ClassVar[str]
    noisy: ClassVar[bool]  # does it see stochastic gradients (else the exact one)?

    @property
    def direct(self) -> bool:
        """Is the estimate itself the direction, not its LMO?"""
        return False

    @property
    def twice(self) -> bool:
        """Does the first step update the memory with a second sample at x_0?"""
        return False

    @abc.abstractmethod
    def update(self, context: Context, step: Any, memory: list, gradient: list) -> list:
        """The next estimate; at step 0 the memory is the gradient (sample) at x_0 itself."""

    def ahead(self, context: Context, step: Any, estimate: list, gradient: list) -> list:
        """What the LMO is taken of: the estimate, unless it looks ahead."""
        return estimate


@dataclasses.dataclass(frozen=True)
class Exact(Estimator):
    """The gradient."""

    latex = r"m_k = \nabla f(x_k)"
    noisy = False

    def update(self, context, step, memory, gradient):
        return gradient


@dataclasses.dataclass(frozen=True)
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
    noisy = True

    @property
    def twice(self) -> bool:
        return self.again

    def share(self, context: Context, step: Any) -> Any:
        return context.parameter(self.weight) if self.weight else (step + 1.0) ** -self.power

    def update(self, context, step, memory, gradient):
        a = self.share(context, step)
        return [combine(1 - a, m, a, g) for m, g in zip(memory, gradient, strict=True)]

    def ahead(self, context, step, estimate, gradient):
        return self.update(context, step, estimate, gradient) if self.nesterov else estimate


@dataclasses.dataclass(frozen=True)
class AverageOfLmos(Estimator):
    """d_k = (1 - a) d_{k-1} + a LMO(g_k) with d_{-1} = 0, itself the direction (ALMOND)."""

    weight: str = "a"
    latex = r"d_k = (1-a) d_{k-1} + a \operatorname{LMO}(g(x_k; \xi_k))"
    noisy = True
    direct = True
    twice = True

    def update(self, context, step, memory, gradient):
        a = context.parameter(self.weight)
        kept = (1 - a) * (step > 0)
        return [combine(kept, d, a, u) for d, u in zip(memory, context.layers.lmo(gradient), strict=True)]
