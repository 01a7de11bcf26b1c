"""A theorem is data: hypotheses, method, claims, source, and the cases it is checked on."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import sympy as sp

from broximal.oracles.arguments import nearest
from broximal.oracles.arrays import as_number
from broximal.oracles.errors import InvalidArgument
from broximal.problems.problem import Problem
from broximal.theory.language.algorithm import Algorithm
from broximal.theory.language.claims import SAMPLED, Claim, Reaches, Terminates
from broximal.theory.language.declaration import declared, is_known
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import latex
from broximal.theory.language.scaling import check_rule
from broximal.theory.language.source import Source


@dataclasses.dataclass(frozen=True)
class Case:
    """An instance a theorem is checked on by default.

    problem   a function of the seed (fixed instances ignore it): a Problem, or another Instance, whose norm is None
    radius    a number, a function (problem, norm, x0) -> radius or schedule, or None for the default
    parameters  of the method, by name, where they differ from the theorem's own rule
    constants   to use instead of the problem's own (larger ones than it needs, say)
    sharp     how nearly the bound is attained here: the ratio measured / bound that must be reached, or None
    slow      only in the full profile
    fixed     the instance does not depend on the seed, so one seed is enough
    note      why this case
    """

    problem: Callable[[int], Any]
    norm: Any
    radius: Any = None
    steps: int = 40
    x0: Callable[[Problem], Any] | None = None
    parameters: dict[str, Any] | None = None
    constants: dict[str, Any] | None = None
    sharp: float | None = None
    slow: bool = False
    fixed: bool = False
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Rule:
    """How the theory chooses a parameter: the formula, its domain, and in words.

    A free parameter (any value in the domain is admissible) has the default as its formula. Raises InvalidArgument where terms
    of the formula or of the domain scale differently under f -> s f or x -> r x.
    """

    symbol: Any
    formula: Any
    domain: Any = sp.true
    free: bool = False
    why: str = ""

    def __post_init__(self):
        check_rule(self)

    def card(self) -> str:
        """The rule in LaTeX and words, named as in the claims."""
        if self.domain in (True, sp.true):
            domain = ["any value"] if self.free else []
        elif self.domain == sp.Eq(self.symbol, self.formula):
            domain = []  # it says the same again
        else:
            domain = [f"{'any with' if self.free else 'where'} ${latex(self.domain)}$"]
        rule = f"${latex(self.symbol)} = {latex(self.formula)}$"
        return "; ".join([rule, *domain, *([self.why] if self.why else [])])


@dataclasses.dataclass(frozen=True)
class Theorem:
    """A statement about a method.

    truth   True: it is proved and every check must hold; False: it is false (as printed or as commonly read), and a
            check on its cases must refute it; `repair` then names the true statement that replaces it
    exact   for a false statement: a function that replays the counterexample in rational arithmetic and returns the
            violated relation as a pair of fractions (left, right) with left > right although left <= right is claimed
    """

    name: str
    title: str
    source: Source
    assumes: tuple[Hypothesis, ...]
    method: Algorithm
    claims: tuple[Claim | Terminates | Reaches, ...]
    cases: tuple[Case, ...]
    parameters: tuple[Rule, ...] = ()
    truth: bool = True
    repair: str = ""
    exact: Callable[[], tuple[Any, Any]] | None = None
    notes: str = ""
    proof: str = ""

    def __post_init__(self):
        if not self.claims:
            raise InvalidArgument(f"theorem {self.name!r} claims nothing.")
        if not self.truth and not self.repair:
            raise InvalidArgument(f"theorem {self.name!r} is false and names no true statement in its place.")
        labels = [claim.label for claim in self.claims]
        if len(set(labels)) != len(labels):
            raise InvalidArgument(f"theorem {self.name!r} has two claims with the same label.")

    @property
    def sampled(self) -> bool:
        """Is a claim about many random paths together, not about each?"""
        return any(isinstance(claim, SAMPLED) for claim in self.claims)

    @property
    def expected(self) -> str:
        return "holds" if self.truth else "violated"

    def altered(self, factor: float, claim: str | None = None) -> "Theorem":
        """The theorem with every bound, or that of one claim, times the factor: a planted wrong twin for factor < 1.

        A bound below zero is moved down as well (see `Claim.strengthened`), so that a factor below 1 always claims more.
        The name keeps every digit of the factor. Raises InvalidArgument if no claim has this label, or for a factor that
        is not a finite number.
        """
        factor = float(as_number(factor, "factor"))
        if not math.isfinite(factor):
            raise InvalidArgument(f"factor must be finite, not {factor}.")
        labels = [each.label for each in self.claims]
        if claim is not None and claim not in labels:
            raise InvalidArgument(f"claim {claim!r} is none of {self.name!r}.{nearest(claim, labels)}")
        return dataclasses.replace(
            self,
            name=f"{self.name}*{factor!r}" + ("" if claim is None else f"@{claim}"),
            claims=tuple(each.strengthened(factor) if claim in (None, each.label) else each for each in self.claims),
        )

    def card(self) -> str:
        """The statement in LaTeX and words, as Markdown."""
        lines = [f"### {self.title}", f"`{self.name}` — {self.source}", ""]
        if not self.truth:
            lines += [f"**False**; the true statement is `{self.repair}`.", ""]
        lines += [f"*Method.* {self.method.name}: ${self.method.update}$", "", "*Assumes.*"]
        lines += [f"- {h.name}: ${h.latex}$" for h in self.assumes]
        lines += ["", "*Claims.*"]
        for claim in self.claims:
            sharpness = f" (no sharp case: {claim.sharpness})" if claim.sharpness else ""
            lines.append(f"- {claim.label or claim.quantifier}: ${claim.latex()}${sharpness}")
            lines += [f"  - rests on ${given}$" for given in [getattr(claim, "rests_on", "")] if given]
            lines += [
                f"  - not seen on any case: {', '.join(names)} ({why})" for why, names in _by_reason(claim.unseen)
            ]
        ruled = {str(getattr(rule.symbol, "base", rule.symbol)) for rule in self.parameters}
        numbers = [rule.card() for rule in self.parameters]
        numbers += [_of_the_case(key) for key in self.method.parameters if key not in ruled]
        if numbers:
            lines += ["", "*Parameters.*"] + [f"- {each}" for each in numbers]
        lines += ["", self.notes] if self.notes else []
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        return self.card()

    def __repr__(self) -> str:
        return f"Theorem<{self.name}>"


def _of_the_case(key: str) -> str:
    """A parameter that no rule gives: what it is called in claims, and what it means."""
    if not is_known(key):
        return f"`{key}`: given by the case"
    own = declared(key)
    symbol = own.symbol if own.axis is None else own.symbol[own.axis]
    return f"${latex(symbol)}$: {own.meaning}, given by the case"


def _by_reason(unseen: dict[str, str]) -> list[tuple[str, list[str]]]:
    return [
        (why, [f"`{name}`" for name, own in unseen.items() if own == why]) for why in dict.fromkeys(unseen.values())
    ]
