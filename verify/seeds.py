"""Claims about random methods: every path by itself, and expectations by samples over seeds until they are decided.

The level is the probability with which a whole report may say something wrong about an expectation. It is shared among
the expectation claims and their two sides; the tests are time-uniform, so seeds are added until every claim is decided
or the budget ends. A claim without a proved ceiling for its samples can be refuted, not confirmed.
"""

import dataclasses
from typing import Any

import numpy as np

from broximal.theory.language.claims import SAMPLED, BestExpected, EachExpected, Expected, WithProbability
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import K
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Theorem
from broximal.verify import confidence, power
from broximal.verify.claiming import on_run
from broximal.verify.evaluate import Evaluator
from broximal.verify.paths import paths
from broximal.verify.probability import probability
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

LEVEL = 1e-3
FIRST, MOST = 32, 2048  # seeds of the first batch, and the budget
TRIALS = 128  # seeds, fixed beforehand, on which a probability is counted
PATHS = 8  # paths on which claims about every path are checked
SLACK = 1e-9  # relative, of a ceiling
PILOT = 16  # paths that choose the step of a least expectation, and are then not used to confirm it


def on_seeds(theorem: Theorem, experiment: Experiment, most: int = MOST) -> tuple[list[ClaimReport], list[Run]]:
    """The findings about all claims of a theorem about a random method, and the runs."""
    means = [claim for claim in theorem.claims if isinstance(claim, Expected)]
    chances = [claim for claim in theorem.claims if isinstance(claim, WithProbability)]
    sure = [claim for claim in theorem.claims if not isinstance(claim, SAMPLED)]
    level = LEVEL / (2 * max(len(means) + len(chances), 1))
    first = experiment.seed * 1_000_003
    runs = paths(theorem, experiment, range(first, first + (min(FIRST, most) if means else PATHS)))
    samples = {claim.label: _Samples(claim, runs[0], level) for claim in means}
    for sample in samples.values():
        sample.add(runs)
    while any(not sample.decided for sample in samples.values()) and len(runs) < most:
        more = paths(theorem, experiment, range(first + len(runs), first + min(2 * len(runs), most)))
        runs += more
        for sample in samples.values():
            sample.add(more)
    if chances and len(runs) < TRIALS:
        runs += paths(theorem, experiment, range(first + len(runs), first + TRIALS))
    found: dict[str, ClaimReport] = {c.label: probability(c, runs[:TRIALS], 2 * level) for c in chances}
    found |= {claim.label: sample.report() for claim, sample in zip(means, samples.values(), strict=True)}
    found |= {claim.label: _every_path(claim, runs[:PATHS]) for claim in sure}
    return [found[claim.label] for claim in theorem.claims], runs


def _every_path(claim: Any, runs: list[Run]) -> ClaimReport:
    """The worst finding over the paths: violated on one path is violated."""
    reports = [on_run(claim, run) for run in runs]
    order = (Verdict.VIOLATED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.HOLDS)
    worst = min((report.verdict for report in reports), key=order.index)
    group = [report for report in reports if report.verdict is worst]
    chosen = max(group, key=lambda report: -np.inf if report.worst_ratio is None else report.worst_ratio)
    return dataclasses.replace(chosen, why=f"{chosen.why} (worst of {len(runs)} paths)")


class _Samples:
    """The values of one expectation claim over the seeds, a column for every index, and what they show."""

    def __init__(self, claim: Expected, run: Run, level: float):
        self.claim, self.level, self.run = claim, level, run
        stepwise = isinstance(claim, (BestExpected, EachExpected))
        self.index = np.arange(run.length) if stepwise else np.array([run.length])
        self.bound, self.error = self._constants(claim.sides[1])
        endless = np.full(len(self.index), np.inf)
        self.high = endless if claim.ceiling is None else self._constants(claim.ceiling)[0]
        self.bounded = bool(np.all(np.isfinite(self.high)))  # unbounded noise has no ceiling
        self.values = np.zeros((0, len(self.index)))
        self.rounding = np.zeros(len(self.index))

    def _constants(self, expr: Any, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """(values, errors) at every index of an expression in constants, its marked ingredient times the factor."""
        given = {K: float(self.run.length), power.MARKER: factor}
        if self.claim.index == K:
            del given[K]
        evaluator = Evaluator(self.run, self.claim.index, accumulate=True, given=given)
        found = evaluator.evaluate(expr, self.claim.index, self.index)
        return found.values, found.error

    def add(self, runs: list[Run]) -> None:
        small = self.claim.sides[0]
        rows = []
        for run in runs:
            found = Evaluator(run, self.claim.index, accumulate=True).evaluate(small, self.claim.index, self.index)
            rows.append(found.values)
            self.rounding = np.maximum(self.rounding, found.error)
        self.values = np.concatenate([self.values, rows])
        self.high = np.where(np.any(self.values > self.high * (1 + SLACK) + self.slack, axis=0), np.inf, self.high)
        self.flaw = self._flaw()
        self.refuted, self.confirmed = not self.flaw and self._refuted(), not self.flaw and self._confirmed()

    def _flaw(self) -> str:
        """Why the tests cannot be used at all: they are about finite samples that are at least 0."""
        if not np.all(np.isfinite(self.bound)):
            return f"the bound {self.bound[~np.isfinite(self.bound)][0]:g} is not finite"
        if not np.all(np.isfinite(self.values)):
            return "a path is not finite"
        if np.any(self.values < -self.slack):
            return f"a path has {self.values.min():.4g}, and expectations are judged for quantities that are at least 0"
        return ""

    @property
    def slack(self) -> np.ndarray:
        return self.error + self.rounding

    def _refuted(self) -> bool:
        """A least expectation is refuted if every step's is, each at the whole level; one of many at its share."""
        bound = self.bound + self.slack
        if isinstance(self.claim, BestExpected):
            return all(
                confidence.refutes_at_most(*column, self.level) for column in zip(self.values.T, bound, strict=True)
            )
        share = self.level / len(bound)
        return any(confidence.refutes_at_most(*column, share) for column in zip(self.values.T, bound, strict=True))

    def _confirmed(self) -> bool:
        """Every step's expectation is confirmed at the whole level; a least one at the step that the pilot chose."""
        bound = self.bound - self.slack
        places = [self.place] if isinstance(self.claim, BestExpected) else range(len(bound))
        return all(_below(self.confirming[:, j], bound[j], self.level, self.high[j]) for j in places)

    @property
    def place(self) -> int:
        """The index to report: of the least expectation, chosen by the pilot, or where the bound is nearest."""
        if isinstance(self.claim, BestExpected):
            return int(np.argmin(self.values[:PILOT].mean(axis=0)))
        with np.errstate(all="ignore"):
            return int(np.argmax(np.where(self.bound > 0, self.values.mean(axis=0) / self.bound, -np.inf)))

    @property
    def confirming(self) -> np.ndarray:
        return self.values[PILOT if isinstance(self.claim, BestExpected) else 0 :]

    @property
    def decided(self) -> bool:
        return self.confirmed or self.refuted or bool(self.flaw)

    def report(self) -> ClaimReport:
        claim, j = self.claim, self.place
        samples, bound, ceiling = self.confirming[:, j], float(self.bound[j]), float(self.high[j])
        mean = float(samples.mean())
        low, high = confidence.interval(samples, 2 * self.level, 0.0, ceiling)
        seen = f"mean {mean:.4g} over {len(samples)} paths, in [{low:.4g}, {high:.4g}] at level {LEVEL:g}"
        if self.flaw:
            verdict, why = Verdict.INCONCLUSIVE, self.flaw
        elif self.refuted:
            verdict, why = Verdict.VIOLATED, f"{seen}, above the bound {bound:.4g}"
        elif self.confirmed:
            verdict, why = Verdict.HOLDS, f"{seen}; the bound is {bound:.4g}"
        elif np.isinf(ceiling):
            verdict, none = Verdict.INCONCLUSIVE, "without a ceiling of the samples"
            if self.bounded:
                none = "as a path exceeds the ceiling that is stated for all (constants too small?)"
            why = f"{seen}; not refuted, and {none} nothing can be confirmed"
        else:
            verdict, why = Verdict.INCONCLUSIVE, f"{seen}; the bound {bound:.4g} is not excluded: more paths needed"
        strength = power.Power(None, {}) if self.flaw else self._power()
        if verdict is Verdict.HOLDS and not strength.any:
            verdict, why = Verdict.INCONCLUSIVE, f"no power: {why}"
        return ClaimReport(
            claim.label,
            str(claim),
            claim.latex(),
            verdict,
            why,
            mean / bound if bound > 0 else None,
            int(self.index[j]),
            0.5 * (high - low) if np.isfinite(high) else None,
            strength,
            self._vacuous(),
            self._curve(),
        )

    def _power(self) -> power.Power:
        """A bound below the lower end of what the samples show would have been refuted by them."""
        share = self.level if isinstance(self.claim, BestExpected) else self.level / len(self.index)
        lows = np.array([confidence.interval(column, share).low for column in self.values.T]) - self.slack
        with np.errstate(all="ignore"):
            errors = np.where((self.bound > 0) & (lows > 0), 1 - lows / self.bound, np.inf)
        smallest = float(errors.max() if isinstance(self.claim, BestExpected) else errors.min())
        if not smallest < 1:
            return power.Power(None, {})
        twins = {label: self._least_error(marked, lows) for label, marked in power.marked(self.claim.sides[1])}
        return power.Power(max(smallest, 1e-12), twins)

    def _least_error(self, marked: Any, lows: np.ndarray) -> float | None:
        def bound(factor: float) -> np.ndarray:
            return self._constants(marked, factor)[0]

        direction = -1 if np.sum(bound(1 + 1e-3)) > np.sum(bound(1 - 1e-3)) else 1
        every = all if isinstance(self.claim, BestExpected) else any
        for error in power.LADDER:
            if every(bound(1 + direction * error) < lows):
                return error
        return None

    def _vacuous(self) -> bool:
        """Is the bound no better than what holds without the theorem, or than what no path can exceed?"""
        trivial = np.inf if self.claim.trivial is None else self._constants(self.claim.trivial)[0]
        return bool(np.all(self.bound >= np.minimum(trivial, self.high)))

    def _curve(self) -> dict[str, Any]:
        spread = self.values.std(axis=0) / np.sqrt(max(len(self.values), 1))
        means, bounds = self.values.mean(axis=0), self.bound
        return {
            "index": self.index.tolist(),
            "measured": means.tolist(),
            "bound": bounds.tolist(),
            "budget": spread.tolist(),
        }


def _below(samples: np.ndarray, bound: float, level: float, high: float) -> bool:
    return bool(np.isfinite(high)) and confidence.refutes_at_least(samples, bound, level, high)


def is_random(theorem: Theorem, experiment: Experiment) -> bool:
    """Does the method draw anything on this experiment?"""
    return theorem.sampled or theorem.method.random(experiment)
