"""Small stochastic methods for claims about one step."""

from typing import Any

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import combine
from broximal.theory import Rule, Source, Theorem
from broximal.theory.columns.points import L
from broximal.theory.columns.whole import gam
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.keys import generator


class Point(State):
    x: Any


class Sgd(Algorithm):
    """x - gam g, g by `way`: how it draws."""

    needs = "sample"
    name = "SGD"
    update = r"x_{k+1} = x_k - \gamma g_k"
    way: str = eqx.field(static=True, default="sample")

    def init(self, world, x0, key):
        return Point(x0)

    def step(self, world, state, k, key):
        f, x = world.problem, state.x
        if f.stochastic:
            f = f.draw(key, 2) if self.way == "batch" else f.draw(key)
        g = f.gradient(x)
        if self.way == "twice":  # an independent sample beside the first
            g = combine(0.5, g, 0.5, world.problem.draw(jax.random.fold_in(key, 1)).gradient(x))
        if self.way == "same":  # the same sample again
            g = combine(0.5, g, 0.5, world.problem.draw(key).gradient(x))
        if self.way == "coin":
            g = combine(2.0 * world.choice(jax.random.fold_in(key, 2), [0.25, 0.75]), g, 0.0, g)
        if self.way == "own":
            g = combine(1.0 * jax.random.bernoulli(jax.random.fold_in(key, 3), 1e-6), g, 1.0, g)
        if self.way == "numpy":
            g = combine(float(generator(key).uniform() < 1e-6), g, 1.0, g)
        if self.way == "bits":
            g = combine(1e-6 * float(np.asarray(jax.random.key_data(key))[-1]), g, 1.0, g)
        return Point(combine(1.0, x, -world["gam"], g))


class HostSgd(Sgd):
    """The same, never traced."""

    host = True


def about(*claims, method=None) -> Theorem:
    """A theorem about SGD with the step 1/(2 L)."""
    return Theorem(
        name="mine.step",
        title="One step",
        source=Source("my notes", "proved here"),
        assumes=(),
        method=method or Sgd(),
        parameters=(Rule(gam, 1 / (2 * L), gam > 0, free=True),),
        claims=claims,
        cases=(),
    )
