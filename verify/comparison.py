"""Which theorem promises the fewest steps, for constants that are given: K(eps) of every statement, by what it bounds."""

import dataclasses
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.theory.hypotheses.functions import ExactGradients
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.catalogue import catalogue
from broximal.theory.language.claims import Claim
from broximal.theory.language.theorem import Theorem
from broximal.theory.prescriptions.stepsize import parameters, validated

SCALES = (100.0, 10.0, 1.0, 0.1, 0.01)  # of the accuracy that was asked for


@dataclasses.dataclass(frozen=True)
class Promise:
    """K(eps) of one claim; `metric` says what is at most eps after so many steps, if the theorem's assumptions hold.

    meaning  the inequality that L0 and L1 are the constants of; empty if the theorem does not speak of them
    """

    theorem: str
    claim: str
    metric: str
    steps: float
    assumes: tuple[str, ...]
    meaning: str = ""

    @property
    def group(self) -> tuple[str, str]:
        """Promises are ranked within it: the same quantity, and constants of the same meaning."""
        return self.metric, self.meaning


def promises(values: dict[str, Any], eps: float) -> list[Promise]:
    """Every true statement that gives a K(eps) with these constants, the fewest steps first within each group.

    A theorem that takes L0 and L1 in several meanings is in the group of each.
    """
    if not eps > 0:
        raise InvalidArgument(f"eps must be positive, but is {eps:g}.")
    checked, _ = validated(values)  # else every theorem would refuse the same value, and none be left
    noisy = any(checked.get("sigma", ()))
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
                if noisy and not any(isinstance(h, BoundedVariance | ExactGradients) for h in theorem.assumes):
                    assumed += (ExactGradients.name,)
                for meaning in _meanings(theorem, checked):
                    found.append(Promise(theorem.name, claim.label, line.metric, line.value, assumed, meaning))
    return sorted(found, key=lambda promise: (*promise.group, promise.steps))


def _meanings(theorem: Theorem, constants: dict[str, list[float]]) -> tuple[str, ...]:
    """What the theorem may take L0 and L1 for; coupled layers have L1 = 0."""
    found = [meaning for hypothesis in theorem.assumes for meaning in hypothesis.meanings]
    if any(constants.get("L1", ())):
        found = [meaning for meaning in found if not meaning.endswith("(A2)")]
    return tuple(found) or ("",)


def tightest(
    values: dict[str, Any], eps: float, found: list[Promise]
) -> dict[tuple[str, str], list[tuple[float, str, float]]]:
    """For every group the statement of fewest steps at several accuracies: (eps, theorem (claim), steps).

    found  the promises for eps itself
    """
    table: dict[tuple[str, str], list[tuple[float, str, float]]] = {}
    for scale in SCALES:
        seen: set[tuple[str, str]] = set()
        for promise in found if scale == 1 else promises(values, eps * scale):
            if promise.group not in seen:
                seen.add(promise.group)
                row = (eps * scale, f"{promise.theorem} ({promise.claim})", promise.steps)
                table.setdefault(promise.group, []).append(row)
    return table
