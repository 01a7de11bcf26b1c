"""Which theorem promises the fewest steps, for constants that are given: K(eps) of every statement, by what it bounds."""

import dataclasses
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.theory.claims import Claim
from broximal.theory.registry import catalogue
from broximal.theory.stepsize import parameters, validated

SCALES = (100.0, 10.0, 1.0, 0.1, 0.01)  # of the accuracy that was asked for


@dataclasses.dataclass(frozen=True)
class Promise:
    """K(eps) of one claim; `metric` says what is at most eps after so many steps, if the theorem's assumptions hold."""

    theorem: str
    claim: str
    metric: str
    steps: float
    assumes: tuple[str, ...]


def promises(values: dict[str, Any], eps: float) -> list[Promise]:
    """Every true statement that gives a K(eps) with these constants, the fewest steps first within each metric."""
    if not eps > 0:
        raise InvalidArgument(f"eps must be positive, but is {eps:g}.")
    validated(values)  # else every theorem would refuse the same value, and none be left
    found: list[Promise] = []
    for theorem in catalogue().values():
        if not theorem.truth:
            continue
        try:
            lines = parameters(theorem, values, eps)
        except InvalidArgument:  # outside its domain, or constants that it does not speak of
            continue
        for claim in theorem.claims:
            line = next((line for line in lines if line.name == f"K(eps) ({claim.label})"), None)
            if line is not None and line.value is not None and isinstance(claim, Claim):
                assumed = tuple(hypothesis.name for hypothesis in theorem.assumes)
                found.append(Promise(theorem.name, claim.label, line.metric, line.value, assumed))
    return sorted(found, key=lambda promise: (promise.metric, promise.steps))


def tightest(values: dict[str, Any], eps: float, found: list[Promise]) -> dict[str, list[tuple[float, str, float]]]:
    """For every metric the statement of fewest steps at several accuracies: (eps, theorem (claim), steps).

    found  the promises for eps itself
    """
    table: dict[str, list[tuple[float, str, float]]] = {}
    for scale in SCALES:
        seen: set[str] = set()
        for promise in found if scale == 1 else promises(values, eps * scale):
            if promise.metric not in seen:
                seen.add(promise.metric)
                row = (eps * scale, f"{promise.theorem} ({promise.claim})", promise.steps)
                table.setdefault(promise.metric, []).append(row)
    return table
