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

from broximal.oracles.numerals import number_of
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
    """A verdict, why, how many of the indices could speak, and the place among them of the one that `why` names."""

    verdict: Verdict
    why: str
    decided: int
    total: int
    place: int | None = None


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
        place = _worst(sides, broken, margin, identity)
        said = f"at index {sides.index[place]} by more than the error budget"
        return Judgement(Verdict.VIOLATED, said, total, total, place)
    endless = ~np.isnan(sides.small) & (sides.small < np.inf) & (sides.large == np.inf) & (not identity)
    unknown = ~finite & ~endless
    if np.any(unknown):
        place = int(np.argmax(unknown))
        said = f"a side or its budget is not a finite number at index {sides.index[place]}"
        return Judgement(Verdict.INCONCLUSIVE, said, 0, total, place)
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
        place = int(np.flatnonzero(finite)[np.argmax(hidden)])
        said = f"the error budget hides the answer at index {sides.index[place]}"
        return Judgement(Verdict.INCONCLUSIVE, said, decided, total, place)
    if decided == 0:
        return Judgement(Verdict.INCONCLUSIVE, "both sides are below the error budget throughout", 0, total)
    return Judgement(Verdict.HOLDS, f"{decided} of {number_of(total, 'index', 'indices')} decided", decided, total)


def ratios(sides: Sides) -> np.ndarray:
    """measured / bound at every index, infinite where the bound is not above 0 and something is measured; -inf or not a
    number where there is nothing to compare."""
    with np.errstate(all="ignore"):
        over = np.where(sides.small > sides.budget, np.inf, -np.inf)
        return np.where(sides.large > 0, sides.small / sides.large, over)


def _worst(sides: Sides, broken: np.ndarray, margin: np.ndarray, identity: bool) -> int:
    """Of the broken indices the one with the largest ratio, and of those, or of an equality, the one farthest apart."""
    places = np.flatnonzero(broken)
    beyond = -sides.budget[places] - margin[places]
    if not identity:
        ratio = ratios(sides)[places]
        beyond = np.where(ratio == ratio.max(), beyond, -np.inf)
    return int(places[np.argmax(beyond)])
