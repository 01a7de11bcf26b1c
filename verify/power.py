"""The power of a check: the smallest planted error that it would have caught.

The bound as a whole, and each constant, radius and number in it, is altered in the direction that makes the claim
stronger, and the altered claim is judged on the same run. A check that refutes no altered claim has shown nothing.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from broximal.theory.language.claims import Claim, Reaches, Terminates
from broximal.theory.language.grammar import RESERVED
from broximal.theory.language.run import Run
from broximal.verify.evaluate import Sides, constant_value, sides_at, sides_by
from broximal.verify.verdict import Verdict, judge

MARKER = sp.Symbol("twin_marker", positive=True)
LADDER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9)
STEP = 1e-3  # relative, of the alteration that shows in which direction a claim becomes stronger
SMALLEST = 1e-12  # error that is reported


@dataclasses.dataclass(frozen=True)
class Power:
    """smallest: the least relative error of the whole bound that this check refutes, None if none below 1.
    twins: the same for every constant in the bound, None where no error in the ladder is refuted.
    terms: for every additive term of the bound, would the claim without it be refuted by this check?"""

    smallest: float | None
    twins: dict[str, float | None]
    terms: dict[str, bool] = dataclasses.field(default_factory=dict)

    @property
    def any(self) -> bool:
        return self.smallest is not None or any(v is not None for v in self.twins.values())


def passes(verdict: Verdict, why: str, strength: Power) -> tuple[Verdict, str]:
    """The verdict and why: a comparison that no altered bound would have failed is no pass."""
    if verdict is Verdict.HOLDS and not strength.any:
        return Verdict.INCONCLUSIVE, "no power: no altered bound would have been refuted on this run"
    return verdict, why


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
        return Power(None, {})
    return of_limit(claim, run, within, slack, run.terminated - 1)


def of_limit(claim: Terminates | Reaches, run: Run, within: float, slack: float, passed: float | None) -> Power:
    """Power of a bound that is one number: it is refuted where it is, with its slack, at most `passed` (None: unknown)."""
    if passed is None or within <= 0:
        return Power(None, {})
    smallest = 1 - (passed - slack) / within

    def twin(expr: Any) -> float | None:
        def bound(factor: float) -> float:
            return sum(constant_value(expr, run, {MARKER: factor}))

        change = bound(1 + STEP) - bound(1 - STEP)
        return ladder(lambda factor: bound(factor) <= passed, [-1] if change > 0 else [1] if change < 0 else [])

    twins = {label: twin(expr) for label, expr in marked(claim.within)}
    return Power(max(float(smallest), SMALLEST) if smallest < 1 else None, twins)


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


def _terms(claim: Claim, run: Run, indices: np.ndarray) -> dict[str, bool]:
    """Which terms of the bound are seen: the claim without one of them is refuted on this run."""
    if claim.identity or not len(indices):
        return {}
    found = {}
    for label, small, large in without(*claim.sides):
        sides = sides_at(claim.restated(relation=sp.Le(small, large, evaluate=False)), run, indices)
        found[label] = judge(sides).verdict is Verdict.VIOLATED
    return found


@functools.lru_cache(maxsize=1024)
def without(small: Any, large: Any) -> list[tuple[str, Any, Any]]:
    """(term, small, large) without one additive term that makes room: a positive one above, or a negative one below.

    What is measured and stands alone, such as f(x_k) - f(x_{k+1}), is no term of a bound.
    """

    def loose(term: Any) -> bool:
        return not term.is_number and not isinstance(-term if term.could_extract_minus_sign() else term, sp.Indexed)

    above, below = sp.Add.make_args(large), sp.Add.make_args(small)
    found = []
    if len(above) > 1:
        rests = [(term, sp.Add(*(other for other in above if other is not term))) for term in above if loose(term)]
        found += [(str(term), small, rest) for term, rest in rests]
    if len(below) > 1:
        rests = [(term, sp.Add(*(other for other in below if other is not term))) for term in below if loose(term)]
        found += [(str(term), rest, large) for term, rest in rests if term.could_extract_minus_sign()]
    return found


def _smallest_refuted(marked: Claim, run: Run, indices: np.ndarray) -> float | None:
    """The least error of the ladder by which the marked ingredient can be altered before the claim is refuted.

    It is altered in the direction that leaves less room, in both where that is not the same at every index.
    """

    sides = sides_by(marked, run, indices, MARKER)
    up, down = sides(1 + STEP), sides(1 - STEP)
    with np.errstate(invalid="ignore"):
        change = (up.large - up.small) - (down.large - down.small)
    directions = [sign for sign, found in ((-1, change > 0), (1, change < 0)) if np.any(found)]
    return ladder(lambda factor: judge(sides(factor)).verdict is Verdict.VIOLATED, directions)


def ladder(refuted: Callable[[float], bool], directions: list[int]) -> float | None:
    """The least error of the ladder that is refuted in one of the directions, which are ordered by strength."""
    found = [_least_step(lambda error, sign=sign: refuted(1 + sign * error)) for sign in directions]
    return min((error for error in found if error is not None), default=None)


def _least_step(refuted: Callable[[float], bool]) -> float | None:
    if not refuted(LADDER[-1]):
        return None
    low, high = -1, len(LADDER) - 1  # refuted at high, not at low: alterations are ordered by strength
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if refuted(LADDER[middle]) else (middle, high)
    return LADDER[high]


@functools.lru_cache(maxsize=1024)
def marked(large: Any) -> list[tuple[str, Any]]:
    """(label, expression with one ingredient multiplied by the marker), for every ingredient of a bound."""
    found: list[tuple[str, Any]] = []
    bases = sorted(large.atoms(sp.IndexedBase), key=str)
    for base in bases:
        twin = large.replace(
            lambda node, base=base: isinstance(node, sp.Indexed) and node.base == base, lambda node: MARKER * node
        )
        found.append((str(base.label), twin))
    labels = {str(base.label) for base in bases} | set(RESERVED)
    for symbol in sorted(large.free_symbols, key=str):
        if symbol.is_Symbol and not isinstance(symbol, sp.Indexed) and str(symbol) not in labels:
            if not symbol.is_integer:
                found.append((str(symbol), large.subs(symbol, MARKER * symbol)))
    for position, path in enumerate(_number_paths(large)):
        number = _at(large, path)
        found.append((f"number {number} (#{position})", _put(large, path, MARKER * number)))
    return found


def _number_paths(expr: Any) -> list[tuple[int, ...]]:
    """Where the numbers of an expression stand, except in indices and limits, and except a plain sign or inverse."""
    paths: list[tuple[int, ...]] = []

    def walk(node: Any, path: tuple[int, ...]) -> None:
        if isinstance(node, (sp.Indexed, sp.Tuple)):
            return
        if node.is_Number and node not in (sp.S.Zero, sp.S.NegativeOne):
            paths.append(path)
        for position, child in enumerate(node.args):
            walk(child, (*path, position))

    walk(expr, ())
    return paths


def _at(expr: Any, path: tuple[int, ...]) -> Any:
    for position in path:
        expr = expr.args[position]
    return expr


def _put(expr: Any, path: tuple[int, ...], new: Any) -> Any:
    if not path:
        return new
    children = list(expr.args)
    children[path[0]] = _put(children[path[0]], path[1:], new)
    return expr.func(*children)
