"""What an expression of a claim may be made of; everything else is refused by name when the claim is made.

Indices of columns and limits of sums follow one grammar: a non-negative integer, k + c or m k + c with integers m >= 1 and
c, in the claim's own index or in the running index of a sum. A claim that is read differently from how it is written is
worse than one that is refused.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.declaration import is_known
from broximal.theory.language.quantity import (
    AXES,
    Best,
    K,
    OverLayers,
    SumOver,
    arm,
    i,
    k,
    key_of,
    known,
    layer,
    worker,
)

RESERVED = {symbol.name: symbol for symbol in (k, K, i, *AXES, *AXES.values())}
NAMES = {layer: "layer", worker: "worker", arm: "arm"}
SUMS = {layer: "LayerSum", worker: "SumOver", arm: "SumOver"}
FUNCTIONS = (
    *(sp.Add, sp.Mul, sp.Pow, sp.Abs, sp.sign, sp.Max, sp.Min, sp.Mod, sp.floor, sp.ceiling),
    *(sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.atan2),
    *(sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh),
)
NUMBERS = (sp.Integer, sp.Rational, sp.Float, type(sp.pi), type(sp.E))
ALLOWED = "+, *, powers, Abs, sign, Max, Min, Mod, floor, ceiling, exp, log, and trigonometric and hyperbolic functions"
RELATIONS = (sp.Eq, sp.Ne, sp.Le, sp.Lt, sp.Ge, sp.Gt)


class Possibly(sp.logic.boolalg.BooleanFunction):
    """Possibly(condition): true unless the condition certainly fails, beyond the error budget.

    For conditions that no measurement can make certain, such as gap[k] <= 0: a claim where they are possible is made at
    points that only look like minimisers as well, and its proof must bear that.
    """

    @classmethod
    def eval(cls, condition):
        return condition if condition in (sp.true, sp.false) else None

    def _latex(self, printer):
        return rf"{printer._print(self.args[0])} \text{{ up to the error budget}}"


class Affine(NamedTuple):
    """slope * symbol + offset; a plain number has no symbol and slope 0."""

    symbol: Any
    slope: int
    offset: int


@functools.lru_cache(maxsize=4096)
def affine(index: Any) -> Affine | None:
    """An index or limit as slope * symbol + offset; None if it is not of this form with integers and slope >= 1."""
    index = sp.sympify(index)
    if index.is_Integer:
        return Affine(None, 0, int(index))
    if len(index.free_symbols) != 1:
        return None
    (symbol,) = index.free_symbols
    slope, offset = index.coeff(symbol, 1), index.subs(symbol, 0)
    if not (slope.is_Integer and offset.is_Integer and slope >= 1 and sp.expand(index - slope * symbol - offset) == 0):
        return None
    return Affine(symbol, int(slope), int(offset))


class Scope(NamedTuple):
    """Where an expression stands: its argument's name, the indices it may use, and symbols that stand for one number.

    inside  running indices of the sums around it
    over    the axes of the sums over layers, workers and arms around it
    """

    name: str
    indices: tuple[Any, ...] = ()
    numbers: tuple[Any, ...] = ()
    inside: tuple[Any, ...] = ()
    over: tuple[Any, ...] = ()

    @property
    def places(self) -> tuple[Any, ...]:
        """The symbols that an index of a column may use."""
        return (*self.indices, *self.inside)

    def refuse(self, what: str) -> InvalidArgument:
        return InvalidArgument(f"{self.name} {what}.")


def as_expression(value: Any, name: str) -> Any:
    """A sympy expression from an expression or a real number. Raises InvalidArgument for anything else."""
    if isinstance(value, (str, bool)) or value is None:
        raise InvalidArgument(f"{name} must be a sympy expression or a number, not {value!r}.")
    try:
        found = sp.sympify(value, strict=True)
    except (sp.SympifyError, TypeError, ValueError):
        raise InvalidArgument(f"{name} must be a sympy expression or a number, not {value!r}.") from None
    if not isinstance(found, sp.Expr):
        raise InvalidArgument(f"{name} must be a sympy expression or a number, not {value!r}.")
    return found


def check_expression(expr: Any, scope: Scope) -> None:
    """Raises InvalidArgument, with the reason, for an expression that cannot be evaluated exactly as it is written."""
    if isinstance(expr, sp.Indexed):
        _check_entry(expr, scope)
    elif isinstance(expr, OverLayers):
        _check_over_layers(expr, scope)
    elif isinstance(expr, (sp.Sum, sp.Product, Best)):
        _check_running(expr, scope)
    elif isinstance(expr, sp.IndexedBase):
        raise scope.refuse(f"has the column {expr.label} without an index; write {expr.label}[k]")
    elif isinstance(expr, sp.Symbol):
        _check_symbol(expr, scope)
    elif isinstance(expr, NUMBERS):
        _check_number(expr, scope)
    elif isinstance(expr, FUNCTIONS):
        for part in expr.args:
            check_expression(part, scope)
    else:
        raise scope.refuse(f"has {_named(expr)}, which is not computed; known are {ALLOWED}")


def check_condition(condition: Any, scope: Scope) -> None:
    """The same for a truth value: relations, true and false, joined by And, Or and Not."""
    if isinstance(condition, RELATIONS):
        for side in condition.args:
            check_expression(side, scope)
    elif isinstance(condition, (sp.And, sp.Or, sp.Not, Possibly)):
        for part in condition.args:
            check_condition(part, scope)
    elif condition not in (sp.true, sp.false):
        raise scope.refuse(f"must be made of relations, And, Or, Not and Possibly, and has {condition!r}")


def columns_measured(expr: Any) -> list[Any]:
    """The column entries of an expression that may differ from path to path: at a running index or after the start."""
    return [node for node in sp.sympify(expr).atoms(sp.Indexed) if _moves(node)]


def _moves(node: Any) -> bool:
    first = affine(node.indices[0])
    if node.indices[0] in AXES:
        return False
    if first is None or first.symbol is not None:
        return True
    if first.offset == 0:
        return False
    return len(node.indices) == 2 or known(key_of(node)).kind in ("state", "step")


def _named(expr: Any) -> str:
    if expr in (sp.oo, -sp.oo, sp.zoo, sp.nan):
        return f"the number {expr}"
    if expr == sp.I:
        return "the imaginary unit"
    return f"{type(expr).__name__} ({expr})"


def _check_number(number: Any, scope: Scope) -> None:
    try:
        value = float(number)
    except OverflowError:
        value = float("inf")
    if abs(value) == float("inf") or (value == 0) != bool(number == 0):
        raise scope.refuse("has a number that is not representable in double precision")


def _check_symbol(symbol: Any, scope: Scope) -> None:
    name = symbol.name
    if symbol in (*scope.places, *scope.numbers, *scope.over, *AXES.values()):
        return
    if symbol in AXES:
        raise scope.refuse(f"uses the index {NAMES[symbol]} outside of {SUMS[symbol]} and Largest")
    if name in RESERVED:
        if symbol == RESERVED[name]:
            raise scope.refuse(f"uses the index {name}, which means nothing in it")
        raise scope.refuse(f"has a symbol {name}, a name that is kept for an index; import it from the vocabulary")
    if not is_known(name):
        raise scope.refuse(f"has the symbol {name}, which no vocabulary defines")
    quantity = known(name)
    if isinstance(quantity.symbol, sp.IndexedBase):
        raise scope.refuse(f"has the column {name} without an index; write it as {name}[k]")
    if symbol != quantity.symbol:
        raise scope.refuse(
            f"has a symbol {name} with other assumptions than the quantity of this name; import it from its vocabulary"
        )


def _check_entry(node: Any, scope: Scope) -> None:
    key = key_of(node)
    if not is_known(key):
        raise scope.refuse(f"has the column {key}, which no vocabulary defines")
    if node.base != known(key).symbol:
        raise scope.refuse(f"has {node}, and {key} is not that column of the vocabulary; import it")
    indices = node.indices
    if len(indices) > 2:
        raise scope.refuse(
            f"has {node} with {number_of(len(indices), 'index', 'indices')}; a column has one for the step and one for the layer, worker or arm"
        )
    kind, axis = known(key).kind, known(key).axis
    if len(indices) == 2:
        _check_place(node, indices[0], scope)
        if axis is None and kind in ("state", "step"):
            raise scope.refuse(f"has {node}, and {key} has one index, a step")
        _check_axis(node, indices[1], axis, scope)
    elif indices[0] in AXES:
        if kind in ("state", "step"):
            raise scope.refuse(f"has {node}, and the index of {key} is a step, not a {NAMES[indices[0]]}")
        _check_axis(node, indices[0], axis, scope)
    else:
        _check_place(node, indices[0], scope)
        if kind == "layer" and not indices[0].is_Integer:
            raise scope.refuse(f"has {node}, and the index of {key} is a {NAMES[axis]}, not a step")
        if kind in ("state", "step") and axis is not None:
            raise scope.refuse(f"has {node}, and {key} has two indices, a step and a {NAMES[axis]}")


def _check_axis(node: Any, index: Any, axis: Any, scope: Scope) -> None:
    """An index along an axis: that of the quantity (unknown, None, of what is computed from a run), in reach, or a number."""
    if index in AXES:
        if axis not in (None, index):
            raise scope.refuse(f"has {node}, and {key_of(node)} has one entry a {NAMES[axis]}, not a {NAMES[index]}")
        if index not in scope.over:
            raise scope.refuse(f"has {node} outside of {SUMS[index]} and Largest")
    elif not (index.is_Integer and index >= 0):
        name = NAMES.get(axis, "layer")
        raise scope.refuse(f"has {node}, and a {name} is `{name}` or a non-negative integer")


def _check_place(node: Any, index: Any, scope: Scope) -> None:
    found = affine(index)
    if found is None:
        raise scope.refuse(
            f"has {node}, and an index must be a non-negative integer, k + c or m*k + c with integers m >= 1"
        )
    if found.symbol is None:
        if found.offset < 0:
            raise scope.refuse(f"has {node}, and there is no entry before the start")
    elif found.symbol not in scope.places:
        raise scope.refuse(f"has {node}, and {found.symbol} is {_no_index(scope)}")


def _no_index(scope: Scope) -> str:
    return f"no index of it (it has {', '.join(map(str, scope.places))})" if scope.places else "no index of it"


def _check_over_layers(node: Any, scope: Scope) -> None:
    axis = node.axis
    if axis not in AXES or tuple(node.args[1]) != (axis, 0, AXES[axis] - 1):
        raise scope.refuse(
            f"has {type(node).__name__} over {node.args[1]}; it is always over all layers, workers or arms"
        )
    if axis in scope.over:
        raise scope.refuse(f"has {type(node).__name__} inside of another, which share one index")
    inside = scope._replace(over=(*scope.over, axis))
    check_expression(node.args[0], inside)
    if isinstance(node, SumOver) and node.where != sp.true:
        if node.where.has(Possibly):
            raise scope.refuse(f"has Possibly in the condition of {node}; a term of a sum belongs to it or does not")
        check_condition(node.where, inside)


def _check_running(node: Any, scope: Scope) -> None:
    kind = type(node).__name__
    if any(len(limits) != 3 for limits in node.args[1:]):
        raise scope.refuse(f"has {node}; the running index of a {kind} has two limits")
    body, (running, low, high) = outermost(node)
    if running in AXES:
        raise scope.refuse(f"has a {kind} over {running}; over {NAMES[running]}s there are {SUMS[running]} and Largest")
    if running in (*scope.places, *scope.numbers) or is_known(str(running)) or not running.is_integer:
        raise scope.refuse(f"has a {kind} over {running}, which must be an integer symbol that is not used otherwise")
    for limit in (low, high):
        found = affine(limit)
        if found is None or (found.symbol is None and found.offset < 0):
            raise scope.refuse(
                f"has a {kind} with the limit {limit}, and limits are non-negative integers, k + c or m*k + c, m >= 1"
            )
        if found.symbol is not None and found.symbol not in (*scope.places, *scope.numbers):
            raise scope.refuse(f"has a {kind} with the limit {limit}, and {found.symbol} is {_no_index(scope)}")
    if (bottom := affine(low)) is not None and bottom.symbol is None:
        for entry in body.atoms(sp.Indexed):
            first = affine(entry.indices[0])
            if first is not None and first.symbol == running and first.slope * bottom.offset + first.offset < 0:
                raise scope.refuse(
                    f"has {entry} in a {kind} from {running} = {low}, and there is no entry before the start"
                )
    check_expression(body, scope._replace(inside=(*scope.inside, running)))


def outermost(node: Any) -> tuple[Any, Any]:
    """(term, (running index, lower limit, upper limit)) of a Sum, Product or Best; sympy merges those of one kind."""
    term, *inner, limits = node.args
    return (node.func(term, *inner) if inner else term), limits


def entries(expr: Any, indices: Mapping[Any, tuple[Affine, Affine]]) -> Iterator[tuple[Any, Affine, Affine]]:
    """(entry, lowest place, highest place) of every column entry, both affine in the outermost index.

    indices  the symbols in reach with the least and the largest value that they take, affine in the outermost index
    """
    if isinstance(expr, sp.Indexed):
        place = _read(expr.indices[0])
        low, high = indices.get(place.symbol, (Affine(place.symbol, 1, 0),) * 2)
        yield expr, composed(place, low), composed(place, high)
    elif isinstance(expr, (sp.Sum, sp.Product, Best)) and not isinstance(expr, OverLayers):
        body, (running, low, high) = outermost(expr)
        ends = []
        for limit, which in ((_read(low), 0), (_read(high), 1)):
            ends.append(composed(limit, indices[limit.symbol][which]) if limit.symbol in indices else limit)
        yield from entries(body, {**indices, running: (ends[0], ends[1])})
    else:
        for part in expr.args:
            yield from entries(part, indices)


def _read(index: Any) -> Affine:
    """An index of a claim that was checked; a layer's stands for itself."""
    return affine(index) or Affine(index, 1, 0)


def composed(outer: Affine, inner: Affine) -> Affine:
    """outer, with its symbol replaced by inner."""
    return Affine(inner.symbol, outer.slope * inner.slope, outer.slope * inner.offset + outer.offset)
