"""The LMO method put together from its parts.

    m_k = estimator(gradients),   x^i_{k+1} = (1 - decay) x^i_k + t^i_k d^i_k   for the active layers i

with d_k the LMO of m_k or what stands for it. Muon, Scion, Gluon, layer-wise normalised gradient and sign descent, and
Drop-Muon are instances: the norms of the layers come from the experiment, the rest from the parts.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import combine, namespace
from broximal.theory.language.algorithm import Algorithm, Clock, State, World
from broximal.theory.methods.lmo.active import Active, Full
from broximal.theory.methods.lmo.directions import Direction, Lmo
from broximal.theory.methods.lmo.estimators import Estimator, Exact
from broximal.theory.methods.lmo.stepsizes import Given, Stepsize


class LmoState(State):
    """What x_k was reached by: the point before, the estimate m, the directions, the lengths and the mask of the step.

    memory, stepsize, direction  the states of the parts
    """

    x: Any
    before: Any
    m: Any
    along: Any
    lengths: Any
    mask: Any
    memory: Any
    stepsize: Any
    direction: Any

    @property
    def radius(self) -> Any:
        """The largest length of a layer."""
        return self.lengths.max()


class LmoMethod(Algorithm):
    """x^i_{k+1} = (1 - decay) x^i_k + t^i_k d^i(m_k) for the layers i that are active.

    decay   the parameter of decoupled weight decay (the Frank-Wolfe form), or None
    title   its name on cards
    """

    stepsize: Stepsize = Given()
    estimator: Estimator = Exact()
    active: Active = Full()
    direction: Direction = Lmo()
    decay: str | None = eqx.field(static=True, default=None)
    title: str = eqx.field(static=True, default="LMO method")

    @property
    def needs(self):  # type: ignore[override]
        return self.estimator.needs

    @property
    def parameters(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.active.parameters

    @property
    def radius(self) -> Any:  # type: ignore[override]
        return self.stepsize.radius

    @property
    def adaptive(self) -> str:  # type: ignore[override]
        return self.stepsize.adaptive

    @property
    def name(self) -> str:
        return self.title

    @property
    def update(self) -> str:
        kept = "x_k" if self.decay is None else rf"(1 - \{self.decay}) x_k"
        move = rf"x_{{k+1}} = {kept} + t_k {self.direction.latex}, \; {self.estimator.latex}, \; t_k = {self.stepsize.latex}"
        return move + (rf", \; {self.active.latex}" if self.active.random else "")

    def validate(self, experiment):
        self.active.validate(experiment.layers.count, experiment.parameters)

    def random(self, experiment):
        return self.active.random or super().random(experiment)

    def prepare(self, world: World) -> World:
        numbers = world.numbers | self.stepsize.prepare(world) | self.active.prepare(world)
        return dataclasses.replace(world, numbers=numbers)

    def compiled(self) -> "LmoMethod":
        return dataclasses.replace(self, title="")

    def init(self, world, x0, key):
        zeros = jax.tree.map(lambda leaf: 0.0 * leaf, x0)
        lengths = namespace(x0).zeros(world.parts.count)
        memory = self.estimator.init(world, x0, key)
        split = world.parts.split(zeros)
        parts = (memory, self.stepsize.init(world, x0), self.direction.init(world, x0))
        return LmoState(x0, x0, zeros, split, lengths, lengths, *parts)

    def step(self, world, state, k, key):
        for_gradient, for_layers = (None, None) if key is None else jax.random.split(key)
        mask = self.active.mask(world, state.x, k, for_layers)
        m, memory = self.estimator.step(world, state.memory, state.before, state.x, k, for_gradient)
        if self.active.random:  # layers that do not move keep their memory
            memory = self.estimator.held(world, mask, memory, state.memory)
            m = self.estimator.held(world, mask, m, state.memory)
        lengths, stepsize = self.stepsize.step(world, state.stepsize, state.x, m, k)
        along, direction = self.direction.step(world, state.direction, world.parts.split(m), k)
        lengths = lengths * mask
        x = self.moved(world, state.x, lengths, along)
        return LmoState(x, state.x, m, along, lengths, mask, memory, stepsize, direction)

    def moved(self, world: World, x: Any, lengths: Any, along: list[Any]) -> Any:
        """x moved along these directions of the layers by these lengths."""
        kept = 1.0 if self.decay is None else 1 - world[self.decay]
        pairs = zip(world.parts.split(x), lengths, along, strict=True)
        return world.parts.join([combine(kept, part, t, v) for part, t, v in pairs])

    def finished(self, now):
        """Nothing moves any more: the gradient and the memory are zero."""
        still = all(not np.any(leaf) for leaf in jax.tree.leaves(now.state.memory))
        return still and not np.any(now.dual_sizes > 0) and self.decay is None

    def clock(self, world, state, k):
        first, later = self.estimator.per_step
        samples = later * k + (first - later) * (k > 0)
        return Clock(samples, 0 * k, k, k, k)
