"""Radius rules: the radius of every layer at step k from the dual norms of the estimate, shape (p,)."""

import abc
import dataclasses
from typing import Any, ClassVar

from broximal.oracles.arrays import namespace
from broximal.theory.methods.lmo.context import Context


@dataclasses.dataclass(frozen=True)
class Rule(abc.ABC):
    """(context, step, dual norms of the estimate) -> radii."""

    latex: ClassVar[str]

    @abc.abstractmethod
    def __call__(self, context: Context, step: Any, sizes: Any) -> Any: ...


@dataclasses.dataclass(frozen=True)
class Given(Rule):
    """The radius of the setting for every layer; the radii of the norm's layers are in their norms."""

    latex = r"t_k"

    def __call__(self, context, step, sizes):
        return namespace(sizes).asarray(context.radii)[step] + 0 * sizes


@dataclasses.dataclass(frozen=True)
class Adaptive(Rule):
    """g / (L0 + L1 g): the minimiser of the descent lemma's bound."""

    latex = r"\frac{\|m\|_\ast}{L^0 + L^1 \|m\|_\ast}"

    def __call__(self, context, step, sizes):
        below = context.L0 + context.L1 * sizes
        xp = namespace(sizes)
        return xp.where(sizes > 0, sizes / xp.where(below > 0, below, 1), 0 * sizes)


@dataclasses.dataclass(frozen=True)
class Logarithmic(Rule):
    """log(1 + L1 g / (L0 + L1 g)) / L1: the minimiser of the upper model that a bound on the second derivative gives."""

    latex = r"\frac{1}{L^1} \log\Bigl(1 + \frac{L^1 \|m\|_\ast}{L^0 + L^1 \|m\|_\ast}\Bigr)"

    def __call__(self, context, step, sizes):
        xp = namespace(sizes)
        below = context.L0 + context.L1 * sizes
        return xp.log1p(context.L1 * sizes / xp.where(below > 0, below, 1)) / context.L1


@dataclasses.dataclass(frozen=True)
class PerLayer(Rule):
    """A parameter with one value a layer, times K^-horizon and (k + 1)^-power."""

    name: str = "tau"
    horizon: float = 0.0
    power: float = 0.0

    @property
    def latex(self):
        parts = ((self.horizon, "K"), (self.power, "(k+1)"))
        return rf"\{self.name}_l" + "".join(rf" {base}^{{-{power:g}}}" for power, base in parts if power)

    def __call__(self, context, step, sizes):
        scale = float(context.horizon) ** -self.horizon * (step + 1.0) ** -self.power
        return context.parameter(self.name) * scale + 0 * sizes


@dataclasses.dataclass(frozen=True)
class Whole(Rule):
    """One parameter, the radius in the norm of all layers."""

    name: str = "eta"
    latex = r"\eta"

    def __call__(self, context, step, sizes):
        return context.parameter(self.name) + 0 * sizes


@dataclasses.dataclass(frozen=True)
class Sharp(Rule):
    """gamma |m|_*: the sharp operator's step of size gamma."""

    name: str = "gamma"
    latex = r"\gamma_l \|m\|_\ast"

    def __call__(self, context, step, sizes):
        return context.parameter(self.name) * sizes


@dataclasses.dataclass(frozen=True)
class Clipped(Rule):
    """step min(cap, |m|_*): generalised gradient norm clipping."""

    name: str = "gam"
    latex = r"\gamma \min\{\varrho, \|m\|_\ast\}"

    def __call__(self, context, step, sizes):
        xp = namespace(sizes)
        return context.parameter(self.name) * xp.minimum(context.parameter("cap"), sizes)
