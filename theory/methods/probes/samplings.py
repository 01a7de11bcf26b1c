"""Samplings of layers with costs, drawn one after the other: what comparisons of samplings are checked on. Nothing moves."""

from typing import Any, ClassVar

import numpy as np

from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.keys import generator


class SamplingState(State):
    """What the step drew: costs (p,), forward cost, the marginals of a cutoff sampling (p,), free marginals (p,)."""

    x: Any
    cost: Any = None
    forward: Any = None
    nested: Any = None
    free: Any = None


class SamplingDraws(Algorithm):
    """Every step draws costs (unless `cost` and `forward` are given), the marginals of a cutoff sampling, and free marginals.

    Cutoff marginals do not decrease and end with 1. Costs and marginals are spread over orders of magnitude.
    """

    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    parameters: ClassVar[tuple[str, ...]] = ("cost", "forward")
    name = "random costs and samplings"
    update = r"c_k, P_k \text{ at random}"

    def init(self, world, x0, key):
        return SamplingState(x0)

    def step(self, world, state, k, key):
        rng, count = generator(key), world.parts.count
        drawn = 10 ** rng.uniform(-1, 1, count + 1)
        forward = float(world.numbers.get("forward", drawn[0]))
        cost = np.broadcast_to(world.numbers.get("cost", drawn[1:]), (count,))
        nested = np.sort(10 ** rng.uniform(-2, 0, count))
        nested[-1] = 1.0
        return SamplingState(state.x, cost, forward, nested, 10 ** rng.uniform(-2, 0, count))
