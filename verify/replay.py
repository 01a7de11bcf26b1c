"""Run a recorded violation again, and compare what happens with what was recorded."""

import dataclasses
import json
import math
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from broximal.oracles import norms
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.catalogue import find
from broximal.theory.language.theorem import Theorem
from broximal.verify.beside import move_in
from broximal.verify.content import file_digest, statement_digest
from broximal.verify.files import read_bytes
from broximal.verify.freeze import thaw, thaw_theorem
from broximal.verify.instance import as_reading, make_problem
from broximal.verify.report import Report, clean

CLOSE = 1e-6  # relative: another machine rounds in another way
MOST_STEPS = 10**7


@dataclasses.dataclass(frozen=True)
class Recorded:
    """The records of one violated check, and the recipe in their witness; `where` names it in messages."""

    where: str
    records: list[dict[str, Any]]
    recipe: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Replayed:
    """The report of the check made again, how it differs from what was recorded, and what is not the same as then."""

    report: Report | None
    differences: list[str]
    notes: list[str]


class Found(NamedTuple):
    """What a file records: violations that can be run again, those that cannot in words, and lines that are unreadable."""

    recorded: list[Recorded]
    missing: list[str]
    damage: str


# ---- reading ---------------------------------------------------------------------------------------------------------


def read_witnesses(path: str | Path) -> Found:
    """The violations in a JSON report, a ledger, or a saved `Report`.

    Raises InvalidArgument, in one sentence, for a file that is anything else.
    """
    path = Path(path)
    try:
        content = read_bytes(path, "file").decode()
    except UnicodeDecodeError:
        raise InvalidArgument(f"file {path} is not text.") from None
    if not content.strip(" \t\r\n\0"):
        raise InvalidArgument(f"file {path} is empty.")
    records, damage = _parsed(path, content)
    missing: list[str] = []
    found: dict[str, Recorded] = {}
    for number, record in enumerate(records, start=1):
        where = f"record {number} of {path}"
        if not isinstance(record, dict) or not isinstance(record.get("theorem"), str):
            raise InvalidArgument(f"file {path} is JSON, but not a broximal report.")
        witness = record.get("witness")
        if witness is None:
            if record.get("verdict") == "violated":
                missing.append(f"{where}, a violation of {record['theorem']}, has no witness.")
            continue
        recipe = witness.get("recipe") if isinstance(witness, dict) else None
        if not isinstance(recipe, dict):
            raise InvalidArgument(f"{where} has a malformed witness.")
        if recipe.get("kind") == "none":
            missing.append(f"{where}, a violation of {record['theorem']}, cannot be run again: {recipe.get('why')}")
            continue
        key = json.dumps(recipe, sort_keys=True)
        if key not in found:
            found[key] = Recorded(where, [], move_in(recipe, path.parent))
        found[key].records.append(record)
    return Found(list(found.values()), missing, damage)


def _parsed(path: Path, content: str) -> tuple[list[Any], str]:
    try:
        if content.lstrip().startswith("["):
            return json.loads(content, parse_constant=_refuse), ""
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"file {path} is not a JSON report ({_reason(error)}).") from None
    records, unreadable = [], 0
    for number, line in enumerate(content.split("\n"), start=1):
        if not (line := line.strip(" \t\r\0")):
            continue
        try:
            records.append(json.loads(line, parse_constant=_refuse))
        except (ValueError, RecursionError) as error:
            if not records:
                raise InvalidArgument(f"file {path} is not a JSON report (line {number}: {_reason(error)}).") from None
            unreadable += 1
    return records, f"{number_of(unreadable, 'line')} of {path} cannot be read: left out." * bool(unreadable)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return "it is too deep" if isinstance(error, RecursionError) else str(error)


# ---- running ---------------------------------------------------------------------------------------------------------


def replay(recorded: Recorded, modules: Iterable[types.ModuleType] = ()) -> Replayed:
    """The check of a recorded violation, made again from its recipe.

    modules  those that define own classes, if they were not loaded by `--theorems`

    Raises InvalidArgument for a recipe that is malformed, or whose theorem, problem or norm is not to be had.
    """
    notes: list[str] = []
    modules = tuple(modules)
    try:
        report = _run(_Recipe(recorded), notes, modules)
    except BroximalError as error:
        raise InvalidArgument(f"{recorded.where}: {error}") from None
    except (Exception, MemoryError) as failure:  # fields that no object of the class has
        said = " ".join(str(failure).split())[:200]
        raise InvalidArgument(f"{recorded.where} cannot be run again ({type(failure).__name__}: {said}).") from failure
    return Replayed(report, _differences(recorded.records, report), notes)


class _Recipe:
    """Fields of a recipe, each asked for with its type; what nobody asked for is refused."""

    def __init__(self, recorded: Recorded):
        self.fields = dict(recorded.recipe)

    def take(self, name: str, kind: Any, default: Any = ...) -> Any:
        if name not in self.fields:
            if default is ...:
                raise InvalidArgument(f"the recipe has no {name!r}.")
            return default
        value = self.fields.pop(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InvalidArgument(f"{name!r} of the recipe is {value!r:.60}, which it cannot be.")
        return value

    def whole(self, name: str, low: int, high: int, default: Any = ...) -> Any:
        value = self.take(name, int, default)
        if value is not None and not low <= value <= high:
            raise InvalidArgument(f"{name!r} of the recipe is {value!r:.60}, not between {low} and {high}.")
        return value

    def number(self, name: str, default: Any = ...) -> Any:
        value = self.take(name, (int, float), default)
        if value is not None and not 0 < value < math.inf:
            raise InvalidArgument(f"{name!r} of the recipe is {value!r:.60}, not a positive number.")
        return value

    def end(self) -> None:
        if self.fields:
            raise InvalidArgument(f"the recipe has the unknown key {min(self.fields)!r:.60}.")


def _run(recipe: _Recipe, notes: list[str], modules: tuple[types.ModuleType, ...]) -> Report:
    from broximal.verify.checking import check, check_case

    kind = recipe.take("kind", str)
    if kind not in ("case", "names", "objects"):
        raise InvalidArgument(f"the recipe is of the unknown kind {kind!r:.60}.")
    theorem = _theorem(recipe, notes, modules)
    steps, seed = recipe.whole("steps", 1, MOST_STEPS), recipe.whole("seed", 0, 2**63 - 1)
    common = {"steps": steps, "seed": seed, "tol": recipe.number("tol"), "paths": recipe.whole("paths", 1, 2**31)}
    if kind == "case":
        case, radius = recipe.whole("case", 0, 10**6), recipe.number("radius", None)
        recipe.end()
        if case >= len(theorem.cases):
            raise InvalidArgument(f"case {case} is none of {theorem.name!r}, which has {len(theorem.cases)}.")
        return check_case(theorem, case, radius=radius, **common)
    if kind == "names":
        radius, data = recipe.number("radius", None), recipe.take("data", str, None)
        name, dim = recipe.take("problem", str, None), recipe.whole("dim", 1, 2**31, None)
        norm = norms.parse(recipe.take("norm", str, "l2"))
        sha256, reading = recipe.take("data_sha256", str, None), recipe.take("reading", dict, {})
        recipe.end()
        if data is not None and file_digest(data) != sha256:
            notes.append(f"the data in {data} are not those of the record.")
        problem = make_problem(name, dim, seed, data, as_reading(reading))
        return check(theorem, problem, norm, radius=radius, recipe={"kind": "names"}, **common)
    problem, norm, x0 = (thaw(recipe.take(name, (dict, list)), modules) for name in ("problem", "norm", "x0"))
    constants, parameters = (thaw(recipe.take(name, dict), modules) for name in ("constants", "parameters"))
    radius = _radius(recipe)
    recipe.end()
    return check(theorem, problem, norm, x0=x0, radius=radius, constants=constants, parameters=parameters, **common)


def _theorem(recipe: _Recipe, notes: list[str], modules: tuple[types.ModuleType, ...]) -> Theorem:
    name, statement = recipe.take("theorem", str), recipe.take("statement", str)
    source, says = recipe.take("source", dict, None), recipe.take("says", dict, None)
    if says is not None:
        theorem = thaw_theorem(says, modules)
        if theorem.name != name:
            notes.append(f"the recipe names {name!r:.60}, but its statement is that of {theorem.name!r:.60}.")
    else:
        try:
            theorem = find(name)
        except InvalidArgument:
            if source is None:
                raise
            file = source.get("file") if isinstance(source.get("file"), str) else "a notebook"
            raise InvalidArgument(f"theorem {name!r} is defined in {file}; give that file with --theorems.") from None
    if statement_digest(theorem) != statement:
        notes.append(f"{theorem.name} does not say any more what it said when the violation was recorded.")
    return theorem


def _radius(recipe: _Recipe) -> Any:
    if not isinstance(recipe.fields.get("radius"), list):
        return recipe.number("radius")
    values = recipe.take("radius", list)
    if not values or not all(type(v) in (int, float) and 0 < v < math.inf for v in values):
        raise InvalidArgument("'radius' of the recipe must be positive numbers.")
    return lambda k: values[min(k, len(values) - 1)]


# ---- comparing -------------------------------------------------------------------------------------------------------

# What may differ: times, versions, texts with numbers in them, and what depends on what was asked for.
_FREE = (
    "wall_s",
    "versions",
    "why",
    "hypotheses",
    "budget",
    "power",
    "max_certificate_gap",
    "constants",
    "oracle_path",
)
_SWEEP = ("job", "content", "as_expected", "claims_in_job", "data")


def _differences(records: list[dict[str, Any]], report: Report) -> list[str]:
    """What was recorded and did not happen again, in words."""
    now = {record["claim"]: json.loads(json.dumps(clean(record))) for record in report.records()}
    found = [] if report.verdict.value == "violated" else [f"{report.theorem}: {report.verdict.value}, not violated."]
    for record in records:
        claim = record.get("claim")
        again = now.get(claim) if isinstance(claim, str | None) else None
        if again is None:
            found.append(f"{report.theorem}: the recorded claim {claim!r:.60} is none of its claims.")
            continue
        for key in (*record, *(key for key in again if key not in record)):
            if key in _FREE or key in _SWEEP or (key == "case" and report.case is None):
                continue  # run again on objects, the instance is no case any more
            then, this = record.get(key, "nothing"), again.get(key, "nothing")
            if key == "witness":
                found += _witness_differences(report.theorem, then, this)
            elif key == "curve":
                if not _close(_without_budget(then), _without_budget(this)):
                    found.append(f"{report.theorem} ({claim}): the curve is not the recorded one.")
            elif not _close(then, this):
                found.append(f"{report.theorem} ({claim}): {key} is {_short(this)}, recorded was {_short(then)}.")
    return list(dict.fromkeys(found))


def _witness_differences(theorem: str, then: Any, now: Any) -> list[str]:
    if not isinstance(then, dict) or not isinstance(now, dict):
        return [f"{theorem}: there is no witness."] if now is None else [f"{theorem}: there was no witness."]
    return [
        f"{theorem}: {key} of the witness is {_short(now.get(key))}, recorded was {_short(then.get(key))}."
        for key in dict.fromkeys((*then, *now))
        if key != "recipe" and not (key in then and key in now and _close(then[key], now[key]))
    ]


def _without_budget(curve: Any) -> Any:
    return {key: item for key, item in curve.items() if key != "budget"} if isinstance(curve, dict) else curve


def _short(value: Any) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= 80 else text[:77] + "..."


def _close(then: Any, now: Any) -> bool:
    """Equal, where numbers may differ as those of another machine do (in lists: relative to the largest)."""
    if isinstance(then, bool) or isinstance(now, bool) or isinstance(then, str) or isinstance(now, str):
        return type(then) is type(now) and then == now
    if isinstance(then, int) and isinstance(now, int):
        return then == now
    if isinstance(then, (int, float)) and isinstance(now, (int, float)):
        return abs(then - now) <= CLOSE * max(abs(then), abs(now))
    if isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            return False
        if all(type(item) in (int, float) for item in (*then, *now)):
            a, b = (np.array(side, dtype=float) for side in (then, now))
            return bool(np.all(np.abs(a - b) <= CLOSE * max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))))
        return all(_close(a, b) for a, b in zip(then, now, strict=True))
    if isinstance(then, dict) and isinstance(now, dict):
        return then.keys() == now.keys() and all(_close(then[key], now[key]) for key in then)
    return type(then) is type(now) and then == now
