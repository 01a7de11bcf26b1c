"""Layer-wise formulas for one layer, with plain symbols for its constants: as they are shown where there is no other."""

import dataclasses
from typing import Any

import sympy as sp

from broximal.theory.language.declaration import declared
from broximal.theory.language.quantity import OverLayers, key_of, layer, layers
from broximal.theory.prescriptions.outline import Outline, Parameter


def symbol_of(name: str) -> sp.Symbol:
    """The symbol of the only layer's constant."""
    sign = (
        {"nonnegative": True} if name == "L1" else {"positive": True}
    )  # L1 = 0 is the smooth case, which sympy must see
    return sp.Symbol(name, **sign)


def written_out(expr: Any) -> Any:
    """An expression for one layer, constants of layers as symbols; measured columns stay."""

    def walk(node: Any) -> Any:
        if isinstance(node, OverLayers) and node.axis == layer:
            return walk(node.spelled_out(1))
        if isinstance(node, sp.Indexed) and len(node.indices) == 1 and node.indices[0].is_Integer:
            return symbol_of(declared(key_of(node)).name)
        if node == layers:
            return sp.S.One
        return node.func(*map(walk, node.args)) if node.args else node

    return walk(sp.sympify(expr))


def single(outline: Outline) -> Outline:
    """The outline for one layer, as formulas in plain symbols."""
    if not outline.layered:
        return outline
    rules = tuple(
        dataclasses.replace(rule, **{name: written_out(part.subs(layer, 0)) for name, part in _parts(rule)})
        for rule in outline.rules
    )
    bounds = tuple(
        dataclasses.replace(bound, small=written_out(bound.small), large=written_out(bound.large))
        for bound in outline.bounds
    )
    radius = outline.method.radius
    method = outline.method._replace(radius=None if radius is None else written_out(radius.subs(layer, 0)))
    return dataclasses.replace(outline, rules=rules, bounds=bounds, method=method)


def _parts(rule: Parameter) -> list[tuple[str, Any]]:
    return [(name, getattr(rule, name)) for name in ("symbol", "formula", "domain")]
