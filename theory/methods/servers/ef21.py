"""EF21-Muon: n workers, compressed messages both ways, error feedback on both sides.

    X_{k+1} = X_k - gamma (G_k)#  or  X_k + t LMO(G_k)
    W_{k+1} = W_k + C(X_{k+1} - W_k)                                       (broadcast by the server)
    M^j_{k+1} = (1 - a) M^j_k + a grad f_j(W_{k+1}; xi^j)                   (exact gradients: a = 1)
    G^j_{k+1} = G^j_k + C_j(M^j_{k+1} - G^j_k),  G_{k+1} = G_k + mean_j of the messages

from W_0 = X_0, M^j_0 = G^j_0 = grad f_j(X_0; xi^j), G_0 their mean. Layers are those of the norm: products move every layer.
Layer-wise, every layer takes its own sharp step with a stepsize of its own, and its columns are kept apart in the trace.
"""

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import combine, inner, subtract
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.problems.distributed.workers import Workers
from broximal.theory.columns.workers import compressor
from broximal.theory.language.method import Method, Progress
from broximal.theory.language.setting import Run, Setting
from broximal.theory.methods.lmo.trace import CHUNK, in_chunks, jitted


class Parts(eqx.Module):
    """What a run needs, as a pytree: the problem (its workers may be sharded), the norm, the compressors, the numbers."""

    problem: Workers
    norm: Norm
    server: Any
    worker: Any
    size: Any  # gamma or t; layer-wise one gamma a layer
    share: Any  # a
    layers: Layers | None  # layer-wise: what is measured and moved one by one

    @property
    def random(self) -> bool:
        return self.server.random or self.worker.random

    def length(self, x: Any) -> Any:
        """|x|, or the sizes of its layers, (p,)."""
        return self.norm._value(x) if self.layers is None else self.layers.sizes(self.layers.split(x))

    def dual(self, g: Any) -> Any:
        """|g|_*, or the dual sizes of its layers, (p,)."""
        return self.norm.dual._value(g) if self.layers is None else self.layers.dual_sizes(self.layers.split(g))

    def moved(self, x: Any, lengths: Any, G: Any) -> Any:
        """x moved along the LMO of G by this length, or by these lengths of the layers."""
        if self.layers is None:
            return combine(1.0, x, lengths, self.norm._lmo(G))
        split = self.layers.split
        steps = zip(split(x), lengths, self.layers.lmo(split(G)), strict=True)
        return self.layers.join([combine(1.0, part, by, along) for part, by, along in steps])


@dataclasses.dataclass(frozen=True)
class Ef21(Method):
    """sharp: the step has length gamma |G|_*, else t. momentum: a and stochastic gradients, else exact ones.

    layerwise: the sharp form with one gamma a layer of the norm (parameter `gamma`, else `stepsize`).
    Parameters `server` and `worker` are compressors or their names; one for all workers, each with keys of its own.
    """

    sharp: bool = True
    momentum: bool = False
    layerwise: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("server", "worker")

    @property
    def name(self) -> str:  # type: ignore[override]
        plain = "EF21-Muon, sharp form" if self.sharp else "EF21-Muon"
        return f"{plain}, layer-wise" if self.layerwise else plain

    @property
    def update(self) -> str:  # type: ignore[override]
        step = r"x_k - \gamma (G_k)^\sharp" if self.sharp else r"x_k + t \operatorname{LMO}(G_k)"
        if self.layerwise:
            step = r"(x^l_k - \gamma_l (G^l_k)^\sharp)_l"
        feedback = r"G^j_{k+1} = G^j_k + \mathcal{C}_j(m^j_{k+1} - G^j_k)"
        return rf"x_{{k+1}} = {step}, \; w_{{k+1}} = w_k + \mathcal{{C}}(x_{{k+1}} - w_k), \; {feedback}"

    def validate(self, setting: Setting) -> None:
        for side in ("server", "worker"):
            compressor(setting, side)

    def random(self, setting: Setting) -> bool:
        """Does a run depend on its seed?"""
        noisy = self.momentum and getattr(setting.problem, "worker_noise", None) is not None
        return noisy or any(compressor(setting, side).random for side in ("server", "worker"))

    def assembled(self, setting: Setting) -> Parts:
        """Raises InvalidArgument for a problem without workers, MissingConstant for a missing parameter."""
        if not isinstance(setting.problem, Workers):
            raise InvalidArgument(f"{setting.problem.name} has no workers.")
        step = ("gamma" if self.layerwise else "stepsize") if self.sharp else "length"
        names = (step, *(("a",) if self.momentum else ()))
        for name in names:
            if name not in setting.parameters:
                raise MissingConstant(f"the method needs the parameter {name}, which was not given and has no rule.")
        layers = Layers(setting.norm) if self.layerwise else None
        size = np.broadcast_to(np.asarray(setting.parameters[step], float), () if layers is None else (layers.count,))
        share = setting.parameters["a"] if self.momentum else 1.0
        server, worker = compressor(setting, "server"), compressor(setting, "worker")
        problem = eqx.tree_at(lambda p: p.parts, setting.problem, ())  # the run needs their stack only
        return Parts(problem, setting.norm, server, worker, size + 0.0, np.float64(share), layers)

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        return self.run_seeds(setting, range(setting.seed, setting.seed + 1))[0]

    def run_seeds(self, setting: Setting, seeds: range) -> list[Run]:
        """One run for every seed, each with the trace of its path."""
        parts = self.assembled(setting)
        run, size = scan(setting), min(CHUNK, len(seeds))
        return in_chunks(setting, seeds, size, lambda part: run(self, parts, setting.x0, setting.steps, part))

    def path(self, parts: Parts, x0: Any, steps: int, seed: Any) -> tuple[dict[str, Any], Any]:
        """The trace and the end of the run of one seed; jittable."""
        problem, n = parts.problem, parts.problem.count
        keys = jax.random.split(jax.random.key(seed), steps + 1)

        def gradients(key: Any, w: Any) -> Any:
            if not self.momentum:
                return problem.worker_gradients(w)
            return problem.sample_worker_gradients(jax.random.split(key, n), w)

        def step(state: Any, key: Any) -> Any:
            x, w, m, g, G = state
            for_server, for_workers, noise = jax.random.split(key, 3)
            x_new = parts.moved(x, parts.size * (parts.dual(G) if self.sharp else 1.0), G)
            w_new = combine(1.0, w, 1.0, parts.server(for_server, subtract(x_new, w)))
            m_new = combine(1 - parts.share, m, parts.share, gradients(noise, w_new))
            sent = jax.vmap(parts.worker)(jax.random.split(for_workers, n), subtract(m_new, g))
            G_new = combine(1.0, G, 1.0, jax.tree.map(lambda leaf: leaf.mean(axis=0), sent))
            moves = {"moved": parts.length(subtract(x_new, x)), "sent": parts.length(subtract(w_new, w))}
            return (x_new, w_new, m_new, combine(1.0, g, 1.0, sent), G_new), seen(parts, state) | moves

        x = jax.tree.map(jnp.asarray, x0)
        first = gradients(keys[-1], x)
        start = (x, x, first, first, jax.tree.map(lambda leaf: leaf.mean(axis=0), first))
        end, trace = jax.lax.scan(step, start, keys[:-1])
        for name, value in seen(parts, end).items():
            trace[name] = jnp.concatenate([trace[name], value[None]])
        return trace, end[0]


def seen(parts: Parts, state: Any) -> dict[str, Any]:
    """The columns of one point of the run, in the norm of the space and its dual, or of every layer."""
    x, w, m, g, G = state
    problem = parts.problem
    exact, own = problem.gradient(x), problem.worker_gradients(x)
    sizes = jax.vmap(parts.dual)
    off = sizes(subtract(own, g))
    slope = inner(jax.tree.map(jnp.abs, exact), jax.tree.map(jnp.abs, x))
    return {
        "f": problem.value(x),
        "slope": slope,
        "g": parts.dual(exact),
        "own": sizes(own),
        "size": parts.length(x),
        "lag": parts.length(subtract(x, w)),
        "off": off.mean(axis=0),
        "off2": jnp.sqrt((off**2).mean(axis=0)),
        "behind": sizes(subtract(m, g)).mean(axis=0),
        "server_off": parts.dual(subtract(exact, G)),
        "G": sizes(g).mean(axis=0),
    }


@jitted
def scan(method: Ef21, parts: Parts, x0: Any, steps: int, seeds: Any) -> tuple[dict[str, Any], Any]:
    """The traces and ends of all seeds at once."""
    return jax.vmap(lambda seed: method.path(parts, x0, steps, seed))(seeds)
