"""What a theorem prescribes: its parameters, radii and K(eps), as formulas and as numbers.

A claim about a horizon whose bound is explicit in constants is inverted: K(eps) is the least K with bound(K) <= eps, found
exactly, by a search in intervals of as many digits as it takes; the formula for it is shown where sympy has one.
"""

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import declared, is_known, named, range_of
from broximal.theory.language.quantity import Best, K, OverLayers, k, key_of, latex, layer
from broximal.theory.prescriptions.arithmetic import Floats, Undefined, at_most, narrow
from broximal.theory.prescriptions.formula import LONGEST, TooLong, Values, compiled, keys_in
from broximal.theory.prescriptions.levels import (
    Level,
    explicit,
    level_of,
    nonnegative,
    one_layer,
    plain_text,
    prescribed,
    weights_of,
)
from broximal.theory.prescriptions.numbers import HORIZON, Numbers, relation
from broximal.theory.prescriptions.outline import Bound, Outline, outline_of
from broximal.theory.prescriptions.search import LIMIT, least, roughly
from broximal.theory.prescriptions.unroll import single

eps = sp.Symbol("eps", positive=True)
MANY = f"more than 10^{len(str(LIMIT)) - 1}"


@dataclasses.dataclass(frozen=True)
class Prescription:
    """One line of the answer: a formula, its LaTeX, its value if every constant in it is known, and what is missing.

    value    a whole number for a number of steps; None also where that is larger than what is looked for, and `why` says so
    missing  names as a user gives them
    kind     "derived" (from the constants given), "rule" (a parameter), "radius", "bound" or "steps"
    layer    of which layer it is, where there are several
    """

    name: str
    formula: Any
    value: float | int | None
    missing: tuple[str, ...]
    why: str = ""
    kind: str = "rule"
    layer: str = ""

    @property
    def latex(self) -> str:
        return rf"\min\{{K : {latex(self.formula)}\}}" if self.formula.is_Relational else latex(self.formula)

    @property
    def text(self) -> str:
        """The formula in plain text."""
        if self.formula.is_Relational:
            return f"the least K with {plain_text(self.formula.lhs)} <= {plain_text(self.formula.rhs)}"
        return plain_text(self.formula)


class Horizon:
    """A claim about a horizon for numbers: the level that is compared with eps as a function of K.

    missing  keys of what has to be given besides
    """

    def __init__(self, numbers: Numbers, level: Any, where: Any = sp.true):
        self.numbers, self._level = numbers, compiled(level)
        self._keys = keys_in(level) | keys_in(where)
        self._where = None if where == sp.true else relation(where)
        self.missing = numbers.missing(self._keys)

    @property
    def moving(self) -> bool:
        """Does the level depend on the horizon?"""
        return self.numbers.moving(self._keys)

    def at(self, horizon: int) -> float:
        """The level in floating point."""
        try:
            return float(self._level(self.numbers.at(horizon)))
        except (Undefined, OverflowError):
            return float("nan")

    def exactly(self, horizon: int) -> float:
        """The level, rounded to floating point only in the end."""
        try:
            return self.numbers.number(self._level, "the level", horizon)
        except InvalidArgument:
            return float("nan")

    def works(self, horizon: int, target: Any) -> bool:
        """Is the level certainly at most the target after so many steps, with parameters in their domains?"""

        def ask(values: Values, last: int) -> bool | None:
            level, goal = self._level(values), values.made(target)
            found = at_most(level, goal)
            return narrow((goal[0], level[1]), last) and narrow(level, last) if found is None and last else found

        return (
            self.numbers.settled(horizon, ask)
            and self.numbers.in_domains(horizon)
            and (self._where is None or self.numbers.settled(horizon, self._where))
        )

    def steps(self, target: Any) -> int | None:
        """The least K after which the level is at most the target; None if it is more than LIMIT."""
        return least(lambda K: self.works(K, target), self.at, self.exactly, float(target))

    def roughly(self, target: Any) -> float | None:
        """The same in floating point, without proof."""
        return roughly(self.at, float(target))


def parameters(
    theorem: Any, values: dict[str, Any], target: Any = None, layers: Sequence[str] | None = None
) -> list[Prescription]:
    """Every parameter rule of the theorem (or of its outline), its radii, and K(eps) for every claim that is explicit in K.

        parameters("bpm.sublevel_rate", {"R0": 3, "d0": 10, "t": 0.25}, 1e-3)[-1].value   # 111

    theorem a theorem, its name or its outline
    values  constants and parameters by name (`L`, `mu`, `D0`, `d0`, `R0`, `kappa`, `q`, `t`, and for layers `L0`, `L1`, `sigma`,
            `rho`, `P`, `tau`, ...), a number, or for layers one number each; `K` is the horizon. A float is the decimal that it
            prints as. target is eps, also where a rule has it as a parameter
    layers  names of the layers, where there are several
    Raises InvalidArgument for unknown names, values outside their range, numbers that no function of the hypotheses has, lists
    of different lengths, and parameters outside the theorem's domain.
    """
    if isinstance(theorem, str):
        from broximal.theory.language.catalogue import find

        theorem = find(theorem)
    outline = theorem if isinstance(theorem, Outline) else outline_of(theorem)
    if target is not None:
        range_of("eps").check(target, "eps")
    return _Answer(outline, values, target, layers).lines()


class _Answer:
    """The lines for one theorem and its numbers; formulas are those for one layer where there is one."""

    def __init__(self, outline: Outline, values: dict[str, Any], target: Any, layers: Sequence[str] | None):
        self.numbers = Numbers(outline, values, target)
        self.outline, self.target = outline, self.numbers.target
        self.shown = single(outline) if self.numbers.count == 1 else outline
        self.names = list(layers) if layers is not None else [str(place) for place in range(self.numbers.count)]
        self.horizon = self.numbers.horizon  # at which parameters are evaluated

    def lines(self) -> list[Prescription]:
        pairs = list(zip(self.outline.bounds, self.shown.bounds, strict=True))
        counts = [line for pair in pairs for line in self._steps(*pair)]
        at = ""
        if self.horizon is None:
            steps = [line.value for line in counts if line.kind == "steps" and isinstance(line.value, int)]
            if steps:
                self.horizon, at = max(steps), f"for K = {max(steps)}"
        chosen = [*self._derived(), *self._rules(at), *self._radii(at)]
        return [*chosen, *(line for pair in pairs for line in self._bound(*pair, at)), *counts]

    def _derived(self) -> list[Prescription]:
        found = []
        for each in self.numbers.follows:
            key = key_of(each.symbol)
            value = self._value(compiled(each.formula), declared(key).name, None, {key})[0]
            symbol = sp.Symbol(declared(key).name)
            found.append(
                Prescription(
                    declared(key).name, each.formula, value, (), f"{plain_text(symbol)}: {each.why}", "derived"
                )
            )
        return found

    def _rules(self, at: str) -> list[Prescription]:
        found = []
        for rule, shown in zip(self.outline.rules, self.shown.rules, strict=True):
            layered = isinstance(rule.symbol, sp.Indexed)
            key = key_of(rule.symbol)
            name = plain_text(shown.symbol) if not layered or self.numbers.count == 1 else declared(key).name
            if rule.symbol == K:
                found.append(self._prescribed_horizon(rule, shown))
                continue
            given = key in self.numbers.given
            for place in range(self.numbers.count if layered else 1):
                formula = compiled(rule.symbol.subs(layer, place) if layered else rule.symbol)
                value, missing = self._value(formula, name, self.horizon, {key})
                moving = self.numbers.moving({key})
                why = (
                    "given"
                    if given
                    else ", ".join(part for part in (rule.why, at if moving and value is not None else "") if part)
                )
                self._check_range(key, name, value)
                several = layered and self.numbers.count > 1
                line = Prescription(
                    f"{name}[{self.names[place]}]" if several else name,
                    shown.symbol if given else shown.formula,
                    value,
                    missing,
                    why,
                    layer=self.names[place] if several else "",
                )
                found.append(line)
        return found

    def _prescribed_horizon(self, rule: Any, shown: Any) -> Prescription:
        if self.numbers.horizon is not None:
            return Prescription(HORIZON, shown.symbol, self.numbers.horizon, (), "given")
        missing = self.numbers.missing(keys_in(rule.formula))
        if self.target is None:
            missing |= {"eps"}
        value = None if missing else self.numbers.prescribed()
        return Prescription(HORIZON, shown.formula, value, _names(missing), rule.why)

    def _check_range(self, key: str, name: str, value: Any) -> None:
        if (
            value is None
            or key not in self.numbers.dynamic | {step.key for step in self.numbers.steps}
            or not is_known(key)
        ):
            return
        try:
            declared(key).range.check(value, name)
        except InvalidArgument as refused:
            raise InvalidArgument(f"{str(refused).rstrip('.')} for these constants.") from None

    def _radii(self, at: str) -> list[Prescription]:
        formula, shown = self.outline.method.radius, self.shown.method.radius
        if formula is None:
            return []
        keys = keys_in(formula) - {str(k)}
        several = isinstance(formula, sp.Expr) and formula.has(layer) and self.numbers.count > 1
        found = []
        for place in range(self.numbers.count if several else 1):
            value, missing = None, ()
            if not formula.has(k):
                value, missing = self._value(compiled(formula), "radius", self.horizon, keys, place)
            why = (
                "the radius of step k"
                if formula.has(k)
                else f"the radius of every step{', ' + at if at and self.numbers.moving(keys) else ''}"
            )
            name = f"radius[{self.names[place]}]" if several else "radius"
            found.append(Prescription(name, shown, value, missing, why, "radius", self.names[place] if several else ""))
        return found

    def _value(
        self, formula: Any, name: str, horizon: int | None, keys: set[str], place: int = 0
    ) -> tuple[float | None, tuple[str, ...]]:
        """(the number, or None where constants are missing, and their names)."""
        missing = self.numbers.missing(keys)
        if horizon is None and self._needs_horizon(keys):
            missing |= {HORIZON}
        if missing:
            return None, _names(missing)
        return self.numbers.number(formula, name, horizon, place), ()

    def _needs_horizon(self, keys: set[str]) -> bool:
        return self.numbers.moving(keys)

    def _bound(self, claim: Bound, shown: Bound, at: str) -> list[Prescription]:
        """What a claim bounds after K steps."""
        bound = explicit(claim.large)
        if claim.kind == "count" or condition(claim) is None:
            return []
        name = claim.label or "bound"
        value, missing = self._value(compiled(bound), f"the bound ({name})", self.horizon, keys_in(bound))
        why = f"bounds {one(Level(bound, claim.small, claim.kind), self.numbers.count).text}"
        if value is not None and value <= 0 and nonnegative(claim.small):
            value, why = 0.0, f"reached: {why}, which cannot be below 0"
        if at and value is not None:
            why = f"{why}, {at}"
        return [Prescription(f"bound after K ({name})", explicit(shown.large), value, missing, why, "bound")]

    def _own_weights(self) -> set[Any]:
        return {declared("Pl").symbol[layer]} if "Pl" in self.numbers.given else set()

    def _put_in(self, formula: Any) -> Any:
        """With the parameters that depend on the horizon put in."""
        given = {
            rule.symbol
            for rule, own in zip(self.shown.rules, self.outline.rules, strict=True)
            if key_of(own.symbol) in self.numbers.given
        }
        return prescribed(formula, self.shown, given)

    def _shown_level(self, shown: Bound) -> Level:
        own = set() if self.numbers.count > 1 else {sp.Symbol("P", positive=True)} if self._own_weights() else set()
        return level_of(shown, weights_of(self.shown) | (self._own_weights() if self.numbers.count > 1 else own))

    def _steps(self, claim: Bound, shown: Bound) -> list[Prescription]:
        """K(eps) of a claim, or the number of steps until the end."""
        if claim.kind == "count":
            return [self._count(claim, shown)]
        if (where := condition(claim)) is None:
            return []
        level = level_of(claim, weights_of(self.outline) | self._own_weights())
        horizon = Horizon(self.numbers, level.level, where)
        if not horizon.moving or isinstance(claim.small, sp.Sum):  # a sum over the steps does not become small
            return []
        name, said = claim.label or "bound", self._shown_level(shown)
        formula = _invert(self._put_in(said.level)) or sp.Le(said.level, eps, evaluate=False)
        value, why = None, f"steps until {one(said, self.numbers.count).text} is at most eps"
        missing = _names(horizon.missing) + (("eps",) if self.target is None else ())
        if not missing:
            try:
                value = horizon.steps(self.target)
            except TooLong:
                why = f"more than {LONGEST} {why}; the bound has a sum or product with one term a step"
            else:
                if value is None:
                    still = self.numbers.number(compiled(level.level), name, LIMIT)
                    why = f"{MANY} {why}; the bound is then still {still:.6g}"
        return [Prescription(f"K(eps) ({name})", formula, value, missing, why, "steps")]

    def _count(self, claim: Bound, shown: Bound) -> Prescription:
        name, formula = f"N ({claim.label})", sp.ceiling(shown.large)
        keys = keys_in(claim.large)
        if missing := self.numbers.missing(keys):
            return Prescription(name, formula, None, _names(missing), "steps to a minimiser", "count")
        return Prescription(
            name, formula, self.numbers.ceiling(compiled(claim.large), name), (), "steps to a minimiser", "count"
        )


def condition(claim: Bound) -> Any:
    """When the bound is claimed, in constants and the horizon; None where it or the bound is made of what is measured.

    That what is bounded is positive is no condition: else it is at most the bound cut at 0.
    """
    if _measured(explicit(claim.large)):
        return None
    if claim.where in (sp.true, sp.Gt(claim.small, 0), sp.Ge(claim.small, 0)):
        return sp.true
    return None if _measured(claim.where) else claim.where


def _measured(expr: Any) -> bool:
    return any(declared(key).along for key in keys_in(expr) if is_known(key))


def one(level: Level, count: int) -> Level:
    """A level whose measured side is written for one layer, where there is one."""
    if count > 1:
        return level
    from broximal.theory.prescriptions.unroll import written_out

    return level._replace(measured=one_layer(written_out(level.measured)))


def speaks_of(outline: Outline) -> set[str]:
    """The names of what a theorem's rules, bounds and hypotheses are made of."""
    keys = outline.keys | {key for tie in outline.ties for key in keys_in(tie.relation)}
    keys |= {key for each in outline.follows if key_of(each.symbol) in keys for key in keys_in(each.formula)}
    asked = {name for _, name, _ in outline.needs}
    return asked | {declared(key).name if is_known(key) else key for key in keys}


def depends_on_target(outline: Outline) -> bool:
    """Does a rule or a bound speak of the accuracy?"""
    return bool(outline.keys & {each.key for each in named("eps") if each.kind == "constant"})


def _names(keys: set[str]) -> tuple[str, ...]:
    """How users spell these keys."""
    return tuple(sorted({declared(each).name if is_known(each) else each for each in keys}))


@functools.lru_cache(maxsize=1024)
def _invert(bound: Any) -> Any:
    """ceil of the K that solves bound(K) = eps, for the shapes that have one: c r^K, c K^-p, (a K + b) / (c K + d)."""
    horizon = sp.Symbol("K", positive=True)
    # A bound that is cut at zero is below eps from then on; before that the cut does nothing.
    body = bound.replace(sp.Max, lambda *args: next(a for a in args if a != 0) if 0 in args else sp.Max(*args))
    body = body.subs(K, horizon)
    # The least of several constants, or what is taken over layers, is one more constant.
    fixed = {node: sp.Dummy(positive=True) for node in _outermost(body) if not node.has(horizon)}
    if fixed:
        found = _invert(body.xreplace(fixed).subs(horizon, K))
        return found if found is None else found.xreplace({own: node for node, own in fixed.items()})
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
