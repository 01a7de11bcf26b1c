"""What prescriptions need of a theorem, as plain data in formulas: kept in a file, it answers without the theorem.

An outline is made of a theorem (`outline_of`), and is the same for one that was read back.
"""

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import sympy as sp

from broximal.theory.language.coding import Reader, Writer
from broximal.theory.language.declaration import Range
from broximal.theory.language.quantity import layer
from broximal.theory.prescriptions.formula import keys_in

if TYPE_CHECKING:
    from broximal.theory.language.theorem import Theorem

Kind = Literal["horizon", "expected", "best expected", "count"]


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A rule for a parameter: see `theory.language.theorem.Rule`."""

    symbol: Any
    formula: Any
    domain: Any = sp.true
    free: bool = False
    why: str = ""


@dataclasses.dataclass(frozen=True)
class Bound:
    """A claim about a horizon, small <= large, or the number of steps `large` until the end; `where` says when it is made."""

    kind: Kind
    label: str
    small: Any
    large: Any
    where: Any = sp.true


class Method(NamedTuple):
    """What is printed of a method: its name and step (LaTeX), and the radius of a layer as a formula in parameters.

    radius   None where there is no such formula
    adaptive the radius in words, where it depends on what is met along the run
    """

    name: str
    update: str
    radius: Any = None
    adaptive: str = ""


class Tie(NamedTuple):
    """A relation between constants that the hypotheses imply: see `consistency.Relation`."""

    hypotheses: tuple[str, ...]
    relation: Any
    why: str


class Follows(NamedTuple):
    """A constant that follows from others: see `consistency.Derived`."""

    symbol: Any
    formula: Any
    why: str
    single: bool = False
    zero: str = ""


@dataclasses.dataclass(frozen=True)
class Outline:
    """A theorem for prescriptions.

    layered   does it speak of layers?
    one_layer is it about one layer only?
    needs     (hypothesis, name, range) of what its hypotheses ask of constants
    assumes   names of the hypotheses;  under_noise  the same where gradients are noisy
    meanings  what L0 and L1 may stand for
    ties      what its constants have to do with each other
    follows   constants that it speaks of and that follow from others
    unbounded labels of the claims about single steps, which bound nothing after K steps
    """

    name: str
    truth: bool
    repair: str
    layered: bool
    one_layer: bool
    needs: tuple[tuple[str, str, Range], ...]
    assumes: tuple[str, ...]
    under_noise: tuple[str, ...]
    meanings: tuple[str, ...]
    rules: tuple[Parameter, ...]
    bounds: tuple[Bound, ...]
    method: Method
    ties: tuple[Tie, ...] = ()
    follows: tuple[Follows, ...] = ()
    unbounded: tuple[str, ...] = ()

    @property
    def keys(self) -> set[str]:
        """The keys of what its rules and bounds are made of."""
        parts = [part for rule in self.rules for part in (rule.symbol, rule.formula, rule.domain)]
        parts += [side for bound in self.bounds for side in (bound.small, bound.large)]
        return set().union(*map(keys_in, parts))


def outline_of(theorem: "Theorem") -> Outline:
    """The outline of a theorem."""
    # not at the top: an outline that was kept is read without the rooms that make theorems
    from broximal.theory.hypotheses.functions import ExactGradients
    from broximal.theory.hypotheses.smoothness import BoundedVariance
    from broximal.theory.hypotheses.whole import OneLayer
    from broximal.theory.prescriptions.consistency import DERIVED, relations_of

    hypotheses = theorem.assumes
    names = tuple(hypothesis.name for hypothesis in hypotheses)
    noisy = any(isinstance(hypothesis, BoundedVariance | ExactGradients) for hypothesis in hypotheses)
    rules = tuple(
        Parameter(rule.symbol, sp.sympify(rule.formula), sp.sympify(rule.domain), rule.free, rule.why)
        for rule in theorem.parameters
    )
    bounds = tuple(bound for claim in theorem.claims if (bound := _bound(claim)) is not None)
    bounded = {bound.label for bound in bounds}
    made = Outline(
        theorem.name,
        theorem.truth,
        theorem.repair,
        _is_layered(theorem),
        any(isinstance(hypothesis, OneLayer) for hypothesis in hypotheses),
        tuple((hypothesis.name, *each) for hypothesis in hypotheses for each in hypothesis.needs.items()),
        names,
        names if noisy else (*names, ExactGradients.name),
        tuple(meaning for hypothesis in hypotheses for meaning in hypothesis.meanings),
        rules,
        bounds,
        _method(theorem),
        tuple(Tie(*each) for each in relations_of(names)),
        unbounded=tuple(claim.label for claim in theorem.claims if claim.label not in bounded),
    )
    follows = tuple(Follows(*each) for each in DERIVED if keys_in(each.symbol) & made.keys)
    return dataclasses.replace(made, follows=follows)


def _method(theorem: "Theorem") -> Method:
    own = theorem.method
    return Method(own.name, own.update, own.radius, own.adaptive)


def _is_layered(theorem: "Theorem") -> bool:
    from broximal.theory.language.claims import Claim

    parts = [claim.relation for claim in theorem.claims if isinstance(claim, Claim)]
    parts += [rule.symbol for rule in theorem.parameters]
    return any(part.has(layer) for part in parts)


def _bound(claim: Any) -> Bound | None:
    """What of a claim can be turned into a number of steps."""
    from broximal.theory.language.claims import BestExpected, EachExpected, EachHorizon, Expected, Terminates

    if isinstance(claim, Terminates):
        return Bound("count", claim.label, sp.S.Zero, sp.sympify(claim.within))
    if isinstance(claim, EachExpected) or not isinstance(claim, (EachHorizon, Expected)):
        return None
    kind: Kind = (
        "best expected" if isinstance(claim, BestExpected) else "expected" if isinstance(claim, Expected) else "horizon"
    )
    where = sp.true if claim.where is None else claim.where
    return Bound(kind, claim.label, *claim.sides, where)


def to_plain(outline: Outline, writer: Writer) -> dict[str, Any]:
    """The outline as JSON, its formulas kept by the writer. Raises BroximalError for a formula that cannot be kept."""
    found = {field.name: getattr(outline, field.name) for field in dataclasses.fields(outline)}
    keep = writer.keep
    found["rules"] = [
        [keep(rule.symbol), keep(rule.formula), keep(rule.domain), rule.free, rule.why] for rule in outline.rules
    ]
    found["bounds"] = [
        [bound.kind, bound.label, keep(bound.small), keep(bound.large), keep(bound.where)] for bound in outline.bounds
    ]
    radius = outline.method.radius
    found["method"] = outline.method._replace(radius=None if radius is None else keep(radius))
    found["ties"] = [[tie.hypotheses, keep(tie.relation), tie.why] for tie in outline.ties]
    found["follows"] = [[keep(each.symbol), keep(each.formula), *each[2:]] for each in outline.follows]
    return found


def from_plain(found: dict[str, Any], reader: Reader) -> Outline:
    """The outline that `to_plain` wrote. Raises KeyError, IndexError, TypeError or ValueError for anything else."""
    make = reader.make
    name, update, radius, adaptive = found["method"]
    parts: dict[str, Any] = found | {
        "rules": tuple(Parameter(*map(make, rule[:3]), *rule[3:]) for rule in found["rules"]),
        "bounds": tuple(Bound(kind, label, *map(make, rest)) for kind, label, *rest in found["bounds"]),
        "needs": tuple((hypothesis, name, Range(*numbers)) for hypothesis, name, numbers in found["needs"]),
        "method": Method(name, update, None if radius is None else make(radius), adaptive),
        "ties": tuple(Tie(tuple(hypotheses), make(relation), why) for hypotheses, relation, why in found["ties"]),
        "follows": tuple(Follows(make(symbol), make(formula), *rest) for symbol, formula, *rest in found["follows"]),
    }
    parts |= {each: tuple(found[each]) for each in ("assumes", "under_noise", "meanings", "unbounded")}
    return Outline(**parts)
