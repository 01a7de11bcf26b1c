"""What a theorem prescribes: its parameters and K(eps), as formulas and as numbers.

A claim about a horizon whose bound is explicit in constants is inverted: K(eps) is the least K with bound(K) <= eps,
solved in closed form where sympy can and by bisection over the integers otherwise.
"""

import dataclasses
import functools
import math
from typing import Any

import sympy as sp

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.declaration import RESERVED, Range, declared, every, is_known, named, range_of
from broximal.theory.language.quantity import Best, K, latex
from broximal.theory.prescriptions.levels import forced_rules, level_of, plain_text, prepared
from broximal.theory.prescriptions.outline import Bound, Outline, outline_of
from broximal.theory.prescriptions.unroll import symbol_of, unrolled

eps = sp.Symbol("eps", positive=True)
HORIZON_LIMIT = 10**15
HORIZON = "K"  # how users spell the number of steps, which is no quantity


@dataclasses.dataclass(frozen=True)
class Prescription:
    """One line of the answer: a formula, its LaTeX, its value if every constant in it is known, and what is missing.

    missing  names as a user gives them
    """

    name: str
    formula: Any
    value: float | None
    missing: tuple[str, ...]
    why: str = ""

    @property
    def latex(self) -> str:
        return latex(self.formula)

    @property
    def text(self) -> str:
        """The formula in plain text."""
        return plain_text(self.formula)


@dataclasses.dataclass(frozen=True)
class Horizon:
    """A claim about a horizon with all that is known put in.

    bound   what the claim bounds after K steps
    level   what is compared with eps: the bound over the least weight of the measured side
    at      the level with all numbers put in
    metric  what is at most eps from K(eps) on
    """

    label: str
    bound: Any
    level: Any
    at: Any
    metric: str

    @property
    def decided(self) -> bool:
        """Is the level a number for every K?"""
        return K in self.level.free_symbols and not self.at.free_symbols - {K} and not self.at.atoms(sp.Sum, sp.Product)

    @functools.cached_property
    def at_most(self) -> Any:
        """The level as a function of K."""
        return sp.lambdify(K, self.at, "math")

    def steps(self, target: float) -> float | None:
        """The least K from which on the level is at most the target; None if there is none."""
        return _least(self.at_most, target)


class Numbers:
    """A theorem's outline with the numbers that are given: rules and domains are evaluated, in their order.

    values  constants and parameters by name, a number, or for layers one number each; target is eps, also where a rule has
            it as a parameter
    Raises InvalidArgument for unknown names, values outside their range, mu > L, lists of different lengths, and parameters
    outside the theorem's domain.
    """

    def __init__(self, outline: Outline, values: dict[str, Any], target: float | None = None):
        values, count = validated(values)
        if count > 1 and outline.one_layer:
            raise InvalidArgument(
                f"{outline.name} is about one layer, but constants of {number_of(count, 'layer')} are given."
            )
        for name, needed in outline.needs:
            _refuse(outline.name, name, needed, values.get(name, []))
        if count == 1:
            outline = (outline if outline.single is not None else prepared(outline)).single or outline
        elif outline.layered:
            outline = unrolled(outline, count)
        else:
            raise InvalidArgument(f"{outline.name} does not speak of layers; give one number for every constant.")
        self.outline = outline
        self.target = target
        self.symbols = {each.symbol: 1.0 for each in every() if each.fixed} | _symbols(values, count, outline.layered)
        if target is not None:
            self.symbols |= {each.symbol: target for each in named("eps") if each.symbol not in self.symbols}
        given = set(self.symbols)
        self.rules: list[Prescription] = []
        for rule in outline.rules:
            own = self.symbols.get(rule.symbol)
            if own is None:
                line = _line(plain_text(rule.symbol), rule.formula, self.symbols, rule.why)
                if line.value is not None:
                    self.symbols[rule.symbol] = line.value
            else:
                line = Prescription(plain_text(rule.symbol), rule.symbol, own, (), "given")
            self.rules.append(line)
            by_definition = own is None and isinstance(rule.domain, sp.Eq)  # and rounding must not deny it
            if not by_definition and _put(rule.domain, self.symbols) == sp.false:
                raise InvalidArgument(
                    f"parameter {plain_text(rule.symbol)} lies outside the theorem's domain {plain_text(rule.domain)}."
                )
        self._forced = forced_rules(outline, given)
        own_weights = {symbol for symbol in self.symbols if symbol.name.partition("[")[0] == "P"}
        self._weights = {rule.symbol for rule in outline.rules} | own_weights
        self._as_prepared = not own_weights and not any(rule.symbol in given for rule in outline.rules)

    def horizon(self, claim: Bound) -> Horizon | None:
        """None where the bound is made of measured quantities, and cannot be inverted beforehand."""
        level = claim.level if self._as_prepared else None
        level = level_of(claim, self._forced, self._weights) if level is None else level
        if level.bound.atoms(sp.Indexed):
            return None
        known = {symbol: value for symbol, value in self.symbols.items() if symbol != K}
        return Horizon(claim.label, level.bound, level.level, _put(level.level, known), level.metric)

    def lines(self, claim: Bound) -> list[Prescription]:
        """The bound of a claim and K(eps)."""
        if claim.kind == "count":
            count = _line(f"N ({claim.label})", claim.large, self.symbols, "steps to a minimiser")
            # rounding must not add a step where the bound is an integer
            value = None if count.value is None else float(math.ceil(count.value * (1 - 1e-12)))
            return [dataclasses.replace(count, formula=sp.ceiling(count.formula), value=value)]
        found = self.horizon(claim)
        if found is None:
            return []
        name = claim.label or "bound"
        lines = [_line(f"bound after K ({name})", found.bound, self.symbols, "")]
        formula = _invert(found.level)
        open_ = found.at.free_symbols - {K}
        if K not in found.level.free_symbols or (formula is None and (self.target is None or open_)):
            return lines
        value, why = None, f"steps until {found.metric} <= eps"
        if self.target is not None and found.decided:
            value = found.steps(self.target)
            why = why if value is not None else "the bound never falls below eps for these constants"
        missing = () if value is not None or self.target is not None else ("eps",)
        return [
            *lines,
            Prescription(f"K(eps) ({name})", formula or sp.Symbol("K_eps"), value, missing + _names(open_), why),
        ]


def speaks_of(outline: Outline) -> set[str]:
    """The names of what a theorem's rules, bounds and hypotheses are made of."""
    parts = [part for rule in outline.rules for part in (rule.symbol, rule.formula, rule.domain)]
    parts += [side for bound in outline.bounds for side in (bound.small, bound.large)]
    keys = {str(symbol) for part in parts for symbol in part.free_symbols}
    return {declared(key).name if is_known(key) else key for key in keys} | {name for name, _ in outline.needs}


def depends_on_target(outline: Outline) -> bool:
    """Does a rule or a bound speak of the accuracy?"""
    return bool(speaks_of(outline) & {each.name for each in named("eps")})


def parameters(theorem: Any, values: dict[str, Any], target: float | None = None) -> list[Prescription]:
    """Every parameter rule of the theorem (or of its outline) and K(eps) for every claim that is explicit in K.

    values  constants and parameters by name (`L`, `mu`, `D0`, `d0`, `R0`, `kappa`, `q`, `t`, and for layers `L0`, `L1`, `sigma`,
            `rho`, `P`, `tau`, ...), a number, or for layers one number each; `K` is the horizon. target is eps, also where a
            rule has it as a parameter
    Raises InvalidArgument for unknown names, values outside their range, mu > L, lists of different lengths, and parameters
    outside the theorem's domain.
    """
    outline = theorem if isinstance(theorem, Outline) else outline_of(theorem)
    numbers = Numbers(outline, values, target)
    return [*numbers.rules, *(line for claim in numbers.outline.bounds for line in numbers.lines(claim))]


@functools.lru_cache(maxsize=1024)
def _invert(bound: Any) -> Any:
    """ceil of the K that solves bound(K) = eps, for the shapes that have one: c r^K, c K^-p, (a K + b) / (c K + d)."""
    horizon = sp.Symbol("K", positive=True)
    # A bound that is cut at zero is below eps from then on; before that the cut does nothing.
    body = bound.replace(sp.Max, lambda *args: next(a for a in args if a != 0) if 0 in args else sp.Max(*args))
    body = body.subs(K, horizon)
    # The least of several constants is one more constant.
    least = {node: sp.Dummy(positive=True) for node in body.atoms(sp.Min) if not node.has(horizon)}
    if least:
        found = _invert(body.subs(least).subs(horizon, K))
        return found if found is None else found.subs({own: node for node, own in least.items()})
    if not body.has(horizon) or body.atoms(sp.Max, sp.Min, sp.Sum, sp.Product, Best):
        return None
    # Simplification takes minutes for a bound of several layers, so its outcome is looked at in numbers first.
    if _constant(body.subs(horizon, horizon + 1) / body, horizon):
        ratio = sp.simplify(body.subs(horizon, horizon + 1) / body)
        if not ratio.has(horizon):
            return sp.ceiling(sp.log(eps / body.subs(horizon, 0)) / sp.log(ratio))
    if _constant(sp.log(body / body.subs(horizon, 1)) / sp.log(horizon), horizon):
        power = sp.simplify(body / body.subs(horizon, 1))
        if power.is_Pow and power.base == horizon and power.exp.is_number:
            return sp.ceiling((body.subs(horizon, 1) / eps) ** (-1 / power.exp))
    if any(node.base.has(horizon) and not node.exp.is_Integer for node in body.atoms(sp.Pow)):
        return None
    top, bottom = (side.as_poly(horizon) for side in sp.fraction(sp.together(body)))
    if top is None or bottom is None or max(top.degree(), bottom.degree()) != 1:
        return None
    # top - eps bottom = slope K + constant
    rest = sp.expand(top.as_expr() - eps * bottom.as_expr())
    return sp.ceiling(-rest.subs(horizon, 0) / rest.coeff(horizon, 1))


def _constant(expr: Any, symbol: sp.Symbol) -> bool:
    """Has the expression the same value at two places, with some numbers for all other symbols?"""
    others = sorted(expr.free_symbols - {symbol}, key=str)
    numbers = {other: sp.Float(1 / (2.3 + 0.7 * place)) for place, other in enumerate(others)}
    first, second = (sp.N(expr.subs(numbers).subs(symbol, place)) for place in (3, 7))
    return not (first.is_finite and second.is_finite) or bool(abs(first - second) <= 1e-9 * (1 + abs(first)))


def _least(bound: Any, target: float) -> float | None:
    """The least K with bound(K) <= target for a nonincreasing bound, or None."""
    high = 1
    target *= 1 + 1e-12  # the bound is evaluated in floating point
    while not bound(high) <= target:
        high *= 2
        if high > HORIZON_LIMIT:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bound(middle) <= target else (middle, high)
    return float(high)


def _line(name: str, formula: Any, symbols: dict[Any, float], why: str) -> Prescription:
    value = _put(sp.sympify(formula), symbols)
    value = value.replace(_is_finite, _carried_out)
    if missing := _names(value.free_symbols):
        return Prescription(name, formula, None, missing, why)
    number = complex(value)
    if number.imag or math.isnan(number.real):
        raise InvalidArgument(f"{name} is not a real number for these constants ({value}).")
    return Prescription(name, formula, number.real, (), why)


def _names(symbols: set[Any]) -> tuple[str, ...]:
    """How users spell what these symbols stand for."""
    return tuple(sorted(declared(each.name).name if is_known(each.name) else each.name for each in symbols))


def _put(expr: Any, symbols: dict[Any, float]) -> Any:
    """With the numbers put in. Raises InvalidArgument where an ingredient is no number then."""
    try:
        return expr.xreplace({symbol: sp.Float(value) for symbol, value in symbols.items()})
    except ValueError:  # the larger of a number and 0 / 0, say
        raise InvalidArgument(f"{plain_text(expr)} divides by zero for these constants.") from None


def _is_finite(node: Any) -> bool:
    if not isinstance(node, (sp.Sum, sp.Product)):
        return False
    limits: Any = node.args[1]
    return all(bound.is_Integer or bound.is_Float for bound in limits[1:])


def _carried_out(node: Any) -> Any:
    """A sum or product between numbers, term by term: sympy's own evaluation looks for closed forms for ever."""
    term, limits = node.args
    index, low, high = limits
    terms = [term.subs(index, place) for place in range(int(low), int(high) + 1)]
    return sum(terms) if isinstance(node, sp.Sum) else sp.prod(terms)


def _symbols(values: dict[str, list[float]], count: int, layered: bool) -> dict[Any, float]:
    """The numbers by symbol; a constant may be one of the whole space and one of every layer."""
    symbols: dict[Any, float] = {}
    for name, numbers in values.items():
        if name == HORIZON:
            symbols[K] = numbers[0]
            continue
        for meant in named(name):
            if meant.kind == "layer" and layered:
                spread = numbers * count if len(numbers) == 1 else numbers
                symbols |= {symbol_of(meant.name, place, count): value for place, value in enumerate(spread)}
            elif meant.kind == "constant" and len(numbers) == 1:
                symbols[meant.symbol] = numbers[0]
    return symbols


def validated(values: dict[str, Any]) -> tuple[dict[str, list[float]], int]:
    """Every value as a list, by the name that users give it, and the number of layers. Raises InvalidArgument."""
    checked: dict[str, list[float]] = {}
    for key, value in values.items():
        name = spelled(key)
        if name in checked:
            raise InvalidArgument(f"{name} is given twice, as {name} and as {key}.")
        entries = value if isinstance(value, (list, tuple)) else [value]
        if len(entries) > 1 and not any(meant.kind == "layer" for meant in named(name)):
            raise InvalidArgument(f"{name} is one number, not one a layer.")
        checked[name] = [_horizon(entry) if name == HORIZON else range_of(name).check(entry, name) for entry in entries]
    lengths = {len(value) for value in checked.values()} - {1}
    if len(lengths) > 1 or 0 in lengths:
        shown = ", ".join(f"{key} has {len(value)}" for key, value in checked.items())
        raise InvalidArgument(f"constants of layers must have one number each, but {shown}.")
    if "mu" in checked and "L" in checked and checked["mu"][0] > checked["L"][0]:
        raise InvalidArgument(f"mu = {checked['mu'][0]:g} is larger than L = {checked['L'][0]:g}.")
    return checked, max([1, *lengths])


def spelled(key: str) -> str:
    """The name of a constant or parameter that is given by its name or key. Raises InvalidArgument for an unknown one."""
    if key == HORIZON:
        return key
    if found := named(key):
        return found[0].name
    if key in RESERVED:
        raise InvalidArgument(f"{key} is an index of claims, and cannot be given.")
    known = sorted({each.name for each in every() if each.given} | {HORIZON})
    raise InvalidArgument(f"{key!r} is no constant or parameter.{nearest(key, known)}")


def _horizon(value: Any) -> float:
    number = Range(0.0).check(value, HORIZON)
    if not (number >= 1 and number.is_integer()):
        raise InvalidArgument(f"{HORIZON} must be a positive integer, but is {number:g}.")
    return number


def _refuse(theorem: str, name: str, needed: Range, numbers: list[float]) -> None:
    """Raises InvalidArgument where a hypothesis cannot hold for these numbers."""
    try:
        for number in numbers:
            needed.check(number, name)
    except InvalidArgument:
        raise InvalidArgument(f"{theorem} does not hold for these constants: it needs {name} {needed}.") from None
