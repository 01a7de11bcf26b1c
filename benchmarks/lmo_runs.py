"""How fast runs of LMO methods are: many seeds in one scan, and one Muon step beside its peers; saved in out/benchmarks/.

    python benchmarks/lmo_runs.py     about a minute; optax is in pip install 'broximal[bench]', torch is taken if it is there

"cold" is the first call with its compilation, "warm" the fastest of three later ones.
"""

import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal import oracles
from broximal.oracles import norms
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Experiment
from broximal.theory.columns.points import gap
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.verify import run

STEPS = 100


def timed(call: Callable[[], Any], repeats: int = 3) -> tuple[float, float]:
    """(cold, warm) in seconds."""
    times = []
    for _ in range(1 + repeats):
        began = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - began)
    return times[0], min(times[1:])


def many_seeds(dimension: int) -> list[dict[str, Any]]:
    f = Noisy(Ridges(random_layer("square", dimension, 0)), Gaussian(0.1))
    experiment = Experiment.make(f, norms.LInf(), steps=STEPS, radius=0.01, parameters={"a": 0.1, "tau": 0.01})
    method = LmoMethod(PerLayer("tau"), Ema("a"))
    rows = []
    for seeds in (32, 1000):
        cold, warm = timed(
            lambda seeds=seeds: [one.column("f") for one in run(method, experiment, [gap], range(seeds))]
        )
        rows.append({"work": f"{STEPS} steps x {seeds} seeds, d = {dimension}", "cold_s": cold, "warm_s": warm})
    rows[-1]["times 32 seeds"] = rows[-1]["warm_s"] / rows[0]["warm_s"]
    _, alone = timed(lambda: drawn(dimension, 1000))
    rows[-1]["times drawing the noise"] = rows[-1]["warm_s"] / alone
    return rows


def drawn(dimension: int, seeds: int) -> Any:
    """The noise that the runs of so many seeds need, and nothing else."""
    with jax.enable_x64(True):
        return _noise(jnp.arange(seeds), dimension)


@functools.partial(jax.jit, static_argnums=1)
def _noise(seeds: Any, dimension: int) -> Any:
    def of(seed: Any) -> Any:
        keys = jax.random.split(jax.random.key(seed), STEPS)
        return jax.lax.scan(lambda total, key: (total + jax.random.normal(key, (dimension,)).sum(), ()), 0.0, keys)[0]

    return jax.vmap(of)(seeds)


def muon_step(n: int = 1024) -> list[dict[str, Any]]:
    g = jnp.asarray(np.random.default_rng(0).standard_normal((n, n)), jnp.float32)
    x = jnp.zeros_like(g)

    @jax.jit
    def ours(x, m, g):
        m = 0.95 * m + 0.05 * g
        return x + 0.02 * oracles.lmo(norms.Spectral(), m).point, m

    calls: dict[str, Callable[[], Any]] = {"ours, exact with certificate": lambda: ours(x, x, g)}
    try:
        import optax

        rule = optax.contrib.muon(0.02)
        state = rule.init(x)
        step = jax.jit(rule.update)
        calls["optax.contrib.muon (5 Newton-Schulz steps)"] = lambda: step(g, state, x)
    except ImportError:
        print("optax is not installed; pip install 'broximal[bench]'")
    try:
        import torch

        weight = torch.nn.Parameter(torch.zeros(n, n))
        weight.grad = torch.from_numpy(np.array(g))
        optimiser = torch.optim.Muon([weight], lr=0.02)
        calls["torch.optim.Muon (5 Newton-Schulz steps)"] = lambda: optimiser.step() or 0
    except (ImportError, AttributeError):
        print("torch with torch.optim.Muon is not installed; its row is left out")
    return [
        {"work": f"Muon step {n} x {n}, float32: {who}", "cold_s": cold, "warm_s": warm}
        for who, (cold, warm) in ((who, timed(call)) for who, call in calls.items())
    ]


if __name__ == "__main__":
    rows = many_seeds(10) + many_seeds(1000) + muon_step()
    for row in rows:
        extra = "".join(f"  {value:.1f} {name}" for name, value in row.items() if name.startswith("times "))
        print(f"{row['work']:64s} cold {row['cold_s']:7.3f} s  warm {row['warm_s']:7.3f} s{extra}")
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    (out / "lmo_runs.json").write_text(json.dumps(rows, indent=1) + "\n")
