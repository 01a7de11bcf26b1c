"""The broximal oracle against cvxpy with SCS and with Clarabel, in the same run, on the same instances.

    python benchmarks/brox.py [--quick] [--timeout SECONDS]

Rows: least squares over the spectral and nuclear balls (n x n matrices, n = 20, 50, 100, 200), convex quadratics over
the Euclidean ball (n = 1000, a hundred consecutive steps against one solve), over the cube and the cross-polytope
(n = 50 and 500, three radii). Each peer runs in a process of its own that is killed after the timeout. "cold" is the
first call in the process, "warm" the median of the following ones; a peer's time contains building its problem, which
is what a new centre costs, and its first call is not counted. Times of the oracle are those of `brox`, certificate
included. All sides use one BLAS thread: on a busy machine threads that wait for each other measure the neighbours.
Printed as a table, saved to out/benchmarks/brox.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from broximal.oracles.brox import brox
from broximal.oracles.norms import L1, L2, LInf, Nuclear, Spectral
from broximal.problems.regression.matrix_least_squares import MatrixLeastSquares
from broximal.problems.smooth.quadratic import Quadratic

NORMS = {norm.name: norm for norm in (L1(), L2(), LInf(), Spectral(), Nuclear())}
SOLVERS = ("SCS", "CLARABEL")


def cases(quick: bool) -> list[dict]:
    matrices = [
        {"kind": "matrix", "norm": norm, "n": n, "radius": radius}
        for norm, radius in (("spectral", 1.0), ("nuclear", 5.0))
        for n in ((20, 50) if quick else (20, 50, 100, 200))
        if norm == "spectral" or n <= 100
    ]
    vectors = [
        {"kind": "vector", "norm": norm, "n": n, "radius": fraction}
        for norm in ("linf", "l1")
        for n in ((50,) if quick else (50, 500))
        for fraction in (0.02, 0.1, 0.5)
    ]
    return [*matrices, {"kind": "vector", "norm": "l2", "n": 300 if quick else 1000, "radius": 1 / 150}, *vectors]


def instance(case: dict):
    """Objective, norm, centre, radius. Radii of vectors are fractions of the distance to the minimiser."""
    n, norm, rng = case["n"], NORMS[case["norm"]], np.random.default_rng(0)
    if case["kind"] == "matrix":
        B, A = rng.standard_normal((n, n)), rng.standard_normal((n, n)) / n**0.5
        f = MatrixLeastSquares(A, B)
        return f, norm, np.zeros((n, n)), case["radius"]
    f = Quadratic.example(n, 0)
    return f, norm, f.x0, case["radius"] * float(norm(f.x0 - f.minimiser))


def ours(case: dict, repeats: int) -> dict:
    f, norm, x, radius = instance(case)
    times, answer = [], None
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        answer = brox(f, norm, x, radius)
        times.append(time.perf_counter() - begin)
    decrease = float(f.value(x) - answer.value)
    found = {"cold": times[0], "warm": statistics.median(times[1:]), "path": answer.path, "value": float(answer.value)}
    found |= {"gap": float(answer.gap) / decrease, "excess": float(answer.excess) / radius}
    begin, z = time.perf_counter(), x
    for _ in range(steps := 100 if case["norm"] == "l2" else 10):
        z = brox(f, norm, z, radius).point
    return found | {"step of a run": (time.perf_counter() - begin) / steps}


def peer(case: dict, solver: str) -> dict:
    import cvxpy as cp

    f, norm, x, radius = instance(case)

    def solve():
        z = cp.Variable(x.shape)
        problem = cp.Problem(cp.Minimize(f.cvxpy(z)), [norm.cvxpy(z - x) <= radius])
        problem.solve(solver=solver)
        return z.value

    times, budget, point = [], time.perf_counter() + 20.0, None
    while len(times) < 2 or (len(times) < 4 and time.perf_counter() < budget):
        begin = time.perf_counter()
        point = solve()
        times.append(time.perf_counter() - begin)
        if times[0] > 15:  # the first call's set-up no longer matters
            break
    step = point - x
    found = {"warm": statistics.median(times[1:] or times), "excess": float(norm(step)) / radius - 1}
    point = x + step / max(1.0, float(norm(step)) / radius)  # compared as a feasible point
    return found | {"value": float(f.value(point))}


def isolated(case: dict, solver: str, timeout: float) -> dict:
    command = [sys.executable, __file__, "--case", json.dumps(case), "--solver", solver]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        return json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"failed": f"killed after {timeout:g} s"}
    except (json.JSONDecodeError, IndexError):
        return {"failed": (done.stderr.strip().splitlines() or ["no output"])[-1][:80]}


def milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1e3 * seconds:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--timeout", type=float, default=180.0, help="seconds after which a peer is killed")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--solver", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(peer(json.loads(options.case), options.solver)))
        return
    rows = []
    head = f"{'case':34}{'cold ms':>9}{'warm ms':>9}{'run ms':>9}{'rel gap':>9}{'SCS ms':>10}{'Clar. ms':>10}{'ratio':>8}  "
    print(head + "(peer's value - ours) / decrease")
    for case in cases(options.quick):
        row = {"case": case, "ours": ours(case, 3 if case["n"] >= 200 else 7)}
        f, _, x, _ = instance(case)
        decrease = float(f.value(x)) - row["ours"]["value"]
        for solver in SOLVERS:
            hopeless = solver == "CLARABEL" and case["kind"] == "matrix" and case["n"] > 50
            row[solver] = {"failed": "skipped"} if hopeless else isolated(case, solver, options.timeout)
        known = [row[solver]["warm"] for solver in SOLVERS if "warm" in row[solver]]
        row["ratio"] = min(known) / row["ours"]["warm"] if known else None
        rows.append(row)
        worse = " ".join(
            f"{(row[s]['value'] - row['ours']['value']) / decrease:.0e}" if "value" in row[s] else row[s]["failed"]
            for s in SOLVERS
        )
        name = f"{case['kind']} {case['norm']} n={case['n']} t={case['radius']:.3g}"
        mine, ratio = row["ours"], "-" if row["ratio"] is None else f"{row['ratio']:.1f}x"
        print(
            f"{name:34}{milliseconds(mine['cold']):>9}{milliseconds(mine['warm']):>9}"
            f"{milliseconds(mine['step of a run']):>9}{mine['gap']:>9.0e}{milliseconds(row['SCS'].get('warm')):>10}"
            f"{milliseconds(row['CLARABEL'].get('warm')):>10}{ratio:>8}  {worse}",
            flush=True,
        )
    target = Path("out/benchmarks/brox.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(rows, indent=1))
    print(f"saved {target}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
