"""The power of a check: the smallest planted error that it would have caught.

The bound as a whole, and each constant, radius and number in it, is altered in the direction that makes the claim
stronger, and the altered claim is judged on the same run. A check that refutes no altered claim has shown nothing.
"""

import dataclasses
from typing import Any

import numpy as np
import sympy as sp

from broximal.theory.language.claims import Claim, Terminates
from broximal.theory.language.run import Run
from broximal.verify.evaluate import Sides, constant_value, sides_at
from broximal.verify.verdict import Verdict, judge

MARKER = sp.Symbol("twin_marker", positive=True)
LADDER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9)


@dataclasses.dataclass(frozen=True)
class Power:
    """smallest: the least relative error of the whole bound that this check refutes, None if none below 1.
    twins: the same for every constant in the bound, None where no error in the ladder is refuted."""

    smallest: float | None
    twins: dict[str, float | None]

    @property
    def any(self) -> bool:
        return self.smallest is not None or any(v is not None for v in self.twins.values())


def of_claim(claim: Claim, run: Run, sides: Sides) -> Power:
    """Power of a relation. The bound twin large * (1 - e) is refuted iff small > large (1 - e) + budget somewhere."""
    if claim.identity:
        size = np.maximum(np.abs(sides.large), 1e-300)
        smallest = float(np.min(sides.budget / size)) if len(size) else None
    else:
        usable = sides.large > 0
        with np.errstate(all="ignore"):
            error = 1 - (sides.small[usable] - sides.budget[usable]) / sides.large[usable]
        error = error[np.isfinite(error)]
        smallest = float(max(error.min(), 1e-12)) if len(error) else None
    if smallest is not None and smallest >= 1:
        smallest = None
    return Power(smallest, _twins(claim, run, sides.index))


def of_termination(claim: Terminates, run: Run, within: float) -> Power:
    """ceil((1 - e) within) < N is first true at e = 1 - (N - 1) / within."""
    if run.terminated is None or within <= 0:
        return Power(None, {})
    smallest = 1 - (run.terminated - 1) / within
    return Power(max(float(smallest), 1e-12) if smallest < 1 else None, {})


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
    return {
        label: _smallest_refuted(dataclasses.replace(claim, relation=relation), run, indices)
        for label, relation in altered
    }


def _smallest_refuted(marked: Claim, run: Run, indices: np.ndarray) -> float | None:
    """The least error of the ladder by which the marked ingredient can be altered before the claim is refuted."""

    def sides(factor: float) -> Sides:
        return sides_at(marked, run, indices, {MARKER: factor})

    def room(factor: float) -> float:
        at = sides(factor)
        return float(np.nansum(at.large - at.small))

    change = room(1 + 1e-3) - room(1 - 1e-3)
    if change == 0:
        return None
    direction = -1 if change > 0 else 1  # the way that leaves less room

    def refuted(error: float) -> bool:
        return judge(sides(1 + direction * error)).verdict is Verdict.VIOLATED

    if not refuted(LADDER[-1]):
        return None
    low, high = -1, len(LADDER) - 1  # refuted at high, not at low: alterations are ordered by strength
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if refuted(LADDER[middle]) else (middle, high)
    return LADDER[high]


def marked(large: Any) -> list[tuple[str, Any]]:
    """(label, expression with one ingredient multiplied by the marker), for every ingredient of a bound."""
    found: list[tuple[str, Any]] = []
    bases = sorted(large.atoms(sp.IndexedBase), key=str)
    for base in bases:
        twin = large.replace(
            lambda node, base=base: isinstance(node, sp.Indexed) and node.base == base, lambda node: MARKER * node
        )
        found.append((str(base.label), twin))
    labels = {str(base.label) for base in bases} | {"k", "K", "i", "l", "p"}
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


def bound_on_n(claim: Terminates, run: Run) -> tuple[float, float]:
    """The real number under the ceiling, and its error."""
    return constant_value(claim.within, run)
