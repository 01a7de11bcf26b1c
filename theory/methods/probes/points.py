"""No method at all: points drawn around the start, for statements about every x."""

from typing import Any, ClassVar

import jax

from broximal.oracles.arrays import combine
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.keys import generator


class ProbeState(State):
    """radius: of the experiment at the step that drew x."""

    x: Any
    radius: Any = 0.0


class Probe(Algorithm):
    """x_0 is the start of the problem, x_1, x_2, ... are drawn around it at random, out to a few initial distances.

    Statements are then checked at each point, or between a point and the next one.
    """

    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    name = "random points"
    update = r"x_0, x_1, \dots \text{ drawn at random}"

    def init(self, world, x0, key):
        return ProbeState(x0)

    def step(self, world, state, k, key):
        rng, problem, x0 = generator(key), world.problem, world.instance.optimisation.x0
        centre = problem.minimiser if problem.minimiser is not None else x0
        reach = problem.distance(x0, world.norm).value if problem.minimiser is not None else 1.0
        direction = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x0)
        length = (reach or 1.0) * rng.uniform(0, 2) / float(world.norm(direction))
        return ProbeState(combine(1.0, centre, length, direction), float(world.radius(k)))
