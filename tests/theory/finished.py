"""Checks of the catalogue's own cases; what the main job has finished with these very sources is taken from its ledger."""

import functools
from pathlib import Path
from typing import Any

from broximal.verify.ledger import load
from broximal.verify.sweeping import Job, content, run

LEDGER = Path(__file__).parents[2] / "out" / "ledger.jsonl"


@functools.cache
def _kept() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The records of every whole check in the ledger, by its job and the hash of all that it depends on."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in load(LEDGER).records if LEDGER.exists() else ():
        found.setdefault((record["job"], record.get("content", "")), []).append(record)
    return {key: records for key, records in found.items() if len(records) == records[0]["claims_in_job"]}


def records_of(theorem: str, case: int, seed: int = 0) -> list[dict[str, Any]]:
    """The records of a theorem's check on one of its cases."""
    job = Job(theorem, case=case, seed=seed)
    return _kept().get((job.key, content(job))) or run(job).records
