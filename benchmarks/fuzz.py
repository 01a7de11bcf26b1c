"""Command lines that nobody would write, and files that are not as they were: every one is answered.

    python benchmarks/fuzz.py [--lines 5000] [--files 1000] [--seed 0]     half an hour; saved in out/benchmarks/fuzz.json

Each attempt is one `broximal ...`, run in the process of a forked worker with limited memory, in a folder of its own. An
attempt fails if it ends in anything but exit code 0, 1 or 2, leaves no sentence behind code 2, prints a traceback, takes more than
60 s, asks for more memory than the limit so that the process dies, or writes anything outside that folder.

    lines  random commands, options and values of every kind, doubled, left out, in the wrong place
    files  reports, ledgers, arrays beside them, npz, csv, svmlight, TOML and theorems, altered in bytes, lines or JSON values; pipes
           and devices in their place
"""

import argparse
import collections
import contextlib
import dataclasses
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SECONDS = 60
MEMORY = 8 * 2**30  # bytes of addresses of a worker
SLICE = 250  # attempts of a worker
PIPE, ZERO, FULL = b"|pipe", b"|zero", b"|full"  # in the place of a content: a pipe, a link to a device


@dataclasses.dataclass
class Attempt:
    """The words of a command line, and the files that are there when it is run."""

    words: list[str]
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)


# ---- command lines ---------------------------------------------------------------------------------------------------

THEOREMS = "bpm.star_rate bpm.classic_rate bpm.growth_termination bpm.sublevel_rate gluon.adaptive_radius".split()
NAMES = [
    *THEOREMS,
    "bpm.star_rate*0.9",
    "bpm.star_rate*0",
    "bpm.*",
    "no.such",
    "../../escaped",
    "[/]",
    "bpm",
    "*",
    "x" * 999,
]
NUMBERS = "0 1 2 3 0.5 -1 1e-300 1e300 1e400 nan inf -inf 007 1_0 0x10 1,5 ٣ 1/3 1e-9 99999999999999999999".split()
WORDS = [
    "",
    " ",
    "x",
    "None",
    "--",
    "-",
    "--help",
    "é",
    "\udcff",
    "a b",
    "[bold]",
    "{}",
    "%s",
    "$(ls)",
    "l2",
    "quadratic",
    "q" * 5000,
]
DIMENSIONS = "1 2 3 0 -1 x 1.5 1000000 99999999999".split()
PROBLEMS = "quadratic logistic least_squares multinomial norm_distance no_such problem".split()
NORMS = "l2 l1 linf lp(3) lp(0) lp( spectral nuclear ellipsoid product(l2,l1) top-k(2) x l2l2".split()
FILES = "a.csv a.npz a.svm a.json a.toml a.py no.csv . .. run x/y.json".split()
CONSTANTS = "L mu d0 D0 R0 t eps L0 L1 sigma K alpha rho gam a zz lambda 1x".split()
VALUES: dict[str, list[str]] = {
    "--problem": PROBLEMS,
    "--norm": NORMS,
    "--dim": DIMENSIONS,
    "--steps": ["1", "2", "3", "0", "-1", "x", "1e3"],
    "--radius": NUMBERS,
    "--data": FILES,
    "--sep": [",", ";", "tab", "xx", "", "\n"],
    "--label": ["1", "0", "label", "-1", "99"],
    "--na": ["drop", "refuse", "x"],
    "--task": ["classification", "regression", "x"],
    "--seed": ["0", "1", "-1", "x", "99999999999999999999"],
    "--profile": ["quick", "x"],
    "--json": ["o.json", "o/o.json", ".", "/dev/full"],
    "--plots": ["p", "a.csv"],
    "--plot-format": ["png", "svg", "x"],
    "--ledger": ["l.jsonl", ".", "a.csv", "/dev/null"],
    "--jobs": ["1", "0", "x"],
    "--theorems": FILES,
    "--set": [f"{name}={value}" for name in CONSTANTS for value in ("1", "nan", "", "x", "1=2")],
    "--layers": FILES,
    "--eps": NUMBERS,
    "--shape": ["3", "4", "0", "-1", "x", "99999999999"],
    "--method": ["jordan", "newton-schulz", "x"],
}
RIGHT: dict[str, list[str]] = {  # of the values above those that are right, with which a line gets further
    "--problem": ["quadratic", "logistic", "norm_distance"],
    "--norm": ["l2", "linf", "l1", "lp(3)"],
    "--dim": ["1", "2", "3"],
    "--steps": ["1", "2", "3"],
    "--radius": ["0.5", "1", "1e-9", "1e300"],
    "--data": ["a.csv", "a.npz", "a.svm"],
    "--sep": [","],
    "--label": ["1", "3", "label"],
    "--na": ["drop", "refuse"],
    "--task": ["classification", "regression"],
    "--seed": ["0", "1"],
    "--profile": ["quick"],
    "--jobs": ["1"],
    "--theorems": ["a.py"],
    "--set": ["L=1", "L0=1", "L1=0.5", "mu=1e-3"],
    "--layers": ["a.toml"],
    "--eps": ["0.5", "1e-9"],
    "--shape": ["3", "4"],
    "--json": ["o.json"],
    "--ledger": ["l.jsonl"],
}
FLAGS = ["--resume", "--header", "--no-header", "--json", "--problems", "--norms", "--constants", "--help", "--version"]
COMMANDS: dict[str, list[str]] = {
    "verify": "--problem --norm --dim --steps --radius --data --sep --label --na --task --seed --profile --json --plots "
    "--plot-format --ledger --jobs --theorems --set --resume --header".split(),
    "list": ["--json", "--problems", "--norms", "--constants", "--theorems"],
    "show": ["--theorems"],
    "stepsize": ["--set", "--norm", "--shape", "--layers", "--eps", "--theorems"],
    "compare": ["--set", "--norm", "--shape", "--layers", "--eps", "--theorems"],
    "replay": ["--theorems"],
    "new": [],
    "audit-lmo": ["--shape", "--method", "--seed", "--json"],
}


def line(rng: random.Random) -> list[str]:
    """A command line, mostly close to one that is right; what would rightly run for long is not asked for."""
    command = rng.choice([*COMMANDS, "verify", "verify", "stepsize", "compare"])
    words, right = [command] if rng.random() < 0.97 else [rng.choice(WORDS)], rng.random() < 0.6
    if command in ("verify", "stepsize", "show"):
        words += [rng.choice(THEOREMS if right else NAMES) for _ in range(1 + (rng.random() < 0.1))]
    elif command in ("replay", "new"):
        words += rng.sample(["theorem", "method", "norm", "x", *FILES], rng.randrange(3))
    for _ in range(rng.randrange(5)):
        option = (
            rng.choice(COMMANDS[command])
            if COMMANDS[command] and (right or rng.random() < 0.9)
            else rng.choice([*VALUES, *FLAGS])
        )
        if command in ("stepsize", "compare") and rng.random() < 0.5:
            words += [
                f"--{rng.choice(CONSTANTS[:6] if right else CONSTANTS)}",
                rng.choice(["1", "2", "0.5"] if right else NUMBERS),
            ]
        elif option in VALUES and not (option == "--json" and command == "list"):
            known = RIGHT.get(option, VALUES[option]) if right else VALUES[option]
            value = rng.choice(known) if right or rng.random() < 0.9 else rng.choice([*WORDS, *NUMBERS])
            words += [f"{option}={value}"] if rng.random() < 0.2 else [option, value]
        else:
            words.append(option)
    while rng.random() < (0.05 if right else 0.15) and len(words) > 1:  # a slip
        place = rng.randrange(1, len(words))
        words[place : place + 1] = rng.choice([[], [words[place]] * 2, [rng.choice(WORDS)], [words[place][:-1]]])
    if words[0] == "verify":
        if not any(word in NAMES for word in words):
            words.insert(1, "bpm.star_rate")
        if "--steps" not in words:
            words += ["--steps", "2"]
        given = {word.partition("=")[0] for word in words}
        if right and given & {"--sep", "--label", "--na", "--task", "--header"} and "--data" not in given:
            words += ["--data", "a.csv"]
        elif right and given & {"--norm", "--dim"} and not given & {"--problem", "--data"}:
            words += ["--problem", "quadratic"]
    return words


# ---- files -----------------------------------------------------------------------------------------------------------

RATE = '''"""A rate."""

from broximal.oracles import norms
from broximal.problems import Quadratic
from broximal.theory import BroximalPoint, Case, Convex, EachStep, HasMinimiser, Source, Theorem, gap, k

fuzzed = Theorem(
    name="fuzzed.decrease",
    title="Values do not increase",
    source=Source("notes", "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(gap[k + 1] <= gap[k], "decrease", sharpness="attained by steps of length 0 only"),),
    cases=(Case(lambda seed: Quadratic.example(2, seed), norms.L1(), steps=2),),
)
'''
LAYERS = """[[layers]]
name = "attention"
norm = "spectral"
shape = [4, 3]
count = 2
L0 = 1.0
L1 = 0.5

[[layers]]
name = "head"
norm = "linf"
shape = [5]
L0 = 2.0
L1 = 0.1
"""
CSV = "a,b,label\n0.5,1.0,0\n-1.0,0.3,1\n0.2,-0.7,0\n1.0,0.9,1\n-0.3,-0.4,1\n0.7,-0.2,0\n"
SVM = "1 1:0.5 2:1.0\n-1 1:-1.0 2:0.3\n1 1:0.2\n-1 2:0.9\n"
ODD: list[Any] = [None, True, -1, 0, 10**30, 1e308, 1e-320, "", "x" * 2000, "../../escaped", [], {}, [[[]]], "NaN", 0.5]


def originals() -> dict[str, bytes]:
    """Files of every kind as the commands write them, by name."""
    import numpy as np

    from broximal.problems import Quadratic
    from broximal.verify import sweep

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "a.npz", X=np.arange(12.0).reshape(6, 2) ** 0.5, y=np.arange(6) % 2)
        (folder / "a.csv").write_text(CSV)
        (folder / "a.svm").write_text(SVM)
        (folder / "a.toml").write_text(LAYERS)
        (folder / "a.py").write_text(RATE)
        records = sweep(
            "bpm.star_rate*0.5",
            problems=[Quadratic.example(2), Quadratic.example(90)],
            steps=2,
            ledger=folder / "l.jsonl",
        )
        records.save(folder / "a.json")
        with contextlib.suppress(ImportError):  # the extra `parquet`
            import pyarrow as pa
            import pyarrow.feather as feather
            import pyarrow.parquet as parquet

            table = pa.table({"a": [0.5, 1, 2, 3], "b": [1, None, 3, 4], "label": ["elm", "oak", "elm", "oak"]})
            parquet.write_table(table, folder / "a.parquet")
            feather.write_feather(table, folder / "a.arrow")
        return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


USES: dict[str, list[str]] = {
    "a.json": ["replay a.json"],
    "l.jsonl": ["replay l.jsonl", "verify bpm.star_rate --steps 2 --ledger l.jsonl --resume"],
    "a.npz": ["verify bpm.star_rate --steps 2 --data a.npz"],
    "a.csv": [
        "verify bpm.star_rate gluon.adaptive_radius --steps 2 --data a.csv",
        "verify bpm.star_rate --steps 2 --na drop --data a.csv",
    ],
    "a.parquet": ["verify bpm.star_rate --steps 2 --na drop --data a.parquet"],
    "a.arrow": ["verify bpm.star_rate --steps 2 --na drop --data a.arrow"],
    "a.svm": ["verify bpm.star_rate --steps 2 --data a.svm"],
    "a.toml": ["stepsize gluon.adaptive_weighted --layers a.toml --d0 5 --eps 0.01"],
    "a.py": ["verify --theorems a.py --steps 2", "list --theorems a.py"],
}


def altered_file(rng: random.Random, files: dict[str, bytes]) -> Attempt:
    """One file of the originals altered, or something that is no file in its place, and a command that reads it."""
    name = rng.choice([name for name in USES if name in files])
    words = rng.choice(USES[name]).split()
    beside = [other for other in files if name in ("a.json", "l.jsonl") and other.startswith(f"{name}.")]
    target = rng.choice([name, name, name, *beside])
    if rng.random() < 0.03:
        content = rng.choice([PIPE, ZERO, FULL, b""])
    elif target in ("a.json", "l.jsonl") and rng.random() < 0.7:
        content = _other_json(rng, files[target])
    else:
        content = _other_bytes(rng, files[target])
    return Attempt(words, files | {target: content})


def _other_json(rng: random.Random, content: bytes) -> bytes:
    lines = content.startswith(b"{")
    whole = [json.loads(text) for text in content.splitlines()] if lines else json.loads(content)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        inside, key = whole, rng.randrange(len(whole))
        while isinstance(inside[key], (dict, list)) and inside[key] and rng.random() < 0.85:
            inside = inside[key]
            key = rng.choice(list(inside)) if isinstance(inside, dict) else rng.randrange(len(inside))
        match rng.randrange(4):
            case 0:
                del inside[key]
            case 1 if isinstance(inside, dict):
                inside[rng.choice(["x", "npz", "base64", "class", "kind", "case", "steps"])] = rng.choice(ODD)
            case _:
                inside[key] = rng.choice(ODD)
        if not whole:
            break
    return "\n".join(map(json.dumps, whole)).encode() if lines else json.dumps(whole).encode()


def _other_bytes(rng: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 10])):
        if not found:
            break
        place, length = rng.randrange(len(found)), rng.choice([1, 1, 4, 30])
        match rng.randrange(6):
            case 0:
                found[place] ^= 1 << rng.randrange(8)
            case 1:
                del found[place:]
            case 2:
                del found[place : place + length]
            case 3:
                found[place:place] = rng.choice(
                    [b"\0" * 9, b"\xff\xfe", b"1e999", b"-", b"nan", b",", b"\n", b"\r", b'"', b"[" * 3000]
                )
            case 4:
                found[place : place + length] = rng.randbytes(length)
            case 5:
                lines = bytes(found).split(b"\n")
                lines.insert(rng.randrange(len(lines)), rng.choice(lines))
                found = bytearray(b"\n".join(lines))
    return bytes(found)


# ---- running ---------------------------------------------------------------------------------------------------------


class Hang(BaseException):
    """No `except Exception` keeps it."""


def _alarm(*_: Any) -> None:
    raise Hang


def outcome(attempt: Attempt, root: Path) -> tuple[Any, str]:
    """The exit code, and what is wrong with how the attempt ended; nothing if it was answered."""
    from broximal.verify import __main__ as cli

    folder = root / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in attempt.files.items():
        _place(folder / name, content)
    os.chdir(folder)
    before = _outside(root)
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["broximal", *attempt.words]
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
        code: Any = 0
    except SystemExit as end:
        code = end.code or 0
    except Hang:
        return None, f"no answer within {SECONDS} s"
    except BaseException:
        return None, traceback.format_exc()
    finally:
        signal.alarm(0)
        _forget()
    if code not in (0, 1, 2):
        return code, f"exit code {code!r}: {err.getvalue()[-300:]}"
    said = err.getvalue().strip()
    if code == 2 and not (
        "Usage:" in said
        or "─ Error ─" in said
        or (said.splitlines()[-1:] and said.splitlines()[-1].startswith("broximal: "))
    ):
        return code, f"exit code 2 without a sentence: {said[-300:]!r}"
    if "Traceback" in said or "Traceback" in out.getvalue():
        return code, said[-2000:]
    if _outside(root) != before:
        return code, f"written outside the folder: {sorted(_outside(root) - before)}"
    return code, ""


def _place(path: Path, content: bytes) -> None:
    if content == PIPE:
        os.mkfifo(path)
    elif content in (ZERO, FULL):
        path.symlink_to("/dev/zero" if content == ZERO else "/dev/full")
    else:
        path.write_bytes(content)


def _outside(root: Path) -> set[str]:
    return {str(path) for path in root.rglob("*") if path.relative_to(root).parts[0] not in ("run", "cache", "notes")}


def _forget() -> None:
    """What was loaded from a file is unknown to the next attempt."""
    from broximal.verify import loading

    for name in list(loading._loaded):
        loading._let_in(name, None)
        del loading._loaded[name]
        sys.modules.pop(name, None)


def answered(attempts: list[Attempt], root: Path, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The attempts that failed, each with what went wrong; one worker for every SLICE of them, and anew where one died."""
    found, start, codes, longest = [], 0, collections.Counter(), 0.0
    notes = root / "notes"
    (root / "cache").mkdir(exist_ok=True)
    while start < len(attempts):
        notes.write_text("")
        worker = os.fork()
        if worker == 0:
            code = 1
            with contextlib.suppress(BaseException):
                _work(attempts[start : start + SLICE], root, notes)
                code = 0
            os._exit(code)
        status, lines = _watched(worker, notes), notes.read_text().splitlines()
        ended = [json.loads(text) for text in lines if text.startswith("{")]
        found += [{"words": attempts[start + each["number"]].words} | each for each in ended if each["failure"]]
        if status != 0 and len(ended) < len(attempts[start : start + SLICE]):
            dead = attempts[start + len(ended)]
            found.append({"words": dead.words, "failure": f"the process died or hung ({status})"})
            ended.append({})
        start += len(ended)
        codes.update(str(each.get("code")) for each in ended)
        longest = max([longest, *(each.get("seconds", 0.0) for each in ended)])
        shown = ", ".join(f"{count} times {code}" for code, count in sorted(codes.items()))
        say(f"{start} of {len(attempts)}, {len(found)} failed; exit code {shown}; the longest took {longest:.0f} s")
    return found


def _work(attempts: list[Attempt], root: Path, notes: Path) -> None:
    os.environ["XDG_CACHE_HOME"] = str(root / "cache")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _alarm)
    with notes.open("a") as stream:
        for number, attempt in enumerate(attempts):
            began = time.monotonic()
            code, wrong = outcome(attempt, root)
            seconds = round(time.monotonic() - began, 2)
            stream.write(json.dumps({"number": number, "code": code, "failure": wrong, "seconds": seconds}) + "\n")
            stream.flush()


def _watched(worker: int, notes: Path) -> int:
    """The exit status of the worker, which is killed when it has noted nothing for too long."""
    size, since = 0, time.monotonic()
    while True:
        done, status = os.waitpid(worker, os.WNOHANG)
        if done:
            return status
        if (now := notes.stat().st_size) != size:
            size, since = now, time.monotonic()
        if time.monotonic() - since > 1.5 * SECONDS:
            os.kill(worker, signal.SIGKILL)
        time.sleep(0.05)


def attempts_of(lines: int, files: int, seed: int) -> Iterator[Attempt]:
    rng, known = random.Random(seed), originals()
    for _ in range(lines):
        yield Attempt(line(rng), known)
    for _ in range(files):
        yield altered_file(rng, known)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("lines", 5000), ("files", 1000), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    # the files are made elsewhere: a process that has started JAX's threads is not one to fork
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as name:
        import pickle

        maker = os.fork()
        if maker == 0:
            os.close(reader)
            with os.fdopen(writer, "wb") as stream:
                pickle.dump(list(attempts_of(asked.lines, asked.files, asked.seed)), stream)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            attempts = pickle.load(stream)
        os.waitpid(maker, 0)
        found = answered(attempts, Path(name).resolve(), lambda text: print(text, flush=True))
    for each in found:
        print(f"\n{each['words']}\n    {each['failure'].strip()[-1500:]}")
    print(f"{len(attempts)} attempts, {len(found)} failed")
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    (out / "fuzz.json").write_text(json.dumps(vars(asked) | {"failed": found}, indent=1) + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
