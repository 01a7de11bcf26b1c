"""The formula of an expression: stand-ins for all that is measured, and what each of them stands for.

It is the same on every run with as many layers (workers, arms), and for every value of a symbol, so it is made once; a
run only says what the arrays of the stand-ins are.
"""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from broximal.theory.language.quantity import AXES, Best, OverLayers, SumOver

COUNTED = {count: axis for axis, count in AXES.items()}  # the axis that a count is of
_NOT_REAL = (sp.I, sp.zoo, sp.oo, -sp.oo, sp.nan)
HALF = sp.Rational(1, 2)


class Belongs(NamedTuple):
    """A stand-in that is 1 where the condition may hold: does a term belong to its sum?"""

    condition: Any


class Formula(NamedTuple):
    """body     the expression in stand-ins
    sources  what stands behind each: an entry of a column, a sum (product, least) along the run, a symbol, a `Belongs`
    over     (entry, axis) of every column that is taken over the layers (workers, arms): it has as many entries"""

    body: Any
    sources: tuple[Any, ...]
    over: tuple[tuple[Any, Any], ...]


def formula_of(expr: Any, count: Any) -> Formula:
    """The formula of an expression where there are count(axis) layers (workers, arms)."""
    return _formula(expr, tuple((axis, count(axis)) for axis in _axes(expr)))


@functools.lru_cache(maxsize=2**14)
def _axes(expr: Any) -> tuple[Any, ...]:
    """The axes of which the number of entries matters."""
    along = {node.axis for node in sp.preorder_traversal(expr) if isinstance(node, OverLayers)}
    return tuple(sorted(along | {COUNTED[node] for node in expr.atoms(sp.Symbol) if node in COUNTED}, key=str))


@functools.lru_cache(maxsize=2**14)
def _formula(expr: Any, counts: tuple[tuple[Any, int], ...]) -> Formula:
    making = _Making(dict(counts))
    body = making.of(expr)
    return Formula(body, tuple(making.places), tuple(making.over))


class _Making:
    """The stand-ins of one expression, in the order in which they are met."""

    def __init__(self, counts: Mapping[Any, int]):
        self.counts, self.places, self.over = counts, dict[Any, int](), list[Any]()

    def stand_in(self, source: Any) -> sp.Symbol:
        return stand_in(self.places.setdefault(source, len(self.places)))

    def of(self, node: Any) -> Any:
        if isinstance(node, OverLayers):
            self.over += [(entry, node.axis) for entry in node.atoms(sp.Indexed) if entry.indices[-1] == node.axis]
            if isinstance(node, SumOver) and node.where != sp.true:
                return sp.Add(*(self._chosen(node, place) for place in range(self.counts[node.axis])))
            return self.of(node.spelled_out(self.counts[node.axis]))
        if node in COUNTED:
            return sp.Integer(self.counts[COUNTED[node]])
        if isinstance(node, (sp.Indexed, sp.Sum, sp.Product, Best)) or node.is_Symbol:
            return self.stand_in(node)
        if not node.args:
            return node
        return _made(node.func, tuple(map(self.of, node.args)))

    def _chosen(self, node: Any, place: int) -> Any:
        """A term of a sum with a condition: nothing where it fails, either of both where that is open."""
        term, condition = (part.subs(node.axis, place) for part in (node.args[0], node.where))
        belongs = self.stand_in(Belongs(condition))
        return sp.Piecewise((self.of(term), belongs > HALF), (0, True), evaluate=False)


@functools.lru_cache(maxsize=2**14)
def along(expr: Any) -> frozenset[Any]:
    """The symbols in what is added up (multiplied, minimised) along the run."""
    nodes = (node for node in expr.atoms(sp.Sum, sp.Product, Best) if not isinstance(node, OverLayers))
    return frozenset().union(*(node.free_symbols for node in nodes))


@functools.lru_cache(maxsize=2**16)
def _made(kind: Any, parts: tuple[Any, ...]) -> Any:
    """The expression of these parts: stand-ins have the same names on every run, and sympy simplifies sums and maxima.

    Where a count makes a part no real number, as in 1 / (layers - 1) or sqrt(workers - 2), it is nan, as it is in numpy.
    """
    found = kind(*parts)
    return sp.nan if isinstance(found, sp.Expr) and found.is_number and found.has(*_NOT_REAL) else found


@functools.cache
def stand_in(number: int) -> sp.Symbol:
    """The stand-in with this number."""
    return sp.Symbol(f"_{number}", real=True)


@functools.lru_cache(maxsize=2**13)
def compiled(body: Any, count: int, module: str = "numpy") -> Any:
    """A function of the stand-ins; the same claim on another run, or with another twin, is compiled once."""
    return sp.lambdify([stand_in(number) for number in range(count)], body, module, docstring_limit=0)
