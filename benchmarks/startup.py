"""How long commands take that compute next to nothing: cold, with no index of the catalogue, and warm, with it.

    python benchmarks/startup.py     about a minute; saved in out/benchmarks/startup.json

Wall and CPU seconds of whole processes, the fastest of several warm ones. `index` is what the index itself costs on every
call: the key, which is the hash of all sources, and the reading. The limits are for a quiet machine.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COMMANDS = {  # and the limit of a warm call, in seconds
    "list": 1.0,
    "show bpm.star_rate": 1.0,
    "stepsize bpm.sublevel_rate --R0 3 --d0 10 --t 0.25 --eps 1e-3": 1.0,
    "stepsize gluon.stochastic_horizon --L0 0 --L1 70 --d0 5 --sigma 0.1 --rho 27.7": 1.0,
    "compare --L 1 --d0 5 --D0 3 --t 0.3 --eps 0.01": 3.0,
}
WARM = 5
INDEX = """
import time
from broximal.verify import index
began = time.perf_counter()
found = index.answers()
print(time.perf_counter() - began, type(found).__name__)
"""


def once(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(wall, CPU) seconds of a process."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def main() -> None:
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    cache = (out / "index").resolve()
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    once(["-m", "broximal.verify", "list"], environment)  # what Python compiles of the sources is no part of this
    rows: list[dict[str, Any]] = []
    for command, limit in COMMANDS.items():
        arguments = ["-m", "broximal.verify", *command.split()]
        shutil.rmtree(cache)
        cold = once(arguments, environment)
        warm = min(once(arguments, environment) for _ in range(WARM))
        rows.append(
            {"command": command, "cold_s": cold[0], "warm_s": warm[0], "cold_cpu_s": cold[1], "warm_cpu_s": warm[1]}
        )
        print(f"{command}\n    cold {cold[0]:.2f} s, warm {warm[0]:.2f} s ({warm[1]:.2f} s of CPU, limit {limit:.0f})")
    done = subprocess.run([sys.executable, "-c", INDEX], capture_output=True, text=True, env=environment, check=True)
    seconds, kind = done.stdout.split()
    print(f"the index itself {1000 * float(seconds):.0f} ms ({kind})")
    result = {"commands": rows, "index_s": float(seconds)}
    (out / "startup.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
