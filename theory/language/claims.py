"""What a theorem asserts: a sympy relation over columns and constants, with a quantifier.

From the one expression come the LaTeX card, the numeric check, the planted wrong twins, and the inversion to K(eps). What
cannot be evaluated as it is written (see `grammar`) is refused when the claim is made, with InvalidArgument.
"""

import abc
import copy
import dataclasses
from typing import Any, ClassVar

import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.grammar import (
    Scope,
    as_expression,
    check_condition,
    check_expression,
    columns_measured,
)
from broximal.theory.language.quantity import Best, K, OverLayers, Quantity, k, key_of, known, latex, quantities
from broximal.theory.language.scaling import check_units

SIGNS = {sp.Le: r"\le", sp.Lt: "<", sp.Ge: r"\ge", sp.Gt: ">", sp.Eq: "="}
TURNED = {r"\le": r"\ge", "<": ">", r"\ge": r"\le", ">": "<", "=": "="}


class _Statement(abc.ABC):
    """What all claims share."""

    unseen: Any

    def restated(self, **parts: Any) -> Any:
        """The claim with other parts, which are not checked: for formulas that were derived from a claim that was."""
        twin = copy.copy(self)
        for name, value in parts.items():
            object.__setattr__(twin, name, value)
        return twin

    @property
    @abc.abstractmethod
    def shown(self) -> tuple[str, str, str]:
        """LaTeX of what is bounded, of the sign, and of the bound, as pictures name them."""

    @property
    def rests_on(self) -> str:
        """LaTeX of the proved bound without which samples could not confirm the claim; empty where there is none."""
        return ""


@dataclasses.dataclass(frozen=True)
class Claim(_Statement):
    """A relation lhs <= rhs (or <, >=, >, ==).

    label      a word that tells the claims of one theorem apart
    where      a condition (relations, And, Or, Not) that says for which index the relation is claimed; None: for all. The
               claim is made where the condition certainly holds, beyond the error budget (else see `Possibly`)
    trivial    what holds without the theorem; the bound is vacuous where rhs is no better than it
    sharpness  why no case of the theorem refutes a slightly tighter bound; empty where one does
    unseen     {ingredients: why}: constants, columns and terms of the bound whose absence no case of the theorem refutes,
               each an expression or the label of its twin, several in a tuple; ... is all the others

    Raises InvalidArgument for a relation that sympy decided by itself, for !=, for unknown symbols, functions that are not
    computed, indices that are not k + c or m k + c, and terms that scale differently under f -> s f or x -> r x.
    """

    relation: Any
    label: str = ""
    where: Any = None
    trivial: Any = None
    sharpness: str = ""
    unseen: Any = None
    quantifier: ClassVar[str] = ""
    index: ClassVar[sp.Symbol] = k

    def __post_init__(self):
        object.__setattr__(self, "unseen", _remarks(self.unseen))
        _check_relation(self.relation)
        for side in self.relation.args:
            check_expression(side, self._scope("relation"))
        if self.where is not None:
            object.__setattr__(self, "where", _condition(self.where, self._scope("where")))
        self._check_bound("trivial")
        check_units(self, ("relation", "where", "trivial"))

    def _scope(self, name: str) -> Scope:
        return Scope(f"{name} of a claim", (self.index,))

    def _check_bound(self, name: str) -> None:
        """An optional expression beside the relation: sympified and checked."""
        value = getattr(self, name)
        if value is not None:
            value = as_expression(value, f"{name} of a claim")
            check_expression(value, self._scope(name))
            object.__setattr__(self, name, value)

    @property
    def sides(self) -> tuple[Any, Any]:
        """(small, large): the claim says small <= large (for an identity both directions are claimed)."""
        r = self.relation
        return (r.rhs, r.lhs) if isinstance(r, (sp.Ge, sp.Gt)) else (r.lhs, r.rhs)

    @property
    def balanced(self) -> tuple[Any, Any]:
        """The sides, where a side that is the number 0 has the negative terms of the other: A - B <= 0 is A <= B."""
        small, large = self.sides
        if large == 0:
            terms, other = _split(small)
            return (terms, other) if other != 0 else (small, large)
        if small == 0:
            terms, other = _split(large)
            return (other, terms) if other != 0 else (small, large)
        return small, large

    @property
    def identity(self) -> bool:
        return isinstance(self.relation, sp.Eq)

    @property
    def strict(self) -> bool:
        return isinstance(self.relation, (sp.Lt, sp.Gt))

    def strengthened(self, factor: float) -> "Claim":
        """The claim with its bound times the factor, for a bound below zero times 2 - factor: stronger for factor < 1.

        Of an identity one side is multiplied. Where the bound is the number 0 its negative terms are moved over first, and
        where it has none the factor is taken of one unit.
        """
        small, large = self.balanced
        if 0 in (small, large):
            unit = sp.Float(1 - factor)
            small, large = (small, large - unit) if small == 0 else (small + unit, large)
        else:
            large = factor * large if self.identity else lowered(large, factor)
        kind = sp.Eq if self.identity else sp.Lt if self.strict else sp.Le
        return self.restated(relation=kind(small, large, evaluate=False))

    @property
    def sign(self) -> str:
        """The LaTeX of the relation."""
        return next(sign for kind, sign in SIGNS.items() if isinstance(self.relation, kind))

    @property
    def shown(self) -> tuple[str, str, str]:
        return latex(self.relation.lhs), self.sign, latex(self.relation.rhs)

    def latex(self) -> str:
        return rf"{latex(self.relation)} \quad \text{{{self.quantifier}}}{self._where()}"

    def _where(self) -> str:
        return rf" \quad \text{{where }} {latex(self.where)}" if self.where is not None else ""

    def __str__(self) -> str:
        return f"{self.relation.lhs} {self.relation.rel_op} {self.relation.rhs}"


class EachStep(Claim):
    """The relation in k, for every step k of the run."""

    quantifier = "for every step k"


class EachHorizon(Claim):
    """The relation in K, for every prefix of the run: about the point, the best point or the mean after K steps."""

    quantifier = "for every horizon K"
    index = K


class Drift(Claim):
    """The relation in k between what is known at x_k and E[. | x_k] of the other side, for every step of the run.

        Drift(gap[k + 1] <= (1 - b) * gap[k] + c, "one step")    # E[gap_{k+1} | x_k] <= (1 - b) gap_k + c

    The side with columns at k + 1, or with columns of the step from x_k, is averaged exactly over all outcomes of the step at
    every state of a few paths; the other side is made of columns of states at k and of constants. It is not applicable where
    the step has no finite list of outcomes.

    Raises InvalidArgument, besides what all claims raise it for, for any other index, a running sum, a constant that is
    measured along the run, and for what the step decides on no side, on both, or in `where`.
    """

    quantifier = "for every step k"

    def __post_init__(self):
        super().__post_init__()
        for name in ("relation", "where", "trivial"):
            if (part := getattr(self, name)) is not None:
                _one_step(part, f"{name} of Drift")
        count = sum(bool(columns_decided(side)) for side in self.sides)
        if count == 2:
            raise InvalidArgument(
                "relation of Drift has what the step decides on both sides; move it to one, which is averaged."
            )
        if not count:
            raise InvalidArgument("relation of Drift has nothing at k + 1 or of the step from x_k; use EachStep.")
        if (found := columns_decided(self.where)) and self.where is not None:
            raise InvalidArgument(
                f"where of Drift has {found[0]}, which the step decides; it may have what is known at k."
            )

    @property
    def shown(self) -> tuple[str, str, str]:
        left, right = (
            rf"\mathbb{{E}}_k\Bigl[{latex(side)}\Bigr]" if columns_decided(side) else latex(side)
            for side in self.relation.args
        )
        return left, self.sign, right

    def latex(self) -> str:
        return rf"{' '.join(self.shown)} \quad \text{{{self.quantifier}}}{self._where()}"

    def __str__(self) -> str:
        sides = [f"E_k[{side}]" if columns_decided(side) else str(side) for side in self.relation.args]
        return f"{sides[0]} {self.relation.rel_op} {sides[1]}"


@dataclasses.dataclass(frozen=True)
class Holds(Claim):
    """A relation that no run decides: between constants, parameters and constants of layers.

    sequence  the instance is a sequence of instances: the relation in k is claimed for every one of them
    """

    sequence: bool = False

    def __post_init__(self):
        super().__post_init__()
        if not self.sequence:
            _refuse_measured(self.relation, "relation of Holds", "only constants, or `sequence=True` for one in k")

    def _scope(self, name: str) -> Scope:
        return Scope(f"{name} of Holds", (self.index,) if self.sequence else ())

    @property
    def quantifier(self) -> str:  # type: ignore[override]
        return "for every instance k" if self.sequence else "for the constants"


@dataclasses.dataclass(frozen=True)
class Terminates(_Statement):
    """The first index N with x_N in X* is at most ceil(within); `within` and `where` are made of constants.

    columns  keys of what is measured along the run to say how far its steps can be trusted
    """

    within: Any
    label: str = "termination"
    where: Any = None
    sharpness: str = ""
    unseen: Any = None
    quantifier: ClassVar[str] = "finite termination"
    columns: ClassVar[tuple[str, ...]] = ("moved", "t", "gap")

    def __post_init__(self):
        object.__setattr__(self, "unseen", _remarks(self.unseen))
        _constant(self, "within")
        if self.where is not None:
            where = _condition(self.where, Scope("where of Terminates"))
            _refuse_measured(where, "where of Terminates", "only constants")
            object.__setattr__(self, "where", where)
        check_units(self, ("within", "where"))

    def strengthened(self, factor: float) -> "Terminates":
        """The bound times the factor (2 - factor below zero)."""
        return self.restated(within=lowered(self.within, factor))

    @property
    def shown(self) -> tuple[str, str, str]:
        return "N", r"\le", rf"\left\lceil {latex(self.within)} \right\rceil"

    def latex(self) -> str:
        return " ".join(self.shown)

    def __str__(self) -> str:
        return f"N <= ceil({self.within})"


@dataclasses.dataclass(frozen=True)
class Reaches(_Statement):
    """At the first index at which the relation in k holds, the clock is at most `within`, which is made of constants.

    clock  a column that does not fall along the run, such as `elapsed`; None: the index itself
    """

    relation: Any
    within: Any
    clock: Any = None
    label: str = "reaches"
    sharpness: str = ""
    unseen: Any = None
    quantifier: ClassVar[str] = "first index"
    index: ClassVar[sp.Symbol] = k

    def __post_init__(self):
        object.__setattr__(self, "unseen", _remarks(self.unseen))
        _check_relation(self.relation)
        for side in self.relation.args:
            check_expression(side, Scope("relation of Reaches", (k,)))
        if not self.relation.has(k):
            raise InvalidArgument("relation of Reaches must be in k; without it there is no first index.")
        _constant(self, "within")
        clock = k if self.clock is None else self.clock
        if isinstance(clock, sp.IndexedBase):
            clock = clock[k]
        clock = as_expression(clock, "clock of Reaches")
        check_expression(clock, Scope("clock of Reaches", (k,)))
        if not clock.has(k):
            raise InvalidArgument("clock of Reaches must be a column or an expression in k.")
        object.__setattr__(self, "clock", clock)
        check_units(self, ("relation", "within"))

    def strengthened(self, factor: float) -> "Reaches":
        """The bound times the factor (2 - factor below zero); of the bound 0 the factor is taken of one unit."""
        return self.restated(within=sp.Float(factor - 1) if self.within == 0 else lowered(self.within, factor))

    @property
    def shown(self) -> tuple[str, str, str]:
        return latex(self.clock.subs(k, sp.Symbol("N"))), r"\le", latex(self.within)

    def latex(self) -> str:
        return rf"{' '.join(self.shown)}, \quad N = \min\{{k : {latex(self.relation)}\}}"

    def __str__(self) -> str:
        r = self.relation
        return f"{self.clock} <= {self.within} at the first k with {r.lhs} {r.rel_op} {r.rhs}"


class _Sampled(Claim):
    """A claim about many random paths together: one side is measured on every path, the other has constants only."""

    def __post_init__(self):
        super().__post_init__()
        random = [bool(columns_measured(side)) for side in self.sides]
        name = type(self).__name__
        if all(random):
            raise InvalidArgument(
                f"relation of {name} has measured columns on both sides; "
                "move everything to one side, with a constant on the other."
            )
        if not any(random):
            raise InvalidArgument(f"relation of {name} has no measured column, so nothing in it is random; use Holds.")
        for part in ("where", "trivial"):
            _refuse_measured(getattr(self, part), f"{part} of {name}", "only constants and the index")

    def _scope(self, name: str) -> Scope:
        return Scope(f"{name} of {type(self).__name__}", (self.index,), () if self.index == K else (K,))

    @property
    def at_most(self) -> bool:
        """Does the claim bound what is random from above? Of an identity, whether it stands on the left."""
        return bool(columns_measured(self.sides[0]))

    @property
    def random(self) -> Any:
        """The side that is measured on every path."""
        return self.sides[0] if self.at_most else self.sides[1]

    @property
    def bound(self) -> Any:
        """The side that is made of constants."""
        return self.sides[1] if self.at_most else self.sides[0]

    def strengthened(self, factor: float) -> "Claim":
        """The constants' side times the factor if it bounds from above, times 2 - factor if from below; see Claim."""
        bound = self.bound
        if bound == 0:
            bound = sp.Float((factor - 1) if self.at_most or self.identity else (1 - factor))
        elif self.identity:
            bound = factor * bound
        else:
            bound = lowered(bound, factor if self.at_most else 2 - factor)
        kind = sp.Eq if self.identity else sp.Lt if self.strict else sp.Le
        sides = (self.random, bound) if self.at_most else (bound, self.random)
        return self.restated(relation=kind(*sides, evaluate=False))

    @property
    def sign(self) -> str:
        """The LaTeX of the relation, read with what is random on the left."""
        return super().sign if self.relation.lhs == self.random else TURNED[super().sign]

    @property
    def shown(self) -> tuple[str, str, str]:
        return rf"\mathbb{{E}}\Bigl[{latex(self.random)}\Bigr]", self.sign, latex(self.bound)


@dataclasses.dataclass(frozen=True)
class Expected(_Sampled):
    """E[X] <= b (or >=, ==) for the whole run: X in K, at least 0, is measured on every path; b has constants only.

    ceiling  a number that X cannot exceed on any path, in constants, with its proof in the theorem's docstring
    second   a number that E[X^2] does not exceed, in constants, with its proof in the theorem's docstring

    Samples can always show that E[X] is above a number. With a ceiling or a second moment they can also show that it is
    below: without either E[X] <= b can only be refuted and E[X] >= b only be confirmed. An identity is refuted by either
    direction and never confirmed.
    """

    ceiling: Any = None
    second: Any = None
    quantifier = "in expectation, for the whole run"
    index: ClassVar[sp.Symbol] = K

    def __post_init__(self):
        super().__post_init__()
        for part in ("ceiling", "second"):
            self._check_bound(part)
            _refuse_measured(getattr(self, part), f"{part} of {type(self).__name__}", "only constants and the index")
        check_units(self, ("relation", "ceiling", "second"))

    @property
    def rests_on(self) -> str:
        found = []
        if self.ceiling is not None:
            found.append(rf"{latex(self.random)} \le {latex(self.ceiling)} \text{{ on every path}}")
        if self.second is not None:
            found.append(rf"\mathbb{{E}}\Bigl[\Bigl({latex(self.random)}\Bigr)^2\Bigr] \le {latex(self.second)}")
        return r" \quad \text{and} \quad ".join(found)

    def latex(self) -> str:
        return rf"{' '.join(self.shown)} \quad \text{{{self.quantifier}}}{self._where()}"


class BestExpected(Expected):
    """min_k E[X_k] <= b: X in k, and the least is taken after averaging over the paths."""

    quantifier = "least over the steps of the expectation"
    index: ClassVar[sp.Symbol] = k

    def latex(self) -> str:
        return rf"\min_{{k < K}} {' '.join(self.shown)}{self._where()}"


class EachExpected(Expected):
    """E[X_k] <= b_k for every step k; b, the ceiling and the second moment may depend on k."""

    quantifier = "in expectation, for every step k"
    index: ClassVar[sp.Symbol] = k


@dataclasses.dataclass(frozen=True)
class WithProbability(_Sampled):
    """Pr[X <= b] >= chance for the whole run: X in K is measured on every path, b has constants only."""

    chance: float = 0.9
    quantifier = "with probability, for the whole run"
    index: ClassVar[sp.Symbol] = K

    def __post_init__(self):
        super().__post_init__()
        chance = self.chance
        if isinstance(chance, bool) or not isinstance(chance, (int, float)) or not 0 < chance < 1:
            raise InvalidArgument(f"chance of WithProbability must be a number between 0 and 1, not {chance!r}.")

    @property
    def shown(self) -> tuple[str, str, str]:
        return latex(self.random), self.sign, latex(self.bound)

    def latex(self) -> str:
        return rf"\Pr\Bigl[{' '.join(self.shown)}\Bigr] \ge {self.chance!r}{self._where()}"


SAMPLED = (Expected, WithProbability)  # claims that are judged over many paths together


def lowered(bound: Any, factor: float) -> Any:
    """bound - (1 - factor) |bound|: below the bound for factor < 1, whatever its sign."""
    if bound.is_nonnegative:
        return factor * bound
    if bound.is_nonpositive:
        return (2 - factor) * bound
    return bound - (1 - factor) * sp.Abs(bound)


def _split(expr: Any) -> tuple[Any, Any]:
    """(A, B) with expr = A - B, B made of the terms that are written with a minus."""
    terms = sp.Add.make_args(expr)
    negative = [term for term in terms if term.could_extract_minus_sign()]
    if len(negative) == len(terms):
        return expr, sp.S.Zero
    return expr + sp.Add(*(-term for term in negative)), sp.Add(*(-term for term in negative))


THE_REST = "all others"


def _remarks(unseen: Any) -> dict[str, str]:
    """Why, for the label of every ingredient that no case shows."""
    found: dict[str, str] = {}
    for these, why in dict(unseen or {}).items():
        if not isinstance(why, str) or not why:
            raise InvalidArgument(f"unseen of a claim must say in words why nothing shows {these}.")
        for one in these if isinstance(these, tuple) else (these,):
            found[THE_REST if one is ... else str(getattr(one, "label", one))] = why
    return found


def _check_relation(relation: Any) -> None:
    if isinstance(relation, sp.Ne):
        raise InvalidArgument(
            f"relation of a claim must be <=, <, >=, > or ==; {relation} says too little to be checked."
        )
    if relation in (sp.true, sp.false):
        raise InvalidArgument(f"relation of a claim is {relation} whatever is measured; nothing is left to check.")
    if not isinstance(relation, tuple(SIGNS)):
        raise InvalidArgument(f"relation of a claim must be a sympy relation such as lhs <= rhs, not {relation!r}.")


def _condition(condition: Any, scope: Scope) -> Any:
    if isinstance(condition, str):
        raise InvalidArgument(f"{scope.name} must be a sympy condition, not {condition!r}.")
    found = sp.sympify(condition)
    check_condition(found, scope)
    return found


def columns_decided(expr: Any) -> list[Any]:
    """The column entries that the step from x_k decides: those at k + 1, and those of the step itself."""
    nodes = () if expr is None else sp.sympify(expr).atoms(sp.Indexed)
    return [node for node in nodes if node.indices[0] == k + 1 or _of_step(node)]


def _of_step(node: Any) -> bool:
    return node.indices[0] == k and known(key_of(node)).kind == "step"


def _one_step(part: Any, name: str) -> None:
    """Raises InvalidArgument for what one step from x_k does not tell."""
    expr = sp.sympify(part)
    if running := [n for n in expr.atoms(sp.Sum, sp.Product, Best) if not isinstance(n, OverLayers)]:
        raise InvalidArgument(f"{name} has {running[0]}, and one step is from k to k + 1, without running indices.")
    for node in sorted(expr.atoms(sp.Indexed), key=str):
        quantity = known(key_of(node))
        if quantity.along and node.indices[0] not in (k, k + 1):
            raise InvalidArgument(f"{name} has {node}, and the indices of one step are k and k + 1.")
        if quantity.kind == "step" and node.indices[0] == k + 1:
            raise InvalidArgument(f"{name} has {node}, which belongs to the step after the one that is averaged.")
    for quantity in (q for group in quantities(expr) for q in group):
        if not quantity.along and _measured_along(quantity):
            raise InvalidArgument(
                f"{name} has {quantity.key}, which is measured along the whole run and not known at k."
            )


def _measured_along(quantity: Quantity) -> bool:
    return quantity.points or any(known(key).along or _measured_along(known(key)) for key in quantity.uses)


def _constant(claim: Any, name: str) -> None:
    """A bound made of constants: sympified and checked."""
    where = f"{name} of {type(claim).__name__}"
    value = as_expression(getattr(claim, name), where)
    check_expression(value, Scope(where))
    _refuse_measured(value, where, "only constants")
    object.__setattr__(claim, name, value)


def _refuse_measured(part: Any, name: str, instead: str) -> None:
    if part is not None and (found := columns_measured(part)):
        raise InvalidArgument(f"{name} has {found[0]}, which is measured along the run; it may have {instead}.")
