"""What the looks after a run make of its verdict."""

import dataclasses
from typing import NamedTuple

from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Finding
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Theorem
from broximal.verify.looks.after import look_after
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import SEEN, Verdict


class Outcome(NamedTuple):
    """The verdict, why, and the claims of a report; `broken` is the finding about a statement that was contradicted."""

    verdict: Verdict
    why: str
    claims: list[ClaimReport]
    broken: tuple[Finding, ...] = ()


def outcome(
    theorem: Theorem, experiment: Experiment, run: Run, found: Outcome, rests: tuple[str, ...], closely: bool
) -> Outcome:
    """The outcome of a run after its points were looked at; nothing that was computed is lost.

    Not applicable where the problem's own statements are contradicted, violated (the constants, not the theorem) where
    given ones are, and consistent at best where the theorem rests on given ones.
    """
    seen = look_after(theorem, experiment, run, closely)
    if seen is not None and not seen.given:
        claims = _all(found.claims, Verdict.NOT_APPLICABLE, seen.why)
        return Outcome(Verdict.NOT_APPLICABLE, seen.why, claims, (Finding(seen.what, False, seen.why),))
    if seen is not None:
        why = refuted(seen.why)
        return Outcome(Verdict.VIOLATED, why, _all(found.claims, Verdict.VIOLATED, why))
    if rests and found.verdict in SEEN:
        said = f"rests on {'; '.join(rests)}"
        return found._replace(verdict=Verdict.CONSISTENT, claims=_all(found.claims, Verdict.CONSISTENT, said))
    return found


def at_start(theorem: Theorem, experiment: Experiment, why: str, rests: tuple[str, ...]) -> Outcome:
    """Of a run that failed: it decides nothing, but given constants may be refuted where it started."""
    seen = look_after(theorem, experiment, Run.at_start(experiment, theorem.method)) if rests else None
    if seen is not None and seen.given:
        return Outcome(Verdict.VIOLATED, f"{refuted(seen.why)}; {why}", [])
    return Outcome(Verdict.INCONCLUSIVE, why, [])


def refuted(why: str) -> str:
    return f"the given constants are refuted: {why}"


def _all(claims: list[ClaimReport], verdict: Verdict, why: str) -> list[ClaimReport]:
    """The claims with the verdict of the whole report, what was found about them before it."""
    return [dataclasses.replace(claim, verdict=verdict, why=f"{claim.why}; {why}") for claim in claims]
