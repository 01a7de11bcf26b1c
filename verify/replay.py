"""Run a recorded violation again."""

import json
from pathlib import Path
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.verify.report import Report
from broximal.verify.sweeping import Job


def read_witnesses(path: str | Path) -> list[dict[str, Any]]:
    """The records with a witness in a JSON report, a ledger, or a saved `Report`. Raises InvalidArgument."""
    path = Path(path)
    try:
        content = path.read_text()
    except OSError as error:
        raise InvalidArgument(f"file {path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InvalidArgument(f"file {path} is not text.") from None
    if not content.strip():
        raise InvalidArgument(f"file {path} is empty.")
    try:
        records = (
            json.loads(content) if content.lstrip().startswith("[") else [json.loads(s) for s in content.splitlines()]
        )
    except json.JSONDecodeError as error:
        raise InvalidArgument(f"file {path} is not a JSON report (line {error.lineno}: {error.msg}).") from None
    if not all(isinstance(record, dict) and "theorem" in record for record in records):
        raise InvalidArgument(f"file {path} is JSON, but not a broximal report.")
    found, seen = [], set()
    for record in records:
        recipe = (record.get("witness") or {}).get("recipe")
        if recipe and (key := json.dumps(recipe, sort_keys=True)) not in seen:
            seen.add(key)
            found.append(record)
    return found


def replay(record: dict[str, Any]) -> Report:
    """The check of a recorded violation, made again from its recipe."""
    from broximal.theory.language.catalogue import find
    from broximal.verify.checking import check, check_case
    from broximal.verify.instance import make

    recipe = dict(record["witness"]["recipe"])
    theorem = find(recipe.pop("theorem"))
    if "case" in recipe:
        return check_case(theorem, recipe.pop("case"), steps=record["witness"]["steps"], **recipe)
    job = Job(theorem.name, **recipe)
    problem, norm = make(job.problem, job.norm, job.dim, job.seed, job.data)
    return check(
        theorem, problem, norm, radius=job.radius, steps=job.steps, seed=job.seed, recipe=record["witness"]["recipe"]
    )
