"""Which theorem promises the fewest steps, for constants that are given: K(eps) of every statement, by the question it answers.

A question is what is at most eps. A bound of a mean of gradients, or of the least expectation of one, is one of the expected
least; layers that are weighted or squared are brought to their sum (see `levels.question`); a statement that ends in a
minimiser has no gap from then on. What answers no question is named with its reason.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import Range, declared
from broximal.theory.language.quantity import key_of
from broximal.theory.prescriptions.formula import LONGEST, TooLong, compiled, keys_in
from broximal.theory.prescriptions.horizon import MANY, Horizon, condition
from broximal.theory.prescriptions.levels import GAP, GRADIENT, Level, level_of, question, weights_of
from broximal.theory.prescriptions.numbers import Numbers, validated
from broximal.theory.prescriptions.outline import Bound, Outline, outline_of
from broximal.theory.prescriptions.search import LIMIT
from broximal.theory.prescriptions.stepsize import depends_on_target, spellings

SCALES = (100.0, 10.0, 1.0, 0.1, 0.01)  # of the accuracy that was asked for
QUESTIONS = {
    GRADIENT: (
        "the expected least dual norm of the gradient among the points of K steps",
        r"\mathbb{E} \min_{k} \|\nabla f(x_k)\|_\ast",
    ),
    GAP: ("the expected gap f - f* after K steps", r"\mathbb{E}[f(x_K) - f^\star]"),
}
SINGLE_STEPS = "says nothing of the point after K steps, only of single steps or quantities of its own"
MEASURED = "has a bound that is no formula in constants: it is made of what is measured along the run"
FIXED = "has a bound that does not fall with K"


@dataclasses.dataclass(frozen=True)
class Promise:
    """K(eps) of one claim.

    question  in words, what is at most eps after so many steps, if the theorem's assumptions hold;  latex  the same
    bounded   in words, what the theorem says
    meanings  inequalities that L0 and L1 may be the constants of; empty if the theorem does not speak of them, or L1 = 0
    """

    theorem: str
    claim: str
    question: str
    latex: str
    bounded: str
    steps: int
    assumes: tuple[str, ...]
    meanings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The answers, those of one question together and the fewest steps first, and what was left out.

    follows   in words, what was taken for constants that were not given
    tightest  for every question the statement of fewest steps at several accuracies: rows (accuracy, theorem (claim), steps)
    left_out  (theorem, reason)
    """

    promises: list[Promise]
    tightest: dict[str, list[tuple[float, str, float]]]
    left_out: list[tuple[str, str]]
    follows: list[str]


def promises(values: dict[str, Any], eps: Any, outlines: Iterable[Outline] | None = None) -> list[Promise]:
    """Every true statement that gives a K(eps) with these constants: see `compare`."""
    return compare(values, eps, outlines).promises


def compare(values: dict[str, Any], eps: Any, outlines: Iterable[Outline] | None = None) -> Comparison:
    """The true statements by the number of steps that they promise for these constants.

    outlines  of the theorems that are asked; None: those of the catalogue
    Raises InvalidArgument for constants that no theorem can take.
    """
    Range(strict=True).check(eps, "eps")
    outlines = outlines_of_catalogue() if outlines is None else outlines  # first: they bring the names of constants
    checked, _ = validated(values)  # else every theorem would refuse the same value, and none be left
    found, left_out, follows = [], [], []
    rows: dict[str, list[tuple[float, str, float]]] = {}
    for outline in (outline for outline in outlines if outline.truth):
        own, reasons = _asked(outline, values, eps, any(checked.get("sigma", ())))
        found += [answer.promise for answer in own]
        follows += [why for answer in own for why in answer.follows]
        if not own:
            left_out += [(outline.name, reason) for reason in dict.fromkeys(reasons)]
        for answer in own:
            name = f"{answer.promise.theorem} ({answer.promise.claim})"
            for scale in SCALES:
                target = float(eps) * scale
                steps = answer.promise.steps if scale == 1 else answer.roughly(target)
                if steps is not None:
                    rows.setdefault(answer.promise.question, []).append((target, name, steps))
    order = {words: place for place, (words, _) in enumerate(QUESTIONS.values())}
    found.sort(key=lambda each: (order.get(each.question, len(order)), each.question, each.steps))
    return Comparison(
        found, {asked: _fewest(some) for asked, some in rows.items()}, left_out, list(dict.fromkeys(follows))
    )


def _fewest(rows: list[tuple[float, str, float]]) -> list[tuple[float, str, float]]:
    targets = sorted({target for target, _, _ in rows}, reverse=True)
    return [min((row for row in rows if row[0] == target), key=lambda row: row[2]) for target in targets]


def outlines_of_catalogue() -> list[Outline]:
    """The outlines of all theorems, by name."""
    # not at the top: outlines that were kept are compared without the rooms that make theorems
    from broximal.theory.language.catalogue import catalogue

    return [outline_of(theorem) for theorem in catalogue().values()]


@dataclasses.dataclass(frozen=True)
class _Answer:
    """A promise, and the same for other accuracies; what followed from the constants given."""

    promise: Promise
    outline: Outline
    values: dict[str, Any]
    follows: list[str]
    horizon: Horizon | None = None

    def roughly(self, target: float) -> float | None:
        if self.horizon is not None:
            try:
                return self.horizon.roughly(target)
            except TooLong:
                return None
        if not depends_on_target(self.outline):
            return self.promise.steps
        return Numbers(self.outline, self.values, target).prescribed()


def _asked(outline: Outline, values: dict[str, Any], eps: Any, noisy: bool) -> tuple[list[_Answer], list[str]]:
    """The answers of a theorem, and why its other claims give none."""
    if not outline.bounds:
        return [], [SINGLE_STEPS]
    try:
        numbers = Numbers(outline, values, eps)
    except InvalidArgument as refused:  # outside its domain, or constants that it does not speak of
        return [], [_because(refused, outline)]
    answers, reasons = [], []
    for claim in outline.bounds:
        try:
            answer = _answer(outline, numbers, claim, eps)
        except InvalidArgument as refused:
            answer = _because(refused, outline)
        if isinstance(answer, str):
            reasons.append(answer)
            continue
        asked, shown, bounded, steps, horizon = answer
        assumed = outline.under_noise if noisy else outline.assumes
        promise = Promise(outline.name, claim.label, asked, shown, bounded, steps, assumed, _meanings(outline, numbers))
        follows = [f"{declared(key_of(each.symbol)).name}: {each.why}" for each in numbers.follows]
        answers.append(_Answer(promise, outline, values, follows, horizon))
    return answers, reasons


def _because(refused: InvalidArgument, outline: Outline) -> str:
    said = str(refused).rstrip(".").removeprefix(f"{outline.name} ")
    return said.removeprefix("does not hold for these constants: ")


def _answer(outline: Outline, numbers: Numbers, claim: Bound, eps: Any) -> Any:
    """(question, its LaTeX, what is bounded, steps, horizon), or the reason why there is none."""
    if (where := condition(claim)) is None:
        return MEASURED
    if claim.kind == "count":
        if missing := numbers.missing(keys_in(claim.large)):
            return _needs(missing)
        if (steps := numbers.ceiling(compiled(claim.large), claim.label)) is None:
            return f"ends in a minimiser after {MANY} steps only"
        return (*QUESTIONS[GAP], "the method ends in a minimiser", steps, None)
    known = question(claim)
    level = level_of(claim, weights_of(outline))
    shown = (lambda each: each) if numbers.count > 1 else Level.of_one_layer
    words = shown(level)
    asked = QUESTIONS[known[0]] if known is not None else (words.text, words.latex)
    bounded = "bounds " + shown(Level(level.level, claim.small, claim.kind)).text
    horizon = Horizon(numbers, level.level if known is None else known[1], where)
    if horizon.missing:
        return _needs(horizon.missing)
    if (rule := numbers.horizon_rule) is not None:
        missing = numbers.missing(keys_in(rule.formula))
        if missing:
            return _needs(missing)
        steps = numbers.prescribed()
        return f"prescribes {MANY} steps" if steps is None else (*asked, bounded, steps, None)
    if not horizon.moving:
        return FIXED
    try:
        steps = horizon.steps(eps)
    except TooLong:
        return (
            f"promises it after more than {LONGEST} steps only, and its bound has a sum or product with one term a step"
        )
    if steps is None:
        return f"promises {asked[0]} at most {float(eps):g} after {MANY} steps only: it is then still {horizon.at(LIMIT):.4g}"
    return (*asked, bounded, steps, horizon)


def _needs(keys: set[str]) -> str:
    return "needs " + ", ".join(spellings(keys))


def _meanings(outline: Outline, numbers: Numbers) -> tuple[str, ...]:
    """What the theorem may take L0 and L1 for; where L1 = 0, coupled layers too, and for one layer all are L-smoothness."""
    flat = not any(numbers.given.get("L1l", ()))
    if flat and numbers.count == 1:
        return ()
    return tuple(meaning for meaning in outline.meanings if flat or not meaning.endswith("(A2)"))


def reasons(left_out: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The theorems that were left out, by the reason."""
    found: dict[str, list[str]] = {}
    for name, reason in left_out:
        found.setdefault(reason, []).append(name)
    return dict(sorted(found.items(), key=lambda item: (item[0] in (SINGLE_STEPS, MEASURED, FIXED), item[0])))
