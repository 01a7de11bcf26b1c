"""Expectations of what is not random: where a run draws nothing, a claim about many paths is one about the only path."""

import dataclasses
from typing import Any

import sympy as sp

from broximal.theory.columns.points import gap
from broximal.theory.language.claims import BestExpected, Claim, EachExpected, EachHorizon, EachStep, Expected
from broximal.theory.language.quantity import Best, K, i, k
from broximal.theory.language.run import Run
from broximal.verify.claiming import on_run
from broximal.verify.report import ClaimReport


def on_the_only_path(claim: Any, run: Run) -> ClaimReport:
    """The finding about a claim in expectation or with probability, on the run that all its paths are.

    Then no ceiling is needed, and an equality is judged as one.
    """
    found = on_run(pathwise(claim, run.length), run)
    why = f"{found.why} (nothing is drawn: every path is this one)"
    said = claim.restated(ceiling=None, second=None) if isinstance(claim, Expected) else claim
    return dataclasses.replace(found, claim=said, why=why)


def pathwise(claim: Any, steps: int) -> Claim:
    """The same relation about one path of this many steps."""
    relation, trivial = claim.relation, claim.trivial
    end: Any = sp.Eq(K, steps, evaluate=False)
    where = end if claim.where is None else sp.And(claim.where, end)
    if isinstance(claim, EachExpected):
        at = {K: sp.Integer(steps)}
        put = [None if part is None else part.subs(at) for part in (relation, claim.where, trivial)]
        return _stated(EachStep, claim, *put)
    if isinstance(claim, BestExpected):
        random = claim.random
        least = Best(random.subs(k, i), (i, 0, K - 1))
        sides = [least if side == random else side for side in relation.args]
        relation = type(relation)(*sides, evaluate=False)
    return _stated(EachHorizon, claim, relation, where, trivial)


def _stated(kind: Any, claim: Any, relation: Any, where: Any, trivial: Any) -> Claim:
    """A claim of this kind; its parts come from one that was checked when it was made."""
    plain = kind(sp.Le(gap[kind.index], gap[0], evaluate=False), claim.label)
    return plain.restated(relation=relation, where=where, trivial=trivial)
