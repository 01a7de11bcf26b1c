"""A formula in constants as a function of their values, in any arithmetic (see `arithmetic`).

Values are looked up by the keys of the constants; one with an entry a layer has a list. Sums over the layers are added up layer
by layer, so that a formula is as long for forty layers as for one. A sum or product over the steps is kept between calls:
one over more steps goes on where the last one ended.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.quantity import AXES, Best, Largest, OverLayers, SumOver, key_of, layer, layers
from broximal.theory.prescriptions.arithmetic import Floats, Intervals, Undefined, rational, to_number

LONGEST = 2**19  # terms of a sum or product over the steps that are carried out
EVERY = 64  # steps after which a sum or product is kept


class TooLong(ArithmeticError):
    """A sum or product over the steps has too many terms to be carried out."""


class Values:
    """The numbers that a formula is evaluated at, in one arithmetic.

    numbers  by key, one or a list with one a layer
    count    how many layers there are
    """

    def __init__(self, arithmetic: Floats | Intervals, numbers: dict[str, Any], count: int):
        self.arithmetic, self.count, self.layer = arithmetic, count, 0
        self.numbers = {key: self.made(value) for key, value in numbers.items()}
        self.running: dict[Any, dict[int, Any]] = {}

    def made(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.made(each) for each in value]
        return self.arithmetic.number(rational(value)) if isinstance(value, (int, float, Fraction)) else value

    def __getitem__(self, key: str) -> Any:
        if key not in self.numbers:
            raise Undefined(f"{key} has no value")
        return self.numbers[key]


Evaluated = Callable[[Values], Any]


def compiled(expr: Any) -> Evaluated:
    """The function. Raises InvalidArgument for what no arithmetic computes; the function raises Undefined."""
    expr = sp.sympify(expr)
    if expr.is_Number or expr in (sp.E, sp.pi, sp.oo, sp.GoldenRatio):
        return _number(expr)
    if isinstance(expr, sp.Indexed):
        return _entry(expr)
    if expr == layers:
        return lambda v: v.arithmetic.number(v.count)
    if expr.is_Symbol:
        key = expr.name
        return lambda v: v[key]
    if isinstance(expr, OverLayers):
        return _over_layers(expr)
    if isinstance(expr, (sp.Sum, sp.Product)):
        return _running(expr)
    if isinstance(expr, sp.Pow):
        return _power(expr)
    if isinstance(expr, sp.Piecewise) or isinstance(expr, Best) or type(expr) not in _KINDS:
        raise InvalidArgument(f"{type(expr).__name__} is not computed for stepsizes, in {expr}.")
    parts, kind = [compiled(part) for part in expr.args], _KINDS[type(expr)]
    return lambda v: kind(v.arithmetic, [part(v) for part in parts])


_KINDS: dict[Any, Callable[[Any, list[Any]], Any]] = {
    sp.Add: lambda on, parts: on.total(parts),
    sp.Mul: lambda on, parts: on.product(parts),
    sp.Max: lambda on, parts: on.largest(parts),
    sp.Min: lambda on, parts: on.least(parts),
    sp.exp: lambda on, parts: on.exp(parts[0]),
    sp.log: lambda on, parts: on.log(parts[0]),
    sp.Abs: lambda on, parts: on.absolute(parts[0]),
    sp.floor: lambda on, parts: on.floor(parts[0]),
    sp.ceiling: lambda on, parts: _negative(on, on.floor(_negative(on, parts[0]))),
}


def computable(expr: Any) -> bool:
    """Is it a formula in constants of the whole space and of layers that an arithmetic computes?"""
    try:
        compiled(expr)
    except InvalidArgument:
        return False
    return True


def _negative(on: Any, x: Any) -> Any:
    return on.product([on.number(-1), x])


def _number(expr: Any) -> Evaluated:
    if expr == sp.pi:
        return lambda v: v.arithmetic.pi()
    if expr == sp.E:
        return lambda v: v.arithmetic.exp(v.arithmetic.number(1))
    if expr == sp.GoldenRatio:
        return compiled((1 + sp.sqrt(5)) / 2)
    found = Fraction(int(expr.p), int(expr.q)) if expr.is_Rational else rational(float(expr))
    quick = Floats().number(found)
    return lambda v: quick if isinstance(v.arithmetic, Floats) else v.arithmetic.number(found)


def _entry(expr: Any) -> Evaluated:
    """A constant of a layer."""
    key, place = key_of(expr), expr.indices[0]
    if len(expr.indices) != 1 or not (place == layer or place.is_Integer):
        raise InvalidArgument(f"{expr} is measured along the run, and no number is known for it beforehand.")
    if place == layer:
        return lambda v: v[key][v.layer]
    return lambda v: v[key][int(place)]


def _power(expr: Any) -> Evaluated:
    base, exponent = compiled(expr.base), expr.exp
    if exponent.is_Rational:
        exact = Fraction(int(exponent.p), int(exponent.q))
        quick = float(exact)

        def to_a_number(v: Values) -> Any:
            on = v.arithmetic
            return on.raised(base(v), quick) if isinstance(on, Floats) else on.power(base(v), exact)

        return to_a_number
    if expr.base == sp.E:
        inside = compiled(exponent)
        return lambda v: v.arithmetic.exp(inside(v))
    by = compiled(exponent)

    def raised(v: Values) -> Any:
        x, times = base(v), by(v)
        return v.arithmetic.number(1) if v.arithmetic.zero(times) else v.arithmetic.raised(x, times)

    return raised


def _over_layers(expr: Any) -> Evaluated:
    if expr.axis != layer or (isinstance(expr, SumOver) and expr.where != sp.true):
        raise InvalidArgument(f"{expr} is not computed for stepsizes: it is no sum over all layers.")
    term = compiled(expr.args[0])
    largest = isinstance(expr, Largest)

    def over(v: Values) -> Any:
        before, found = v.layer, []
        for place in range(v.count):
            v.layer = place
            found.append(term(v))
        v.layer = before
        return v.arithmetic.largest(found) if largest else v.arithmetic.total(found)

    return over


def _running(expr: Any) -> Evaluated:
    """A sum or product over the steps; a product ends at its first factor 0, behind which nothing is left to multiply."""
    if len(expr.args) != 2:
        raise InvalidArgument(f"{expr} is not computed for stepsizes.")
    body, (index, low, high) = expr.args
    term, first, last = compiled(body), compiled(low), compiled(high)
    product, key = isinstance(expr, sp.Product), index.name

    def running(v: Values) -> Any:
        on = v.arithmetic
        start, stop = (_whole(end(v)) for end in (first, last))
        if stop - start >= LONGEST:
            raise TooLong(f"more than {LONGEST} terms")
        kept = v.running.setdefault(expr, {start: on.number(1 if product else 0)})  # what stands before these steps
        place = max((each for each in kept if each <= stop + 1), default=start)
        found = kept[place]
        while place <= stop and not (product and on.zero(found)):
            v.numbers[key] = on.number(place)
            found = on.product([found, term(v)]) if product else on.total([found, term(v)])
            place += 1
            if place % EVERY == 0:
                kept[place] = found
        return found

    return running


def _whole(x: Any) -> int:
    return int(x) if isinstance(x, float) else int(to_number(x))


def keys_in(expr: Any) -> set[str]:
    """The keys of the constants, and of columns, that a formula speaks of."""
    symbols = {
        each.name for each in expr.free_symbols if type(each) is sp.Symbol and each not in (*AXES, *AXES.values())
    }
    bases = {str(base.label) for base in expr.atoms(sp.IndexedBase)}
    return symbols - {str(index) for index in AXES} | bases
