"""A claim on a run: both sides for every index, and the error budget of their comparison.

Columns are sliced along the run, Sum, Product and Best over a running index become cumulative arrays, and what is left
is one numpy function. The budget moves every measured quantity by its error in both directions and adds up what that
does to the difference of the sides; nothing is assumed about how errors combine.
"""

import copy
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError
from broximal.oracles.numerals import number_of
from broximal.theory.language.claims import BestExpected, Claim, Drift, EachExpected, EachHorizon, Holds, Reaches
from broximal.theory.language.grammar import NAMES, Affine, Possibly, affine, entries, outermost
from broximal.theory.language.quantity import (
    AXES,
    EPS,
    Best,
    K,
    key_of,
    known,
    place_in,
    quantities,
)
from broximal.theory.language.run import Run
from broximal.verify.formula import Belongs, along, compiled, formula_of

DIGITS = 60  # of a bound that is one number
MOVED = 2**20  # entries of all arrays that are moved by their errors at once

Places = dict[Any, np.ndarray]  # the integer values of every symbol that counts something


Found = np.ndarray | Callable[[], np.ndarray]  # an array, or how to find it when it is asked for


@dataclasses.dataclass(frozen=True)
class Sides:
    """small <= large is claimed at every `index`; |error of large - small| <= budget."""

    index: np.ndarray
    small: np.ndarray
    large: np.ndarray
    _budget: Found

    @functools.cached_property
    def budget(self) -> np.ndarray:
        return self._budget() if callable(self._budget) else self._budget


@dataclasses.dataclass(frozen=True)
class Values:
    """Values and errors at the places of the index. Most twins of a claim are told from it by their values alone."""

    values: np.ndarray
    _error: Found

    @functools.cached_property
    def error(self) -> np.ndarray:
        return self._error() if callable(self._error) else self._error


class Evaluator:
    """Evaluates expressions on one run at given values of the symbols that count: the index, running indices, K.

    accumulate  do the errors of inexact steps add up along the run?
    given       values of symbols that are not measured on the run
    """

    def __init__(self, run: Run, accumulate: bool, given: dict[Any, float] | None = None):
        self.run, self.accumulate, self.given = run, accumulate, given or {}

    def column(self, base: Any) -> Values:
        measured = self.run.measure(known(base.name))

        def error() -> np.ndarray:
            if np.any(measured.noise < 0) or np.any(measured.oracle < 0):
                raise BroximalError(f"column {base.label} states an error below 0.")
            return measured.noise + (np.cumsum(measured.oracle, axis=0) if self.accumulate else measured.oracle)

        return Values(measured.values, error)

    def entry(self, node: Any, at: Places, size: int) -> Values:
        """A column at the places of its index."""
        source, places = self.column(node.base), positions(node.indices[0], at, size)
        if source.values.ndim != len(node.indices):
            raise BroximalError(
                f"the column {key_of(node)} has {source.values.ndim} indices on this run, and the claim has {node}."
            )
        last = place_in(node, 1) if len(node.indices) == 2 else 0
        if len(places) and (places.max() >= len(source.values) or (last and last >= source.values.shape[1])):
            raise BroximalError(
                f"the column {key_of(node)} has the shape {source.values.shape}, without the entry {node}."
            )
        which = (places, last) if len(node.indices) == 2 else places
        return Values(source.values[which], lambda: source.error[which])

    def terms(self, expr: Any, at: Places, size: int) -> tuple[Any, list[Values]]:
        """The formula of expr in stand-ins, and their arrays at the places."""
        formula = formula_of(sp.sympify(expr), self.run.count)
        for entry, axis in formula.over:
            self._of_layers(entry, axis)
        return formula.body, [self._source(source, at, size) for source in formula.sources]

    def _source(self, source: Any, at: Places, size: int) -> Values:
        """The array that a stand-in stands for."""
        if isinstance(source, Belongs):
            truth = self.truth(source.condition, at, np.arange(size))
            return Values(1.0 * (truth > 0), 1.0 * (truth == 0))
        if isinstance(source, sp.Indexed):
            return self.entry(source, at, size)
        if not source.is_Symbol:
            return self.cumulative(source, at, size)
        if source in at:
            return Values(at[source].astype(float), np.zeros(size))
        if source in self.given:
            return Values(np.full(size, self.given[source]), np.zeros(size))
        constant = self.run.measure(known(source.name))
        return Values(constant.values * np.ones(size), constant.noise * np.ones(size))

    def _of_layers(self, entry: Any, axis: Any) -> None:
        """What is taken over the layers (workers, arms) has an entry for every one of them."""
        shape, count = self.column(entry.base).values.shape, self.run.count(axis)
        if len(shape) != len(entry.indices) or shape[-1] != count:
            raise BroximalError(
                f"the column {key_of(entry)} has the shape {shape}, and there are {count} {NAMES[axis]}s."
            )

    def cumulative(self, node: Any, at: Places, size: int) -> Values:
        """Sum, Product or Best over a running index between limits that may move with the index."""
        body, (running, low, high) = outermost(node)
        bottoms, tops = positions(low, at, size), positions(high, at, size)
        used = {symbol: at[symbol] for symbol in at if body.has(symbol)}
        still = all(np.all(values == values[:1]) for values in (*used.values(), bottoms))
        if not still or not size:
            return self._one_by_one(node, at, bottoms, np.maximum(tops - bottoms + 1, 0))
        start = int(bottoms[0])
        inside = np.arange(start, int(tops.max(initial=start - 1)) + 1)
        reach = {symbol: np.full(len(inside), values[0]) for symbol, values in used.items()}
        total = _cumulated(node, self.evaluate(body, {**reach, running: inside}, len(inside)))
        place = np.maximum(tops - start + 1, 0)  # number of terms at each index
        return Values(total.values[place], lambda: total.error[place])

    def _one_by_one(self, node: Any, at: Places, bottoms: np.ndarray, counts: np.ndarray) -> Values:
        """The same where the terms themselves depend on the outer index: all terms of all indices in one array."""
        body, (running, *_) = outermost(node)
        owner = np.repeat(np.arange(len(counts)), counts)
        starts = np.cumsum(counts) - counts
        inside = bottoms[owner] + np.arange(len(owner)) - starts[owner]
        terms = self.evaluate(
            body, {symbol: values[owner] for symbol, values in at.items()} | {running: inside}, len(owner)
        )
        ends = [
            _cumulated(node, Values(terms.values[a : a + n], lambda a=a, n=n: terms.error[a : a + n]))
            for a, n in zip(starts, counts, strict=True)
        ]
        return Values(np.array([end.values[-1] for end in ends]), lambda: np.array([end.error[-1] for end in ends]))

    def evaluate(self, expr: Any, at: Places, size: int) -> Values:
        """Values of expr at the places with their propagated error."""
        body, arrays = self.terms(expr, at, size)
        function = compiled(body, len(arrays))
        values = _call(function, arrays, size)
        return Values(values, lambda: _propagate(function, arrays, values))

    def sides(self, small: Any, large: Any, at: Places, indices: np.ndarray) -> Sides:
        """Both sides at the indices, and the error of their difference."""
        return _sides(*self.terms(sp.Tuple(small, large), at, len(indices)), indices)

    def sides_by(
        self, symbol: Any, small: Any, large: Any, at: Places, indices: np.ndarray
    ) -> Callable[[float], Sides]:
        """Both sides as a function of the value of a symbol that is not measured; what does not depend on it is found once."""
        pair, size = sp.Tuple(small, large), len(indices)
        found = self._by(symbol, pair, at, size)
        if found is None:
            return lambda value: _sides(*self._with(symbol, value).terms(pair, at, size), indices)
        body, arrays = found
        return lambda value: _sides(body, arrays(value), indices)

    def values_by(self, symbol: Any, expr: Any, at: Places, size: int) -> Callable[[float], np.ndarray]:
        """The values of expr at the places as a function of the value of a symbol that is not measured."""
        found = self._by(symbol, expr, at, size)
        if found is None:
            return lambda value: self._with(symbol, value).evaluate(expr, at, size).values
        body, arrays = found
        function = compiled(body, len(arrays(1.0)))
        return lambda value: _call(function, arrays(value), size)

    def _by(self, symbol: Any, expr: Any, at: Places, size: int) -> tuple[Any, Callable[[float], list[Values]]] | None:
        """`terms` as a function of the value of a symbol; None where it stands inside a sum, which must be added up again."""
        if symbol in along(expr):
            return None
        body, arrays = self._with(symbol, -1.0).terms(expr, at, size)
        sources = formula_of(sp.sympify(expr), self.run.count).sources
        exact, place = np.zeros(size), sources.index(symbol) if symbol in sources else None

        def by(value: float) -> list[Values]:
            return [Values(np.full(size, value), exact) if j == place else array for j, array in enumerate(arrays)]

        return body, by

    def _with(self, symbol: Any, value: float) -> "Evaluator":
        """This evaluator, where a symbol that is not measured has a value."""
        other = copy.copy(self)
        other.given = self.given | {symbol: value}
        return other

    def truth(self, condition: Any, at: Places, indices: np.ndarray) -> np.ndarray:
        """1 where the condition certainly holds, -1 where it certainly does not, 0 where the budget leaves it open."""
        if condition in (sp.true, sp.false):
            return np.full(len(indices), 1 if condition == sp.true else -1)
        if isinstance(condition, sp.Not):
            return -self.truth(condition.args[0], at, indices)
        if isinstance(condition, Possibly):
            return np.where(self.truth(condition.args[0], at, indices) >= 0, 1, -1)
        if isinstance(condition, (sp.And, sp.Or)):
            parts = [self.truth(part, at, indices) for part in condition.args]
            return functools.reduce(np.minimum if isinstance(condition, sp.And) else np.maximum, parts)
        if not condition.atoms(sp.Indexed) and condition.free_symbols <= set(at):
            return self._counted(condition, at, indices)
        sides = Evaluator.sides(self, condition.lhs, condition.rhs, at, indices)  # at every place, averaged over none
        found = _compared(condition, sides.small - sides.large, sides.budget)
        if any(not node.indices[0].free_symbols for node in condition.atoms(sp.Indexed)):
            open_ = np.flatnonzero(found == 0)  # an entry is equal to itself: gap[k] <= gap[0] at k = 0
            found[open_] = self._counted(condition, {symbol: values[open_] for symbol, values in at.items()}, open_)
        return found

    def _counted(self, condition: Any, at: Places, indices: np.ndarray) -> np.ndarray:
        """What a condition says with its indices put in, where that needs no measurement: decided without rounding."""
        found = np.zeros(len(indices), dtype=int)
        for place in range(len(indices)):
            said = condition.subs({symbol: int(values[place]) for symbol, values in at.items()})
            found[place] = 1 if said == sp.true else -1 if said == sp.false else 0
        return found


def _sides(body: Any, arrays: list[Values], indices: np.ndarray) -> Sides:
    """Both sides from the formula of the stand-ins and their arrays."""
    size = len(indices)
    first, second = (compiled(side, len(arrays)) for side in body)
    low, high = _call(first, arrays, size), _call(second, arrays, size)

    def difference(*values):
        return second(*values) - first(*values)

    def budget() -> np.ndarray:
        with np.errstate(invalid="ignore", over="ignore"):
            measured = _propagate(difference, arrays, high - low)
        # What the formulas lose by cancellation shows when they are evaluated with more digits.
        digits = [_call(side, arrays, size, dtype=np.longdouble) for side in (first, second)]
        with np.errstate(invalid="ignore"):
            lost = np.fmax(np.abs(digits[0] - low), 0) + np.fmax(np.abs(digits[1] - high), 0)
            rounding = 8 * EPS * (np.abs(low) + np.abs(high))
        if _integral(body, arrays):  # integers up to 2^53 are added and multiplied without rounding
            rounding = np.where((lost == 0) & (np.abs(low) + np.abs(high) < 2.0**53), 0.0, rounding)
        return measured + rounding + lost

    return Sides(indices, low, high, budget)


def _compared(relation: Any, difference: np.ndarray, budget: np.ndarray) -> np.ndarray:
    """A relation between two numbers of which the difference is known up to the budget, in three values."""
    with np.errstate(invalid="ignore"):
        below, above = difference < -budget, difference > budget  # certainly
        at_most = below | (difference <= -budget)
        at_least = above | (difference >= budget)
        equal = (difference == 0) & (budget == 0)
    yes, no = {
        sp.Lt: (below, at_least),
        sp.Le: (at_most, above),
        sp.Gt: (above, at_most),
        sp.Ge: (at_least, below),
        sp.Eq: (equal, below | above),
        sp.Ne: (below | above, equal),
    }[type(relation)]
    return np.where(yes, 1, np.where(no, -1, 0))


def _cumulated(node: Any, summand: Values) -> Values:
    """Totals of no term, one term, two terms, ..."""
    total_of, error_of = _ALONG[type(node)]
    with np.errstate(all="ignore"):
        total = total_of(summand.values)

    def error() -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.concatenate([[0.0], error_of(total[1:], summand.values, summand.error)])

    return Values(total, error)


def _error_of_sums(totals: np.ndarray, values: np.ndarray, error: np.ndarray) -> np.ndarray:
    return np.cumsum(error + EPS * np.abs(totals))


def _error_of_products(totals: np.ndarray, values: np.ndarray, error: np.ndarray) -> np.ndarray:
    relative = np.where(values != 0, error / np.abs(values), np.inf) + EPS
    grown = np.abs(totals) * np.expm1(np.cumsum(relative))
    # A factor that may be 0 has no relative error: what the product of all that are as large as they may be is.
    widest = np.cumprod(np.abs(values) + error) * (1 + EPS * np.arange(1, len(values) + 1))
    return np.where(np.isfinite(grown), grown, widest)


def _error_of_least(totals: np.ndarray, values: np.ndarray, error: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(error)


_ALONG: dict[Any, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    sp.Sum: (lambda values: np.concatenate([[0.0], np.cumsum(values)]), _error_of_sums),
    sp.Product: (lambda values: np.concatenate([[1.0], np.cumprod(values)]), _error_of_products),
    Best: (lambda values: np.concatenate([[np.inf], np.minimum.accumulate(values)]), _error_of_least),
}


def _call(function: Any, arrays: list[Values], size: int, dtype: Any = float) -> np.ndarray:
    with np.errstate(all="ignore"):
        found = function(*(array.values.astype(dtype) for array in arrays))
        return np.broadcast_to(np.asarray(found), (size,)).astype(float)


def _propagate(function: Any, arrays: list[Values], values: np.ndarray) -> np.ndarray:
    """What moving every array by its error, in both directions, adds up to; all moves are one call."""
    total, size = np.zeros_like(values), len(values)
    moving = [array for array in arrays if np.any(array.error)]
    width = max(1, MOVED // max(size, 1) // max(len(arrays), 1))  # arrays that are moved at once
    for low in range(0, len(moving), width):
        group = moving[low : low + width]
        moved = []
        for array in arrays:
            wide = np.broadcast_to(array.values.astype(float), (len(group), 2, size))
            if any(place := [other is array for other in group]):
                wide, at = wide.copy(), place.index(True)
                wide[at] += np.multiply.outer((-1.0, 1.0), array.error)
            moved.append(wide)
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(function(*moved), dtype=float), (len(group), 2, size))
            # A perturbation out of the domain (a root of a negative number) leaves the other direction to decide.
            for lower, upper in np.abs(found - values):
                total += np.fmax(lower, upper)
    return total


def _integral(body: Any, arrays: list[Values]) -> bool:
    """Is the expression made of exact integers by operations that keep them so?"""
    return all(not np.any(a.error) and np.all(a.values == np.rint(a.values)) for a in arrays) and all(
        isinstance(node, (sp.Tuple, sp.Add, sp.Mul, sp.Max, sp.Min, sp.Abs, sp.Symbol, sp.Integer))
        for node in sp.preorder_traversal(body)
    )


def positions(index: Any, at: Places, size: int) -> np.ndarray:
    """The integer places that an index or a limit such as k + 1 or 2 k takes."""
    found = affine(index)
    if found is None or (found.symbol is not None and found.symbol not in at):
        raise BroximalError(f"the index {index} is none that can be followed along a run.")
    return np.full(size, found.offset) if found.symbol is None else found.slope * at[found.symbol] + found.offset


def evaluate(claim: Claim, run: Run) -> Sides:
    """Both sides of a claim at every index where its condition certainly holds (beyond the error budget)."""
    return sides_at(claim, run, regime(claim, run))


def sides_at(claim: Claim, run: Run, indices: np.ndarray, given: dict[Any, float] | None = None) -> Sides:
    """Both sides of a claim at these indices, with values for symbols that are not measured on the run."""
    evaluator = evaluator_of(claim, run, given)
    return evaluator.sides(*claim.sides, places_of(claim, run, indices), indices)


def sides_by(claim: Claim, run: Run, indices: np.ndarray, symbol: Any) -> Callable[[float], Sides]:
    """`sides_at` as a function of the value of a symbol."""
    evaluator = evaluator_of(claim, run)
    return evaluator.sides_by(symbol, *claim.sides, places_of(claim, run, indices), indices)


def evaluator_of(claim: Claim, run: Any, given: dict[Any, float] | None = None) -> Evaluator:
    """Of a claim about one step, on a run with the outcomes of its steps, in expectation over them."""
    return run.evaluator(given) if isinstance(claim, Drift) else Evaluator(run, isinstance(claim, EachHorizon), given)


def places_of(claim: Any, run: Run, indices: np.ndarray) -> Places:
    """The values of the symbols that count, at these indices of a claim; in a claim in k about samples K is the end."""
    if isinstance(claim, Holds) and not claim.sequence:
        return {}
    ends = {K: np.full(len(indices), run.length)} if isinstance(claim, (BestExpected, EachExpected)) else {}
    return {claim.index: indices, **ends}


def regime(claim: Claim, run: Run) -> np.ndarray:
    """The indices at which a claim is made: its columns exist and its condition certainly holds."""
    indices = valid(claim, run)
    if claim.where is None or not len(indices):
        return indices
    evaluator = Evaluator(run, isinstance(claim, EachHorizon))
    return indices[evaluator.truth(claim.where, places_of(claim, run, indices), indices) > 0]


def valid(claim: Any, run: Run) -> np.ndarray:
    """The indices for which every column that the claim mentions exists.

    Raises BroximalError for a column that has neither an entry for every point of the run nor one for every step: it was
    not measured along the run, and a shorter range would hide that.
    """
    if isinstance(claim, Holds) and not claim.sequence:
        _refuse_later_entries(claim.relation, run)
        return np.array([0])
    whole = claim.index == K
    own, end = Affine(claim.index, 1, 0), Affine(None, 0, run.length)
    reach = {claim.index: (own, own), **({} if whole else {K: (end, end)})}
    first, last = (1 if whole else 0), run.length
    for part in (claim.relation, getattr(claim, "where", None), getattr(claim, "clock", None)):
        for node, low, high in () if part is None else entries(part, reach):
            if low.symbol in AXES or high.symbol in AXES:
                continue
            size = _entries_along(run, node)
            if low.symbol is not None:
                first = max(first, -(low.offset // low.slope))
            if high.symbol is not None:
                last = min(last, (size - 1 - high.offset) // high.slope)
            elif high.offset >= size:
                raise BroximalError(
                    f"the claim reads {node}, and the column has {number_of(size, 'entry')} on this run."
                )
    return np.arange(first, last + 1)


def _refuse_later_entries(expr: Any, run: Run) -> None:
    """Raises BroximalError for an entry such as gap[3] among constants: it is of a run, where L0[3] is of a layer."""
    for node in sp.sympify(expr).atoms(sp.Indexed):
        place = affine(node.indices[0])
        if len(node.indices) == 1 and place is not None and place.offset > 0 and place.symbol is None:
            if known(key_of(node)).kind != "layer":
                raise BroximalError(f"the claim is about constants, and {node} is measured along the run.")


def _entries_along(run: Run, node: Any) -> int:
    """How many entries a column has along the run, refused if they are not those of its points or of its steps."""
    key = key_of(node)
    size = len(np.atleast_1d(run.measure(known(key)).values))
    kind = known(key).kind
    counts = {"state": (run.length + 1,), "step": (run.length,)}.get(kind, (run.length, run.length + 1))
    literal = affine(node.indices[0])
    if literal is not None and literal.symbol is None and len(node.indices) == 1 and kind not in ("state", "step"):
        return size  # the entry of a layer, or of the start
    if size not in counts:
        raise BroximalError(
            f"the column {key} has {number_of(size, 'entry')} on a run of {number_of(run.length, 'step')}, where there are "
            f"{' or '.join(map(str, counts))}: it is not measured at every point."
        )
    return size


def constant_value(expr: Any, run: Run, given: dict[Any, float] | None = None) -> tuple[float, float]:
    """(value, error) of an expression in constants only, such as a bound on N, evaluated with many digits.

    Where it has no finite real value the number is NaN.
    """
    _refuse_later_entries(expr, run)
    body, arrays = Evaluator(run, accumulate=True, given=given).terms(expr, {}, 1)
    function = compiled(body, len(arrays), "mpmath")

    def at(moved: int | None = None, by: int = 0) -> Any:
        numbers = [
            mpmath.mpf(float(a.values[0])) + (by * mpmath.mpf(float(a.error[0])) if j == moved else 0)
            for j, a in enumerate(arrays)
        ]
        try:
            found = function(*numbers)
        except (ArithmeticError, ValueError, TypeError):  # TypeError: an order of complex numbers
            return mpmath.nan
        return mpmath.nan if isinstance(found, mpmath.mpc) else mpmath.mpf(found)

    with mpmath.workdps(DIGITS):
        value, error = at(), mpmath.mpf(0)
        for j, array in enumerate(arrays):
            if array.error[0] != 0:
                changes = [abs(at(j, by) - value) for by in (-1, 1)]
                known_changes = [change for change in changes if not mpmath.isnan(change)]
                error += max(known_changes) if known_changes else mpmath.nan
        return float(value), float(error + abs(value - float(value))) if mpmath.isfinite(value) else math.nan


def constants_used(claim: Any) -> list[str]:
    """The keys of the constants that a claim mentions."""
    parts = [getattr(claim, name) for name in ("relation", "within") if hasattr(claim, name)]
    return sorted({c.key for part in parts for c in quantities(sp.sympify(part))[1]})


def reach_of(claim: Reaches, run: Run) -> tuple[np.ndarray, np.ndarray, Values]:
    """(indices, truth of the relation there in three values, clock there) of a claim about a first index."""
    indices = valid(claim, run)
    evaluator, at = Evaluator(run, accumulate=True), {claim.index: indices}
    return indices, evaluator.truth(claim.relation, at, indices), evaluator.evaluate(claim.clock, at, len(indices))
