"""The LMO method put together from its parts: one step, run on the host or as a jitted scan over steps and seeds."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import combine, subtract
from broximal.oracles.layers import Layers
from broximal.oracles.polar import InexactMethod
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting
from broximal.theory.methods.lmo.context import Context
from broximal.theory.methods.lmo.directions import directions, quality
from broximal.theory.methods.lmo.estimators import Estimator, Exact
from broximal.theory.methods.lmo.rules import Given, Rule
from broximal.theory.methods.lmo.samplers import Full, Sampler, draw
from broximal.theory.methods.lmo.trace import CHUNK, at, entries, errors, in_chunks, jitted

CHUNK_BYTES = 2**28  # how much of the scan's state and trace is held at once


@dataclasses.dataclass(frozen=True)
class LmoMethod(Method):
    """x^i_{k+1} = (1 - decay) x^i_k + t^i_k LMO_i(m^i_k) for the layers i that the sampler draws.

    decay      the parameter of decoupled weight decay (the Frank-Wolfe form), or None
    direction  an inexact LMO for the layers whose norm it approximates, or None: exact

    Without randomness it runs on the host in numpy, at any precision; with it, all steps and seeds are one jitted
    scan, whose trace (f, g, e, e2, m, t, mask, and lo, hi of an inexact direction) is all that is kept of the path besides its end.
    """

    rule: Rule = Given()
    estimator: Estimator = Exact()
    sampler: Sampler = Full()
    decay: str | None = None
    direction: InexactMethod | None = None
    title: str = dataclasses.field(default="LMO method", compare=False)  # methods that differ in it are compiled once

    @property
    def parameters(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.sampler.parameters

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.title

    @property
    def update(self) -> str:  # type: ignore[override]
        kept = "x_k" if self.decay is None else rf"(1 - \{self.decay}) x_k"
        if self.estimator.direct:
            return rf"x_{{k+1}} = {kept} + t_k d_k, \; {self.estimator.latex}, \; t_k = {self.rule.latex}"
        lmo = r"\operatorname{LMO}(m_k)" if self.direction is None else r"O_k, \; O_k \approx \operatorname{LMO}(m_k)"
        move = rf"x_{{k+1}} = {kept} + t_k {lmo}, \; {self.estimator.latex}, \; t_k = {self.rule.latex}"
        return move + (rf", \; {self.sampler.latex}" if self.sampler.random else "")

    def validate(self, setting: Setting) -> None:
        self.sampler.validate(Layers(setting.norm).count, setting.parameters)

    def random(self, setting: Setting) -> bool:
        """Does a run depend on its seed?"""
        noise = getattr(setting.problem, "noise", None)
        return self.sampler.random or (self.estimator.noisy and noise is not None)

    def move(self, context: Context, step: Any, parts: list, m: list, mask: Any) -> tuple[list, Any, list]:
        """The next point, the radii, (p,), and the directions."""
        sizes = context.layers.dual_sizes(m)
        radii = self.rule(context, step, sizes) * mask
        kept = 1.0 if self.decay is None else 1 - context.parameter(self.decay)
        along = m if self.estimator.direct else directions(self.direction, context.layers, m)
        moved = [combine(kept, x, t, v) for x, t, v in zip(parts, radii, along, strict=True)]
        return moved, radii, along

    # ---- without randomness: on the host ---------------------------------------------------------------------------

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        context = Context.of(setting)
        layers, problem = context.layers, setting.problem
        x, memory = setting.x0, None
        points, records = [x], []
        for step in range(setting.steps):
            gradient = layers.split(problem.gradient(x))
            if memory is None and not self.estimator.twice:
                memory = gradient
            else:
                memory = self.estimator.update(context, step, gradient if memory is None else memory, gradient)
            if not np.any(layers.dual_sizes(memory) > 0):
                break
            ahead = self.estimator.ahead(context, step, memory, gradient)
            parts, radii, along = self.move(context, step, layers.split(x), ahead, np.ones(layers.count))
            x = layers.join(parts)
            points.append(x)
            off = layers.dual_sizes([subtract(m, g) for m, g in zip(ahead, gradient, strict=True)])
            lo, hi = quality(layers, ahead, along)
            extra = {"radii": radii, "errors": off, "lo": float(lo), "hi": float(hi)}
            records.append(Record(None, float(np.max(radii)), extra=extra))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)

    # ---- with randomness: one scan, all seeds at once --------------------------------------------------------------

    def run_seeds(self, setting: Setting, seeds: range) -> list[Run]:
        """One run for every seed, each with the trace of its path."""
        context = Context.of(setting)
        held = 64 * (entries(setting) + 6 * context.layers.count * setting.steps)
        chunk = min(CHUNK, len(seeds), max(CHUNK_BYTES // held, 1))
        outcomes, scan = self.sampler.outcomes(context), _scan(setting)
        marginals = self.sampler.marginals(context)
        runs = in_chunks(setting, seeds, chunk, lambda part: scan(self, context, setting.x0, outcomes, _spread(part)))
        for run in runs:
            run.trace["P"] = marginals
        return runs

    def path(self, context: Context, x0: Any, outcomes: Any, seed: Any) -> tuple[dict[str, Any], Any]:
        """The trace and the end of the run of one seed; jittable. `outcomes` are those of the sampler.

        With a random sampler the trace has the expectation of f over the sets that may be drawn at every step, where
        the estimate is the same for all of them (exact gradients).
        """
        layers, problem = context.layers, context.problem
        keys = jax.random.split(jax.random.key(seed), context.horizon + 1)
        start = layers.split(jax.tree.map(jnp.asarray, x0))
        p, masks = (jnp.asarray(part) for part in outcomes)

        def step(state, inputs):
            k, key = inputs
            parts, memory = state
            noise, pick = jax.random.split(key)
            exact = layers.split(problem.gradient(layers.join(parts)))
            mask = draw(pick, p, masks) if self.sampler.random else jnp.ones(layers.count)
            fresh = _sampled(self, context, parts, noise, exact)
            drawn = self.estimator.update(context, k, memory, fresh)
            if not self.estimator.twice:
                drawn = jax.tree.map(lambda a, b: jnp.where(k == 0, a, b), memory, drawn)
            new = [  # layers that are not drawn keep their momentum
                jax.tree.map(lambda a, b, on=on: jnp.where(on > 0, a, b), *pair)
                for *pair, on in zip(drawn, memory, mask, strict=True)
            ]
            ahead = self.estimator.ahead(context, k, new, fresh)
            moved, radii, along = self.move(context, k, parts, ahead, mask)
            seen = fresh if self.estimator.direct else ahead  # what the LMO is taken of
            trace = {
                **at(problem, layers, parts, exact),
                **errors(layers, exact, new, seen, memory if self.estimator.noisy else None),
                "t": radii,
                "mask": mask,
            }
            if self.direction is not None:
                trace["lo"], trace["hi"] = quality(layers, ahead, along)
            if self.sampler.random:
                values = jax.vmap(lambda m: problem.value(layers.join(self.move(context, k, parts, drawn, m)[0])))(
                    masks
                )
                trace["mean_f"] = p @ values
            return (moved, new), trace

        memory = _sampled(self, context, start, keys[-1])
        (parts, _), trace = jax.lax.scan(step, (start, memory), (jnp.arange(context.horizon), keys[:-1]))
        end = layers.join(parts)
        exact = layers.split(problem.gradient(end))
        last = {**at(problem, layers, parts, exact), "g": layers.dual_sizes(exact)}
        for name, value in last.items():
            trace[name] = jnp.concatenate([trace[name], value[None]])
        return trace, end


def _sampled(method: LmoMethod, context: Context, parts: list, key: Any, exact: list | None = None) -> list:
    """What the estimator sees at a point: a stochastic gradient, or the exact one."""
    x = context.layers.join(parts)
    if method.estimator.noisy and getattr(context.problem, "noise", None) is not None:
        return context.layers.split(context.problem.sample_gradient(key, x))
    return context.layers.split(context.problem.gradient(x)) if exact is None else exact


def _spread(seeds: np.ndarray) -> Any:
    """The seeds over all devices, if there are several and they share them evenly."""
    devices = jax.devices()
    if len(devices) == 1 or len(seeds) % len(devices):
        return seeds
    mesh = jax.sharding.Mesh(np.array(devices), ("seeds",))
    return jax.device_put(seeds, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("seeds")))


@jitted
def _scan(method: LmoMethod, context: Context, x0: Any, outcomes: Any, seeds: Any) -> tuple[dict[str, Any], Any]:
    return jax.vmap(lambda seed: method.path(context, x0, outcomes, seed))(seeds)
