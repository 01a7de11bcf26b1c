"""One claim on one run: both sides compared within the error budget, and the power of the comparison."""

import dataclasses

import numpy as np

from broximal.theory.language.claims import Claim, Terminates
from broximal.theory.language.run import Run
from broximal.verify import power
from broximal.verify.evaluate import Sides, evaluate
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Judgement, Verdict, judge


def on_run(claim: Claim | Terminates, run: Run) -> ClaimReport:
    """The finding about one claim on one run."""
    return _termination(claim, run) if isinstance(claim, Terminates) else _relation(claim, run)


def _relation(claim: Claim, run: Run) -> ClaimReport:
    sides = evaluate(claim, run)
    judgement = judge(sides, claim.identity)
    strength = power.of_claim(claim, run, sides) if judgement.total else power.Power(None, {})
    judgement = needs_power(judgement, strength)
    ratio, step, budget = worst(sides)
    vacuous = False
    if claim.trivial is not None and len(sides.index):
        plain = evaluate(dataclasses.replace(claim, relation=type(claim.relation)(claim.sides[0], claim.trivial)), run)
        vacuous = bool(np.all(sides.large >= plain.large - plain.budget))
    return ClaimReport(
        claim.label,
        str(claim),
        claim.latex(),
        judgement.verdict,
        judgement.why,
        ratio,
        step,
        budget,
        strength,
        vacuous,
        {
            "index": sides.index.tolist(),
            "measured": sides.small.tolist(),
            "bound": sides.large.tolist(),
            "budget": sides.budget.tolist(),
        },
    )


def needs_power(judgement: Judgement, strength: power.Power) -> Judgement:
    """A comparison that no altered bound would have failed is no pass."""
    if judgement.verdict is Verdict.HOLDS and not strength.any:
        why = "no power: no altered bound would have been refuted on this run"
        return dataclasses.replace(judgement, verdict=Verdict.INCONCLUSIVE, why=why)
    return judgement


def worst(sides: Sides) -> tuple[float | None, int | None, float | None]:
    """The largest measured / bound among the indices that rise above their budget."""
    with np.errstate(all="ignore"):
        ratio = np.where(
            sides.large > 0, sides.small / sides.large, np.where(sides.small > sides.budget, np.inf, -np.inf)
        )
    ratio = np.where(np.abs(sides.small) > sides.budget, ratio, -np.inf)
    if not len(ratio) or not np.any(ratio > -np.inf):
        return None, None, None
    place = int(np.argmax(ratio))
    return float(ratio[place]), int(sides.index[place]), float(sides.budget[place])


def _termination(claim: Terminates, run: Run) -> ClaimReport:
    within, error = power.bound_on_n(claim, run)
    slack = error + 1e-12 * abs(within)
    low, high = np.ceil(within - slack), np.ceil(within + slack)
    reached = run.terminated
    lower = reached if reached is not None else run.length + 1  # N is at least this
    if not np.isfinite(within):
        verdict, why = Verdict.INCONCLUSIVE, "the bound is not finite"
    elif lower > high:
        verdict = Verdict.VIOLATED
        why = f"N {'=' if reached is not None else '>='} {lower}, the bound is {high:g}"
    elif reached is None:
        verdict, why = Verdict.INCONCLUSIVE, f"no minimiser after {run.length} steps, the bound is {high:g}: run longer"
    elif reached <= low:
        verdict, why = Verdict.HOLDS, f"N = {reached}, the bound is {low:g}"
    else:
        verdict, why = (
            Verdict.INCONCLUSIVE,
            f"N = {reached}, and rounding leaves the bound between {low:g} and {high:g}",
        )
    strength = power.of_termination(claim, run, within)
    judgement = needs_power(Judgement(verdict, why, 1, 1), strength)
    ratio = lower / high if high > 0 else None
    curve = {"index": [0], "measured": [float(lower)], "bound": [float(high)], "budget": [float(slack)]}
    return ClaimReport(
        claim.label,
        str(claim),
        claim.latex(),
        judgement.verdict,
        judgement.why,
        ratio,
        reached,
        float(slack),
        strength,
        False,
        curve,
    )
