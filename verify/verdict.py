"""The four verdicts, and how a comparison within an error budget becomes one."""

import dataclasses
import enum

import numpy as np

from broximal.verify.evaluate import Sides


class Verdict(enum.StrEnum):
    HOLDS = "holds"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"


ATTAINED = 1e-4  # an equality counts as met if the budget is below this fraction of the sides
SILENT = 1e-3  # where the budget is above this fraction of the sides, a step cannot tell a bound from its neighbours


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A verdict, why, and how many of the indices could speak."""

    verdict: Verdict
    why: str
    decided: int
    total: int


def judge(sides: Sides, identity: bool = False) -> Judgement:
    """Verdict of small <= large (or ==) at every index.

    violated      somewhere small > large + budget
    inconclusive  no index can speak, or somewhere the budget is as large as the difference of the sides
    holds         otherwise; indices whose budget exceeds a thousandth of the sides are left out unless they are clear
    """
    total = len(sides.index)
    if total == 0:
        return Judgement(Verdict.INCONCLUSIVE, "no index of the run is in the range of the claim", 0, 0)
    if np.any(np.isnan(sides.small) | np.isnan(sides.large) | np.isnan(sides.budget)):
        return Judgement(Verdict.INCONCLUSIVE, "a side or its budget is not a number", 0, total)
    margin = -np.abs(sides.large - sides.small) if identity else sides.large - sides.small
    if np.any(margin < -sides.budget):
        worst = sides.index[int(np.argmax(-sides.budget - margin))]
        return Judgement(Verdict.VIOLATED, f"at index {worst} by more than the error budget", total, total)
    size = np.maximum(np.abs(sides.small), np.abs(sides.large))
    clear = (margin >= sides.budget) & (sides.large > sides.budget) & ~identity
    attained = sides.budget <= ATTAINED * size
    hidden = ~clear & ~attained & (sides.budget <= SILENT * size)
    decided = int(np.sum(clear | attained))
    if np.any(hidden):
        where = sides.index[int(np.argmax(hidden))]
        return Judgement(Verdict.INCONCLUSIVE, f"the error budget hides the answer at index {where}", decided, total)
    if decided == 0:
        return Judgement(Verdict.INCONCLUSIVE, "both sides are below the error budget throughout", 0, total)
    return Judgement(Verdict.HOLDS, f"{decided} of {total} indices decided", decided, total)
