"""The power of a check: the smallest planted error that it would have caught.

The bound as a whole, and each constant, column, number and term in it (see `twins`), is altered in the direction that
makes the claim stronger, and the altered claim is judged on the same run. A check that refutes no altered claim has shown
nothing.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from broximal.theory.language.claims import Claim, Reaches, Terminates
from broximal.theory.language.run import Run
from broximal.verify.evaluate import Sides, constant_value, sides_at, sides_by
from broximal.verify.twins import MARKER, STEP, ladder, marked, without
from broximal.verify.verdict import Verdict, judge

SMALLEST = 1e-12  # error that is reported


@dataclasses.dataclass(frozen=True)
class Power:
    """smallest: the least relative error of the whole bound that this check refutes, None if none below 1.
    twins: the same for every factor in the bound, None where not even its absence is refuted.
    terms: for every term of a sum or maximum in the bound, would the claim without it be refuted by this check? None
    where the claim without it is weaker."""

    smallest: float | None
    twins: dict[str, float | None]
    terms: dict[str, bool | None] = dataclasses.field(default_factory=dict)

    @property
    def any(self) -> bool:
        return self.smallest is not None or any(v is not None and v < 1 for v in self.twins.values())


NONE = Power(None, {})


def passes(verdict: Verdict, why: str, strength: Power) -> tuple[Verdict, str]:
    """The verdict and why: a comparison that no altered bound would have failed is no pass."""
    if verdict is Verdict.HOLDS and not strength.any:
        return Verdict.INCONCLUSIVE, "no power: no altered bound would have been refuted on this run"
    return verdict, why


def by_term(expr: Any, change: Callable[[Any], np.ndarray], refuted: Callable[[Any], bool]) -> dict[str, bool | None]:
    """Which terms of an expression are seen: `refuted` of the expression without them; see `Power.terms`.

    change  by how much the claim gains room without a term, at every index, not a number where that is no bound; nowhere
            less room makes no stronger claim
    """
    found: dict[str, bool | None] = {}
    for label, rest in without(expr):
        with np.errstate(all="ignore"):
            room = change(rest)
        weaker = not np.any(room < 0) and (np.any(room > 0) or bool(np.all(np.isnan(room))))
        found[label] = None if weaker else refuted(rest)
    return found


def of_claim(claim: Claim, run: Run, sides: Sides, twins: bool = True) -> Power:
    """Power of a relation: the bound twin large - e |large| is refuted where large - small + budget < e |large|.

    A side that is the number 0 has the negative terms of the other, as in `Claim.strengthened`. Where the measured side is
    above the bound within the budget, the bound counts as attained; a bound within its budget of 0 shows nothing.
    twins  look at every ingredient too, which takes longer; they are looked at anyway where the whole bound shows nothing
    """
    if (whole := claim.balanced) != claim.sides:
        sides = sides_at(claim.restated(relation=sp.Le(*whole, evaluate=False)), run, sides.index)
    with np.errstate(all="ignore"):
        size = np.abs(sides.large)
        room = 0.0 if claim.identity else np.maximum(sides.large - sides.small, 0.0)
        error = np.where(size > sides.budget, (room + sides.budget) / size, np.inf)
    smallest = _least(error)
    if not twins and smallest is not None:
        return Power(smallest, {})
    return Power(smallest, _twins(claim, run, sides.index), _terms(claim, run, sides.index))


def _least(errors: np.ndarray) -> float | None:
    """The least relative error, None if none is below 1."""
    errors = errors[np.isfinite(errors)]
    return max(float(errors.min()), SMALLEST) if len(errors) and errors.min() < 1 else None


def of_termination(claim: Terminates, run: Run, within: float, slack: float = 0.0) -> Power:
    """ceil((1 - e) within + slack) < N is first true at e = 1 - (N - 1 - slack) / within."""
    if run.terminated is None:
        return NONE
    return of_limit(claim, run, within, slack, run.terminated - 1)


def of_limit(claim: Terminates | Reaches, run: Run, within: float, slack: float, passed: float | None) -> Power:
    """Power of a bound that is one number: it is refuted where it is, with its slack, at most `passed` (None: unknown).

    A bound that is written as the number 0 is lowered by a share of one unit, as in `strengthened`.
    """
    if passed is not None and claim.within == 0:
        return Power(max(-passed, SMALLEST), {}) if -1 < passed < 0 else NONE
    if passed is None or within <= 0:
        return NONE
    smallest = 1 - (passed - slack) / within

    def twin(expr: Any) -> float | None:
        def bound(factor: float) -> float:
            return sum(constant_value(expr, run, {MARKER: factor}))

        change = bound(1 + STEP) - bound(1 - STEP)
        return ladder(lambda factor: bound(factor) <= passed, change)

    twins = {label: twin(expr) for label, expr in marked(claim.within)}

    def value(rest: Any) -> float:
        return sum(constant_value(rest, run))

    own = value(claim.within)
    terms = by_term(claim.within, lambda rest: np.array(value(rest) - own), lambda rest: value(rest) <= passed)
    return Power(max(float(smallest), SMALLEST) if smallest < 1 else None, twins, terms)


def _twins(claim: Claim, run: Run, indices: np.ndarray) -> dict[str, float | None]:
    if not len(indices):
        return {}
    small, large = claim.sides
    altered = [(label, sp.Le(small, side, evaluate=False)) for label, side in marked(large)]
    # Measured columns stand alone on the small side; only its constants and numbers are part of the claim.
    altered += [
        (f"{label} (left)", sp.Le(side, large, evaluate=False))
        for label, side in marked(small)
        if not small.is_Atom and not isinstance(small, sp.Indexed)
    ]
    return {label: _smallest_refuted(claim.restated(relation=relation), run, indices) for label, relation in altered}


def _terms(claim: Claim, run: Run, indices: np.ndarray) -> dict[str, bool | None]:
    """Which terms of the bound are seen: the claim without one of them is refuted on this run."""
    if claim.identity or not len(indices):
        return {}

    def room(small: Any, large: Any) -> Sides:
        return sides_at(claim.restated(relation=sp.Le(small, large, evaluate=False)), run, indices)

    small, large = claim.sides
    own = room(small, large)

    def seen(expr: Any, sides: Callable[[Any], Sides]) -> dict[str, bool | None]:
        def change(rest: Any) -> np.ndarray:
            other = sides(rest)
            return (other.large - own.large) - (other.small - own.small)

        return by_term(expr, change, lambda rest: _refuted(sides(rest)))

    left = {} if small.is_Atom else seen(small, lambda rest: room(rest, large))
    return seen(large, lambda rest: room(small, rest)) | {f"{label} (left)": found for label, found in left.items()}


def _smallest_refuted(marked: Claim, run: Run, indices: np.ndarray) -> float | None:
    """The least error of the ladder by which the marked ingredient can be altered before the claim is refuted.

    It is altered in the direction that leaves less room, in both where that is not the same at every index.
    """

    sides = sides_by(marked, run, indices, MARKER)
    up, down = sides(1 + STEP), sides(1 - STEP)
    with np.errstate(invalid="ignore"):
        change = (up.large - up.small) - (down.large - down.small)
    return ladder(lambda factor: _refuted(sides(factor)), change)


def _refuted(sides: Sides) -> bool:
    """Is small <= large violated? The budget is only asked for where it matters."""
    with np.errstate(invalid="ignore"):
        if not np.any(sides.small > sides.large):
            return False
    return judge(sides).verdict is Verdict.VIOLATED
