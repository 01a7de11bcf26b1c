"""What a theorem asserts: a sympy relation over columns and constants, with a quantifier.

From the one expression come the LaTeX card, the numeric check, the planted wrong twins, and the inversion to K(eps).
"""

import dataclasses
from typing import Any, ClassVar

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.quantity import K, k, latex

Relation = sp.core.relational.Relational


@dataclasses.dataclass(frozen=True)
class Claim:
    """A relation lhs <= rhs (or >=, or ==).

    label      a word that tells the claims of one theorem apart
    where      a second relation that says for which index the first is claimed; None: for all
    trivial    what holds without the theorem; the bound is vacuous where rhs is no better than it
    sharpness  why no case of the theorem refutes a slightly tighter bound; empty where one does
    """

    relation: Any
    label: str = ""
    where: Any = None
    trivial: Any = None
    sharpness: str = ""
    quantifier: ClassVar[str] = ""
    index: ClassVar[sp.Symbol] = k

    def __post_init__(self):
        if not isinstance(self.relation, (sp.Le, sp.Ge, sp.Lt, sp.Gt, sp.Eq)):
            raise InvalidArgument(
                f"relation of a claim must be a sympy relation such as lhs <= rhs, not {self.relation!r}."
            )

    @property
    def sides(self) -> tuple[Any, Any]:
        """(small, large): the claim says small <= large (for an identity both directions are claimed)."""
        r = self.relation
        return (r.rhs, r.lhs) if isinstance(r, (sp.Ge, sp.Gt)) else (r.lhs, r.rhs)

    @property
    def identity(self) -> bool:
        return isinstance(self.relation, sp.Eq)

    def latex(self) -> str:
        condition = rf" \quad \text{{where }} {latex(self.where)}" if self.where is not None else ""
        return rf"{latex(self.relation)} \quad \text{{{self.quantifier}}}{condition}"

    def __str__(self) -> str:
        return f"{self.relation.lhs} {self.relation.rel_op} {self.relation.rhs}"


class EachStep(Claim):
    """The relation in k, for every step k of the run."""

    quantifier = "for every step k"


class EachHorizon(Claim):
    """The relation in K, for every prefix of the run: about the point, the best point or the mean after K steps."""

    quantifier = "for every horizon K"
    index = K


@dataclasses.dataclass(frozen=True)
class Terminates:
    """The first index N with x_N in X* is at most ceil(within)."""

    within: Any
    label: str = "termination"
    where: Any = None
    sharpness: str = ""
    quantifier: ClassVar[str] = "finite termination"

    def latex(self) -> str:
        return rf"N \le \left\lceil {latex(sp.sympify(self.within))} \right\rceil"

    def __str__(self) -> str:
        return f"N <= ceil({self.within})"


@dataclasses.dataclass(frozen=True)
class Expected(Claim):
    """E[lhs] <= rhs for the whole run: lhs in K, at least 0, is measured on every path; rhs has constants only.

    ceiling  a number that lhs cannot exceed on any path, in constants, with its proof in the theorem's docstring; with it
             samples can show that the claim holds, without it only that it does not
    """

    ceiling: Any = None
    quantifier = "in expectation, for the whole run"
    index: ClassVar[sp.Symbol] = K

    def latex(self) -> str:
        small, large = self.sides
        return rf"\mathbb{{E}}\Bigl[{latex(small)}\Bigr] \le {latex(large)} \quad \text{{{self.quantifier}}}"


class BestExpected(Expected):
    """min_k E[lhs_k] <= rhs: lhs in k, and the least is taken after averaging over the paths."""

    quantifier = "least over the steps of the expectation"
    index: ClassVar[sp.Symbol] = k

    def latex(self) -> str:
        small, large = self.sides
        return rf"\min_{{k < K}} \mathbb{{E}}\Bigl[{latex(small)}\Bigr] \le {latex(large)}"


class EachExpected(Expected):
    """E[lhs_k] <= rhs_k for every step k; rhs and the ceiling may depend on k."""

    quantifier = "in expectation, for every step k"
    index: ClassVar[sp.Symbol] = k


@dataclasses.dataclass(frozen=True)
class WithProbability(Claim):
    """Pr[lhs <= rhs] >= chance for the whole run: lhs in K is measured on every path, rhs has constants only."""

    chance: float = 0.9
    quantifier = "with probability, for the whole run"
    index: ClassVar[sp.Symbol] = K

    def latex(self) -> str:
        small, large = self.sides
        return rf"\Pr\Bigl[{latex(small)} \le {latex(large)}\Bigr] \ge {self.chance:g}"


SAMPLED = (Expected, WithProbability)  # claims that are judged over many paths together
