"""A few random command lines and altered files, and what the fuzzer says of programs that do not answer."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


def fuzzed(tmp_path, *command):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *map(str, command)], cwd=tmp_path, capture_output=True, text=True
    )
    kept = tmp_path / "out" / "benchmarks" / "fuzz.json"
    assert kept.exists(), done.stderr
    return done.returncode, json.loads(kept.read_text())["failed"], done.stdout


def test_every_one_is_answered(tmp_path):
    code, failed, said = fuzzed(tmp_path, SCRIPT, "--lines", 40, "--files", 40, "--seed", 20)
    assert code == 0 and failed == [], said


BROKEN = """
import os, runpy, sys
from broximal.verify import __main__ as cli

def main():
    words = sys.argv[1:]
    if "verify" in words:
        raise RuntimeError("a traceback")
    if "replay" in words:
        open("../outside", "a").close()
    elif "compare" in words:
        raise SystemExit(2)
    elif "show" in words:
        os.abort()

cli.main = main
sys.argv[1:] = sys.argv[2:]
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def test_what_is_not_answered_is_found(tmp_path):
    code, failed, _ = fuzzed(tmp_path, "-c", BROKEN, "-", SCRIPT, "--lines", 60, "--files", 30, "--seed", 3)
    words = {
        "verify": "a traceback",
        "replay": "written outside",
        "compare": "without a sentence",
        "show": "died or hung",
    }
    assert code == 1
    for word, wrong in words.items():
        mine = [each for each in failed if word in each["words"]]
        assert mine and all(wrong in each["failure"] for each in mine[:1])


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


def test_the_attempts_are_those_of_the_seed(fuzz):
    import random

    once, again, other = ([fuzz.line(random.Random(seed)) for _ in range(1)] for seed in (1, 1, 2))
    assert once == again != other
    commands = {fuzz.line(random.Random(seed))[0] for seed in range(300)}
    assert set(fuzz.COMMANDS) <= commands
