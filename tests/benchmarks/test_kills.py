"""A few kills, full disks and second runs: none loses a finished check."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "kills.py"
CARELESS = """
import os, runpy, sys
from broximal.verify import ledger

def start(self, kept):  # in place, as no ledger may be rewritten
    with open(self.path, "wb") as stream:
        for record in kept:
            stream.write(ledger.line(record))
    self._stream = os.open(self.path, os.O_WRONLY | os.O_APPEND)

ledger.Ledger.start = start
sys.argv[1:] = sys.argv[2:]
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def played(tmp_path, *command):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *map(str, command)], cwd=tmp_path, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads((tmp_path / "out" / "benchmarks" / "kills.json").read_text())["rounds"]


def test_kills_lose_no_finished_check(tmp_path):
    code, rounds = played(tmp_path, SCRIPT, "--kills", 16, "--megabytes", 1)
    assert code == 0 and all(counts["lost"] == 0 and counts["rounds"] == 4 for counts in rounds.values())
    assert sum(counts["with_work"] for counts in rounds.values()) >= 8


def test_a_ledger_that_is_rewritten_in_place_is_seen_to_lose_checks(tmp_path):
    code, rounds = played(tmp_path, "-c", CARELESS, "-", SCRIPT, "--kills", 24, "--megabytes", 4)
    assert code == 1 and sum(counts["lost"] for counts in rounds.values()) > 0
