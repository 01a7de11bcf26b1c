"""What a theorem prescribes: its parameters, radii and K(eps), as formulas and as numbers.

A claim about a horizon whose bound is explicit in constants is inverted: K(eps) is the least K with bound(K) <= eps, found
exactly, by a search in intervals of as many digits as it takes; the formula for it is shown where there is one.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import declared, is_known, named, range_of
from broximal.theory.language.quantity import K, k, key_of, latex, layer
from broximal.theory.prescriptions.formula import LONGEST, TooLong, compiled, keys_in
from broximal.theory.prescriptions.horizon import MANY, Horizon, condition
from broximal.theory.prescriptions.inversion import eps, inverted
from broximal.theory.prescriptions.levels import (
    Level,
    explicit,
    level_of,
    nonnegative,
    plain_text,
    prescribed,
    weights_of,
)
from broximal.theory.prescriptions.numbers import HORIZON, Numbers
from broximal.theory.prescriptions.outline import Bound, Outline, outline_of
from broximal.theory.prescriptions.search import LIMIT
from broximal.theory.prescriptions.unroll import single, symbol_of


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
        self.several = self.numbers.count > 1
        self.shown = outline if self.several else single(outline)
        self.names = list(layers) if layers is not None else [str(place) for place in range(self.numbers.count)]
        own = {declared("Pl").symbol[layer]} if "Pl" in self.numbers.given else set()
        self.weights = weights_of(outline) | own
        self.weights_shown = weights_of(self.shown) | (own if self.several else {symbol_of("P") for _ in own})

    def lines(self) -> list[Prescription]:
        pairs = list(zip(self.outline.bounds, self.shown.bounds, strict=True))
        counts = [self._count(*pair) if pair[0].kind == "count" else self._steps(*pair) for pair in pairs]
        known = [line.value if line is not None and line.kind == "steps" else None for line in counts]
        longest = max((value for value in known if isinstance(value, int)), default=None)
        chosen = [*self._derived(), *self._rules(longest), *self._radii(longest)]
        bounds = [self._bound(*pair, longest) for pair in pairs]
        return [line for line in (*chosen, *bounds, *counts) if line is not None]

    # ---- parameters -------------------------------------------------------------------------------------------------

    def _derived(self) -> list[Prescription]:
        found = []
        for each in self.numbers.follows:
            name = declared(key_of(each.symbol)).name
            value, _ = self._value(compiled(each.formula), name, None, keys_in(each.formula))
            found.append(Prescription(name, each.formula, value, (), each.why, "derived"))
        return found

    def _rules(self, longest: int | None) -> list[Prescription]:
        found = []
        for rule, shown in zip(self.outline.rules, self.shown.rules, strict=True):
            key = key_of(rule.symbol)
            if rule.symbol == K:
                found.append(self._prescribed_horizon(rule, shown))
                continue
            given = key in self.numbers.given
            formula, why = (shown.symbol, "given") if given else (shown.formula, rule.why)
            own = self._each(declared(key).name, rule.symbol, formula, why, "rule", longest)
            for line in own:
                self._check_range(key, line)
            found += own
        return found

    def _radii(self, longest: int | None) -> list[Prescription]:
        formula, shown = self.outline.method.radius, self.shown.method.radius
        if formula is None:
            return []
        if formula.has(k):
            return [Prescription("radius", shown, None, (), "the radius of step k", "radius")]
        return self._each("radius", formula, shown, "the radius of every step", "radius", longest)

    def _each(
        self, name: str, formula: Any, shown: Any, why: str, kind: str, longest: int | None
    ) -> list[Prescription]:
        """The lines of a formula, one for every layer if it is of a layer, for the horizon or that of all claims."""
        keys, layered = keys_in(formula), layer in formula.free_symbols and self.several
        horizon = longest if self.numbers.horizon is None else self.numbers.horizon
        found = []
        for place in range(self.numbers.count if layered else 1):
            value, missing = self._value(compiled(formula), name, horizon, keys, place)
            said = why
            if value is not None and self.numbers.horizon is None and self.numbers.moving(keys):
                said = f"{why}, for K = {horizon}"
            own = self.names[place] if layered else ""
            found.append(Prescription(f"{name}[{own}]" if own else name, shown, value, missing, said, kind, own))
        return found

    def _prescribed_horizon(self, rule: Any, shown: Any) -> Prescription:
        if self.numbers.horizon is not None:
            return Prescription(HORIZON, shown.symbol, self.numbers.horizon, (), "given")
        missing = self.numbers.missing(keys_in(rule.formula))
        if self.target is None:
            missing |= {"eps"}
        value = None if missing else self.numbers.prescribed()
        return Prescription(HORIZON, shown.formula, value, spellings(missing), rule.why)

    def _check_range(self, key: str, line: Prescription) -> None:
        """Raises InvalidArgument for a rule that gives what nobody could give."""
        if line.value is None or key in self.numbers.given:
            return
        try:
            declared(key).range.check(line.value, line.name)
        except InvalidArgument as refused:
            raise InvalidArgument(f"{str(refused).rstrip('.')} for these constants.") from None

    def _value(
        self, formula: Any, name: str, horizon: int | None, keys: set[str], place: int = 0
    ) -> tuple[float | None, tuple[str, ...]]:
        """(the number, or None where constants are missing, and their names)."""
        missing = self.numbers.missing(keys)
        if horizon is None and self.numbers.moving(keys):
            missing |= {HORIZON}
        return (None, spellings(missing)) if missing else (self.numbers.number(formula, name, horizon, place), ())

    # ---- claims -----------------------------------------------------------------------------------------------------

    def _bound(self, claim: Bound, shown: Bound, longest: int | None) -> Prescription | None:
        """What a claim bounds after K steps."""
        if claim.kind == "count" or condition(claim) is None:
            return None
        bound, name = explicit(claim.large), f"bound after K ({claim.label})"
        (line,) = self._each(name, bound, explicit(shown.large), "", "bound", longest)
        why = f"bounds {self._as_shown(Level(bound, claim.small, claim.kind)).text}{line.why}"
        if line.value is not None and line.value <= 0 and nonnegative(claim.small):
            return dataclasses.replace(line, value=0.0, why=f"reached: {why}, which cannot be below 0")
        return dataclasses.replace(line, why=why)

    def _steps(self, claim: Bound, shown: Bound) -> Prescription | None:
        """K(eps) of a claim."""
        if (where := condition(claim)) is None:
            return None
        level, said = level_of(claim, self.weights), level_of(shown, self.weights_shown)
        horizon = Horizon(self.numbers, level.level, where)
        if not horizon.moving or isinstance(claim.small, sp.Sum):  # a sum over the steps does not become small
            return None
        value, why = None, f"steps until {self._as_shown(said).text} is at most eps"
        missing = spellings(horizon.missing) + (("eps",) if self.target is None else ())
        if not missing:
            try:
                value = horizon.steps(self.target)
            except TooLong:
                why = f"more than {LONGEST} {why}; the bound has a sum or product with one term a step"
            else:
                if value is None:
                    still = self.numbers.number(compiled(level.level), claim.label, LIMIT)
                    why = f"{MANY} {why}; the bound is then still {still:.6g}"
        formula = inverted(self._put_in(said.level)) or sp.Le(said.level, eps, evaluate=False)
        return Prescription(f"K(eps) ({claim.label})", formula, value, missing, why, "steps")

    def _put_in(self, formula: Any) -> Any:
        """With the parameters that depend on the horizon put in."""
        pairs = zip(self.shown.rules, self.outline.rules, strict=True)
        return prescribed(
            formula, self.shown, {rule.symbol for rule, own in pairs if key_of(own.symbol) in self.numbers.given}
        )

    def _as_shown(self, level: Level) -> Level:
        return level if self.several else level.of_one_layer()

    def _count(self, claim: Bound, shown: Bound) -> Prescription | None:
        """The number of steps until the end."""
        if condition(claim) is None:
            return None
        name, keys = f"N ({claim.label})", keys_in(claim.large)
        missing = self.numbers.missing(keys)
        value, why = None, "steps to a minimiser"
        if not missing and (value := self.numbers.ceiling(compiled(claim.large), name)) is None:
            why = f"{MANY} {why}"
        return Prescription(name, sp.ceiling(shown.large), value, spellings(missing), why, "count")


def speaks_of(outline: Outline) -> set[str]:
    """The names of what a theorem's rules, bounds and hypotheses are made of."""
    keys = outline.keys | {key for tie in outline.ties for key in keys_in(tie.relation)}
    keys |= {key for each in outline.follows if key_of(each.symbol) in keys for key in keys_in(each.formula)}
    asked = {name for _, name, _ in outline.needs}
    return asked | set(spellings(keys))


def depends_on_target(outline: Outline) -> bool:
    """Does a rule or a bound speak of the accuracy?"""
    return bool(outline.keys & {each.key for each in named("eps") if each.kind == "constant"})


def spellings(keys: set[str]) -> tuple[str, ...]:
    """How users spell these keys."""
    return tuple(sorted({declared(each).name if is_known(each) else each for each in keys}))
