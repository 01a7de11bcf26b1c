"""A theorem's outline with numbers: what follows from them, its parameters at every horizon, and what they contradict."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import sympy as sp

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.declaration import RESERVED, Range, declared, every, is_known, named, range_of
from broximal.theory.language.quantity import K, key_of
from broximal.theory.prescriptions.arithmetic import (
    INFINITE,
    SURE,
    Floats,
    Intervals,
    Undefined,
    abs_exponent,
    at_most,
    ceilings,
    narrow,
    rational,
    to_number,
)
from broximal.theory.prescriptions.formula import Evaluated, TooLong, Values, compiled, computable, keys_in
from broximal.theory.prescriptions.levels import plain_text
from broximal.theory.prescriptions.outline import Outline, Parameter
from broximal.theory.prescriptions.search import LIMIT
from broximal.theory.prescriptions.unroll import written_out

HORIZON = "K"  # how users spell the number of steps, which is no quantity
PRECISIONS = 6  # how often the precision is doubled before two numbers are taken for equal
ROUNDED = Fraction(1, 10**12)  # by how much, relatively, a given parameter may be outside of its domain


class Step(NamedTuple):
    """A constant or parameter that is computed from what comes before it; of a layer, one number for each."""

    key: str
    layered: bool
    formula: Evaluated
    needs: frozenset[str]


class Numbers:
    """A theorem's outline with the numbers that are given.

    values   constants and parameters by name, a number, or for layers one number each; target is eps, also where a rule has it
             as a parameter
    count    how many layers there are
    follows  (constant, formula, why) of what was derived from the constants given
    Raises InvalidArgument for unknown names, values outside their range, numbers that no function of the hypotheses has
    together, lists of different lengths, and parameters outside the theorem's domain.
    """

    def __init__(self, outline: Outline, values: dict[str, Any], target: Any = None):
        checked, self.count = validated(values)
        if self.count > 1 and outline.one_layer:
            raise InvalidArgument(
                f"{outline.name} is about one layer, but constants of {number_of(self.count, 'layer')} are given."
            )
        if self.count > 1 and not outline.layered:
            raise InvalidArgument(f"{outline.name} does not speak of layers; give one number for every constant.")
        self.outline, self.target = outline, None if target is None else rational(target)
        self.given = _by_key(checked, self.count, self.target)
        self.horizon = int(checked[HORIZON][0]) if HORIZON in checked else None
        self._static: dict[int, Values] = {}
        self._last: tuple[tuple[int, int], Values] | None = None
        self.steps: list[Step] = []
        self.follows = [each for each in outline.follows if self._derives(each)]
        self.dynamic: set[str] = {HORIZON}
        for rule in outline.rules:
            if (key := key_of(rule.symbol)) not in self.given and rule.symbol != K and computable(rule.formula):
                step = _step(rule.symbol, rule.formula)
                self.steps.append(step)
                if step.needs & self.dynamic:
                    self.dynamic.add(key)
        for hypothesis, name, needed in outline.needs:
            self._refuse(hypothesis, name, needed)
        self._check_ties()
        self._domains = [
            (rule, relation(rule.domain))
            for rule in outline.rules
            if rule.domain != sp.true and all(map(computable, rule.domain.args))
        ]
        self._check_domains()

    # ---- what is known ----------------------------------------------------------------------------------------------

    def _derives(self, each: Any) -> bool:
        """Can this constant be derived, and is it needed? Then it is."""
        key = key_of(each.symbol)
        if key in self.given or (each.single and self.count > 1):
            return False
        if any(step.key == key for step in self.steps) or (each.zero and any(self.given.get(each.zero, [1]))):
            return False
        if each.formula == 0 and any(
            name == declared(key).name and needed.strict for _, name, needed in self.outline.needs
        ):
            return False
        step = _step(each.symbol, each.formula)
        derived = {step.key for step in self.steps}
        if not step.needs <= self.given.keys() | derived or (not step.needs and "L" not in self.given):
            return False
        self.steps.append(step)
        return True

    def missing(self, keys: Any) -> set[str]:
        """The keys of what has to be given besides, so that all of these can be computed; HORIZON is never one."""
        found: set[str] = set()
        steps = {step.key: step for step in self.steps}
        ahead, seen = list(keys), set()
        while ahead:
            key = ahead.pop()
            if key in seen or key in self.given or key == HORIZON or (is_known(key) and declared(key).fixed):
                continue
            seen.add(key)
            if key in steps:
                ahead += steps[key].needs
            else:
                found.add(key)
        return found

    def moving(self, keys: Any) -> bool:
        """Does one of them depend on the horizon?"""
        return bool(set(keys) & self.dynamic)

    # ---- values -----------------------------------------------------------------------------------------------------

    def at(self, horizon: int | None, prec: int = 0) -> Values:
        """All that can be computed, after so many steps: in floating point, or in intervals of this precision."""
        if prec not in self._static:
            fixed = {each.key: 1 for each in every() if each.fixed}
            values = Values(Intervals(prec) if prec else Floats(), fixed | self.given, self.count)
            _run((step for step in self.steps if step.key not in self.dynamic), values)
            self._static[prec] = values
        static = self._static[prec]
        if horizon is None:
            return static
        if self._last is not None and self._last[0] == (horizon, prec):
            return self._last[1]
        found = Values(static.arithmetic, {}, self.count)
        found.numbers = static.numbers | {HORIZON: found.made(horizon)}
        if len(self.dynamic) == 1:
            found.running = static.running  # its terms are the same for every horizon
        _run((step for step in self.steps if step.key in self.dynamic), found)
        self._last = ((horizon, prec), found)
        return found

    def settled(self, horizon: int | None, ask: Callable[[Values, int], bool | None]) -> bool:
        """The answer to a question about values, asked with more and more digits until they tell; else they are equal."""
        bits = 64 + 2 * (0 if horizon is None else horizon.bit_length())
        for doubled in range(PRECISIONS):
            try:
                found = ask(self.at(horizon, bits << doubled), 0 if doubled < PRECISIONS - 1 else bits)
            except Undefined:
                found = None if doubled < 2 else False
            if found is not None:
                return found
        return False

    def number(self, formula: Evaluated, name: str, horizon: int | None, place: int = 0) -> float:
        """The value of a formula. Raises InvalidArgument where it has none for these constants."""
        for doubled in range(PRECISIONS):
            bits = (64 + 2 * (0 if horizon is None else horizon.bit_length())) << doubled
            values = self.at(horizon, bits)
            values.layer = place
            try:
                found = formula(values)
            except TooLong as why:
                raise InvalidArgument(f"{name} is not computed: it is a sum or product of {why}.") from None
            except Undefined as why:
                raise InvalidArgument(f"{name} divides by zero for these constants, or has no value ({why}).") from None
            finally:
                values.layer = 0
            if narrow(found, 56) or abs(to_number(found)) < 1e-300:
                break
        if INFINITE[0] in found:
            raise InvalidArgument(f"{name} is infinite for these constants.")
        return to_number(found)

    def ceiling(self, formula: Evaluated, name: str, horizon: int | None = None) -> int | None:
        """The least whole number that is at least the value of a formula; of one that looks whole in every digit, itself.

        None for one above LIMIT.
        """
        bits = 64
        for _ in range(2 * PRECISIONS):
            try:
                found = formula(self.at(horizon, bits))
                if abs_exponent(found[0]) > LIMIT.bit_length():
                    return None
                low, high = ceilings(found)
            except (Undefined, ValueError, OverflowError):
                raise InvalidArgument(f"{name} divides by zero for these constants, or is infinite.") from None
            if low == high:
                return low
            if narrow(found, bits // 2) and bits >= SURE:
                return low
            bits *= 2
        return high

    @property
    def horizon_rule(self) -> Parameter | None:
        """The rule for the number of steps, where a theorem has one."""
        return next((rule for rule in self.outline.rules if rule.symbol == K), None)

    def prescribed(self) -> int | None:
        """The number of steps that a theorem prescribes for the accuracy, by a rule; None where it has none."""
        rule = self.horizon_rule
        if rule is None or self.target is None or self.missing(keys_in(rule.formula)):
            return None
        formula = rule.formula.args[0] if isinstance(rule.formula, sp.ceiling) else rule.formula
        return self.ceiling(compiled(formula), HORIZON)

    # ---- what is refused --------------------------------------------------------------------------------------------

    def _refuse(self, hypothesis: str, name: str, needed: Range) -> None:
        """Raises InvalidArgument where a hypothesis cannot hold for these numbers."""
        for each in named(name):
            value = self.given.get(each.key)
            if value is None and any(step.key == each.key for step in self.steps) and each.key not in self.dynamic:
                if self.missing([each.key]):
                    continue
                value = self.at(None).numbers[each.key]
            try:
                for number in value if isinstance(value, list) else [] if value is None else [value]:
                    needed.check(float(number), name)
            except InvalidArgument:
                raise InvalidArgument(
                    f"{self.outline.name} does not hold for these constants: it needs {name} {needed} ({hypothesis})."
                ) from None

    def _check_ties(self) -> None:
        """Raises InvalidArgument where no function of the hypotheses has these constants."""
        for hypotheses, tie, why in self.outline.ties:
            keys = keys_in(tie)
            if self.missing(keys) or self.moving(keys) or self.settled(None, relation(tie)):
                continue
            small, large = (self.number(compiled(side), plain_text(side), None) for side in tie.args)
            by = f" ({' and '.join(hypotheses)})" if hypotheses else ""
            left, right = (plain_text(written_out(side) if self.count == 1 else side) for side in tie.args)
            shown = [
                f"{text} = {value:.6g}" if text != f"{value:g}" else text
                for text, value in ((left, small), (right, large))
            ]
            raise InvalidArgument(
                f"{self.outline.name} does not hold for these constants: {shown[0]} is larger than {shown[1]}, but {why}{by}."
            )

    def _check_domains(self) -> None:
        for rule, holds in self._domains:
            if not self._in_domain(rule, holds, self.horizon):
                raise InvalidArgument(
                    f"parameter {plain_text(rule.symbol)} lies outside the theorem's domain {plain_text(rule.domain)}."
                )

    def in_domains(self, horizon: int) -> bool:
        """Are all parameters in their domains for this horizon?"""
        moving = [(rule, holds) for rule, holds in self._domains if self.moving(keys_in(rule.domain))]
        return all(self._in_domain(rule, holds, horizon) for rule, holds in moving)

    def _in_domain(self, rule: Parameter, holds: Any, horizon: int | None) -> bool:
        key = key_of(rule.symbol)
        if key not in self.given and isinstance(rule.domain, sp.Eq):  # by definition
            return True
        keys = keys_in(rule.domain)
        if self.missing(keys) or (horizon is None and self.moving(keys)):
            return True
        layered = isinstance(rule.symbol, sp.Indexed)
        return all(self.settled(horizon, _placed(holds, place)) for place in range(self.count if layered else 1))


def _placed(ask: Any, place: int) -> Any:
    def asked(values: Values, last: int) -> bool | None:
        values.layer = place
        try:
            return ask(values, last)
        except Undefined:  # whoever asks for the parameter is told
            return True
        finally:
            values.layer = 0

    return asked


def _run(steps: Any, values: Values) -> None:
    for step in steps:
        if not step.needs <= values.numbers.keys():
            continue
        try:
            if not step.layered:
                values.numbers[step.key] = step.formula(values)
                continue
            each = []
            for place in range(values.count):
                values.layer = place
                each.append(step.formula(values))
            values.numbers[step.key] = each
        except Undefined:  # whoever asks for it is told
            continue
        finally:
            values.layer = 0


def _step(symbol: Any, formula: Any) -> Step:
    keys = keys_in(formula)
    return Step(key_of(symbol), isinstance(symbol, sp.Indexed), compiled(formula), frozenset(keys))


def relation(said: Any) -> Callable[[Values, int], bool | None]:
    """Does a relation hold for values? Sides that differ by rounding of given numbers are equal; None where digits are too few."""
    if isinstance(said, (sp.And, sp.Or, sp.Not)) or not isinstance(said, sp.core.relational.Relational):
        raise InvalidArgument(f"the condition {said} is not computed for stepsizes.")
    strict = isinstance(said, (sp.StrictLessThan, sp.StrictGreaterThan))
    both = isinstance(said, sp.Eq)
    sides: Any = said
    small, large = (compiled(side) for side in (sides.args if both else (sides.lts, sides.gts)))

    def ask(values: Values, last: int) -> bool | None:
        on = values.arithmetic
        a, b = small(values), large(values)
        room = on.product([on.absolute(b), on.number(ROUNDED)])
        if strict:
            found = at_most(b, a)
            return None if found is None and not last else found is False
        found = at_most(a, on.total([b, room]))
        return found if not both or not found else at_most(b, on.total([a, room]))

    return ask


def _by_key(values: dict[str, list[Any]], count: int, target: Fraction | None) -> dict[str, Any]:
    """The numbers by key; a word may stand for a constant of the whole space and for one of every layer."""
    found: dict[str, Any] = {}
    for name, numbers in values.items():
        if name == HORIZON:
            found[HORIZON] = numbers[0]
            continue
        for meant in named(name):
            if meant.kind == "layer":
                found[meant.key] = numbers * count if len(numbers) == 1 else numbers
            elif meant.kind == "constant" and len(numbers) == 1:
                found[meant.key] = numbers[0]
    if target is not None:
        found = {each.key: target for each in named("eps") if each.kind == "constant"} | found
    return found


def validated(values: dict[str, Any]) -> tuple[dict[str, list[Any]], int]:
    """Every value as a list, by the name that users give it, and the number of layers. Raises InvalidArgument."""
    checked: dict[str, list[Any]] = {}
    for key, value in values.items():
        name = spelled(key)
        if name in checked:
            raise InvalidArgument(f"{name} is given twice, as {name} and as {key}.")
        entries = value if isinstance(value, (list, tuple)) else [value]
        if len(entries) > 1 and not any(meant.kind == "layer" for meant in named(name)):
            raise InvalidArgument(f"{name} is one number, not one a layer.")
        checked[name] = [_horizon(entry) if name == HORIZON else _exact(entry, name) for entry in entries]
    lengths = {len(value) for value in checked.values()} - {1}
    if len(lengths) > 1 or 0 in lengths:
        shown = ", ".join(f"{key} has {len(value)}" for key, value in checked.items())
        raise InvalidArgument(f"constants of layers must have one number each, but {shown}.")
    if "mu" in checked and "L" in checked and checked["mu"][0] > checked["L"][0]:
        raise InvalidArgument(f"mu = {float(checked['mu'][0]):g} is larger than L = {float(checked['L'][0]):g}.")
    return checked, max([1, *lengths])


def _exact(value: Any, name: str) -> Fraction:
    found = range_of(name).check(value, name)
    return value if isinstance(value, Fraction) else Fraction(value) if isinstance(value, int) else rational(found)


def spelled(key: str) -> str:
    """The name of a constant or parameter that is given by its name or key. Raises InvalidArgument for an unknown one."""
    if key == HORIZON:
        return key
    if found := named(key):
        return found[0].name
    if key in RESERVED:
        raise InvalidArgument(f"{key} is an index of claims, and cannot be given.")
    known = sorted({each.name for each in every() if each.given} | {HORIZON})
    raise InvalidArgument(f"{key!r} is no constant or parameter.{nearest(key, known)}")


def _horizon(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    number = Range(0.0).check(value, HORIZON)
    if not (number >= 1 and number.is_integer()):
        raise InvalidArgument(f"{HORIZON} must be a positive integer, but is {number:g}.")
    return int(number)
