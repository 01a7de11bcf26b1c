"""A ledger under kills, full disks and second runs: does it ever lose a finished check?

    python benchmarks/kills.py [--kills 500] [--megabytes 60] [--seed 0]     five minutes; saved in out/benchmarks/kills.json

A child writes checks as a sweep does and notes each one after the ledger has said that it is kept; it is killed (SIGKILL) at a
random moment, and every check that was noted must be read from the ledger, its arrays with it. Rounds by turns:

    append   while checks are appended
    resume   while a ledger of the given size is read, rewritten and appended to
    full     with a limit on the size of files that is met in an append or in the rewriting
    two      with a second child on the same ledger, which is refused until the first is dead
"""

import argparse
import base64
import collections
import itertools
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from broximal.oracles.errors import BroximalError
from broximal.verify.beside import INLINE, move_in
from broximal.verify.ledger import Ledger, line, load

KINDS = ("append", "resume", "full", "two")
RESET = 24  # rounds after which the small ledgers begin anew


def check(job: str, size: int, array: int = 0) -> list[dict[str, Any]]:
    """The two records of a check, with text of this size and, if asked for, an array of so many bytes."""
    record = {"job": job, "claims_in_job": 2, "as_expected": True, "theorem": "t", "claim": "c", "problem": "p"}
    record |= {"norm": "l2", "verdict": "violated", "expected": "violated", "why": "x" * size, "worst_ratio": 2.0}
    record |= {"max_certificate_gap": 0.0, "wall_s": 0.1, "power": None}
    content = base64.b64encode(random.Random(job).randbytes(array)).decode()
    return [record, record | {"witness": {"recipe": {"x": {"base64": content}}}}]


class Round:
    """Ledgers, and what was noted of each."""

    def __init__(self, folder: Path, megabytes: float, seed: int):
        self.rng, self.folder, self.number = random.Random(seed), folder, 0
        self.large = folder / "large.jsonl"
        lines = [b"".join(map(line, check(f"large.{i}", 5000))) for i in range(max(1, round(megabytes * 100)))]
        self.large.write_bytes(b"".join(lines))
        self.noted_before = {self.large: {f"large.{i}" for i in range(len(lines))}}
        began = time.perf_counter()
        with Ledger(self.large) as ledger:
            ledger.start(ledger.content.records)
        self.rewriting = time.perf_counter() - began

    def path(self, kind: str) -> Path:
        return self.large if kind == "resume" else self.folder / f"{kind}.{self.number // RESET}.jsonl"

    def play(self, kind: str) -> tuple[int, int, int]:
        """One round: (checks lost, checks that its child had noted, checks that are there)."""
        path, rng = self.path(kind), self.rng
        notes = path.with_suffix(".noted")
        children = [self._begin(kind, path, notes)]
        if kind == "two":
            children.append(self._begin(kind, path, notes))
        if kind == "resume":
            time.sleep(rng.uniform(0.0, 2 * self.rewriting))
        else:
            end = time.monotonic() + (20 if rng.random() < 0.8 else 0)  # or the kill may come before anything is noted
            while time.monotonic() < end and f"\n{self.number}." not in _text(notes):
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, 0.05))
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            time.sleep(rng.uniform(0.0, 0.02))  # in which the second of two takes over
        noted = set(_text(notes).split()) | self.noted_before.get(path, set())
        kept = load(path).records
        there = {record["job"] for record in kept if move_in(record, path.parent)}
        own = sum(job.startswith(f"{self.number}.") for job in noted)
        self.number += 1
        return len(noted - there), own, len(there)

    def _begin(self, kind: str, path: Path, notes: Path) -> int:
        seed = self.rng.random()
        child = os.fork()
        if child == 0:
            try:
                self._write(kind, path, notes, random.Random(seed))
            finally:
                os._exit(0)
        return child

    def _write(self, kind: str, path: Path, notes: Path, rng: random.Random) -> None:
        """What a sweep does, without end."""
        numbers = itertools.count()
        said = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        while True:
            try:
                with Ledger(path) as ledger:
                    if kind == "full":  # so that the rewriting meets it, or some append
                        size = path.stat().st_size if path.exists() else 0
                        limit = max(1, round(size * rng.uniform(0.5, 1.5) + rng.uniform(0, 50_000)))
                        _limit(limit)
                    ledger.start(ledger.content.records)
                    for number in numbers:
                        job = f"{self.number}.{os.getpid()}.{number}"
                        ledger.append(check(job, rng.randrange(20_000), INLINE if rng.random() < 0.1 else 0))
                        before = _limit(resource.RLIM_INFINITY)
                        os.write(said, f"\n{job}\n".encode())
                        _limit(before)
            except (BroximalError, OSError):  # the disk is full, or another run has the ledger: try again
                _limit(resource.RLIM_INFINITY)
                time.sleep(0.001)


def _limit(size: int) -> int:
    """Let no file grow beyond this size; the limit before."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return before


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def attacked(kills: int, megabytes: float, seed: int) -> dict[str, dict[str, int]]:
    """For every kind of round: rounds, checks lost, rounds whose child had noted a check, checks noted."""
    found: dict[str, collections.Counter[str]] = {kind: collections.Counter() for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        round_ = Round(Path(folder), megabytes, seed)
        for number in range(kills):
            kind = KINDS[number % len(KINDS)]
            lost, own, _ = round_.play(kind)
            found[kind].update(rounds=1, lost=lost, with_work=own > 0, noted=own)
    return {kind: dict(counts) for kind, counts in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--megabytes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python has it: a write then fails with EFBIG
    found = attacked(asked.kills, asked.megabytes, asked.seed)
    for kind, counts in found.items():
        print(f"{kind}: {json.dumps(counts)}")
    lost = sum(counts["lost"] for counts in found.values())
    print(f"{asked.kills} kills, {lost} finished checks lost")
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    (out / "kills.json").write_text(json.dumps(vars(asked) | {"rounds": found}, indent=1) + "\n")
    sys.exit(lost > 0)


if __name__ == "__main__":
    main()
