"""Time against size for every norm and verb, with the exponent that fits the larger sizes.

    python benchmarks/growth.py [--only ALIAS ...] [--seconds S] [--largest N]

Sizes are the numbers of entries, from 100 on in steps of 4, as long as a call stays below S seconds (default 0.3) and N
entries (default 1e6); the time is the least of three calls, of numpy arrays in double precision, on one BLAS thread. The
exponent is the slope of log time over log size for the sizes whose time is at least 1 ms: 1 is linear, n log n shows as
1.05 to 1.15, an SVD of a square matrix as 1.5. `brox` rows are steps whose ball does not hold the minimiser. Printed as a
table, saved to out/benchmarks/growth.json.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from broximal.oracles import brox, norms
from broximal.oracles.errors import BroximalError
from broximal.problems import NormDistance, Quadratic, Regularised

VERBS = ("value", "lmo", "project", "prox")


def side(n: int) -> tuple[int, int]:
    """The shape of a nearly square matrix of n entries."""
    rows = max(math.isqrt(n), 2)
    return rows, n // rows


def ramp(n: int) -> np.ndarray:
    return np.linspace(0.5, 2.0, n)


def band(n: int) -> np.ndarray:
    return np.eye(n) + 0.3 * np.eye(n, k=1)


def vectors() -> dict[str, Callable]:
    """Name -> the norm for vectors of n entries."""
    return {
        "l1": lambda n: norms.L1(),
        "l2": lambda n: norms.L2(),
        "linf": lambda n: norms.LInf(),
        "lp(3)": lambda n: norms.Lp(3.0),
        "lp(1.5)": lambda n: norms.Lp(1.5),
        "weighted_l1": lambda n: norms.WeightedL1(ramp(n)),
        "weighted_linf": lambda n: norms.WeightedLInf(ramp(n)),
        "topk(n/10)": lambda n: norms.TopK(n // 10),
        "topk_dual(n/10)": lambda n: norms.TopKDual(n // 10),
        "ksupport(n/10)": lambda n: norms.KSupport(n // 10),
        "topk_l2(n/10)": lambda n: norms.TopKL2(n // 10),
        "owl": lambda n: norms.OWL(ramp(n)[::-1]),
        "owl_dual": lambda n: norms.OWLDual(ramp(n)[::-1]),
        "group": lambda n: norms.Group([2] * (n // 2)),
        "group, linf": lambda n: norms.Group([2] * (n // 2), norms.LInf()),
        "ellipsoid": lambda n: norms.Ellipsoid(band(n) @ band(n).T),
        "linear_image, l2": lambda n: norms.LinearImage(norms.L2(), band(n)),
        "linear_image, linf": lambda n: norms.LinearImage(norms.LInf(), band(n)),
        "max_abs_linear": lambda n: norms.MaxAbsLinear(band(n)),
        "atom_hull": lambda n: norms.AtomHull(band(n)),
        "scaled": lambda n: norms.Scaled(2.0, norms.L1()),
    }


def matrices() -> dict[str, Callable]:
    """Name -> the norm for matrices."""
    mixed = {
        f"mixed({outer.name}, {inner.name})": (lambda n, a=outer, b=inner: norms.Mixed(a, b))
        for outer in (norms.L1(), norms.L2(), norms.LInf())
        for inner in (norms.L1(), norms.L2(), norms.LInf())
    }
    plain = (
        norms.Spectral(),
        norms.Nuclear(),
        norms.Frobenius(),
        norms.Schatten(3.0),
        norms.KyFan(2),
        norms.KyFanDual(2),
    )
    induced = (
        norms.OneToTwo(),
        norms.TwoToInf(),
        norms.OneToInf(),
        norms.OneToRms(),
        norms.RmsToInf(),
        norms.RmsToRms(),
    )
    return mixed | {norm.name: (lambda n, norm=norm: norm) for norm in (*plain, *induced)}


def layers() -> dict[str, Callable]:
    """Name -> the norm of four layers that have n entries together, in pairs."""
    pairs = [{"w": norms.Spectral(), "b": norms.L1()}, {"w": norms.Spectral(), "b": norms.L2()}]
    return {
        "product": lambda n: norms.Product(tuple(norms.Product(pair) for pair in pairs)),
        "sum_product": lambda n: norms.SumProduct(tuple(norms.SumProduct(pair) for pair in pairs)),
        "l2_product": lambda n: norms.L2Product(tuple(norms.L2Product(pair) for pair in pairs)),
    }


def points(n: int, kind: str):
    rng = np.random.default_rng(0)
    if kind == "layers":
        return tuple({"w": rng.standard_normal(side(n // 4)), "b": rng.standard_normal(n // 4)} for _ in range(2))
    return rng.standard_normal(side(n) if kind == "matrices" else n)


def rows(only: list[str]) -> dict[str, Callable]:
    """Name -> a function of n that prepares a call."""
    found: dict[str, Callable] = {}
    for kind, made in (("vectors", vectors()), ("matrices", matrices()), ("layers", layers())):
        for name, make in made.items():
            for verb in VERBS:
                found[f"{name} {verb}"] = lambda n, m=make, k=kind, v=verb: call(m(n), points(n, k), v)
    found["l1 regularised brox over l1"] = lambda n: step(Regularised.example(n), norms.L1())
    found["l1 regularised brox over linf"] = lambda n: step(Regularised.example(n), norms.LInf())
    found["linf distance brox over weighted l1"] = lambda n: step(NormDistance.example(n), norms.WeightedL1(ramp(n)))
    found["l1 distance brox over ellipsoid"] = lambda n: step(
        NormDistance.example(n, norm=norms.L1()), norms.Ellipsoid(band(n) @ band(n).T)
    )
    found["quadratic brox over linf"] = lambda n: step(Quadratic.example(n), norms.LInf())
    found["quadratic brox over l1"] = lambda n: step(Quadratic.example(n), norms.L1())
    return {name: make for name, make in found.items() if not only or any(name.startswith(word) for word in only)}


def call(norm, x, verb: str) -> Callable:
    radius = 0.3 * float(norm(x)) if verb == "project" else 0.3 * float(norm.dual(x))
    return {
        "value": lambda: norm(x),
        "lmo": lambda: norm.lmo(x),
        "project": lambda: norm.project(x, radius),
        "prox": lambda: norm.prox(x, radius),
    }[verb]


def step(f, norm) -> Callable:
    radius = 0.4 * float(norm(f.x0 - f.minimiser))
    return lambda: brox(f, norm, f.x0, radius)


def measure(make: Callable, seconds: float, largest: int) -> list[tuple[int, float]]:
    found, n = [], 100
    while n <= largest:
        begun = time.perf_counter()
        ready = make(n)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            ready()
            times.append(time.perf_counter() - start)
            if times[-1] > seconds:
                break
        found.append((n, min(times)))
        if min(times) > seconds or time.perf_counter() - begun > 20 * seconds:
            break
        n *= 4
    return found


def exponent(found: list[tuple[int, float]]) -> float:
    """The slope of log time over log size where the call itself is what takes time; nan if that is nowhere."""
    large = [(math.log(n), math.log(t)) for n, t in found if t >= 1e-3]
    return float(np.polyfit(*zip(*large, strict=True), 1)[0]) if len(large) > 1 else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ALIAS", help="rows that begin with one of these words"
    )
    parser.add_argument("--seconds", type=float, default=0.3, help="no larger size after a call that took so long")
    parser.add_argument("--largest", type=int, default=10**6, help="number of entries")
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"), help="where the JSON goes")
    options = parser.parse_args()
    results = {}
    print(f"{'operation':<44}{'exponent':>9}{'largest n':>11}{'ms':>9}   ms at the sizes before", flush=True)
    with threadpool_limits(1):
        for name, make in rows(options.only).items():
            try:
                found = measure(make, options.seconds, options.largest)
            except BroximalError as error:
                print(f"{name:<44} {error}", flush=True)
                continue
            results[name] = {"times": found, "exponent": exponent(found)}
            before = " ".join(f"{1e3 * t:.2g}" for _, t in found[:-1])
            n, t = found[-1]
            print(f"{name:<44}{results[name]['exponent']:>9.2f}{n:>11}{1e3 * t:>9.2f}   {before}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "growth.json"
    path.write_text(json.dumps({"load": os.getloadavg(), "results": results}, indent=2) + "\n")
    print(f"saved {path}")


if __name__ == "__main__":
    main()
