"""The main job, quick profile: CPU seconds of all processes, wall time and peak memory against their limits.

    python benchmarks/main_job.py          with nothing compiled, then once more with everything compiled

What is compiled is kept in a folder of the benchmark's own, emptied first.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

LIMITS = {"nothing compiled": 300.0, "everything compiled": 150.0}  # CPU seconds
LIMIT_GIB = 2.0


def used() -> float:
    """CPU seconds of the finished children."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def main() -> None:
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    cache = out / "xla"
    shutil.rmtree(cache, ignore_errors=True)
    environment = os.environ | {
        "JAX_COMPILATION_CACHE_DIR": str(cache.resolve()),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.02",
    }
    command = [sys.executable, "-m", "broximal.verify", "verify", "--jobs", "2", "--ledger", str(out / "ledger.jsonl")]
    rows = []
    for state, limit in LIMITS.items():
        began, before = time.perf_counter(), used()
        code = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment).returncode
        row = {"state": state, "exit": code, "wall_s": time.perf_counter() - began, "cpu_s": used() - before}
        rows.append(row)
        print(f"{state}: {row['cpu_s']:.0f} s of CPU (limit {limit:.0f}), {row['wall_s']:.0f} s wall, exit {code}")
    # the largest resident set of any single process among the children (the kernel keeps the maximum, not the sum)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"peak {peak:.2f} GiB a process; three at that peak would take {3 * peak:.2f} GiB (limit {LIMIT_GIB:.0f})")
    result = {"command": " ".join(command[1:]), "runs": rows, "peak_gib_of_one_process": peak}
    (out / "main_job.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
