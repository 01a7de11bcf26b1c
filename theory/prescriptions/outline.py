"""What prescriptions need of a theorem, as plain data in formulas: kept in a file, it answers without the theorem.

An outline is made of a theorem (`outline_of`), and is the same for one that was read back.
"""

import dataclasses
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import sympy as sp

from broximal.theory.language.coding import Reader, Writer
from broximal.theory.language.declaration import Range
from broximal.theory.language.quantity import layer

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


class Level(NamedTuple):
    """What a claim bounds after K steps, what of it is compared with eps (see `levels`), and in words what is at most that."""

    bound: Any
    level: Any
    metric: str


@dataclasses.dataclass(frozen=True)
class Bound:
    """A claim about a horizon, small <= large, or the number of steps `large` until the end."""

    kind: Kind
    label: str
    small: Any
    large: Any
    level: Level | None = None


@dataclasses.dataclass(frozen=True)
class Outline:
    """A theorem for prescriptions.

    layered   does it speak of layers?
    one_layer is it about one layer only?
    needs     (name, range) of what its hypotheses ask of constants
    assumes   names of the hypotheses;  under_noise  the same where gradients are noisy
    meanings  what L0 and L1 may stand for
    single    the same for one layer, with the levels of its claims, where that is known (see `levels.prepared`)
    """

    name: str
    truth: bool
    repair: str
    layered: bool
    one_layer: bool
    needs: tuple[tuple[str, Range], ...]
    assumes: tuple[str, ...]
    under_noise: tuple[str, ...]
    meanings: tuple[str, ...]
    rules: tuple[Parameter, ...]
    bounds: tuple[Bound, ...]
    single: "Outline | None" = None


def outline_of(theorem: "Theorem") -> Outline:
    """The outline of a theorem."""
    # not at the top: an outline that was kept is read without the rooms that make theorems
    from broximal.theory.hypotheses.functions import ExactGradients
    from broximal.theory.hypotheses.smoothness import BoundedVariance
    from broximal.theory.hypotheses.whole import OneLayer

    hypotheses = theorem.assumes
    names = tuple(hypothesis.name for hypothesis in hypotheses)
    noisy = any(isinstance(hypothesis, BoundedVariance | ExactGradients) for hypothesis in hypotheses)
    return Outline(
        theorem.name,
        theorem.truth,
        theorem.repair,
        _is_layered(theorem),
        any(isinstance(hypothesis, OneLayer) for hypothesis in hypotheses),
        tuple(each for hypothesis in hypotheses for each in hypothesis.needs.items()),
        names,
        names if noisy else (*names, ExactGradients.name),
        tuple(meaning for hypothesis in hypotheses for meaning in hypothesis.meanings),
        tuple(
            Parameter(rule.symbol, sp.sympify(rule.formula), sp.sympify(rule.domain), rule.free, rule.why)
            for rule in theorem.parameters
        ),
        tuple(bound for claim in theorem.claims if (bound := _bound(claim)) is not None),
    )


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
    return Bound(kind, claim.label, *claim.sides)


def to_plain(outline: Outline, writer: Writer) -> dict[str, Any]:
    """The outline as JSON, its formulas kept by the writer. Raises BroximalError for a formula that cannot be kept."""
    found = {field.name: getattr(outline, field.name) for field in dataclasses.fields(outline)}
    found["rules"] = [
        [writer.keep(rule.symbol), writer.keep(rule.formula), writer.keep(rule.domain), rule.free, rule.why]
        for rule in outline.rules
    ]
    found["bounds"] = [
        [bound.kind, bound.label, writer.keep(bound.small), writer.keep(bound.large), _level(bound.level, writer)]
        for bound in outline.bounds
    ]
    return found | {"single": None if outline.single is None else to_plain(outline.single, writer)}


def _level(level: Level | None, writer: Writer) -> list[Any] | None:
    return None if level is None else [writer.keep(level.bound), writer.keep(level.level), level.metric]


def from_plain(found: dict[str, Any], reader: Reader) -> Outline:
    """The outline that `to_plain` wrote. Raises KeyError, IndexError, TypeError or ValueError for anything else."""
    rules = [Parameter(*map(reader.make, rule[:3]), *rule[3:]) for rule in found["rules"]]
    bounds = []
    for kind, label, small, large, level in found["bounds"]:
        level = None if level is None else Level(reader.make(level[0]), reader.make(level[1]), level[2])
        bounds.append(Bound(kind, label, reader.make(small), reader.make(large), level))
    lists = {name: tuple(found[name]) for name in ("assumes", "under_noise", "meanings")}
    lists["needs"] = tuple((name, Range(*numbers)) for name, numbers in found["needs"])
    single = None if found["single"] is None else from_plain(found["single"], reader)
    parts: dict[str, Any] = found | lists | {"rules": tuple(rules), "bounds": tuple(bounds), "single": single}
    return Outline(**parts)
