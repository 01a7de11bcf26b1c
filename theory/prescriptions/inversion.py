"""K(eps) as a formula, for the shapes of bounds that have one."""

import functools
import math
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.quantity import Best, K, OverLayers
from broximal.theory.prescriptions.arithmetic import Floats, Undefined
from broximal.theory.prescriptions.formula import Values, compiled, keys_in

eps = sp.Symbol("eps", positive=True)


@functools.lru_cache(maxsize=1024)
def inverted(bound: Any) -> Any:
    """ceil of the K that solves bound(K) = eps, for the shapes that have one: c r^K, c K^-p, (a K + b) / (c K + d)."""
    horizon = sp.Symbol("K", positive=True)
    # A bound that is cut at zero is below eps from then on; before that the cut does nothing.
    body = bound.replace(sp.Max, lambda *args: next(a for a in args if a != 0) if 0 in args else sp.Max(*args))
    body = body.subs(K, horizon)
    # The least of several constants, or what is taken over layers, is one more constant.
    fixed = {node: sp.Dummy(positive=True) for node in _outermost(body) if not node.has(horizon)}
    if fixed:
        found = inverted(body.xreplace(fixed).subs(horizon, K))
        return found if found is None else found.xreplace({own: node for node, own in fixed.items()})
    if not body.has(horizon) or body.atoms(sp.Max, sp.Min, sp.Sum, sp.Product, Best):
        return None
    size, moving = body.as_independent(horizon, as_Add=False)
    base, exponent = moving.as_base_exp()
    if base == horizon and exponent.is_number:
        return sp.ceiling((size / eps) ** (-1 / exponent))
    if not base.has(horizon) and not (slope := exponent / horizon).has(horizon):
        return sp.ceiling(sp.log(eps / size) / (slope * sp.log(base)))
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


def _outermost(expr: Any) -> list[Any]:
    """What is taken over layers, or is a least, and is in no other such."""
    if isinstance(expr, (sp.Min, OverLayers)):
        return [expr]
    return [node for part in expr.args for node in _outermost(part)]


def _constant(expr: Any, symbol: sp.Symbol) -> bool:
    """Has the expression the same value at two places, with some numbers for all other symbols?"""
    others = sorted(keys_in(expr) - {symbol.name})
    numbers = {other: 1 / (2.3 + 0.7 * place) for place, other in enumerate(others)}
    try:
        value = compiled(expr)
        first, second = (value(Values(Floats(), numbers | {symbol.name: place}, 1)) for place in (3, 7))
    except (InvalidArgument, Undefined):
        return False
    return not (math.isfinite(first) and math.isfinite(second)) or abs(first - second) <= 1e-9 * (1 + abs(first))
