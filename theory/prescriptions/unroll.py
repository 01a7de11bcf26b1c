"""Layer-wise formulas written out for a number of layers, with one plain symbol for every layer's constant."""

import dataclasses
from typing import Any

import sympy as sp

from broximal.theory.language.declaration import declared
from broximal.theory.language.quantity import OverLayers, key_of, layer, layers, place_in
from broximal.theory.prescriptions.outline import Outline, Parameter


def symbol_of(name: str, place: int, count: int) -> sp.Symbol:
    """The symbol of a layer's constant: `L0` alone for one layer, `L0[j]` for several."""
    sign = (
        {"nonnegative": True} if name == "L1" else {"positive": True}
    )  # L1 = 0 is the smooth case, which sympy must see
    return sp.Symbol(name if count == 1 else f"{name}[{place}]", **sign)


def written_out(expr: Any, count: int) -> Any:
    """An expression for this many layers, constants of layers as symbols; measured columns stay."""

    def walk(node: Any) -> Any:
        if isinstance(node, OverLayers) and node.axis == layer:
            return walk(node.spelled_out(count))
        if isinstance(node, sp.Indexed) and len(node.indices) == 1 and node.indices[0].is_Integer:
            return symbol_of(declared(key_of(node)).name, place_in(node), count)
        if node == layers:
            return sp.Integer(count)
        return node.func(*map(walk, node.args)) if node.args else node

    return walk(sp.sympify(expr))


def unrolled(outline: Outline, count: int) -> Outline:
    """The outline for this many layers, as formulas in plain symbols: what its stepsizes and K(eps) are computed from."""
    rules = [
        dataclasses.replace(rule, **{name: written_out(part.subs(layer, place), count) for name, part in _parts(rule)})
        for rule in outline.rules
        for place in range(count if rule.symbol.has(layer) else 1)
    ]
    bounds = [
        dataclasses.replace(bound, small=written_out(bound.small, count), large=written_out(bound.large, count))
        for bound in outline.bounds
    ]
    return dataclasses.replace(outline, rules=tuple(rules), bounds=tuple(bounds))


def _parts(rule: Parameter) -> list[tuple[str, Any]]:
    return [(name, getattr(rule, name)) for name in ("symbol", "formula", "domain")]
