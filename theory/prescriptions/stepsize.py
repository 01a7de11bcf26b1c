"""What a theorem prescribes: its parameters and K(eps), as formulas and as numbers.

A claim about a horizon whose bound is explicit in constants is inverted: K(eps) is the least K with bound(K) <= eps,
solved in closed form where sympy can and by bisection over the integers otherwise. Where the claim weights the layers'
gradients by parameters of the method (sum_l t_l g_l <= bound, and radii shrink with the horizon), K(eps) is that of the
gradients themselves: sum_l g_l <= bound / min_l t_l.
"""

import dataclasses
import functools
import math
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.columns.points import grad, radius, t, unit_f, unit_x
from broximal.theory.columns.whole import target as accuracy
from broximal.theory.hypotheses.whole import OneLayer
from broximal.theory.language.claims import BestExpected, Claim, EachExpected, EachHorizon, Expected, Terminates
from broximal.theory.language.quantity import Best, K, key_of, latex, range_of
from broximal.theory.language.theorem import Theorem
from broximal.theory.prescriptions.unroll import is_layered, symbol_of, unrolled

eps = sp.Symbol("eps", positive=True)
HORIZON_LIMIT = 10**15


@dataclasses.dataclass(frozen=True)
class Prescription:
    """One line of the answer: a formula, its LaTeX, its value if every constant in it is known, and what is missing."""

    name: str
    formula: Any
    value: float | None
    missing: tuple[str, ...]
    why: str = ""
    metric: str = ""  # of K(eps): what is at most eps from then on

    @property
    def latex(self) -> str:
        return latex(self.formula)

    @property
    def text(self) -> str:
        """The formula in plain text."""
        return _plain(self.formula)


def parameters(theorem: Theorem, values: dict[str, Any], target: float | None = None) -> list[Prescription]:
    """Every parameter rule of the theorem and K(eps) for every claim that is explicit in K.

    values  constants by key (`L`, `mu`, `D_0`, `d_0`, `R_0`, `kappa`, `q`, `t`, and for layers `L0`, `L1`, `sigma`, `rho`,
            `P`, `tau`, ...), a number, or for layers one number each; target is eps, also
            where a rule has it as a parameter
    Raises InvalidArgument for negative values, mu > L, lists of different lengths, and parameters outside the theorem's
    domain.
    """
    values, count = validated(values)
    layered = is_layered(theorem)
    if count > 1 and any(isinstance(hypothesis, OneLayer) for hypothesis in theorem.assumes):
        raise InvalidArgument(f"{theorem.name} is about one layer, but constants of {count} layers are given.")
    for hypothesis in theorem.assumes:
        if why := hypothesis.refuse(values):
            raise InvalidArgument(f"{theorem.name} does not hold for these constants: {why}.")
    if layered:
        theorem = unrolled(theorem, count)
    elif count > 1:
        raise InvalidArgument(f"{theorem.name} does not speak of layers; give one number for every constant.")
    symbols = {unit_f: 1.0, unit_x: 1.0} | _symbols(values, count, layered)
    if target is not None:
        symbols.setdefault(accuracy, target)
    given = set(symbols)
    lines = []
    for rule in theorem.parameters:
        own = symbols.get(rule.symbol)
        if own is None:
            line = _line(_plain(rule.symbol), rule.formula, symbols, rule.why)
            if line.value is not None:
                symbols[rule.symbol] = line.value
        else:
            line = Prescription(_plain(rule.symbol), rule.symbol, own, (), "given")
        lines.append(line)
        by_definition = own is None and isinstance(rule.domain, sp.Eq)  # and rounding must not deny it
        if not by_definition and _put(rule.domain, symbols) == sp.false:
            raise InvalidArgument(
                f"parameter {_plain(rule.symbol)} lies outside the theorem's domain {_plain(rule.domain)}."
            )
    forced = {
        rule.symbol: rule.formula
        for rule in theorem.parameters
        if (layered or not rule.free) and rule.symbol not in given
    }
    for claim in theorem.claims:
        if isinstance(claim, Terminates):
            count = _line(f"N ({claim.label})", sp.sympify(claim.within), symbols, "steps to a minimiser")
            # rounding must not add a step where the bound is an integer
            value = None if count.value is None else float(math.ceil(count.value * (1 - 1e-12)))
            lines.append(dataclasses.replace(count, formula=sp.ceiling(count.formula), value=value))
        elif isinstance(claim, (EachHorizon, Expected)) and not isinstance(claim, EachExpected):
            weights = {rule.symbol for rule in theorem.parameters} | {
                s for s in symbols if s.name.partition("[")[0] == "P"
            }
            lines += _horizon(claim, forced, symbols, target, weights)
    return lines


def explicit(expr: Any) -> Any:
    """A bound with a constant radius put in; sums and products whose terms are then all equal are carried out."""
    expr = expr.replace(lambda node: isinstance(node, sp.Indexed) and node.base == radius, lambda node: t)

    def equal_terms(node: Any) -> bool:
        if not isinstance(node, (sp.Sum, sp.Product)):
            return False
        limits: Any = node.args[1]
        return limits[0] not in node.args[0].free_symbols

    def closed(node: Any) -> Any:
        term, (_, low, high) = node.args
        count = high - low + 1
        return term * count if isinstance(node, sp.Sum) else term**count

    return expr.replace(equal_terms, closed)


def _horizon(
    claim: Claim, forced: dict[Any, Any], symbols: dict[Any, float], target: float | None, weights: set[Any]
) -> list[Prescription]:
    measured, factor = _unweighted(claim.sides[0], weights)
    bound, factor = (_prescribed(side, forced) for side in (explicit(claim.sides[1]), factor))
    if bound.atoms(sp.Indexed):
        return []  # a bound in measured quantities cannot be inverted beforehand
    name = claim.label or "bound"
    lines = [_line(f"bound after K ({name})", bound, symbols, "")]
    known = {symbol: value for symbol, value in symbols.items() if symbol != K}
    bound = bound / factor
    at = _put(bound, known)
    formula = _invert(bound)
    if K not in bound.free_symbols or (formula is None and (target is None or at.free_symbols - {K})):
        return lines
    metric = _plain(_one_layer(measured))
    if isinstance(claim, BestExpected):
        metric = f"min over k < K of E[{metric}]"
    elif isinstance(claim, Expected):
        metric = f"E[{metric}]"
    value, why = None, f"steps until {metric} <= eps"
    if target is not None and not at.free_symbols - {K} and not at.atoms(sp.Sum, sp.Product):
        value = _least(sp.lambdify(K, at, "math"), target)
        why = why if value is not None else "the bound never falls below eps for these constants"
    missing = () if value is not None or target is not None else ("eps",)
    names = (*missing, *sorted(latex(symbol) for symbol in at.free_symbols - {K}))
    return [*lines, Prescription(f"K(eps) ({name})", formula or sp.Symbol("K_eps"), value, names, why, metric)]


def _prescribed(expr: Any, forced: dict[Any, Any]) -> Any:
    """With the parameters that the theorem prescribes put in, and the rules that they depend on."""
    for _ in forced:
        expr = expr.subs(forced)
    return expr


def _unweighted(side: Any, weights: set[Any]) -> tuple[Any, Any]:
    """(rest, w) with side >= w rest: a sum of terms, each with a factor in these symbols, by its least factor.

    A side that is no such sum is left as it is, with w = 1.
    """
    if side.has(sp.Sum, Best):
        inner = next(iter(side.atoms(sp.Sum, Best)))
        body, factor = _unweighted(inner.args[0], weights)
        return side.subs(inner, inner.func(body, inner.args[1])), factor
    pairs = [term.as_independent(*weights, as_Add=False) for term in sp.Add.make_args(sp.expand_mul(side))]
    if not weights or any(own.atoms(sp.Indexed) or own.free_symbols - weights for _, own in pairs):
        return side, sp.S.One
    return sp.Add(*(rest for rest, _ in pairs)), sp.Min(*(own for _, own in pairs))


def _one_layer(side: Any) -> Any:
    """The measured side, the gradient of the only layer written as that of the whole space."""
    several = any(len(node.indices) == 2 and node.indices[1] != 0 for node in side.atoms(sp.Indexed))
    if several:
        return side
    return side.replace(
        lambda node: isinstance(node, sp.Indexed) and key_of(node) == "gl",
        lambda node: grad[node.indices[0]],
    )


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
    missing = tuple(sorted(latex(symbol) for symbol in value.free_symbols))
    if missing:
        return Prescription(name, formula, None, missing, why)
    number = complex(value)
    if number.imag or math.isnan(number.real):
        raise InvalidArgument(f"{name} is not a real number for these constants ({value}).")
    return Prescription(name, formula, number.real, (), why)


def _put(expr: Any, symbols: dict[Any, float]) -> Any:
    """With the numbers put in. Raises InvalidArgument where an ingredient is no number then."""
    try:
        return expr.subs(symbols)
    except ValueError:  # the larger of a number and 0 / 0, say
        raise InvalidArgument(f"{_plain(expr)} divides by zero for these constants.") from None


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


def _plain(expression: Any) -> str:
    return str(sp.sympify(expression).subs(t, sp.Symbol("t")))


def _symbols(values: dict[str, list[float]], count: int, layered: bool) -> dict[Any, float]:
    """The numbers by symbol; a constant may be one of the whole space and one of every layer."""
    from broximal.theory.language.quantity import is_known, known

    symbols: dict[Any, float] = {}
    for key, numbers in values.items():
        if layered:
            spread = numbers * count if len(numbers) == 1 else numbers
            symbols |= {symbol_of(key, place, count): value for place, value in enumerate(spread)}
        if len(numbers) == 1:
            symbols[_symbol(key)] = numbers[0]
        if len(numbers) == 1 and is_known(f"{key}_n"):  # the same constant of the whole space
            symbols[known(f"{key}_n").symbol] = numbers[0]
    return symbols


def _symbol(key: str) -> Any:
    from broximal.theory.language.quantity import is_known, known

    return {"t": t, "K": K}.get(key) or (known(key).symbol if is_known(key) else sp.Symbol(key, positive=True))


def validated(values: dict[str, Any]) -> tuple[dict[str, list[float]], int]:
    """Every value as a list, and the number of layers. Raises InvalidArgument."""
    checked = {
        key: [range_of(key).check(entry, key) for entry in (value if isinstance(value, (list, tuple)) else [value])]
        for key, value in values.items()
    }
    lengths = {len(value) for value in checked.values()} - {1}
    if len(lengths) > 1 or 0 in lengths:
        shown = ", ".join(f"{key} has {len(value)}" for key, value in checked.items())
        raise InvalidArgument(f"constants of layers must have one number each, but {shown}.")
    if "K" in checked and not (checked["K"][0] >= 1 and checked["K"][0].is_integer()):
        raise InvalidArgument(f"K must be a positive integer, but is {checked['K'][0]:g}.")
    if "mu" in checked and "L" in checked and checked["mu"][0] > checked["L"][0]:
        raise InvalidArgument(f"mu = {checked['mu'][0]:g} is larger than L = {checked['L'][0]:g}.")
    for key, value in checked.items():
        if math.inf in value:
            raise InvalidArgument(f"{key} is infinite.")
        if 0 in value and key in ("t", "L", "eps", "tau", "a", "gamma", "P"):
            raise InvalidArgument(f"{key} must be positive, but is 0.")
        if key == "P" and max(value) > 1:
            raise InvalidArgument(f"P must be a probability, but is {max(value):g}.")
    return checked, max([1, *lengths])
