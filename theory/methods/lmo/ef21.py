"""EF21-Muon: n workers, compressed messages both ways, error feedback on both sides.

    X_{k+1} = X_k - gamma (G_k)#  or  X_k + t LMO(G_k)
    W_{k+1} = W_k + C(X_{k+1} - W_k)                                       (broadcast by the server)
    M^j_{k+1} = (1 - a) M^j_k + a grad f_j(W_{k+1}; xi^j)                   (exact gradients: a = 1)
    G^j_{k+1} = G^j_k + C_j(M^j_{k+1} - G^j_k),  G_{k+1} = G_k + mean_j of the messages

from W_0 = X_0, M^j_0 = G^j_0 = grad f_j(X_0; xi^j), G_0 their mean. Layers are those of the norm: products move every layer.
"""

import dataclasses
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import combine, inner, subtract
from broximal.oracles.compressors import Compressor, Identity
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.problems.workers import Workers
from broximal.theory.methods.lmo.trace import in_chunks
from broximal.theory.methods.method import Method, Progress
from broximal.theory.setting import Run, Setting

CHUNK = 32  # seeds that run at once: one size, so that a run is compiled once however many seeds there will be


class Parts(eqx.Module):
    """What a run needs, as a pytree: the problem (its workers may be sharded), the norm, the compressors, the numbers."""

    problem: Workers
    norm: Norm
    server: Any
    worker: Any
    size: Any  # gamma or t
    share: Any  # a

    @property
    def random(self) -> bool:
        return self.server.random or self.worker.random


@dataclasses.dataclass(frozen=True)
class Ef21(Method):
    """sharp: the step has length gamma |G|_*, else t. momentum: a and stochastic gradients, else exact ones.

    Parameters `server` and `worker` are compressors or their names; one for all workers, each with keys of its own.
    """

    sharp: bool = True
    momentum: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("server", "worker")

    @property
    def name(self) -> str:  # type: ignore[override]
        return "EF21-Muon, sharp form" if self.sharp else "EF21-Muon"

    @property
    def update(self) -> str:  # type: ignore[override]
        step = r"x_k - \gamma (G_k)^\sharp" if self.sharp else r"x_k + t \operatorname{LMO}(G_k)"
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
        names = ("stepsize" if self.sharp else "length", *(("a",) if self.momentum else ()))
        for name in names:
            if name not in setting.parameters:
                raise MissingConstant(f"the method needs the parameter {name}, which was not given and has no rule.")
        size, share = (*(float(setting.parameters[name]) for name in names), 1.0)[:2]
        server, worker = compressor(setting, "server"), compressor(setting, "worker")
        problem = eqx.tree_at(lambda p: p.parts, setting.problem, ())  # the run needs their stack only
        return Parts(problem, setting.norm, server, worker, np.float64(size), np.float64(share))

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        return self.run_seeds(setting, range(setting.seed, setting.seed + 1))[0]

    def run_seeds(self, setting: Setting, seeds: range) -> list[Run]:
        """One run for every seed, each with the trace of its path."""
        parts = self.assembled(setting)
        size = min(CHUNK, len(seeds))
        return in_chunks(setting, seeds, size, lambda part: scan(self, parts, setting.x0, setting.steps, part))

    def path(self, parts: Parts, x0: Any, steps: int, seed: Any) -> tuple[dict[str, Any], Any]:
        """The trace and the end of the run of one seed; jittable."""
        problem, norm, n = parts.problem, parts.norm, parts.problem.count
        keys = jax.random.split(jax.random.key(seed), steps + 1)

        def gradients(key: Any, w: Any) -> Any:
            if not self.momentum:
                return problem.worker_gradients(w)
            return problem.sample_worker_gradients(jax.random.split(key, n), w)

        def step(state: Any, key: Any) -> Any:
            x, w, m, g, G = state
            for_server, for_workers, noise = jax.random.split(key, 3)
            length = parts.size * (norm.dual._value(G) if self.sharp else 1.0)
            x_new = combine(1.0, x, length, norm._lmo(G))
            w_new = combine(1.0, w, 1.0, parts.server(for_server, subtract(x_new, w)))
            m_new = combine(1 - parts.share, m, parts.share, gradients(noise, w_new))
            sent = jax.vmap(parts.worker)(jax.random.split(for_workers, n), subtract(m_new, g))
            G_new = combine(1.0, G, 1.0, jax.tree.map(lambda leaf: leaf.mean(axis=0), sent))
            moves = {"moved": norm._value(subtract(x_new, x)), "sent": norm._value(subtract(w_new, w))}
            return (x_new, w_new, m_new, combine(1.0, g, 1.0, sent), G_new), seen(parts, state) | moves

        x = jax.tree.map(jnp.asarray, x0)
        first = gradients(keys[-1], x)
        start = (x, x, first, first, jax.tree.map(lambda leaf: leaf.mean(axis=0), first))
        end, trace = jax.lax.scan(step, start, keys[:-1])
        for name, value in seen(parts, end).items():
            trace[name] = jnp.concatenate([trace[name], value[None]])
        return trace, end[0]


def seen(parts: Parts, state: Any) -> dict[str, Any]:
    """The columns of one point of the run, in the norm of the space and its dual."""
    x, w, m, g, G = state
    problem, norm = parts.problem, parts.norm
    exact, dual = problem.gradient(x), norm.dual._value
    own = problem.worker_gradients(x)
    sizes = jax.vmap(dual)
    off = sizes(subtract(own, g))
    slope = inner(jax.tree.map(jnp.abs, exact), jax.tree.map(jnp.abs, x))
    return {
        "f": problem.value(x),
        "slope": slope,
        "g": dual(exact),
        "own": sizes(own),
        "size": norm._value(x),
        "lag": norm._value(subtract(x, w)),
        "off": off.mean(),
        "off2": jnp.sqrt((off**2).mean()),
        "behind": sizes(subtract(m, g)).mean(),
        "server_off": dual(subtract(exact, G)),
        "G": sizes(g).mean(),
    }


def compressor(setting: Setting, side: str) -> Any:
    """The compressor of the server or of the workers. Raises InvalidArgument for a number."""
    found = setting.parameters.get(side, Identity())
    if not isinstance(found, Compressor):
        raise InvalidArgument(f"parameter {side} must be a compressor or the name of one, not {found!r}.")
    return found


@eqx.filter_jit
def scan(method: Ef21, parts: Parts, x0: Any, steps: int, seeds: Any) -> tuple[dict[str, Any], Any]:
    """The traces and ends of all seeds at once."""
    return jax.vmap(lambda seed: method.path(parts, x0, steps, seed))(seeds)
