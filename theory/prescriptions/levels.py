"""What a claim about a horizon bounds after K steps, as formulas without numbers: what is compared with eps.

Where the claim weights the layers' gradients by parameters of the method (sum_l t_l g_l <= bound, and radii shrink with the
horizon), it is the gradients themselves that are compared: sum_l g_l <= bound / min_l t_l.
"""

import dataclasses
from typing import Any

import sympy as sp

from broximal.theory.language.declaration import declared, is_known
from broximal.theory.language.quantity import Best, K, key_of
from broximal.theory.prescriptions.outline import Bound, Level, Outline
from broximal.theory.prescriptions.unroll import unrolled


def prepared(outline: Outline) -> Outline:
    """The outline with what it is for one layer, or for the whole space, where no parameter is given."""
    single = unrolled(outline, 1) if outline.layered else outline
    forced, weights = forced_rules(single, set()), {rule.symbol for rule in single.rules}
    bounds = tuple(
        bound if bound.kind == "count" else dataclasses.replace(bound, level=level_of(bound, forced, weights))
        for bound in single.bounds
    )
    return dataclasses.replace(outline, single=dataclasses.replace(single, bounds=bounds))


def forced_rules(outline: Outline, given: set[Any]) -> dict[Any, Any]:
    """The parameters that a theorem prescribes, where they are not given; the horizon stays, as levels are functions of it."""
    return {
        rule.symbol: rule.formula
        for rule in outline.rules
        if (outline.layered or not rule.free) and rule.symbol not in given and rule.symbol != K
    }


def level_of(claim: Bound, forced: dict[Any, Any], weights: set[Any]) -> Level:
    """The level of a claim, with the prescribed parameters put in."""
    measured, factor = _unweighted(claim.small, weights)
    bound, factor = (_prescribed(side, forced) for side in (explicit(claim.large), factor))
    metric = plain_text(_one_layer(measured))
    if claim.kind == "best expected":
        metric = f"min over k < K of E[{metric}]"
    elif claim.kind == "expected":
        metric = f"E[{metric}]"
    return Level(bound, bound / factor, metric)


def explicit(expr: Any) -> Any:
    """A bound with a constant radius put in; sums and products whose terms are then all equal are carried out."""
    expr = expr.replace(
        lambda node: isinstance(node, sp.Indexed) and key_of(node) == "t", lambda node: declared("t_const").symbol
    )

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
        lambda node: declared("grad").symbol[node.indices[0]],
    )


def plain_text(expression: Any) -> str:
    """In plain text, with the names that users give."""
    found = sp.sympify(expression)
    given = [each for each in found.free_symbols if type(each) is sp.Symbol and is_known(each.name)]
    names = {each: sp.Symbol(declared(each.name).name, **each._assumptions_orig) for each in given}
    return str(found.xreplace(names))
