"""The same problem in other coordinates and units: f'(z) = s f((J^-1 (z - b)) / r) + c, J a rotation or an order of layers.

Everything that is known about f is carried over by its units, so that a theorem about f is one about f' with the radii and
parameters carried over as well. Lengths of z are `length` times those of x: r where the norm is the same, and its factor where
the norm is scaled instead.
"""

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import combine
from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Frobenius, L2Product, Product, Scaled, Spectral, SumProduct
from broximal.problems._checks import like
from broximal.problems._data import like_tree
from broximal.problems.constant import Constant, Known
from broximal.problems.distributed.workers import Workers
from broximal.problems.problem import Problem
from broximal.problems.stochastic.contract import Stochastic
from broximal.problems.stochastic.noisy import Noisy
from broximal.problems.stochastic.sample import Sample
from broximal.theory.language.units import parse_units

EPS = float(np.finfo(float).eps)
CONSTANTS = {"L": "f/x^2", "L0": "f/x^2", "L1": "1/x", "mu": "f/x^2", "PL": "f/x^2", "G": "f/x", "R0": "x"}


class Turn(eqx.Module):
    """J = identity; z = J x."""

    def out(self, x: Any) -> Any:
        return x

    def back(self, z: Any) -> Any:
        return z

    def norm(self, norm: Norm) -> Norm:
        """The norm of x that has the size of J x in this one."""
        return norm

    def order(self, layers: Any) -> tuple:
        """Numbers of the layers of x as those of z."""
        return tuple(layers)


class Rotation(Turn):
    """J x = U x (V' for matrices), orthogonal; only in norms that do not see it."""

    U: Any
    V: Any = None
    kinds: ClassVar[Any] = (L2, Frobenius, Spectral)

    def out(self, x):
        turned = like(self.U, x) @ x
        return turned if self.V is None else turned @ like(self.V, x).T

    def back(self, z):
        turned = like(self.U, z).T @ z
        return turned if self.V is None else turned @ like(self.V, z)

    def norm(self, norm):
        if not isinstance(norm, self.kinds):
            raise MissingConstant(f"a rotation changes the {norm.name} norm.")
        return norm


class Reversed(Turn):
    """The layers in the opposite order."""

    def out(self, x):
        return type(x)(x[::-1])

    def back(self, z):
        return type(z)(z[::-1])

    def norm(self, norm):
        if isinstance(norm, Product):
            return Product(norm._norms[::-1], norm.radii[::-1])
        if isinstance(norm, (L2Product, SumProduct)):
            return type(norm)(norm._norms[::-1], norm.weights[::-1])
        raise MissingConstant(f"the {norm.name} norm has no layers.")

    def order(self, layers):
        return tuple(layers)[::-1]


class Change(eqx.Module):
    """s, c, r, b, J and the factor of lengths."""

    s: Any = eqx.field(converter=np.float64, default=1.0)
    c: Any = eqx.field(converter=np.float64, default=0.0)
    r: Any = eqx.field(converter=np.float64, default=1.0)
    b: Any = None
    turn: Turn = Turn()
    scaled: float = eqx.field(static=True, default=1.0)  # of the norm of z

    @property
    def length(self) -> float:
        return float(self.r) * self.scaled

    def out(self, x: Any) -> Any:
        z = jax.tree.map(lambda leaf: like(self.r, leaf) * leaf, self.turn.out(x))
        return z if self.b is None else combine(1.0, z, 1.0, like_tree(self.b, z))

    def back(self, z: Any) -> Any:
        z = z if self.b is None else combine(1.0, z, -1.0, like_tree(self.b, z))
        return self.turn.back(jax.tree.map(lambda leaf: leaf / like(self.r, leaf), z))

    def gradient(self, g: Any) -> Any:
        """Of f' from that of f."""
        return jax.tree.map(lambda leaf: like(self.s / self.r, leaf) * leaf, self.turn.out(g))

    def value(self, value: Any) -> Any:
        return like(self.s, np.asarray(value) if isinstance(value, float) else value) * value + self.c

    def inner_gradient(self, g: Any) -> Any:
        """Of f from that of f'."""
        return self.turn.back(jax.tree.map(lambda leaf: like(self.r / self.s, leaf) * leaf, g))

    def inner(self, norm: Norm) -> Norm:
        """The norm of x that a norm of z stands for."""
        if self.scaled != 1:
            if isinstance(norm, Product):
                return Product(norm._join([self.inner(each) for each in norm._norms]), norm.radii)
            if isinstance(norm, Scaled):
                return norm.base
            if isinstance(norm, L2 | L2Product):
                return norm  # the Euclidean length, which is not rescaled
            raise MissingConstant(f"{norm.name} is no scaled norm.")
        return self.turn.norm(norm)

    def outer(self, norm: Norm) -> Norm:
        """The norm of z of an experiment in this norm of x."""
        if self.scaled != 1:
            if isinstance(norm, Product):
                return Product(norm._join([self.outer(each) for each in norm._norms]), norm.radii)
            return Scaled(self.scaled, norm)
        return self.turn.norm(norm)

    def euclidean(self, norm: Norm) -> bool:
        return self.scaled != 1 and isinstance(norm, L2 | L2Product)

    def factor(self, units: str, norm: Norm | None = None, q: float | None = None) -> float:
        """By what a quantity of these units is multiplied, measured in this norm."""
        length = float(self.r) if norm is not None and self.euclidean(norm) else self.length
        parsed = parse_units(units)
        named = {symbol: q for part in parsed for symbol in part.free_symbols}
        return parsed.factor(float(self.s), length, named)


class Seen(Problem):
    """A problem seen through a change of units and coordinates."""

    inside: Problem
    change: Change

    @property
    def name(self) -> str:
        return f"changed {self.inside.name}"

    def _facts(self):
        def raised(found: Known) -> Known:
            value = float(self.change.s) * found.value + float(self.change.c)
            size = abs(float(self.change.s) * found.value) + abs(float(self.change.c))
            return Known(value, float(self.change.s) * found.error + (EPS * size if self.change.c else 0.0), found.why)

        def minimiser():
            return None if self.inside.minimiser is None else self.change.out(self.inside.minimiser)

        return self.inside.facts.but(
            f_star=lambda: raised(self.inside.f_star), lower=lambda: raised(self.inside.lower), minimiser=minimiser
        )

    @property
    def x0(self):
        return self.change.out(self.inside.x0)

    def value(self, z):
        return self.change.value(self.inside.value(self.change.back(z)))

    def gradient(self, z):
        return self.change.gradient(self.inside.gradient(self.change.back(z)))

    def rounding(self, z):
        value, slope = self.inside.rounding(self.change.back(z))
        return float(self.change.s) * value + EPS * abs(float(self.change.c)), float(
            self.change.s / self.change.r
        ) * slope

    def cvxpy(self, z):
        if not isinstance(self.inside.x0, np.ndarray) or type(self.change.turn) is not Turn:
            return None
        b = 0.0 if self.change.b is None else self.change.b
        found = self.inside.cvxpy((z - b) / float(self.change.r))
        return None if found is None else float(self.change.s) * found + float(self.change.c)

    def minorant(self, u, g):
        found = self.inside.minorant(self.change.back(u), self.change.inner_gradient(g))
        return found and (self.change.gradient(found[0]), like(self.change.s, found[1]) * found[1])

    def move(self, norm, z, radius):
        change = self.change
        try:
            inner = change.inner(norm)
        except MissingConstant:
            return None
        found = self.inside.move(inner, change.back(z), radius / change.length)
        if found is None:
            return None
        slope, lower = found.subgradient, found.lower
        return found._replace(
            point=change.out(found.point),
            subgradient=None if slope is None else change.gradient(slope),
            lower=None if lower is None else change.value(lower),
            start=None,
        )

    def _distance(self, z, norm):
        found = self.inside.distance(self.change.back(z), self.change.inner(norm))
        times = self.change.factor("x", norm)
        off = 0.0 if self.change.b is None else 4 * EPS * (float(norm(z)) + float(norm(self.change.b)))
        return Known(times * found.value, times * found.error + off, found.why)

    def constant(self, name, norm, x0=None):
        inner = None if x0 is None else self.change.back(x0)
        found = self.inside.constant(name, self.change.inner(norm), inner)
        units = CONSTANTS.get(name, "f/x^q")
        times = self.change.factor(units, norm, self.inside.growth_exponent)
        return Constant(name, times * found.value, found.kind, found.why, norm.name)

    def smoothness(self, norm):
        change = self.change
        bend, slope, reach = (change.factor(units, norm) for units in ("f/x^2", "1/x", "x"))
        found = []
        for s in self.inside.smoothness(change.inner(norm)):
            coupling = s.coupling
            if coupling is not None:
                rows = change.turn.order([change.turn.order([bend * entry for entry in row]) for row in coupling])
                coupling = tuple(tuple(row) for row in rows)
            found.append(
                dataclasses.replace(
                    s,
                    L0=change.turn.order([bend * value for value in s.L0]),
                    L1=change.turn.order([slope * value for value in s.L1]),
                    reach=change.turn.order([reach * value for value in s.reach]),
                    coupling=coupling,
                )
            )
        return tuple(found)


class SeenSample(Sample):
    """A sample of the same problem."""

    inside: Any
    change: Change

    @property
    def convex(self):
        return self.inside.convex

    @property
    def smooth(self):
        return self.inside.smooth

    def value(self, z):
        return self.change.value(self.inside.value(self.change.back(z)))

    def gradient(self, z):
        return self.change.gradient(self.inside.gradient(self.change.back(z)))


class SeenStochastic(Seen, Stochastic):
    """The same for a problem with samples: equal keys draw the same samples."""

    @property
    def batch(self):
        return self.inside.batch

    def _draw(self, key, batch):
        return SeenSample(self.inside._draw(key, batch), self.change)

    def _outcomes(self):
        found = self.inside._outcomes()
        return None if found is None else [(p, SeenSample(sample, self.change)) for p, sample in found]

    def _sizes(self, sizes):
        """Of noise in the Euclidean length, which the factor of a norm does not touch."""
        return self.change.turn.order([float(self.change.s / self.change.r) * size for size in sizes])

    def _sigma(self, layers):
        return self._sizes(self.inside._sigma(Layers(self.change.inner(layers.norm))))

    def _sure(self, layers):
        return self._sizes(self.inside._sure(Layers(self.change.inner(layers.norm))))

    def _sigma_at(self, x, layers):
        return self._sizes(self.inside._sigma_at(self.change.back(x), Layers(self.change.inner(layers.norm))))

    def _mean_squared_smoothness(self, norm, batch):
        found = self.inside._mean_squared_smoothness(self.change.inner(norm), batch)
        return found and Constant(
            "calL", self.change.factor("f/x^2", norm) * found.value, found.kind, found.why, norm.name
        )


def seen(problem: Problem, change: Change) -> Problem:
    """The problem seen through the change; of workers every one is."""
    if isinstance(problem, Workers):
        own = [Noisy(part, problem.worker_noise) if problem.worker_noise else part for part in problem.parts]
        whole = seen(problem.whole, dataclasses.replace(change, c=0.0))
        level = float(change.s * problem.level + change.c)
        return Workers([seen(part, change) for part in own], whole, level, exact=problem.exact)
    return (SeenStochastic if problem.stochastic else Seen)(problem, change)
