"""What is seen of a bound over all checks of a claim: every term and every factor, altered or taken away, is refuted.

Numbers without a name are altered too, but nothing is asked of them: a number is seen with the term that it stands in.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

from broximal.theory.language.claims import THE_REST
from broximal.verify.twins import is_number


@dataclasses.dataclass(frozen=True)
class Coverage:
    """caught: for every ingredient, the least error that a check refutes (1: its absence), None if none does.
    remarks: {ingredient: why}, as the claim says."""

    caught: dict[str, float | None]
    remarks: dict[str, str]

    @property
    def seen(self) -> int:
        return sum(error is not None for error in self.caught.values())

    @property
    def unexplained(self) -> list[str]:
        """What no check refutes and no remark explains."""
        if THE_REST in self.remarks:
            return []
        return [label for label, error in self.caught.items() if error is None and label not in self.remarks]

    @property
    def idle(self) -> list[str]:
        """Remarks about what is seen, or is no ingredient at all."""
        told = [label for label in self.remarks if label != THE_REST]
        return [label for label in told if self.caught.get(label, 0.0) is not None]


def coverage(records: Iterable[dict[str, Any]]) -> Coverage:
    """Of the records of one claim (see `Report.records`). What is both a factor and a term is seen if it is as both."""
    factors: dict[str, float | None] = {}
    terms: dict[str, float | None] = {}
    weaker: set[str] = set()
    remarks: dict[str, str] = {}
    for record in records:
        strength = record["power"] or {}
        remarks |= record.get("unseen") or {}
        for label, error in (strength.get("twins") or {}).items():
            if not is_number(label):
                factors[label] = _least(factors.get(label), error)
        for label, seen in (strength.get("terms") or {}).items():
            terms[label] = _least(terms.get(label), 1.0 if seen else None)
            if seen is None:
                weaker.add(label)
    caught = {label: error for label, error in terms.items() if error is not None or label not in weaker}
    for label, error in factors.items():
        other = caught.get(label, error)
        caught[label] = None if error is None or other is None else max(error, other)
    return Coverage(caught, remarks)


def _least(before: float | None, error: float | None) -> float | None:
    return error if before is None else before if error is None else min(before, error)


def of_own_cases(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a true statement's own cases."""
    return [record for record in records if record["case"] is not None and record["expected"] == "holds"]
