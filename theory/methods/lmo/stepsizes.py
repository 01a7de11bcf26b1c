"""Stepsizes: how far every layer moves at step k.

    state_0 = init(world, x_0),    (lengths (p,), state_{k+1}) = step(world, state_k, x_k, m_k, k)

m_k is what the direction is taken of; lengths are radii of the layers' balls.
"""

import abc
from typing import Any, ClassVar

import sympy as sp

from broximal.oracles.arrays import namespace
from broximal.oracles.module import Module
from broximal.theory.language.algorithm import World
from broximal.theory.language.declaration import declared
from broximal.theory.language.quantity import K, k as k_, layer


class Stepsize(Module):
    """A rule; one without a memory implements `lengths` only.

    radius    the radius of a layer as a formula in parameters, the horizon and k; None where it depends on m_k
    adaptive  then the radius in words, |m| the dual norm of the layer of m_k
    """

    radius: ClassVar[Any] = None
    adaptive: ClassVar[str] = ""

    @property
    @abc.abstractmethod
    def latex(self) -> str: ...

    def prepare(self, world: World) -> dict[str, Any]:
        """Numbers that the rule needs besides those of the world; found once, on the host."""
        return {}

    def init(self, world: World, x: Any) -> Any:
        return ()

    def step(self, world: World, state: Any, x: Any, m: Any, k: Any) -> tuple[Any, Any]:
        return self.lengths(world, world.parts.dual_sizes(world.parts.split(m)), k), state

    @abc.abstractmethod
    def lengths(self, world: World, sizes: Any, k: Any) -> Any:
        """From the dual norms of the layers of m_k, (p,)."""


class Given(Stepsize):
    """The radius of the experiment for every layer; the radii of the norm's layers are in their norms."""

    latex = r"t_k"

    def lengths(self, world, sizes, k):
        return namespace(sizes).asarray(world["t"])[k] + 0 * sizes


class Adaptive(Stepsize):
    """g / (L0 + L1 g): the minimiser of the descent lemma's bound."""

    latex = r"\frac{\|m\|_\ast}{L^0 + L^1 \|m\|_\ast}"
    adaptive = "|m| / (L0 + L1 |m|)"

    def lengths(self, world, sizes, k):
        below = world["L0"] + world["L1"] * sizes
        xp = namespace(sizes)
        return xp.where(sizes > 0, sizes / xp.where(below > 0, below, 1), 0 * sizes)


class Logarithmic(Stepsize):
    """log(1 + L1 g / (L0 + L1 g)) / L1: the minimiser of the upper model that a bound on the second derivative gives."""

    latex = r"\frac{1}{L^1} \log\Bigl(1 + \frac{L^1 \|m\|_\ast}{L^0 + L^1 \|m\|_\ast}\Bigr)"
    adaptive = "log(1 + L1 |m| / (L0 + L1 |m|)) / L1"

    def lengths(self, world, sizes, k):
        xp = namespace(sizes)
        below = world["L0"] + world["L1"] * sizes
        return xp.log1p(world["L1"] * sizes / xp.where(below > 0, below, 1)) / world["L1"]


class OverSmoothness(Stepsize):
    """|m|_* / L in the norm of all layers: the minimiser of the descent lemma's bound."""

    latex = r"\|m\|_\ast / L"
    adaptive = "|m| / L, |m| the dual norm of the whole of m_k"

    def prepare(self, world):
        return {} if "L" in world.numbers else {"L": world.problem.constant("L", world.norm).value}

    def lengths(self, world, sizes, k):
        return sizes.sum() / world["L"] + 0 * sizes


class PerLayer(Stepsize):
    """A parameter with one value a layer, times K^-horizon and (k + 1)^-power."""

    name: str = "tau"
    horizon: float = 0.0
    power: float = 0.0

    @property
    def latex(self):
        parts = ((self.horizon, "K"), (self.power, "(k+1)"))
        return rf"\{self.name}_l" + "".join(rf" {base}^{{-{power:g}}}" for power, base in parts if power)

    @property
    def radius(self):  # type: ignore[override]
        scale = K ** -sp.nsimplify(self.horizon) * (k_ + 1) ** -sp.nsimplify(self.power)
        return declared(self.name).symbol[layer] * scale

    def lengths(self, world, sizes, k):
        scale = float(world.horizon) ** -self.horizon * (k + 1.0) ** -self.power
        return world[self.name] * scale + 0 * sizes


class Whole(Stepsize):
    """One parameter, the radius in the norm of all layers."""

    name: str = "eta"
    latex = r"\eta"

    @property
    def radius(self):  # type: ignore[override]
        return declared(self.name).symbol

    def lengths(self, world, sizes, k):
        return world[self.name] + 0 * sizes


class Sharp(Stepsize):
    """gamma |m|_*: the sharp operator's step of size gamma."""

    name: str = "gamma"
    latex = r"\gamma_l \|m\|_\ast"
    adaptive = "gamma |m|"

    def lengths(self, world, sizes, k):
        return world[self.name] * sizes


class Clipped(Stepsize):
    """step min(cap, |m|_*): generalised gradient norm clipping."""

    name: str = "gam"
    latex = r"\gamma \min\{\varrho, \|m\|_\ast\}"
    adaptive = "gam min(cap, |m|)"

    def lengths(self, world, sizes, k):
        xp = namespace(sizes)
        return world[self.name] * xp.minimum(world["cap"], sizes)
