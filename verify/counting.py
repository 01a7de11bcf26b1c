"""Claims about a first index: the end of a run in the minimisers, and the first index at which a relation holds."""

import math
from typing import Any

import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError
from broximal.oracles.numerals import number_of
from broximal.theory.columns.points import CLEARLY
from broximal.theory.language.claims import Reaches, Terminates
from broximal.theory.language.quantity import k, known
from broximal.theory.language.run import Run
from broximal.verify import power
from broximal.verify.evaluate import Evaluator, constant_value, reach_of
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import ATTAINED, Verdict

ROUNDING = 1e-12  # relative, of a bound that is rounded up


def termination(claim: Terminates, run: Run) -> ClaimReport:
    """The finding about the first index in X*, with the budget of the bound and of the steps."""
    if claim.where is not None and not _made(claim.where, run):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "the condition of the claim does not certainly hold")
    within, error = constant_value(claim.within, run)
    slack = error + ROUNDING * abs(within)
    if not math.isfinite(within) or not math.isfinite(slack):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "the bound is not finite")
    low, high = math.ceil(within - slack), math.ceil(within + slack)
    reached = _ended(run)
    lower = reached if reached is not None else run.length + 1  # N is at least this
    strength = power.NONE if reached is None else power.of_termination(claim, run, within, error)
    curve = {"index": [lower], "measured": [float(lower)], "bound": [float(high)], "budget": [float(slack)]}
    if lower > high:
        trusted, lost = _resolved(claim, run, lower)
        verdict, why = Verdict.VIOLATED, f"N {'=' if reached is not None else '>='} {lower}, the bound is {high:g}"
        if trusted <= math.ceil(within + slack + lost):
            verdict, why = (
                Verdict.INCONCLUSIVE,
                f"{why}, but the certificates of the steps leave room for an exact run that ends in time",
            )
    elif run.terminated is not None and reached is None:
        verdict, why = (
            Verdict.INCONCLUSIVE,
            f"the method stops after {number_of(run.length, 'step')}, not known to be at a minimiser",
        )
    elif reached is None:
        verdict, why = (
            Verdict.INCONCLUSIVE,
            f"no minimiser after {number_of(run.length, 'step')}, the bound is {high:g}: run longer",
        )
    elif reached <= low:
        verdict, why = Verdict.HOLDS, f"N = {reached}, the bound is {low:g}"
    else:
        verdict, why = (
            Verdict.INCONCLUSIVE,
            f"N = {reached}, and rounding leaves the bound between {low:g} and {high:g}",
        )
    ratio = lower / high if high > 0 else None
    verdict, why = power.passes(verdict, why, strength)
    return ClaimReport.of(claim, verdict, why, ratio=ratio, step=reached, budget=slack, power=strength, curve=curve)


def _ended(run: Run) -> int | None:
    """Where the run ended in X*. A method may stop elsewhere: its word is taken only where the gap is rounding."""
    if run.terminated is None:
        return None
    try:
        gap = run.measure(known("gap"))
    except BroximalError:
        return None
    rounded = gap.noise[-2:].max()  # a step is rounded as the point that it begins at
    budget = CLEARLY * rounded + float(np.sum(gap.oracle))
    return run.terminated if gap.values[-1] <= budget else None


def _resolved(claim: Terminates, run: Run, lower: int) -> tuple[int, float]:
    """(the least N that an exact run may have, how many steps' worth the run lost by steps that are too short).

    An exact step that does not end in X* is as long as its radius. A shorter one moves by what its certificate allows to
    fall short, and what it lost is no step of an exact run; that counts twice, since D^2 falls by twice the share. An
    exact run may end at the first point whose gap is within the certificates of the steps up to it.
    """
    measured = {}
    for key in claim.columns:
        try:
            measured[key] = run.measure(known(key))
        except BroximalError:  # no f*, say: what is not known takes nothing away
            continue
    lost = 0.0
    if "moved" in measured and "t" in measured:
        moved, radius = measured["moved"], measured["t"].values
        count = min(lower - 1, len(radius), len(moved.values))  # the last step may be shorter
        share = 1 - (moved.values[:count] - moved.noise[:count]) / radius[:count]
        lost = float(np.sum(np.clip(2 * share, 0, 1)))
    if "gap" in measured:
        gap = measured["gap"]
        hidden = np.flatnonzero(gap.values <= gap.noise + np.cumsum(gap.oracle))
        if len(hidden):
            lower = min(lower, int(hidden[0]))
    return lower, lost


def reaching(claim: Reaches, run: Run) -> ClaimReport:
    """The finding about the clock at the first index at which the relation holds.

    The first index is at most the first at which the relation certainly holds, and at least the first at which it does not
    certainly fail; where a run does not reach the relation, the clock of its end is a lower bound. That the relation holds at
    the start is all that a bound says which is the clock there: it holds although no share of it can be taken away.
    """
    within, error = constant_value(claim.within, run)
    slack = error + ROUNDING * abs(within)
    if not math.isfinite(within) or not math.isfinite(slack):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "the bound is not finite")
    indices, truth, clock = reach_of(claim, run)
    if not len(indices):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "no index of the run is in the range of the claim")
    early, late = clock.values - clock.error, clock.values + clock.error
    if not np.all(np.isfinite(clock.values)) or np.any(late[1:] < early[:-1]):
        return ClaimReport.of(claim, Verdict.INCONCLUSIVE, "the clock is not a number that rises along the run")
    surely, maybe = np.flatnonzero(truth > 0), np.flatnonzero(truth >= 0)
    at = int(surely[0]) if len(surely) else None
    first = int(maybe[0]) if len(maybe) else None
    least = float(early[first if first is not None else -1])  # the clock of the first index is at least this
    seen = f"at index {indices[at]}" if at is not None else f"not certainly up to index {indices[-1]}"
    reads = f"the clock is {clock.values[at if at is not None else -1]:.6g}, the bound is {within:.6g}"
    if first is None and claim.clock == k:
        least += 1
    if least > within + slack:
        verdict = Verdict.VIOLATED
        why = f"reached {seen}: {reads}" if at is not None else f"{seen}, where {reads}"
    elif at is None:
        verdict, why = Verdict.INCONCLUSIVE, f"reached {seen}, where {reads}: run longer"
    elif late[at] <= within - slack or (
        late[at] <= within + slack and slack + late[at] - early[at] <= ATTAINED * within
    ):
        verdict, why = Verdict.HOLDS, f"reached {seen}: {reads}"
    else:
        open_ = (
            f"; rounding leaves open whether it holds at index {indices[first]}"
            if first is not None and first < at
            else ""
        )
        verdict, why = (
            Verdict.INCONCLUSIVE,
            f"reached {seen}: {reads}{open_ or ', within the error budget of each other'}",
        )
    below = float(np.nextafter(least, -np.inf))  # a bound that equals the clock is no lie
    strength = power.of_limit(claim, run, within, slack, below if at is not None else None)
    least_of_all = verdict is Verdict.HOLDS and at == 0 and within <= float(early[0])
    if verdict is Verdict.HOLDS and claim.relation.subs(k, int(indices[at or 0])) == sp.true:
        verdict, why = Verdict.VACUOUS, f"both sides are the same at index {indices[at or 0]}, whatever the run is"
    elif least_of_all:
        why = f"{why}, and no bound can be smaller"
    elif verdict is Verdict.HOLDS and not strength.any:
        verdict, why = Verdict.INCONCLUSIVE, f"no power: no altered bound would have been refuted; {why}"
    place = at if at is not None else len(indices) - 1
    value, step = float(clock.values[place]), int(indices[place])
    curve = {"index": [step], "measured": [value], "bound": [within], "budget": [slack]}
    ratio = value / within if within > 0 else None
    return ClaimReport.of(claim, verdict, why, ratio=ratio, step=step, budget=slack, power=strength, curve=curve)


def _made(condition: Any, run: Run) -> bool:
    return bool(Evaluator(run, accumulate=True).truth(condition, {}, np.array([0]))[0] > 0)
