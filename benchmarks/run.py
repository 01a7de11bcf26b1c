"""All benchmarks: `python benchmarks/run.py`. Prints ratios against the peers and saves them to out/benchmarks/."""

import runpy
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    for name in ("oracles", "brox", "growth", "lmo_runs", "startup", "main_job"):
        print(f"\n== {name}", flush=True)
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
