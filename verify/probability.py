"""A claim that holds with a probability: its failures are counted on a fixed number of paths, with an exact interval."""

from typing import Any

import numpy as np
import sympy as sp

from broximal.oracles.numerals import number_of
from broximal.theory.language.claims import WithProbability
from broximal.theory.language.quantity import K
from broximal.theory.language.run import Run
from broximal.verify import confidence, power, twins
from broximal.verify.evaluate import Evaluator, Sides, regime
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

SLACK = 1e-9  # relative, of what does not differ from path to path


def probability(claim: WithProbability, runs: list[Run], level: float) -> ClaimReport:
    """The finding from independent paths, whose number was fixed beforehand.

    A path fails if the relation is broken by more than the error budget, and may have failed if it does not hold by as
    much. A path that is not finite may have failed. An identity may have failed wherever there is a budget.
    """
    if not len(regime(claim, runs[0])):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "no index of the run is in the range of the claim")
    both = [_sides(claim, run) for run in runs]
    small, large, budget = (np.array([float(getattr(s, n)[0]) for s in both]) for n in ("small", "large", "budget"))
    bound = large if claim.at_most else small
    if np.ptp(bound) > SLACK * np.abs(bound).max() + 2 * budget.max():
        return ClaimReport.of(
            claim, Verdict.INCONCLUSIVE, f"the constants' side {claim.bound} differs from path to path"
        )
    with np.errstate(invalid="ignore"):
        margin = -np.abs(large - small) if claim.identity else large - small
        fails = margin < -budget
        passes = margin > budget if claim.strict else margin >= budget
    surely, maybe = int(np.sum(fails)), int(np.sum(~passes))
    allowed, trials = 1 - claim.chance, len(runs)
    low = confidence.binomial(surely, trials, level).low
    high = confidence.binomial(maybe, trials, level).high
    seen = f"{maybe} of {number_of(trials, 'path')} failed, a probability in [{low:.3g}, {high:.3g}] at level {level:g}"
    if low > allowed:
        verdict = Verdict.VIOLATED
    elif high <= allowed:
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.INCONCLUSIVE
    strength = _power(claim, runs, np.abs(large), margin, budget, level)
    if verdict is Verdict.HOLDS and not strength.any:
        verdict, seen = Verdict.INCONCLUSIVE, f"no power: {seen}"
    place = int(np.argmin(np.where(np.isnan(margin), np.inf, margin)))
    curve = {
        "index": [runs[0].length],
        "measured": [float(np.quantile(small if claim.at_most else large, claim.chance))],
        "bound": [float(bound[place])],
        "budget": [float(budget[place])],
    }
    ratio = float(small[place]) / float(large[place]) if large[place] > 0 else None
    step, rounding = runs[0].length, float(budget[place])
    why = f"{seen}; {allowed:g} is allowed"
    return ClaimReport.of(claim, verdict, why, ratio=ratio, step=step, budget=rounding, power=strength, curve=curve)


def _power(
    claim: WithProbability, runs: list[Run], size: np.ndarray, margin: np.ndarray, budget: np.ndarray, level: float
) -> power.Power:
    """A bound so strong that as many paths as it takes would break it is refuted: by their margins, the least first."""
    trials = len(margin)
    needed = next((n for n in range(trials + 1) if confidence.binomial(n, trials, level).low > 1 - claim.chance), None)
    with np.errstate(all="ignore"):
        errors = np.sort(np.where(size > budget, (margin + budget) / size, np.inf))
    if claim.identity or not needed or not errors[needed - 1] < 1:
        return power.NONE

    def bound(expr: Any, factor: float) -> Sides:
        sides = (claim.random, expr) if claim.at_most else (expr, claim.random)
        return _sides(claim.restated(relation=sp.Le(*sides, evaluate=False)), runs[0], factor)

    own = bound(claim.bound, 1.0)

    def room(expr: Any, factor: float = 1.0) -> np.ndarray:
        """By how much the bound leaves more room than the claim's own."""
        found = bound(expr, factor)
        return (found.large - own.large) - (found.small - own.small)

    def refuted(expr: Any, factor: float = 1.0) -> bool:
        return int(np.sum(margin + room(expr, factor)[0] < -budget)) >= needed

    def twin(expr: Any) -> float | None:
        change = room(expr, 1 + twins.STEP) - room(expr, 1 - twins.STEP)
        return twins.ladder(lambda factor: refuted(expr, factor), change)

    return power.Power(
        max(float(errors[needed - 1]), power.SMALLEST),
        {label: twin(expr) for label, expr in twins.marked(claim.bound)},
        power.by_term(claim.bound, room, refuted),
    )


def _sides(claim: WithProbability, run: Run, factor: float = 1.0) -> Sides:
    at = np.array([run.length])
    return Evaluator(run, accumulate=True, given={twins.MARKER: factor}).sides(*claim.sides, {K: at}, at)
