"""The main job, quick profile: wall time and peak memory against their limits."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S, LIMIT_GIB = 300.0, 2.0


def main() -> None:
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "broximal.verify", "verify", "--jobs", "2", "--ledger", str(out / "ledger.jsonl")]
    began = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    wall = time.perf_counter() - began
    # the largest resident set of any single process among the children (the kernel keeps the maximum, not the sum)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    result = {"command": " ".join(command[1:]), "exit": code, "wall_s": wall, "peak_gib_of_one_process": peak}
    (out / "main_job.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"main job, quick profile: {wall:.0f} s (limit {LIMIT_S:.0f}), peak {peak:.2f} GiB a process, exit {code}")
    print(f"three processes at that peak would take {3 * peak:.2f} GiB (limit {LIMIT_GIB:.0f})")


if __name__ == "__main__":
    main()
