"""Do the terms of a formula scale alike? Every term of a true inequality does, so a formula where they do not is misprinted.

A plain number has no units (one that has is written as a multiple of `unit_f` and `unit_x` of the vocabulary); 0 and
infinity fit anything.
"""

import functools
from typing import Any, NamedTuple

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import is_known
from broximal.theory.language.grammar import RELATIONS, RESERVED
from broximal.theory.language.quantity import Best, OverLayers, SumOver, key_of, known
from broximal.theory.language.units import NONE, Units, parse_units

ALIKE = (sp.Add, sp.Max, sp.Min, sp.Mod)  # of terms with the same units, which it has as well


class _Where(NamedTuple):
    """The name of the argument in which a formula stands."""

    name: str

    def refuse(self, what: str) -> InvalidArgument:
        return InvalidArgument(f"{self.name} {what}.")

    def alike(self, terms: Any) -> Units | None:
        """The units that all terms have; None where all are 0. Raises InvalidArgument naming two that differ."""
        first: tuple[Any, Units] | None = None
        for term in terms:
            own = _units(term, self)
            if own is None:
                continue
            if first is None:
                first = (term, own)
            elif not own.equal(first[1]):
                raise self.refuse(_two(*first, term, own))
        return None if first is None else first[1]

    def plain(self, expr: Any, of: str) -> None:
        """Raises InvalidArgument for an expression that is not a plain number."""
        own = _units(expr, self)
        if own is not None and not own.none:
            raise self.refuse(f"has {of} of {_short(expr)}, which has units {own} and must have none{_symbols(expr)}")


def units_of(expr: Any, name: str = "the expression") -> Units | None:
    """The units of an expression; None for what fits anything: 0, infinity, unknown symbols.

        units_of(L * D0**2)  # f

    Raises InvalidArgument, naming two terms with their units, where terms are compared or added that scale differently.
    """
    return _units(sp.sympify(expr), _Where(name))


def check_units(claim: Any, names: tuple[str, ...]) -> None:
    """Raises InvalidArgument where terms in these parts of a claim scale differently under f -> s f or x -> r x.

    The sides of every relation, what is added, and what a bound beside the relation (`trivial`, `ceiling`, `second`,
    `within`) is compared with.
    """
    kind = type(claim).__name__
    parts: dict[str, Any] = dict.fromkeys(("relation", "where", "trivial", "ceiling", "second", "within"))
    parts |= {name: getattr(claim, name) for name in names}
    if parts["relation"] is not None:
        own = _condition(parts["relation"], _Where(f"relation of {kind}"))
        for name, power in (("trivial", 1), ("ceiling", 1), ("second", 2)):
            if parts[name] is not None and own is not None:
                _must_have(parts[name], own.power(sp.Integer(power)), f"{name} of {kind}", "the relation asks for")
    if parts["where"] is not None:
        _condition(parts["where"], _Where(f"where of {kind}"))
    if parts["within"] is not None:
        clock = getattr(claim, "clock", None)
        own = NONE if clock is None else _units(clock, _Where(f"clock of {kind}"))
        of = "a number of steps has" if clock is None else f"the clock {clock} has"
        _must_have(parts["within"], NONE if own is None else own, f"within of {kind}", of)


def check_rule(rule: Any) -> None:
    """The same for the formula and the domain of a rule.

    A rule of a free parameter may be a bare number: that is a value, not a formula. Where the formula is no number (a
    compressor), it has no units to compare.
    """
    name = f"rule for {rule.symbol}"
    if isinstance(rule.domain, sp.Basic):
        _condition(rule.domain, _Where(f"domain of the {name}"))
    if isinstance(rule.formula, sp.Expr | int | float):
        formula = sp.sympify(rule.formula)
        own = _units(_entry(rule.symbol), _Where(name))
        if own is not None and not (rule.free and formula.is_number):
            _must_have(formula, own, f"formula of the {name}", f"{rule.symbol} has")


def _must_have(expr: Any, wanted: Units, name: str, why: str) -> None:
    own = _units(sp.sympify(expr), _Where(name))
    if own is not None and not own.equal(wanted):
        raise InvalidArgument(f"{name} is {_short(expr)}, which has units {own}, and {why} {wanted}{_symbols(expr)}.")


def _condition(condition: Any, where: _Where) -> Units | None:
    """Checks a truth value; the units of the sides of a relation."""
    if isinstance(condition, RELATIONS):
        return where.alike(condition.args)
    for part in condition.args:
        _condition(part, where)
    return None


def _units(expr: Any, where: _Where) -> Units | None:
    if expr.is_number:
        return None if expr.is_zero or expr.is_infinite else NONE
    if isinstance(expr, sp.Indexed):
        return quantity_units(key_of(expr))
    if isinstance(expr, (sp.Symbol, sp.IndexedBase)):
        if str(expr) in RESERVED:
            return NONE
        return quantity_units(str(expr)) if is_known(str(expr)) else None  # of a formula that was derived from a claim
    if isinstance(expr, ALIKE):
        return where.alike(expr.args)
    if isinstance(expr, sp.Mul):
        return _product(expr, where)
    if isinstance(expr, sp.Pow):
        return _power(expr, where)
    if isinstance(expr, sp.Abs):
        return _units(expr.args[0], where)
    if isinstance(expr, OverLayers):
        if isinstance(expr, SumOver):
            _condition(expr.where, where)
        return _units(expr.args[0], where)
    if isinstance(expr, (sp.Sum, sp.Product, Best)):
        return _running(expr, where)
    if isinstance(expr, sp.sign):
        _units(expr.args[0], where)
        return NONE
    if isinstance(expr, sp.atan2):
        where.alike(expr.args)
        return NONE
    for part in expr.args:  # exp, log, floor, the trigonometric ones
        where.plain(part, f"{type(expr).__name__}")
    return NONE


def _product(expr: Any, where: _Where) -> Units | None:
    found = NONE
    for factor in expr.args:
        own = _units(factor, where)
        if own is None:
            return None
        found = found.times(own)
    return found


def _power(expr: Any, where: _Where) -> Units | None:
    base, exponent = expr.args
    where.plain(exponent, "a power with the exponent")
    own = _units(base, where)
    return own if own is None or own.none else own.power(exponent)


def _running(expr: Any, where: _Where) -> Units | None:
    body, running = expr.args[0], {limits[0] for limits in expr.args[1:]}
    own = _units(body, where)
    if own is None:
        return None
    if isinstance(expr, sp.Product):
        if not own.none:
            raise where.refuse(
                f"has a Product of {_short(body)}, which has units {own}; factors must have none{_symbols(body)}"
            )
    elif any(exponent.free_symbols & running for exponent in own):
        raise where.refuse(f"has a {type(expr).__name__} of {_short(body)}, whose terms have different units, {own}")
    return own


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> Units:
    found = parse_units(text)
    names = {symbol: known(symbol.name).symbol for part in found for symbol in part.free_symbols}
    return Units(*(part.subs(names) for part in found))


def quantity_units(key: str) -> Units:
    """The units that the quantity of this key declares. Raises BroximalError if no vocabulary defines it."""
    return _parsed(known(key).units)


def _entry(symbol: Any) -> Any:
    """What a rule sets: a symbol, a base, or an entry of one; text where the parameter is no number."""
    return symbol if isinstance(symbol, sp.Basic) else sp.S.Zero


def _two(first: Any, of_first: Units, second: Any, of_second: Units) -> str:
    advice = (
        "; a number with units is written 0.1 * unit_f, 0.1 * unit_x" if first.is_number or second.is_number else ""
    )
    terms = f"{_short(first)}, which has units {of_first}, and {_short(second)}, which has {of_second}"
    return f"compares or adds {terms}{_symbols(first, second)}{advice}"


def _symbols(*terms: Any) -> str:
    """The units of every quantity in the terms, by which one finds the factor that is missing; empty where they are said."""
    if all(isinstance(term, (sp.Symbol, sp.Indexed)) or term.is_number for term in terms):
        return ""
    keys = {str(base.label) for term in terms for base in term.atoms(sp.IndexedBase)}
    keys |= {str(symbol) for term in terms for symbol in term.free_symbols if isinstance(symbol, sp.Symbol)}
    found = [f"{key} has {quantity_units(key)}" for key in sorted(keys - set(RESERVED)) if is_known(key)]
    return f" ({', '.join(found)})" if found else ""


def _short(expr: Any, limit: int = 120) -> str:
    text = repr(float(expr)) if expr.is_Float else str(expr)
    return text if len(text) <= limit else text[: limit - 3] + "..."
