"""How fast the oracles are beside their peers: one table of times and ratios, saved as JSON in out/.

    python benchmarks/oracles.py            a few minutes, needs jaxopt and optax (pip install 'broximal[bench]')
    python benchmarks/oracles.py --quick    small sizes only

"cold" is the first call, with its compilation; "warm" the fastest of the later ones, the peers' calls and ours taking
turns so that a busy machine slows all of them alike. Every answer of ours is certified within the time shown.
"""

import argparse
import datetime
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse.linalg

from broximal import oracles
from broximal.oracles import MissingPackage, norms


def peers() -> tuple[Any, Any]:
    try:
        import jaxopt
        import optax
    except ImportError as error:
        raise MissingPackage(
            f"the comparison needs {error.name}; install it with pip install 'broximal[bench]'."
        ) from None
    return jaxopt, optax


def l1_projection(n: int, radius: float) -> dict[str, Callable]:
    jaxopt, optax = peers()
    x = jnp.asarray(np.random.default_rng(0).standard_normal(n), jnp.float32)
    functions = {
        "ours": norms.L1().project,
        "jaxopt": jaxopt.projection.projection_l1_ball,
        "optax": optax.projections.projection_l1_ball,
    }
    return {who: (lambda f=jax.jit(function): f(x, radius)) for who, function in functions.items()}


def spectral_lmo(m: int, n: int) -> dict[str, Callable]:
    from optax.contrib import _muon

    g = jnp.asarray(np.random.default_rng(0).standard_normal((m, n)), jnp.float32)
    coefficients = jnp.asarray([3.4445, -4.7750, 2.0315])

    def by_svd(g):
        u, _, vt = jnp.linalg.svd(g, full_matrices=False)
        return -u @ vt

    def newton_schulz(g):
        return _muon.orthogonalize_via_newton_schulz(g, coefficients, 5, dimension_numbers=_muon.MuonDimensionNumbers())

    functions = {
        "ours": lambda g: oracles.lmo(norms.Spectral(), g),
        "jax SVD": by_svd,
        "optax NS5 (inexact)": newton_schulz,
    }
    return {who: (lambda f=jax.jit(function): f(g)) for who, function in functions.items()}


def nuclear_lmo(n: int) -> dict[str, Callable]:
    g = np.random.default_rng(0).standard_normal((n, n)).astype(np.float32)
    ours, on_device = jax.jit(lambda g: oracles.lmo(norms.Nuclear(), g)), jnp.asarray(g)
    return {"ours": lambda: ours(on_device), "scipy svds": lambda: scipy.sparse.linalg.svds(g, k=1)}


def quality(name: str, answer: Any) -> str:
    """What the certificate says, relative to the optimum."""
    if hasattr(answer, "gap"):
        return f"gap {float(answer.gap / -answer.value):.0e}, excess {float(answer.excess):.0e}"
    radius = float(name.split("radius ")[1])
    return f"violation {float(np.abs(np.asarray(answer, np.float64)).sum()) / radius - 1:.0e}"


def measure(calls: dict[str, Callable], rounds: int) -> dict[str, dict[str, float]]:
    times: dict[str, list[float]] = {who: [] for who in calls}
    for _ in range(1 + rounds):
        for who, call in calls.items():
            start = time.perf_counter()
            jax.block_until_ready(call())
            times[who].append(time.perf_counter() - start)
    return {who: {"cold": t[0], "warm": min(t[1:])} for who, t in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where the JSON goes (default: out)")
    options = parser.parse_args()
    try:
        peers()
    except MissingPackage as missing:
        parser.exit(2, f"{missing}\n")
    big = not options.quick
    suite: dict[str, Callable] = {"l1 projection 1e6, radius 1000": lambda: l1_projection(10**6, 1e3)}
    suite |= {"spectral LMO 256x256": lambda: spectral_lmo(256, 256), "nuclear LMO 256": lambda: nuclear_lmo(256)}
    if big:
        suite |= {
            "l1 projection 1e6, radius 1": lambda: l1_projection(10**6, 1.0),
            "l1 projection 1.6e7, radius 1000": lambda: l1_projection(16 * 10**6, 1e3),
            "spectral LMO 1000x1000": lambda: spectral_lmo(1000, 1000),
            "spectral LMO 4096x256": lambda: spectral_lmo(4096, 256),
            "nuclear LMO 1000": lambda: nuclear_lmo(1000),
        }
    results = {}
    print(f"{'operation':<34}{'who':<22}{'cold ms':>10}{'warm ms':>10}{'peer / ours':>13}")
    for name, make in suite.items():
        calls = make()
        times = measure(calls, 3 if "1.6e7" in name else 8)
        note = quality(name, calls["ours"]())
        results[name] = {"times": times, "ours": note}
        for who, t in times.items():
            ratio = t["warm"] / times["ours"]["warm"]
            last = note if who == "ours" else f"{ratio:.2f}x"
            print(f"{name:<34}{who:<22}{1e3 * t['cold']:>10.1f}{1e3 * t['warm']:>10.2f}  {last:>11}", flush=True)
            name = ""
    about = {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "jax": jax.__version__,
        "numpy": np.__version__,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "oracles.json"
    path.write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    print(f"saved {path}")


if __name__ == "__main__":
    main()
