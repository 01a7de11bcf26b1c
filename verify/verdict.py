"""The verdicts, and how a comparison within an error budget becomes one.

holds           within the budget, and an error of the whole bound below the threshold would have been caught
loose           within the budget, but a much smaller bound would have passed as well
vacuous         within the budget, but the bound is nowhere better than what holds without the theorem
consistent      nothing contradicts the claims, but they rest on constants that were given and not proved
violated        beyond the budget, also in a more precise run
inconclusive    the run cannot tell
not applicable  a hypothesis is not known to hold
"""

import dataclasses
import enum

import numpy as np

from broximal.verify.evaluate import Sides


class Verdict(enum.StrEnum):
    HOLDS = "holds"
    LOOSE = "loose"
    VACUOUS = "vacuous"
    CONSISTENT = "consistent"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"


SEEN = (Verdict.HOLDS, Verdict.LOOSE, Verdict.VACUOUS)  # the claim was compared, with more or less power
PASSED = (*SEEN, Verdict.CONSISTENT)  # nothing speaks against the claim
ORDER = (Verdict.VIOLATED, Verdict.INCONCLUSIVE, Verdict.CONSISTENT, *SEEN)


def joined(found: set[Verdict]) -> Verdict:
    """One verdict for several checks of a statement: what speaks against it first, then the strongest of what passes."""
    return next((verdict for verdict in ORDER if verdict in found), Verdict.NOT_APPLICABLE)


ATTAINED = 1e-4  # an equality counts as met if the budget is below this fraction of the sides
SILENT = 1e-3  # where the budget is above this fraction of the sides, a step cannot tell a bound from its neighbours


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A verdict, why, and how many of the indices could speak."""

    verdict: Verdict
    why: str
    decided: int
    total: int


def judge(sides: Sides, identity: bool = False, strict: bool = False) -> Judgement:
    """Verdict of small <= large (or <, or ==) at every index.

    violated      somewhere small > large + budget; of a strict claim also where both are equal without any error
    inconclusive  no index can speak, or somewhere the budget is as large as the difference of the sides, or a side is not a
                  number; an equality within the budget does not pass a strict claim, at whatever index
    holds         otherwise; indices whose budget exceeds a thousandth of the sides are left out unless they are clear, and
                  so are those at which the bound is infinite
    """
    total = len(sides.index)
    if total == 0:
        return Judgement(Verdict.INCONCLUSIVE, "no index of the run is in the range of the claim", 0, 0)
    with np.errstate(invalid="ignore"):
        margin = -np.abs(sides.large - sides.small) if identity else sides.large - sides.small
        finite = np.isfinite(sides.small) & np.isfinite(sides.large) & ~np.isnan(sides.budget)
        broken = finite & (margin < -sides.budget)
        if strict:
            broken |= finite & (margin == 0) & (sides.budget == 0)
    if np.any(broken):
        beyond = np.full(total, -np.inf)
        beyond[broken] = -sides.budget[broken] - margin[broken]
        worst = sides.index[int(np.argmax(beyond))]
        return Judgement(Verdict.VIOLATED, f"at index {worst} by more than the error budget", total, total)
    endless = ~np.isnan(sides.small) & (sides.small < np.inf) & (sides.large == np.inf) & (not identity)
    unknown = ~finite & ~endless
    if np.any(unknown):
        where = sides.index[int(np.argmax(unknown))]
        return Judgement(
            Verdict.INCONCLUSIVE, f"a side or its budget is not a finite number at index {where}", 0, total
        )
    if not np.any(finite):
        return Judgement(Verdict.INCONCLUSIVE, "the bound is infinite throughout", 0, total)
    small, large, budget, margin = (each[finite] for each in (sides.small, sides.large, sides.budget, margin))
    size = np.maximum(np.abs(small), np.abs(large))
    if strict:
        clear, attained = margin > budget, np.zeros(len(small), dtype=bool)
        hidden = ~clear
    else:
        clear = (margin >= budget) & (np.maximum(np.abs(large), np.abs(small)) > budget) & ~identity
        attained = budget <= ATTAINED * size
        hidden = ~clear & ~attained & (budget <= SILENT * size)
    decided = int(np.sum(clear | attained))
    if np.any(hidden):
        where = sides.index[finite][int(np.argmax(hidden))]
        return Judgement(Verdict.INCONCLUSIVE, f"the error budget hides the answer at index {where}", decided, total)
    if decided == 0:
        return Judgement(Verdict.INCONCLUSIVE, "both sides are below the error budget throughout", 0, total)
    return Judgement(Verdict.HOLDS, f"{decided} of {total} indices decided", decided, total)
