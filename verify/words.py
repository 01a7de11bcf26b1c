"""What a passed comparison is called: it holds only if an error of its bound would have been caught."""

import dataclasses

from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

CAUGHT = 0.5  # the error of the whole bound that a check must catch, unless another threshold is asked for


def percent(share: float) -> str:
    """To two digits, and to four where it is nearly all."""
    return f"{100 * share:.2g}%" if share < 0.995 else f"{100 * share:.4g}%"


def worded(claim: ClaimReport, threshold: float = CAUGHT) -> ClaimReport:
    """The finding with the word for its power: holds, loose or vacuous."""
    if claim.verdict is not Verdict.HOLDS:
        return claim
    if claim.vacuous:
        why = "the bound is no better than what holds without the theorem"
        return dataclasses.replace(claim, verdict=Verdict.VACUOUS, why=f"{claim.why}; {why}")
    smallest = claim.power.smallest
    if smallest is None or smallest > threshold:
        caught = "no error of the whole bound is caught" if smallest is None else f"only {percent(smallest)} is caught"
        why = f"{caught}, where {percent(threshold)} must be"
        return dataclasses.replace(claim, verdict=Verdict.LOOSE, why=f"{claim.why}; {why}")
    return claim


def overall(claims: list[ClaimReport]) -> tuple[Verdict, str]:
    """The verdict of a report: one violated claim refutes the theorem, one undecided leaves it open, one loose is loose."""
    for verdict in (Verdict.VIOLATED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE):
        if found := [claim for claim in claims if claim.verdict is verdict]:
            return verdict, "; ".join(f"{claim.label or claim.statement}: {claim.why}" for claim in found)
    if all(claim.verdict is Verdict.VACUOUS for claim in claims):
        return Verdict.VACUOUS, ""
    weak = any(claim.verdict in (Verdict.LOOSE, Verdict.VACUOUS) for claim in claims)
    return Verdict.LOOSE if weak else Verdict.HOLDS, ""
