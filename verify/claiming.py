"""One claim on one run: both sides compared within the error budget, and the power of the comparison."""

from typing import Any

import numpy as np
import sympy as sp

from broximal.theory.columns.points import gap, value
from broximal.theory.language.claims import Claim, Drift, Reaches, Terminates
from broximal.theory.language.quantity import Best, K, k
from broximal.theory.language.run import Run
from broximal.verify import power
from broximal.verify.counting import reaching, termination
from broximal.verify.drift import outcomes_of
from broximal.verify.evaluate import Sides, evaluate, sides_at, valid
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import judge, ratios


def on_run(claim: Claim | Terminates | Reaches, run: Run, twins: bool = True) -> ClaimReport:
    """The finding about one claim on one run; `twins` as in `power.of_claim`."""
    if isinstance(claim, Terminates):
        return termination(claim, run)
    if isinstance(claim, Reaches):
        return reaching(claim, run)
    if isinstance(claim, Drift):
        found = outcomes_of(claim, run)
        return found if isinstance(found, ClaimReport) else _relation(claim, found, twins)
    return _relation(claim, run, twins)


def _relation(claim: Claim, run: Run, twins: bool) -> ClaimReport:
    sides = evaluate(claim, run)
    judgement = judge(sides, claim.identity, claim.strict)
    strength = power.of_claim(claim, run, sides, twins) if judgement.total else power.NONE
    verdict, why = power.passes(judgement.verdict, judgement.why, strength)
    ratio, step, budget = worst(sides, judgement.place)
    below = isinstance(claim.relation, (sp.Ge, sp.Gt))  # the bound is
    measured, bound = (sides.large, sides.small) if below else (sides.small, sides.large)
    curve = {"index": sides.index, "measured": measured, "bound": bound, "budget": sides.budget}
    return ClaimReport.of(
        claim,
        verdict,
        why,
        ratio=ratio,
        step=step,
        budget=budget,
        power=strength,
        vacuous=_vacuous(claim, run, sides),
        curve={key: part.tolist() for key, part in curve.items()},
    )


def trivials(claim: Claim, run: Run) -> list[Any]:
    """What bounds the measured side without the theorem: what the claim says itself, and what is plain.

    The least of several values is at most the first of them (of one value alone that says nothing); a method that never
    increases f stays below where it was.
    """
    found = [] if claim.trivial is None else [claim.trivial]
    small = claim.sides[0]
    if isinstance(claim.relation, (sp.Ge, sp.Gt)):
        return found
    if type(small) is Best:
        body, (running, first, last) = small.args
        several = sp.Piecewise((body.subs(running, first), last > first), (-sp.oo, True))
        found.append(several)
    if run.algorithm is not None and run.algorithm.monotone:
        earlier = {gap[k + 1]: gap[k], value[k + 1]: value[k], gap[K]: gap[0], value[K]: value[0]}
        found += [earlier[small]] if small in earlier else []
    return list(dict.fromkeys(found))


def _vacuous(claim: Claim, run: Run, sides: Sides) -> bool:
    """Is the claim, wherever both exist, no better than what holds without the theorem?"""
    return any(_no_better(claim, trivial, run, sides) for trivial in trivials(claim, run))


def _no_better(claim: Claim, trivial: Any, run: Run, sides: Sides) -> bool:
    if not len(sides.index):
        return False
    upper = not isinstance(claim.relation, (sp.Ge, sp.Gt))  # does the right-hand side bound from above?
    plain = claim.restated(relation=type(claim.relation)(claim.relation.lhs, trivial, evaluate=False))
    both = np.intersect1d(sides.index, valid(plain, run)).astype(int)
    if not len(both):
        return False
    kept = np.isin(sides.index, both)
    other = sides_at(plain, run, both)
    said = np.isfinite(other.large if upper else other.small)
    if not np.any(said):
        return False
    if upper:
        return bool(np.all((sides.large[kept] >= other.large - other.budget)[said]))
    return bool(np.all((sides.small[kept] <= other.small + other.budget)[said]))


def worst(sides: Sides, place: int | None = None) -> tuple[float | None, int | None, float | None]:
    """(measured / bound, step, budget) where the verdict speaks of, else at the largest ratio above its budget."""
    ratio = ratios(sides)
    if place is None:
        ratio = np.where((np.abs(sides.small) > sides.budget) & ~np.isnan(ratio), ratio, -np.inf)
        if not np.any(ratio > -np.inf):
            return None, None, None
        place = int(np.argmax(ratio))
    size = float(ratio[place])
    known = not np.isnan(size) and size > -np.inf
    return (size if known else None), int(sides.index[place]), float(sides.budget[place])
