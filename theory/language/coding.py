"""Formulas as plain data and back, exactly: for what is kept in files, where no text may be evaluated.

Expressions share most of their parts, so that a `Writer` keeps every part once, as a row [head, ...] that names other rows by
their place. A `Reader` makes only what is asked for. Heads are looked up in a fixed list; anything else is refused.
"""

from typing import Any

import sympy as sp

from broximal.oracles.errors import BroximalError
from broximal.theory.language.grammar import FUNCTIONS, RELATIONS
from broximal.theory.language.quantity import Best, Largest, SumOver

_ATOMS = {repr(each): each for each in (sp.pi, sp.E, sp.oo, -sp.oo, sp.zoo, sp.nan, sp.true, sp.false, sp.GoldenRatio)}
_BUILT = {each.__name__: each for each in (sp.Sum, sp.Product, sp.Tuple, sp.And, sp.Or, sp.Not, Best, SumOver, Largest)}
_PLAIN = {each.__name__: each for each in (*FUNCTIONS, *RELATIONS)}  # made as they are, not simplified anew


class Writer:
    """Keeps expressions; `rows` is JSON."""

    def __init__(self):
        self.rows: list[list[Any]] = []
        self._places: dict[Any, int] = {}

    def keep(self, expr: Any) -> int:
        """The place under which a `Reader` of the rows finds the expression. Raises BroximalError for what cannot be kept."""
        found = (type(expr), expr)  # sympy takes 1 and 1.0 for equal in some versions
        if found not in self._places:
            row = self._row(expr)
            self._places[found] = len(self.rows)
            self.rows.append(row)
        return self._places[found]

    def _row(self, expr: Any) -> list[Any]:
        if isinstance(expr, sp.Rational):
            return ["number", str(expr.p), str(expr.q)]
        if isinstance(expr, sp.Float):
            sign, man, exp, size = expr._mpf_
            return ["float", sign, str(man), exp, size, expr._prec]
        if type(expr) is sp.Symbol:
            return ["symbol", expr.name, dict(expr._assumptions_orig)]
        if isinstance(expr, sp.IndexedBase) and len(expr.args) == 1:
            label: Any = expr.args[0]
            return ["base", label.name, dict(label._assumptions_orig)]
        if isinstance(expr, sp.Indexed):
            return ["entry", *map(self.keep, expr.args)]
        if repr(expr) in _ATOMS and _ATOMS[repr(expr)] == expr:
            return ["atom", repr(expr)]
        name = type(expr).__name__
        if {**_BUILT, **_PLAIN}.get(name) is type(expr):
            return [name, *map(self.keep, expr.args)]
        raise BroximalError(f"{expr} has a {name}, which cannot be kept.")


class Reader:
    """Makes the expressions that a `Writer` kept."""

    def __init__(self, rows: list[list[Any]]):
        self.rows = rows
        self._made: dict[int, Any] = {}

    def make(self, place: int) -> Any:
        """The expression at a place. Raises KeyError, IndexError, TypeError or ValueError for rows that no writer made."""
        if place not in self._made:
            self._made[place] = self._of(place)
        return self._made[place]

    def _of(self, place: int) -> Any:
        head, *rest = self.rows[place]
        if head == "number":
            return sp.Rational(int(rest[0]), int(rest[1]))
        if head == "float":
            sign, man, exp, size, precision = rest
            return sp.Float._new((sign, int(man), exp, size), precision)
        if head == "symbol":
            return sp.Symbol(rest[0], **rest[1])
        if head == "base":
            return sp.IndexedBase(rest[0], **rest[1])
        if head == "atom":
            return _ATOMS[rest[0]]
        if not all(
            isinstance(part, int) and 0 <= part < place for part in rest
        ):  # parts come first: no endless descent
            raise ValueError(f"row {place} is made of what does not come before it")
        args = [self.make(part) for part in rest]
        if head == "entry":
            return sp.Indexed(*args)
        if head in _BUILT:
            return _BUILT[head](*args)
        cls = _PLAIN[head]
        return cls._from_args(args) if cls in (sp.Add, sp.Mul) else cls(*args, evaluate=False)
