"""Which theorem promises the fewest steps, for constants that are given: K(eps) of every statement, by what it bounds."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import Range
from broximal.theory.prescriptions.outline import Outline, outline_of
from broximal.theory.prescriptions.numbers import Numbers, validated
from broximal.theory.prescriptions.stepsize import depends_on_target

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


def promises(values: dict[str, Any], eps: float, outlines: Iterable[Outline] | None = None) -> list[Promise]:
    """Every true statement that gives a K(eps) with these constants, the fewest steps first within each group.

    outlines  of the theorems that are asked; None: those of the catalogue
    A theorem that takes L0 and L1 in several meanings is in the group of each. Raises InvalidArgument for constants that no
    theorem can take.
    """
    return _promises(values, (eps,), outlines)[eps]


def _promises(
    values: dict[str, Any], targets: Sequence[float], outlines: Iterable[Outline] | None
) -> dict[float, list[Promise]]:
    """The promises for every one of several accuracies."""
    for eps in targets:
        Range(strict=True).check(eps, "eps")
    outlines = outlines_of_catalogue() if outlines is None else outlines  # first: they bring the names of constants
    checked, _ = validated(values)  # else every theorem would refuse the same value, and none be left
    noisy = any(checked.get("sigma", ()))
    found: dict[float, list[Promise]] = {eps: [] for eps in targets}
    for outline in outlines:
        if not outline.truth:
            continue
        assumed = outline.under_noise if noisy else outline.assumes
        for eps, label, metric, steps in _steps(outline, values, targets):
            found[eps] += [
                Promise(outline.name, label, metric, steps, assumed, meaning) for meaning in _meanings(outline, checked)
            ]
    return {eps: sorted(some, key=lambda promise: (*promise.group, promise.steps)) for eps, some in found.items()}


def outlines_of_catalogue() -> list[Outline]:
    """The outlines of all theorems, by name."""
    # not at the top: outlines that were kept are compared without the rooms that make theorems
    from broximal.theory.language.catalogue import catalogue

    return [outline_of(theorem) for theorem in catalogue().values()]


def _steps(
    outline: Outline, values: dict[str, Any], targets: Sequence[float]
) -> Iterable[tuple[float, str, str, float]]:
    """(eps, label of a claim, what is at most eps, after how many steps)."""
    if depends_on_target(outline):
        groups = [(eps,) for eps in targets]
    else:  # the bound is the same for all, and putting the numbers in is what takes its time
        groups = [tuple(targets)]
    for group in groups:
        try:
            numbers = Numbers(outline, values, group[0])
            for claim in numbers.outline.bounds:
                if claim.kind == "count" or (horizon := numbers.horizon(claim)) is None or not horizon.decided:
                    continue
                for eps in group:
                    if (steps := horizon.steps(eps)) is not None:
                        yield eps, claim.label, horizon.metric, steps
        except InvalidArgument:  # outside its domain, or constants that it does not speak of
            continue


def _meanings(outline: Outline, constants: dict[str, list[float]]) -> tuple[str, ...]:
    """What the theorem may take L0 and L1 for; coupled layers have L1 = 0."""
    found = outline.meanings
    if any(constants.get("L1", ())):
        found = tuple(meaning for meaning in found if not meaning.endswith("(A2)"))
    return found or ("",)


def tightest(
    values: dict[str, Any], eps: float, outlines: Iterable[Outline] | None = None
) -> tuple[list[Promise], dict[tuple[str, str], list[tuple[float, str, float]]]]:
    """(the promises for eps, for every group the statement of fewest steps at several accuracies around it).

    The statements are rows (accuracy, theorem (claim), steps).
    """
    table: dict[tuple[str, str], list[tuple[float, str, float]]] = {}
    by_target = _promises(values, [eps * scale for scale in SCALES], outlines)
    for target, found in by_target.items():
        seen: set[tuple[str, str]] = set()
        for promise in found:
            if promise.group not in seen:
                seen.add(promise.group)
                row = (target, f"{promise.theorem} ({promise.claim})", promise.steps)
                table.setdefault(promise.group, []).append(row)
    return by_target[eps], table
