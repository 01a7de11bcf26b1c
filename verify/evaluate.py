"""A claim on a run: both sides for every index, and the error budget of their comparison.

Columns are sliced along the run, Sum, Product and Best over a running index become cumulative arrays, and what is left
is one numpy function. The budget moves every measured quantity by its error in both directions and adds up what that
does to the difference of the sides; nothing is assumed about how errors combine.
"""

import dataclasses
import functools
from typing import Any

import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError
from broximal.theory.language.claims import Claim, EachHorizon
from broximal.theory.language.quantity import Best, K, OverLayers, key_of, known, place_in, quantities
from broximal.theory.language.run import Run

EPS = float(np.finfo(float).eps)


@dataclasses.dataclass(frozen=True)
class Sides:
    """small <= large is claimed at every `index`; |error of large - small| <= budget."""

    index: np.ndarray
    small: np.ndarray
    large: np.ndarray
    budget: np.ndarray


@dataclasses.dataclass(frozen=True)
class _Array:
    """Values and errors along the running index; `shift` is where the index starts."""

    values: np.ndarray
    error: np.ndarray


class Evaluator:
    """Evaluates expressions in one running index (k or K) on one run."""

    def __init__(self, run: Run, index: sp.Symbol, accumulate: bool, given: dict[Any, float] | None = None):
        self.run, self.symbol, self.accumulate = run, index, accumulate
        self.given = given or {}  # values of symbols that are not measured on the run

    def column(self, base: Any) -> _Array:
        measured = self.run.measure(known(str(base.label)))
        oracle = np.cumsum(measured.oracle, axis=0) if self.accumulate else measured.oracle
        return _Array(measured.values, measured.noise + oracle)

    def terms(self, expr: Any, symbol: sp.Symbol, indices: np.ndarray) -> tuple[Any, list[_Array]]:
        """expr with every measured thing replaced by a stand-in symbol, and their arrays at the indices."""
        arrays: list[_Array] = []
        replaced: dict[Any, sp.Symbol] = {}

        def stand_in(node: Any, array: _Array) -> sp.Symbol:
            if node not in replaced:
                replaced[node] = _stand_in(len(arrays))
                arrays.append(array)
            return replaced[node]

        def walk(node: Any) -> Any:
            if isinstance(node, sp.Indexed):
                places = _places(node.indices[0], symbol, indices)
                source = self.column(node.base)
                which = (places, place_in(node, 1)) if len(node.indices) == 2 else places
                return stand_in(node, _Array(source.values[which], source.error[which]))
            if isinstance(node, OverLayers):
                return walk(node.spelled_out(self.run.layers.count))
            if isinstance(node, (sp.Sum, sp.Product, Best)):
                return stand_in(node, self.cumulative(node, symbol, indices))
            if node == symbol:
                return stand_in(node, _Array(indices.astype(float), np.zeros(len(indices))))
            if node in self.given:
                whole = np.full(len(indices), self.given[node])
                return stand_in(node, _Array(whole, np.zeros(len(indices))))
            if node.is_Symbol:
                constant = self.run.measure(known(node.name))
                whole = np.ones(len(indices))
                return stand_in(node, _Array(constant.values * whole, constant.noise * whole))
            if not node.args:
                return node
            return node.func(*(walk(child) for child in node.args))

        return walk(sp.sympify(expr)), arrays

    def cumulative(self, node: Any, symbol: sp.Symbol, indices: np.ndarray) -> _Array:
        """Sum, Product or Best over a running index up to a bound that moves with the symbol."""
        body, limits = node.args
        running, low, high = limits
        tops = _places(high, symbol, indices)
        bottoms = _places(low, symbol, indices)
        if np.any(bottoms != bottoms[:1]):
            raise BroximalError(f"the lower limit of {node} must not depend on the index.")
        start = int(bottoms[0]) if len(bottoms) else 0
        inside = np.arange(start, int(tops.max(initial=start - 1)) + 1)
        summand = self.evaluate(body, running, inside)
        place = tops - start + 1  # number of terms at each index
        if isinstance(node, sp.Sum):
            total = np.concatenate([[0.0], np.cumsum(summand.values)])
            error = np.concatenate([[0.0], np.cumsum(summand.error + EPS * np.abs(total[1:]))])
        elif isinstance(node, sp.Product):
            total = np.concatenate([[1.0], np.cumprod(summand.values)])
            with np.errstate(divide="ignore", invalid="ignore"):
                relative = np.where(summand.values != 0, summand.error / np.abs(summand.values), 0.0) + EPS
            error = np.abs(total) * np.concatenate([[0.0], np.expm1(np.minimum(np.cumsum(relative), 700.0))])
        else:
            total = np.concatenate([[np.inf], np.minimum.accumulate(summand.values)])
            error = np.concatenate([[0.0], np.maximum.accumulate(summand.error)])
        return _Array(total[place], error[place])

    def evaluate(self, expr: Any, symbol: sp.Symbol, indices: np.ndarray) -> _Array:
        """Values of expr at the indices with their propagated error."""
        body, arrays = self.terms(expr, symbol, indices)
        function = _compiled(body, len(arrays))
        values = _call(function, arrays, len(indices))
        return _Array(values, _propagate(function, arrays, values))

    def sides(self, small: Any, large: Any, indices: np.ndarray) -> Sides:
        """Both sides at the indices, and the error of their difference."""
        body, arrays = self.terms(sp.Tuple(small, large), self.symbol, indices)
        first, second = (_compiled(side, len(arrays)) for side in body)
        low, high = _call(first, arrays, len(indices)), _call(second, arrays, len(indices))

        def difference(*values):
            return second(*values) - first(*values)

        budget = _propagate(difference, arrays, high - low) + 8 * EPS * (np.abs(low) + np.abs(high))
        # What the formulas lose by cancellation shows when they are evaluated with more digits.
        digits = [_call(side, arrays, len(indices), dtype=np.longdouble) for side in (first, second)]
        with np.errstate(invalid="ignore"):
            budget += np.fmax(np.abs(digits[0] - low), 0) + np.fmax(np.abs(digits[1] - high), 0)
        return Sides(indices, low, high, budget)


@functools.cache
def _stand_in(number: int) -> sp.Symbol:
    return sp.Symbol(f"_{number}", real=True)


@functools.lru_cache(maxsize=4096)
def _compiled(body: Any, count: int) -> Any:
    """A numpy function of the stand-ins; the same claim on another run, or with another twin, is compiled once."""
    return sp.lambdify([_stand_in(number) for number in range(count)], body, "numpy")


def _call(
    function: Any, arrays: list[_Array], size: int, moved: int | None = None, by: int = 0, dtype: Any = float
) -> np.ndarray:
    values = [(a.values + by * a.error if j == moved else a.values).astype(dtype) for j, a in enumerate(arrays)]
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(function(*values)), (size,)).astype(float)


def _propagate(function: Any, arrays: list[_Array], values: np.ndarray) -> np.ndarray:
    total = np.zeros_like(values)
    for j, array in enumerate(arrays):
        if not np.any(array.error):
            continue
        with np.errstate(invalid="ignore"):
            sweep = [np.abs(_call(function, arrays, len(values), j, by) - values) for by in (-1, 1)]
        # A perturbation out of the domain (a root of a negative number) leaves the other direction to decide.
        total += np.fmax(*sweep)
    return total


def _places(index: Any, symbol: sp.Symbol, indices: np.ndarray) -> np.ndarray:
    """The integer positions that an index expression such as k + 1 takes."""
    index = sp.sympify(index)
    if index.free_symbols - {symbol}:
        raise BroximalError(f"the index {index} uses a symbol other than {symbol}.")
    offset = index.subs(symbol, 0)
    slope = index.subs(symbol, 1) - offset
    return int(slope) * indices + int(offset)


def evaluate(claim: Claim, run: Run) -> Sides:
    """Both sides of a claim at every index where its condition certainly holds (beyond the error budget)."""
    return sides_at(claim, run, regime(claim, run))


def sides_at(claim: Claim, run: Run, indices: np.ndarray, given: dict[Any, float] | None = None) -> Sides:
    """Both sides of a claim at these indices, with values for symbols that are not measured on the run."""
    evaluator = Evaluator(run, claim.index, isinstance(claim, EachHorizon), given)
    return evaluator.sides(*claim.sides, indices)


def regime(claim: Claim, run: Run) -> np.ndarray:
    """The indices at which a claim is made: its columns exist and its condition certainly holds."""
    horizon = isinstance(claim, EachHorizon)
    evaluator = Evaluator(run, claim.index, horizon)
    indices = _valid(claim, run, horizon)
    if claim.where is not None and len(indices):
        small, large = (
            (claim.where.rhs, claim.where.lhs)
            if isinstance(claim.where, (sp.Gt, sp.Ge))
            else (claim.where.lhs, claim.where.rhs)
        )
        condition = evaluator.sides(small, large, indices)
        strict = isinstance(claim.where, (sp.Gt, sp.Lt))
        margin = condition.large - condition.small
        indices = indices[margin > condition.budget if strict else margin >= -condition.budget]
    return indices


def _valid(claim: Claim, run: Run, horizon: bool) -> np.ndarray:
    """The indices for which every column that the claim mentions exists."""
    first, last = (1, run.length) if horizon else (0, run.length)
    parts = [claim.relation] + ([claim.where] if claim.where is not None else [])
    for part in parts:
        for node in part.atoms(sp.Indexed):
            index = node.indices[0]
            if claim.index not in index.free_symbols:
                continue
            size = len(run.measure(known(key_of(node))).values)
            offset = int(index.subs(claim.index, 0))
            last = min(last, size - 1 - offset)
            first = max(first, -offset)
        for node in part.atoms(sp.Sum, sp.Product, Best):
            running = node.args[1][0]
            high = node.args[1][2]
            if claim.index not in sp.sympify(high).free_symbols:
                continue
            offset = int(sp.sympify(high).subs(claim.index, 0))
            sizes = [
                len(run.measure(known(str(inner.base.label))).values) - int(inner.indices[0].subs(running, 0))
                for inner in node.args[0].atoms(sp.Indexed)
                if running in inner.indices[0].free_symbols
            ]
            last = min([last, *(size - 1 - offset for size in sizes)])
    return np.arange(first, last + 1)


def constant_value(expr: Any, run: Run) -> tuple[float, float]:
    """(value, error) of an expression in constants only, such as a bound on N."""
    evaluator = Evaluator(run, K, accumulate=True)
    result = evaluator.evaluate(expr, K, np.array([max(run.length, 1)]))
    return float(result.values[0]), float(result.error[0])


def constants_used(claim: Any) -> list[str]:
    """The keys of the constants that a claim mentions."""
    parts = [claim.within] if hasattr(claim, "within") else [claim.relation]
    return sorted({c.key for part in parts for c in quantities(sp.sympify(part))[1]})
