"""What a theorem prescribes: its parameters and K(eps), as formulas and as numbers.

A claim about a horizon whose bound is explicit in constants is inverted: K(eps) is the least K with bound(K) <= eps,
solved in closed form where sympy can and by bisection over the integers otherwise.
"""

import dataclasses
import math
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.claims import EachHorizon, Terminates
from broximal.theory.quantity import K, latex
from broximal.theory.theorem import Theorem
from broximal.theory.vocabulary import radius, t

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

    @property
    def latex(self) -> str:
        return latex(self.formula)


def parameters(theorem: Theorem, values: dict[str, float], target: float | None = None) -> list[Prescription]:
    """Every parameter rule of the theorem and K(eps) for every claim that is explicit in K.

    values  constants by key (`L`, `mu`, `D_0`, `d_0`, `R_0`, `kappa`, `q`, `t`); target is eps
    Raises InvalidArgument for negative values, mu > L, and parameters outside the theorem's domain.
    """
    values = _validated(values)
    symbols = {_symbol(key): value for key, value in values.items()}
    lines = []
    for rule in theorem.parameters:
        given = symbols.get(rule.symbol)
        if given is None:
            line = _line(str(rule.symbol), rule.formula, symbols, rule.why)
            if line.value is not None:
                symbols[rule.symbol] = line.value
        else:
            line = Prescription(str(rule.symbol), rule.symbol, given, (), "given")
        lines.append(line)
        if rule.domain.subs(symbols) == sp.false:
            raise InvalidArgument(f"parameter {rule.symbol} lies outside the theorem's domain {rule.domain}.")
    for claim in theorem.claims:
        if isinstance(claim, Terminates):
            lines.append(
                _line(f"N ({claim.label})", sp.ceiling(sp.sympify(claim.within)), symbols, "steps to a minimiser")
            )
        elif isinstance(claim, EachHorizon):
            lines += _horizon(claim, symbols, target)
    return lines


def explicit(expr: Any) -> Any:
    """A bound with a constant radius put in and finite sums and products carried out."""
    expr = expr.replace(lambda node: isinstance(node, sp.Indexed) and node.base == radius, lambda node: t)
    return expr.doit()


def _horizon(claim: EachHorizon, symbols: dict[Any, float], target: float | None) -> list[Prescription]:
    bound = explicit(claim.sides[1])
    if bound.atoms(sp.Indexed):
        return []  # a bound in measured quantities cannot be inverted beforehand
    name = claim.label or "bound"
    lines = [_line(f"bound after K ({name})", bound, symbols, "")]
    formula = _invert(bound)
    known = symbols | ({eps: target} if target is not None else {})
    if formula is not None:
        lines.append(_line(f"K(eps) ({name})", formula, known, "steps until the bound is below eps"))
    elif target is not None and not (bound.subs(symbols).free_symbols - {K}):
        value = _least(sp.lambdify(K, bound.subs(symbols), "math"), target)
        lines.append(Prescription(f"K(eps) ({name})", sp.Symbol("K_eps"), value, (), "by bisection over the integers"))
    return lines


def _invert(bound: Any) -> Any:
    """ceil of the K that solves bound(K) = eps, if there is one real positive branch."""
    horizon = sp.Symbol("K", positive=True)
    try:
        branches = sp.solve(sp.Eq(bound.subs(K, horizon), eps), horizon)
    except (NotImplementedError, ValueError):
        return None
    branches = [branch for branch in branches if not branch.has(sp.I)]
    return sp.ceiling(sp.simplify(branches[0])) if len(branches) == 1 else None


def _least(bound: Any, target: float) -> float | None:
    """The least K with bound(K) <= target for a nonincreasing bound, or None."""
    high = 1
    while bound(high) > target:
        high *= 2
        if high > HORIZON_LIMIT:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bound(middle) <= target else (middle, high)
    return float(high)


def _line(name: str, formula: Any, symbols: dict[Any, float], why: str) -> Prescription:
    value = sp.sympify(formula).subs(symbols)
    missing = tuple(sorted(latex(symbol) for symbol in value.free_symbols))
    if missing:
        return Prescription(name, formula, None, missing, why)
    number = complex(value)
    if number.imag or math.isnan(number.real):
        raise InvalidArgument(f"{name} is not a real number for these constants ({value}).")
    return Prescription(name, formula, number.real, (), why)


def _symbol(key: str) -> Any:
    from broximal.theory.quantity import known

    return {"t": t, "K": K}.get(key) or known(key).symbol


def _validated(values: dict[str, float]) -> dict[str, float]:
    from broximal.oracles.arrays import as_number

    checked = {key: float(as_number(value, key, low=0)) for key, value in values.items()}
    if checked.get("mu", 0.0) > checked.get("L", math.inf):
        raise InvalidArgument(f"mu = {checked['mu']:g} is larger than L = {checked['L']:g}.")
    for key, value in checked.items():
        if value == 0 and key in ("t", "L", "eps"):
            raise InvalidArgument(f"{key} must be positive, but is 0.")
    return checked
