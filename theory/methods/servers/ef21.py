"""EF21-Muon: n workers, compressed messages both ways, error feedback on both sides.

    X_{k+1} = X_k - gamma (G_k)#  or  X_k + t LMO(G_k)
    W_{k+1} = W_k + C(X_{k+1} - W_k)                                       (broadcast by the server)
    M^j_{k+1} = (1 - a) M^j_k + a grad f_j(W_{k+1}; xi^j)                   (exact gradients: a = 1)
    G^j_{k+1} = G^j_k + C_j(M^j_{k+1} - G^j_k),  G_{k+1} = G_k + mean_j of the messages

from W_0 = X_0, M^j_0 = G^j_0 = grad f_j(X_0; xi^j), G_0 their mean. Layers are those of the norm: products move every layer.
Layer-wise, every layer takes its own sharp step with a stepsize of its own, and its columns are kept apart.
"""

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp

from broximal.oracles.arrays import combine, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.problems.distributed.workers import Workers
from broximal.theory.columns.workers import compressor, length
from broximal.theory.language.algorithm import Algorithm, Clock, State, World


class ServerState(State):
    """x of the server; w that the workers know; m, g: momenta and estimates of the workers (n, ...); G: their mean."""

    x: Any
    w: Any
    m: Any
    g: Any
    G: Any
    radius: Any


class Ef21(Algorithm):
    """sharp: the step has length gamma |G|_*, else t. momentum: a and stochastic gradients, else exact ones.

    layerwise: the sharp form with one gamma a layer of the norm (parameter `gamma`, else `stepsize`).
    Parameters `server` and `worker` are compressors or their names; one for all workers, each with keys of its own.
    """

    sharp: bool = eqx.field(static=True, default=True)
    momentum: bool = eqx.field(static=True, default=False)
    layerwise: bool = eqx.field(static=True, default=False)
    traced: ClassVar[bool] = True
    parameters: ClassVar[tuple[str, ...]] = ("server", "worker")

    @property
    def needs(self):  # type: ignore[override]
        return "sample" if self.momentum else "exact"

    @property
    def name(self) -> str:
        plain = "EF21-Muon, sharp form" if self.sharp else "EF21-Muon"
        return f"{plain}, layer-wise" if self.layerwise else plain

    @property
    def radius(self) -> Any:  # type: ignore[override]
        return None if self.sharp else length

    @property
    def adaptive(self) -> str:  # type: ignore[override]
        if not self.sharp:
            return ""
        return (
            "gamma |G|, |G| the dual norm of the layer of G_k"
            if self.layerwise
            else "stepsize |G|, |G| the dual norm of G_k"
        )

    @property
    def update(self) -> str:
        step = r"x_k - \gamma (G_k)^\sharp" if self.sharp else r"x_k + t \operatorname{LMO}(G_k)"
        if self.layerwise:
            step = r"(x^l_k - \gamma_l (G^l_k)^\sharp)_l"
        feedback = r"G^j_{k+1} = G^j_k + \mathcal{C}_j(m^j_{k+1} - G^j_k)"
        return rf"x_{{k+1}} = {step}, \; w_{{k+1}} = w_k + \mathcal{{C}}(x_{{k+1}} - w_k), \; {feedback}"

    def validate(self, experiment):
        for side in ("server", "worker"):
            compressor(experiment.parameters, side)

    def random(self, experiment):
        compressed = any(compressor(experiment.parameters, side).random for side in ("server", "worker"))
        return compressed or super().random(experiment)

    def keyed(self, experiment):
        return True  # its key is split for compressors, which say themselves whether they draw

    def prepare(self, world):
        """Raises InvalidArgument for a problem without workers."""
        if not isinstance(world.problem, Workers):
            raise InvalidArgument(f"{world.problem.name} has no workers.")
        numbers = world.numbers | {side: compressor(world.numbers, side) for side in ("server", "worker")}
        return dataclasses.replace(world, numbers=numbers)

    def gradients(self, world: World, w: Any, key: Any) -> Any:
        """Of all workers at w, stacked: stochastic ones if there is momentum."""
        seen = world.problem.draw(key) if self.momentum and world.problem.stochastic else world.problem
        return seen.worker_gradients(w)

    def init(self, world, x0, key):
        m = self.gradients(world, x0, key)
        G = jax.tree.map(lambda leaf: leaf.mean(axis=0), m)
        return ServerState(x0, x0, m, m, G, jnp.zeros(world.parts.count if self.layerwise else ()))

    def step(self, world, state, k, key):
        for_server, for_workers, noise = jax.random.split(key, 3)
        x, radius = self.moved(world, state.x, state.G)
        w = combine(1.0, state.w, 1.0, world["server"](for_server, subtract(x, state.w)))
        share = world["a"] if self.momentum else 1.0
        m = combine(1 - share, state.m, share, self.gradients(world, w, noise))
        keys = jax.random.split(for_workers, world.problem.count)
        sent = jax.vmap(world["worker"])(keys, subtract(m, state.g))
        G = combine(1.0, state.G, 1.0, jax.tree.map(lambda leaf: leaf.mean(axis=0), sent))
        return ServerState(x, w, m, combine(1.0, state.g, 1.0, sent), G, radius)

    def moved(self, world: World, x: Any, G: Any) -> tuple[Any, Any]:
        """The next point of the server, and the length of its step (one a layer, layer-wise)."""
        if not self.layerwise:
            radius = world["stepsize"] * world.norm.dual._value(G) if self.sharp else 1.0 * world["length"]
            return combine(1.0, x, radius, world.norm._lmo(G)), radius
        split, layers = world.parts.split, world.parts
        lengths = world["gamma"] * layers.dual_sizes(split(G))
        steps = zip(split(x), lengths, layers.lmo(split(G)), strict=True)
        return layers.join([combine(1.0, part, by, along) for part, by, along in steps]), lengths

    def clock(self, world, state, k):
        """Every worker sends one message at the start and after every step, and receives one a step."""
        n = world.problem.count
        shape = jax.tree.map(lambda leaf: tuple(leaf.shape), state.x)
        up, down = world["worker"].bits(shape), world["server"].bits(shape)
        return Clock(n * (k + 1), n * (up + down) * k, k, k, k)
