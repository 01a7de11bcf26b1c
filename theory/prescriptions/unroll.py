"""Layer-wise formulas written out for a number of layers, with one plain symbol for every layer's constant."""

import dataclasses
from typing import Any

import sympy as sp

from broximal.theory.language.claims import Claim, Reaches, Terminates
from broximal.theory.language.quantity import OverLayers, key_of, layer, layers, place_in
from broximal.theory.language.theorem import Rule, Theorem

NAMES = {"L0l": "L0", "L1l": "L1", "Rl": "R", "R0l": "R", "Pl": "P"}  # what users call the constants of a layer


def is_layered(theorem: Theorem) -> bool:
    """Does the theorem speak of layers?"""
    parts = [claim.relation for claim in theorem.claims if isinstance(claim, Claim)]
    parts += [rule.symbol for rule in theorem.parameters]
    return any(part.has(layer) for part in parts)


def symbol_of(name: str, place: int, count: int) -> sp.Symbol:
    """The symbol of a layer's constant: `L0` alone for one layer, `L0[j]` for several."""
    sign = {"nonnegative": True} if name == "L1" else {"positive": True}  # L1 = 0 is the smooth case
    return sp.Symbol(name if count == 1 else f"{name}[{place}]", **sign)


def written_out(expr: Any, count: int) -> Any:
    """An expression for this many layers, constants of layers as symbols; measured columns stay."""

    def walk(node: Any) -> Any:
        if isinstance(node, OverLayers):
            return walk(node.spelled_out(count))
        if isinstance(node, sp.Indexed) and len(node.indices) == 1 and node.indices[0].is_Integer:
            key = key_of(node)
            return symbol_of(NAMES.get(key, key), place_in(node), count)
        if node == layers:
            return sp.Integer(count)
        return node.func(*map(walk, node.args)) if node.args else node

    return walk(sp.sympify(expr))


def unrolled(theorem: Theorem, count: int) -> Theorem:
    """The theorem for this many layers, as formulas in plain symbols: what its stepsizes and K(eps) are computed from."""
    rules: list[Rule] = []
    for rule in theorem.parameters:
        for place in range(count if rule.symbol.has(layer) else 1):
            parts = [written_out(part.subs(layer, place), count) for part in (rule.symbol, rule.formula, rule.domain)]
            rules.append(dataclasses.replace(rule, symbol=parts[0], formula=parts[1], domain=parts[2]))
    claims: list[Claim | Terminates | Reaches] = []
    for claim in theorem.claims:
        if isinstance(claim, Claim):
            small, large = (written_out(side, count) for side in claim.sides)
            claim = claim.restated(relation=sp.Le(small, large, evaluate=False))
        claims.append(claim)
    return dataclasses.replace(theorem, parameters=tuple(rules), claims=tuple(claims))
