"""What a claim about a horizon bounds after K steps, as formulas without numbers: what is compared with eps.

Where the claim weights the layers' gradients by parameters of the method (sum_l t_l g_l <= bound, and radii shrink with the
horizon), it is the gradients themselves that are compared: sum_l g_l <= bound / min_l t_l, as none of them is negative.
"""

from typing import Any, NamedTuple

import sympy as sp

from broximal.theory.language.declaration import declared, is_known
from broximal.theory.language.quantity import Best, K, Largest, LayerSum, OverLayers, SumOver, key_of, latex, layer
from broximal.theory.prescriptions.outline import Bound, Outline
from broximal.theory.prescriptions.unroll import written_out

GRADIENTS = ("gl", "gwl", "grad", "gw")  # dual norms of the gradient, of the whole or of a layer
SHORT = {"grad": "dual norm of the gradient", "gap": "gap f - f*"}
GRADIENT, GAP = "gradient", "gap"


class Level(NamedTuple):
    """What is compared with eps: `level` bounds `measured` after K steps, in expectation if `expected` is a word."""

    level: Any
    measured: Any
    kind: str

    @property
    def text(self) -> str:
        """What is at most the level, in words."""
        return _expected(self.kind, words(self.measured))

    @property
    def latex(self) -> str:
        shown = latex(self.measured)
        if self.kind == "best expected":
            return rf"\min_{{k < K}} \mathbb{{E}}\Bigl[{shown}\Bigr]"
        return rf"\mathbb{{E}}\Bigl[{shown}\Bigr]" if self.kind == "expected" else shown

    def of_one_layer(self) -> "Level":
        """The same for a single layer, whose gradient is that of the whole space."""
        grad = declared("grad").symbol
        only = written_out(self.measured).replace(
            lambda node: isinstance(node, sp.Indexed) and key_of(node) == "gl" and node.indices[1] == 0,
            lambda node: grad[node.indices[0]],
        )
        return self._replace(measured=only)


def level_of(claim: Bound, weights: set[Any]) -> Level:
    """The level of a claim, where these symbols are weights of the method."""
    measured, factor = unweighted(claim.small, weights)
    return Level(explicit(claim.large) / factor, measured, claim.kind)


def weights_of(outline: Outline) -> set[Any]:
    """The parameters that a theorem prescribes."""
    return {rule.symbol for rule in outline.rules}


def prescribed(expr: Any, outline: Outline, given: set[Any]) -> Any:
    """With the parameters that the theorem prescribes put in where they are not given: those of layers, those that are not
    free, and those that depend on the horizon, which stays, as levels are functions of it."""
    forced: dict[Any, Any] = {}
    for rule in outline.rules:
        if rule.symbol in given or rule.symbol == K:
            continue
        if outline.layered or not rule.free or rule.formula.has(K, *forced):
            forced[rule.symbol] = rule.formula
    for _ in forced:
        expr = expr.subs(forced)
    return expr


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


def unweighted(side: Any, weights: set[Any]) -> tuple[Any, Any]:
    """(rest, w) with side >= w rest and w made of these symbols; (side, 1) where there is no such w.

    Terms with different factors are divided by the least of them only where none of them can be negative.
    """
    if side in weights:
        return sp.S.One, side
    if isinstance(side, (sp.Sum, Best)) and len(side.args) == 2:
        limits: Any = side.args[1]
        rest, factor = unweighted(side.args[0], weights)
        if factor.has(limits[0]):
            if not (isinstance(side, SumOver) and nonnegative(rest)):
                return side, sp.S.One
            factor = 1 / Largest(1 / factor)
        return side.func(rest, limits), factor
    if side.is_Mul:
        parts = [unweighted(part, weights) for part in side.args]
        return sp.Mul(*(rest for rest, _ in parts)), sp.Mul(*(factor for _, factor in parts))
    if side.is_Add:
        parts = [unweighted(part, weights) for part in side.args]
        factors = list(dict.fromkeys(factor for _, factor in parts))
        if len(factors) == 1 or all(nonnegative(rest) for rest, _ in parts):
            return sp.Add(*(rest for rest, _ in parts)), sp.Min(*factors)
    return side, sp.S.One


def nonnegative(expr: Any) -> bool:
    """Is it certainly at least 0, for what is declared of columns and constants?"""
    if isinstance(expr, sp.Indexed):
        own = declared(key_of(expr))
        return own.nonnegative or (not own.along and own.range.low >= 0)
    if isinstance(expr, (sp.Sum, sp.Product, Best)):
        return nonnegative(expr.args[0])
    if expr.is_Add or expr.is_Mul or isinstance(expr, sp.Min):
        return all(map(nonnegative, expr.args))
    if isinstance(expr, sp.Max):
        return any(map(nonnegative, expr.args))
    if expr.is_Pow:
        return nonnegative(expr.base) or bool(expr.exp.is_even)
    return bool(expr.is_nonnegative)


def question(claim: Bound) -> tuple[str, Any] | None:
    """What a claim answers of the questions that many theorems answer, and the level of that after K steps; None for none.

    GRADIENT  a point among the first whose gradient has at most this dual norm, in expectation: what is claimed of the mean, or
              of the least expectation, holds of it, layers that are weighted by constants or squared by Cauchy-Schwarz
    GAP       the expected function value above the infimum of the last point
    """
    body, last = claim.small, False
    if (mean := _mean_of(body)) is not None:
        body = mean
    elif isinstance(body, Best) and not isinstance(body, OverLayers):
        body = body.args[0]
    elif claim.kind != "best expected":
        last = True
    if last and isinstance(body, sp.Indexed) and key_of(body) == "gap" and body.indices == (K,):
        return GAP, explicit(claim.large)
    outer, body = body.as_independent(sp.Indexed, as_Add=False) if not isinstance(body, SumOver) else (sp.S.One, body)
    summed = isinstance(body, SumOver) and body.axis == layer and body.where == sp.true
    term: Any = body.args[0] if summed else body
    weight, column = term.as_independent(*_columns(body), as_Add=False)
    base, power = column.as_base_exp()
    if not (
        isinstance(base, sp.Indexed) and key_of(base) in GRADIENTS and power in (1, 2) and not _columns(weight * outer)
    ):
        return None
    weight, large = weight * outer, explicit(claim.large)
    if power == 1:
        return GRADIENT, large * (Largest(1 / weight) if summed and weight.has(layer) else 1 / weight)
    return GRADIENT, sp.sqrt(large * (LayerSum(1 / weight) if summed else 1 / weight))


def _columns(expr: Any) -> list[Any]:
    return [node for node in expr.atoms(sp.Indexed) if declared(key_of(node)).along]


def _mean_of(expr: Any) -> Any:
    """The body of a mean over K steps, or None."""
    sums = [part for part in sp.Mul.make_args(expr) if isinstance(part, sp.Sum)]
    if len(sums) != 1:
        return None
    args: Any = sums[0].args
    body, (_, low, high) = args
    return body if sp.expand(high - low + 1 - K) == 0 and expr / sums[0] == 1 / K else None


def words(expr: Any) -> str:
    """What is measured, in words where it is a mean, the least or the last of one column."""
    node: Any = expr
    if (mean := _mean_of(expr)) is not None:
        return f"the mean over K steps of {words(mean)}"
    if isinstance(expr, Best) and not isinstance(expr, OverLayers):
        return f"the least over K steps of {words(expr.args[0])}"
    if isinstance(expr, sp.Sum):
        return f"the sum over K steps of {words(expr.args[0])}"
    if isinstance(expr, SumOver) and expr.where == sp.true:
        return "the sum over the layers of " + words(expr.args[0])
    if isinstance(expr, sp.Indexed) and is_known(key_of(expr)):
        meaning = SHORT.get(key_of(expr), declared(key_of(expr)).meaning)
        return f"the {meaning} after K steps" if expr.indices[0] == K else f"the {meaning}"
    base, power = node.as_base_exp()
    if power == 2 and isinstance(base, sp.Indexed):
        return f"{words(base)}, squared"
    return plain_text(expr)


def _expected(kind: str, said: str) -> str:
    if kind == "best expected":
        return f"the least over K steps of the expectation of {said}"
    return f"the expectation of {said}" if kind == "expected" else said


def plain_text(expression: Any) -> str:
    """In plain text, with the names that users give."""
    found = sp.sympify(expression)
    names: dict[Any, Any] = {}
    for each in found.free_symbols:
        if type(each) is sp.Symbol and is_known(each.name):
            names[each] = sp.Symbol(declared(each.name).name, **each._assumptions_orig)
        elif isinstance(each, sp.Indexed) and is_known(key_of(each)):
            base: Any = each.base
            own: Any = sp.IndexedBase(declared(key_of(each)).name, **base.label._assumptions_orig)
            names[each] = own[each.indices]
    found = found.xreplace(names)
    found = found.replace(
        lambda node: isinstance(node, OverLayers),
        lambda node: sp.Function(f"{'max' if isinstance(node, Largest) else 'sum'}_{node.axis}")(node.args[0]),
    )
    return str(
        found.replace(lambda node: isinstance(node, Best), lambda node: sp.Function("min")(node.args[0], *node.args[1]))
    )
