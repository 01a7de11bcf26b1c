"""Planted wrong twins of a bound: each ingredient altered or taken away.

An ingredient is a constant, a measured column or a number in the bound, or a term of a sum or of a maximum in it. What is
altered is multiplied by a marker; what is taken away is left out, and a constant that compares two norms becomes 1.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from broximal.theory.columns.points import value
from broximal.theory.language.declaration import RESERVED, declared, is_known
from broximal.theory.language.quantity import key_of

MARKER = sp.Symbol("twin_marker", positive=True)
LADDER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9, 1.0)  # an error of 1 takes a factor away
STEP = 1e-3  # relative, of the alteration that shows in which direction a claim becomes stronger
VALUE = str(value.label)


@functools.lru_cache(maxsize=1024)
def marked(large: Any) -> list[tuple[str, Any]]:
    """(label, expression with one ingredient multiplied by the marker), for every factor of a bound."""
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
        number = part_at(large, path)
        found.append((f"number {number} (#{position})", with_part(large, path, MARKER * number)))
    return found


def is_number(label: str) -> bool:
    """Is it the label of a number, which has no name of its own?"""
    return label.startswith("number ")


@functools.lru_cache(maxsize=1024)
def without(expr: Any) -> list[tuple[str, Any]]:
    """(term, expression without it), for every term of every sum and maximum in the expression, and every ratio of norms.

    Numbers, indices, and values of f, whose zero means nothing, are no terms.
    """
    found: list[tuple[str, Any]] = []
    for path in _sum_paths(expr):
        node = part_at(expr, path)
        for term in node.args:
            rest = node.func(*(other for other in node.args if other is not term))
            if (
                _means_something(term)
                and (twin := _real(lambda at=path, new=rest: with_part(expr, at, new))) is not None
            ):
                found.append((str(term), twin))
    count: dict[str, int] = {}
    for place, (label, rest) in enumerate(found):
        count[label] = count.get(label, 0) + 1
        if count[label] > 1:
            found[place] = (f"{label} (#{count[label]})", rest)
    return found + _as_one(expr)


def _real(make: Callable[[], Any]) -> Any:
    """The expression, or None where it is no real number for any values: a root of -1, 1 / 0."""
    try:
        found = make()
    except (TypeError, ValueError):
        return None
    return None if found.has(sp.I, sp.zoo, sp.nan, sp.oo, -sp.oo) else found


def _means_something(term: Any) -> bool:
    bare = -term if term.could_extract_minus_sign() else term
    if isinstance(bare, sp.Indexed) and key_of(bare) == VALUE:
        return False
    return any(str(symbol) not in RESERVED for symbol in term.free_symbols)


def _as_one(expr: Any) -> list[tuple[str, Any]]:
    """The ratios of norms, which are 1 where the norm is Euclidean."""
    found = []
    bases = sorted(expr.atoms(sp.IndexedBase), key=str)
    for base in bases:
        if _ratio(str(base.label)):
            one = expr.replace(lambda node, b=base: isinstance(node, sp.Indexed) and node.base == b, lambda _: sp.S.One)
            found.append((f"{base.label} -> 1", one))
    for symbol in sorted(expr.free_symbols - {base.label for base in bases}, key=str):
        if symbol.is_Symbol and not isinstance(symbol, sp.Indexed) and _ratio(str(symbol)):
            found.append((f"{symbol} -> 1", expr.subs(symbol, 1)))
    return found


def _ratio(key: str) -> bool:
    return is_known(key) and declared(key).ratio


def ladder(refuted: Callable[[float], bool], change: Any) -> float | None:
    """The least error of the ladder that is refuted, in the directions in which the claim becomes stronger.

    change  of the room that the claim leaves, where the ingredient becomes larger; both directions are tried where that differs

    What makes the claim stronger by being smaller is multiplied by 1 - error, what does so by being larger is divided by it.
    """

    def altered(error: float, sign: int) -> bool:
        if sign > 0 and error == 1:
            return False  # nothing is infinite
        return refuted(1 - error if sign < 0 else 1 / (1 - error))

    signs = [sign for sign, stronger in ((-1, change > 0), (1, change < 0)) if np.any(stronger)]
    found = [_least_step(lambda error, sign=sign: altered(error, sign)) for sign in signs]
    return min((error for error in found if error is not None), default=None)


def _least_step(refuted: Callable[[float], bool]) -> float | None:
    # with a factor 0 a bound may be no number, where one next to it is
    last = next((place for place in (len(LADDER) - 1, len(LADDER) - 2) if refuted(LADDER[place])), None)
    if last is None:  # (1 - L t)^2 falls with L, and then rises
        return next((error for error in LADDER if refuted(error)), None)
    low, high = -1, last  # refuted at high, not at low: alterations are ordered by strength
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if refuted(LADDER[middle]) else (middle, high)
    return LADDER[high]


def _sum_paths(expr: Any) -> list[tuple[int, ...]]:
    """Where the sums and maxima of an expression stand."""
    return parts_where(expr, lambda node: isinstance(node, (sp.Add, sp.Max, sp.Min)))


def _number_paths(expr: Any) -> list[tuple[int, ...]]:
    """Where the numbers of an expression stand, except a plain sign or inverse."""
    return parts_where(expr, lambda node: node.is_Number and node not in (sp.S.Zero, sp.S.NegativeOne))


def parts_where(expr: Any, wanted: Callable[[Any], bool]) -> list[tuple[int, ...]]:
    """Where the wanted parts of an expression stand, except in indices, limits and conditions."""
    paths: list[tuple[int, ...]] = []

    def walk(node: Any, path: tuple[int, ...]) -> None:
        if isinstance(node, (sp.Indexed, sp.Tuple, sp.core.relational.Relational, sp.logic.boolalg.BooleanFunction)):
            return
        if wanted(node):
            paths.append(path)
        for position, child in enumerate(node.args):
            walk(child, (*path, position))

    walk(expr, ())
    return paths


def part_at(expr: Any, path: tuple[int, ...]) -> Any:
    """The part of an expression at a path of `parts_where`: the positions among the arguments, from the whole down."""
    for position in path:
        expr = expr.args[position]
    return expr


def with_part(expr: Any, path: tuple[int, ...], new: Any) -> Any:
    """The expression with another part at a path."""
    if not path:
        return new
    children = list(expr.args)
    children[path[0]] = with_part(children[path[0]], path[1:], new)
    return expr.func(*children)
