"""Wrong theorems that the catalogue's own cases should refute: how many they do refute, and which survive.

    python benchmarks/mutants.py [NAME ...]     one process, ten seconds or so for each; saved in out/benchmarks/mutants.json

Every claim of every true statement is altered as a slip of the pen would alter it: an index or a limit by one, K by one, one
constant written for another of the same units, a term left out or times 1/2 or 9/10, an exponent off by a half, max for min, a
relation turned or made an equality, a condition left out. A mutant that leaves nowhere less room than the claim does on any
own case is not counted: it may be true. One that does may be true as well, and then nothing can refute it. What leaves the same
room on every case is listed too: the cases do not tell it from the claim.

Each case is run once, and every mutant of the theorem is judged on its runs as `check` would judge it.
"""

import contextlib
import dataclasses
import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.catalogue import catalogue, find
from broximal.theory.language.claims import SAMPLED, Drift, Reaches, Terminates, WithProbability
from broximal.theory.language.declaration import declared, is_known
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import AXES, Best, K, Largest, OverLayers, SumOver, k, key_of
from broximal.theory.language.theorem import Theorem
from broximal.theory.prescriptions.resolve import established, resolved
from broximal.verify import confidence
from broximal.verify.certain import pathwise
from broximal.verify.checking import case_experiment
from broximal.verify.claiming import on_run
from broximal.verify.counting import reaching, termination
from broximal.verify.drift import outcomes_of, paths_for
from broximal.verify.evaluate import Sides, constant_value, regime, sides_at
from broximal.verify.paths import paths
from broximal.verify.probability import probability
from broximal.verify.seeds import LEVEL, MOST, PATHS, TRIALS, Samples, is_random, on_seeds
from broximal.verify.sweeping import jobs
from broximal.verify.twins import part_at, parts_where, with_part
from broximal.verify.verdict import Verdict, judge

SHARES = (sp.Rational(1, 2), sp.Rational(9, 10))
HALF = sp.Rational(1, 2)
FEW = 64  # paths on which another random side is measured
Slip = tuple[str, str, Callable[[], Any]]  # what was done, to which part, and the expression then
MOVED = 1e-9  # relative, by how much less room a mutant must leave to count as stronger


@dataclasses.dataclass
class Mutant:
    """kind    what was done to the claim
    label   to which part
    claim   the claim then
    stronger  does it leave less room on a case?  moved: does it leave other room on a case?
    looked    can a case say anything of it?
    nearest   the largest measured / bound"""

    kind: str
    label: str
    claim: Any
    stronger: bool = False
    moved: bool = False
    looked: bool = False
    refuted: bool = False
    nearest: float = 0.0

    @property
    def survives(self) -> bool:
        """Could it be false, and the cases do not see it?"""
        return self.looked and not self.refuted and (self.stronger or not self.moved)

    def compare(self, own: Sides, found: Sides, least: bool = False) -> None:
        """Note whether it leaves less room somewhere, and how near it comes to being refuted: everywhere, for a `least` mean."""
        both, here, there = np.intersect1d(own.index, found.index, return_indices=True)
        with np.errstate(all="ignore"):
            size = abs(own.small[here]) + abs(own.large[here]) + abs(found.small[there]) + abs(found.large[there])
            room = (found.large - found.small)[there] - (own.large - own.small)[here]
            ratio = found.small / found.large
        self.stronger |= bool(np.any(room < -MOVED * size)) or len(both) < len(found.index)
        self.moved |= bool(np.any(abs(room) > MOVED * size))
        self.looked |= bool(np.any(np.isfinite(room)))
        ratio = ratio[np.isfinite(ratio) & (found.large > 0)]
        self.nearest = max(self.nearest, float(ratio.min() if least and len(ratio) else ratio.max(initial=0.0)))


# ---- the mutants of an expression -------------------------------------------------------------------------------------


def of_expression(expr: Any, pool: list[Any]) -> Iterator[Slip]:
    """Every slip, with a function that makes the expression with it; `pool` has the constants of the theorem."""
    yield from _shifted(expr)
    yield from _swapped(expr, pool)
    yield from _rescaled(expr)
    yield from _exponents(expr)
    yield from _other_extremes(expr)


def _shifted(expr: Any) -> Iterator[Slip]:
    for node in sorted(expr.atoms(sp.Indexed), key=str):
        if is_known(key_of(node)) and declared(key_of(node)).along:
            for by in (-1, 1):
                other = node.base[(node.indices[0] + by, *node.indices[1:])]
                yield "index", f"{node} -> {other}", partial(expr.xreplace, {node: other})
    for path in parts_where(
        expr, lambda node: isinstance(node, (sp.Sum, sp.Product, Best)) and not isinstance(node, OverLayers)
    ):
        node = part_at(expr, path)
        body, (running, low, high) = node.args[0], node.args[1]
        for first, last in ((low - 1, high), (low + 1, high), (low, high - 1), (low, high + 1)):
            made = partial(_made, expr, path, node.func, body, (running, first, last))
            yield "range", f"{node.func.__name__} over {first}..{last}", made
    for count in (K, k):
        if places := parts_where(expr, lambda node, count=count: node == count):
            for by in (-1, 1):
                yield "count", f"{count} -> {count + by}", partial(_everywhere, expr, count, count + by)
            for place in places if len(places) > 1 else ():
                for by in (-1, 1):
                    yield "count", f"{count} -> {count + by} at {place}", partial(with_part, expr, place, count + by)


def _made(expr: Any, path: tuple[int, ...], kind: Any, *parts: Any) -> Any:
    return with_part(expr, path, kind(*parts))


def _everywhere(node: Any, count: Any, new: Any) -> Any:
    """With another count, except in indices and limits."""
    if node == count:
        return new
    if isinstance(node, (sp.Indexed, sp.Tuple)) or not node.args:
        return node
    return node.func(*(_everywhere(child, count, new) for child in node.args))


def _swapped(expr: Any, pool: list[Any]) -> Iterator[Slip]:
    own = [part for part in pool if expr.has(part)]
    for one in own:
        for other in pool:
            if one != other and _alike(one, other):
                yield "swap", f"{_name(one)} -> {_name(other)}", partial(_instead, expr, {one: other})
                if other in own and str(one) < str(other):
                    yield "swap", f"{_name(one)} <-> {_name(other)}", partial(_instead, expr, {one: other, other: one})


def _name(part: Any) -> str:
    return str(getattr(part, "label", part))


def _alike(one: Any, other: Any) -> bool:
    a, b = declared(_name(one)), declared(_name(other))
    return a.units == b.units and a.kind == b.kind and a.axis == b.axis


def _instead(expr: Any, by: dict[Any, Any]) -> Any:
    bases = {one: other for one, other in by.items() if isinstance(one, sp.IndexedBase)}
    found = expr.xreplace({one: other for one, other in by.items() if one not in bases})
    return found.replace(
        lambda node: isinstance(node, sp.Indexed) and node.base in bases, lambda node: bases[node.base][node.indices]
    )


def _rescaled(expr: Any) -> Iterator[Slip]:
    sums = parts_where(expr, lambda node: isinstance(node, (sp.Add, sp.Max, sp.Min)))
    for path in sums:
        node = part_at(expr, path)
        for term in node.args:
            rest = [other for other in node.args if other is not term]
            yield "term", f"without {term}", partial(_made, expr, path, node.func, *rest)
            for share in SHARES:
                for factor in (share, 1 / share):
                    yield "factor", f"{factor} ({term})", partial(_made, expr, path, node.func, *rest, factor * term)
            if isinstance(node, sp.Add):
                yield "sign", f"- ({term})", partial(_made, expr, path, node.func, *rest, -term)
    if not isinstance(expr, sp.Add):
        for share in SHARES:
            for factor in (share, 1 / share):
                yield "factor", f"{factor} (whole)", partial(sp.Mul, factor, expr)


def _exponents(expr: Any) -> Iterator[Slip]:
    for path in parts_where(expr, lambda node: isinstance(node, (sp.Symbol, sp.Pow, sp.Indexed, sp.Sum))):
        node = part_at(expr, path)
        base, power = node.as_base_exp()
        for other in (power + HALF, power - HALF, power * 2, power / 2):
            if other != power:
                yield "exponent", f"({base})^({power}) -> ({other})", partial(_made, expr, path, sp.Pow, base, other)


def _other_extremes(expr: Any) -> Iterator[Slip]:
    turned = {sp.Max: sp.Min, sp.Min: sp.Max, Largest: SumOver, SumOver: Largest}
    for path in parts_where(expr, lambda node: type(node) in turned):
        node = part_at(expr, path)
        other = turned[type(node)]
        yield "extreme", f"{node.func.__name__} -> {other.__name__}", partial(_made, expr, path, other, *node.args)
    for path in parts_where(expr, lambda node: type(node) is Best):
        body, (running, _, last) = part_at(expr, path).args
        yield "extreme", "best -> last", partial(with_part, expr, path, body.subs(running, last))


# ---- the mutants of a claim -------------------------------------------------------------------------------------------


def of_claim(claim: Any, pool: list[Any]) -> list[Mutant]:
    """All mutants of a claim that can be stated, each once."""
    found: dict[str, Mutant] = {}

    def add(kind: str, label: str, parts: Callable[[], dict[str, Any]]) -> None:
        try:
            mutant = dataclasses.replace(claim, **parts(), unseen=None)
        except (InvalidArgument, TypeError, ValueError):
            return  # refused when it is made: other units, an index before the start
        if str(mutant) != str(claim) or mutant.where != claim.where:
            found.setdefault(str(mutant) + str(getattr(mutant, "where", "")), Mutant(kind, label, mutant))

    if isinstance(claim, (Terminates, Reaches)):
        for kind, label, make in of_expression(claim.within, pool):
            add(kind, label, lambda make=make: {"within": make()})
        return list(found.values())
    relation = claim.relation

    def with_side(place: int, make: Callable[[], Any]) -> dict[str, Any]:
        sides = [make() if at == place else side for at, side in enumerate(relation.args)]
        return {"relation": relation.func(*sides, evaluate=False)}

    for place, side in enumerate(relation.args):
        for kind, label, make in of_expression(side, pool):
            add(kind, label + (" (left)" if place == 0 else ""), partial(with_side, place, make))
    turned = {sp.Le: sp.Ge, sp.Ge: sp.Le, sp.Lt: sp.Gt, sp.Gt: sp.Lt}.get(relation.func)
    if turned:
        for word, kind in (("turned", turned), ("equality", sp.Eq)):
            add("relation", word, lambda kind=kind: {"relation": kind(*relation.args, evaluate=False)})
    if claim.where is not None:
        add("where", "no condition", lambda: {"where": None})
    return list(found.values())


def pool_of(theorem: Theorem) -> list[Any]:
    """The constants and layer constants that a theorem speaks of, in its claims and rules."""
    parts = [
        part
        for claim in theorem.claims
        for name in ("relation", "within", "ceiling", "second")
        if (part := getattr(claim, name, None)) is not None
    ] + [rule.formula for rule in theorem.parameters]
    found: dict[str, Any] = {}
    for part in map(sp.sympify, parts):
        for symbol in part.free_symbols | part.atoms(sp.IndexedBase):
            if isinstance(symbol, sp.Indexed):
                continue
            name = _name(symbol)
            if is_known(name) and symbol not in (K, k, *AXES, *AXES.values()):
                found[name] = declared(name).symbol
    return [found[name] for name in sorted(found)]


# ---- judging ----------------------------------------------------------------------------------------------------------


class Case:
    """A case of a theorem, run once: the reports on its claims, and what its runs say of their mutants."""

    def __init__(self, theorem: Theorem, experiment: Experiment):
        self.theorem, self.experiment = theorem, resolved(theorem, established(theorem, experiment))
        self.random = theorem.method.random(self.experiment)
        if is_random(theorem, self.experiment):
            self.reports, self.runs = on_seeds(theorem, self.experiment, MOST)
        else:
            self.runs = paths(theorem, self.experiment, [self.experiment.seed])
            self.reports = [on_run(claim, self.runs[0], twins=False) for claim in theorem.claims]
        self.level = LEVEL / (2 * max(sum(isinstance(claim, SAMPLED) for claim in theorem.claims), 1))

    def judge(self, claim: Any, mutants: list[Mutant]) -> None:
        """Mark what this case refutes, and what leaves less room on it than the claim."""
        if isinstance(claim, (Terminates, Reaches)):
            look = self._count(claim)
        elif isinstance(claim, SAMPLED) and self.random:
            look = self._chance if isinstance(claim, WithProbability) else self._mean(claim)
        else:
            look = self._path(claim)
        for mutant in mutants:
            if not mutant.refuted:
                with contextlib.suppress(BroximalError, ValueError, TypeError, IndexError, ArithmeticError):
                    look(mutant)  # else it is what this run cannot say

    def _count(self, claim: Any) -> Callable[[Mutant], None]:
        look = termination if isinstance(claim, Terminates) else reaching
        own = constant_value(claim.within, self.runs[0])[0]

        def judged(mutant: Mutant) -> None:
            found = constant_value(mutant.claim.within, self.runs[0])[0]
            mutant.stronger |= found < own
            mutant.moved |= abs(found - own) > MOVED * abs(own)
            mutant.looked |= bool(np.isfinite(found))
            mutant.refuted |= look(mutant.claim, self.runs[0]).verdict is Verdict.VIOLATED

        return judged

    def _chance(self, mutant: Mutant) -> None:
        mutant.looked = True
        mutant.refuted |= probability(mutant.claim, self.runs[:TRIALS], 2 * self.level).verdict is Verdict.VIOLATED

    def _path(self, claim: Any) -> Callable[[Mutant], None]:
        def plain(stated: Any) -> Any:
            return pathwise(stated, self.runs[0].length) if isinstance(stated, SAMPLED) else stated

        own = plain(claim)
        runs: list[Any] = self.runs[:PATHS]
        if isinstance(claim, Drift):
            runs = [outcomes_of(claim, run) for run in paths_for(claim, self.runs)]
        sides = {id(run): sides_at(own, run, regime(own, run)) for run in runs}

        def judged(mutant: Mutant) -> None:
            altered = plain(mutant.claim)
            for run in runs:
                found = sides_at(altered, run, regime(altered, run))
                mutant.refuted |= judge(found, altered.identity, altered.strict).verdict is Verdict.VIOLATED
                mutant.compare(sides[id(run)], found)
                mutant.stronger |= altered.identity or altered.strict
                if mutant.refuted:
                    return

        return judged

    def _mean(self, claim: Any) -> Callable[[Mutant], None]:
        own = _Means(claim, self.runs, self.level)
        own_many = functools.cache(lambda: _Means(claim, self.many, self.level))

        def judged(mutant: Mutant) -> None:
            same = mutant.claim.random == claim.random and mutant.claim.at_most == claim.at_most
            other = own if same else _Means(mutant.claim, self.runs[:FEW], self.level)
            bound = mutant.claim.bound
            mutant.compare(own.sides(claim.bound), other.sides(bound), own.sample.least)
            mutant.refuted |= other.refutes(bound) or mutant.claim.identity
            if not mutant.refuted and other.beyond(bound):  # `check` would go on
                means = own_many() if same else _Means(mutant.claim, self.many, self.level)
                mutant.refuted = means.refutes(bound)

        return judged

    @functools.cached_property
    def many(self) -> list[Any]:
        """As many paths as `check` follows at most."""
        first = self.experiment.seed * 1_000_003
        return paths(self.theorem, self.experiment, range(first, first + MOST))


class _Means:
    """The means of the random side of a claim, and the ends of the intervals that they are known to lie in."""

    def __init__(self, claim: Any, runs: list[Any], level: float):
        self.sample = sample = Samples(claim, runs[0], level)
        sample.add(runs)
        share = level if sample.least else level / max(len(sample.index), 1)
        if sample.at_most:
            self.ends = confidence.lower_ends(sample.values, share) - sample.slack
        else:
            self.ends = np.array([sample.interval(j, share).high for j in range(len(sample.index))]) + sample.slack

    def refutes(self, bound: Any) -> bool:
        return self._past(bound, self.ends)

    def beyond(self, bound: Any) -> bool:
        """Are the means themselves beyond a bound?"""
        slack = -self.sample.slack if self.sample.at_most else self.sample.slack
        return self._past(bound, self.sample.values.mean(axis=0) + slack)

    def _past(self, bound: Any, ends: np.ndarray) -> bool:
        found = self.sample.constants(bound)[0]
        with np.errstate(all="ignore"):
            past = found < ends if self.sample.at_most else found > ends
        return bool(np.all(past) if self.sample.least else np.any(past)) and len(past) > 0

    def sides(self, bound: Any) -> Sides:
        mean, found = self.sample.values.mean(axis=0), self.sample.constants(bound)[0]
        small, large = (mean, found) if self.sample.at_most else (found, mean)
        return Sides(self.sample.index, small, large, np.zeros(len(mean)))


def attacked(theorem: Theorem) -> dict[str, Any]:
    """What the own cases of a theorem make of its mutants, and how strong their checks of its claims are."""
    pool = pool_of(theorem)
    mutants = {claim.label: of_claim(claim, pool) for claim in theorem.claims}
    smallest: dict[str, float] = {}
    for job in jobs([theorem.name]):
        case = Case(theorem, case_experiment(theorem.cases[job.case or 0], job.seed))
        for claim in theorem.claims:
            case.judge(claim, mutants[claim.label])
        for report in case.reports:
            if report.power.smallest is not None:
                smallest[report.label] = min(smallest.get(report.label, np.inf), report.power.smallest)
    return {
        "caught": {claim.label: smallest.get(claim.label) for claim in theorem.claims},
        "mutants": {
            label: [
                {
                    name: getattr(mutant, name)
                    for name in ("kind", "label", "survives", "stronger", "moved", "refuted", "nearest")
                }
                | {"claim": str(mutant.claim)}
                for mutant in found
            ]
            for label, found in mutants.items()
        },
    }


def main() -> None:
    out = Path("out/benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or [theorem.name for theorem in catalogue().values() if theorem.truth]
    found: dict[str, Any] = {}
    for name in names:
        began = time.perf_counter()
        jax.clear_caches()
        found[name] = attacked(find(name))
        every = [mutant for group in found[name]["mutants"].values() for mutant in group]
        counted = [mutant for mutant in every if mutant["stronger"] or mutant["refuted"]]
        refuted = sum(mutant["refuted"] for mutant in counted)
        print(
            f"{name}: {refuted} of {len(counted)} refuted ({len(every)} stated), {time.perf_counter() - began:.1f} s",
            flush=True,
        )
        for label, group in found[name]["mutants"].items():
            for mutant in group:
                if mutant["survives"]:
                    seen = f"measured / bound {mutant['nearest']:.3f}" if mutant["moved"] else "the same on every case"
                    print(f"    {label}: {mutant['kind']}, {mutant['label']}; {seen}")
        (out / "mutants.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
