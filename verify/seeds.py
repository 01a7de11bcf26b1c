"""Claims about random methods: every path by itself, and expectations by samples over seeds until they are decided.

The level is the probability with which a whole report may say something wrong about an expectation. It is shared among
the expectation claims and their two sides; the tests are time-uniform, so seeds are added until every claim is decided
or the budget ends. That an expectation is above a number can always be shown; that it is below needs a proved ceiling of
the samples or a proved bound of their second moment.
"""

import dataclasses
from typing import Any

import numpy as np

from broximal.oracles.numerals import number_of
from broximal.theory.language.claims import SAMPLED, BestExpected, Drift, Expected, WithProbability
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import k
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Theorem
from broximal.verify import confidence, power, twins
from broximal.verify.certain import on_the_only_path
from broximal.verify.claiming import on_run
from broximal.verify.drift import paths_for
from broximal.verify.evaluate import Evaluator, places_of, regime
from broximal.verify.paths import paths
from broximal.verify.probability import probability
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

LEVEL = 1e-3
FIRST, MOST = 32, 2048  # seeds of the first batch, and the budget
TRIALS = 128  # seeds, fixed beforehand, on which a probability is counted
PATHS = 8  # paths on which claims about every path are checked
SLACK = 1e-9  # relative, of a ceiling
COMPARED = 4  # paths on which what is said to be constant is compared
INTERVALS = 5  # indices of a claim about every step at which the interval of the mean is kept
PILOT = 16  # paths that choose the step of a least expectation, and are then not used to confirm it


def on_seeds(theorem: Theorem, experiment: Experiment, most: int = MOST) -> tuple[list[ClaimReport], list[Run]]:
    """The findings about all claims of a theorem about a random method, and the runs."""
    if not theorem.method.random(experiment):
        run = paths(theorem, experiment, [experiment.seed])[0]
        judged = ((claim, on_the_only_path if isinstance(claim, SAMPLED) else on_run) for claim in theorem.claims)
        return [look(claim, run) for claim, look in judged], [run]
    means = [claim for claim in theorem.claims if isinstance(claim, Expected)]
    chances = [claim for claim in theorem.claims if isinstance(claim, WithProbability)]
    sure = [claim for claim in theorem.claims if not isinstance(claim, SAMPLED)]
    level = LEVEL / (2 * max(len(means) + len(chances), 1))
    first = experiment.seed * 1_000_003
    runs = paths(theorem, experiment, range(first, first + (min(FIRST, most) if means else PATHS)))
    samples = {claim.label: Samples(claim, runs[0], level) for claim in means}
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
    runs = paths_for(claim, runs) if isinstance(claim, Drift) else runs
    reports = [on_run(claim, run, twins=False) for run in runs]
    order = (Verdict.VIOLATED, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.HOLDS)
    worst = min((report.verdict for report in reports), key=order.index)
    group = [report for report in reports if report.verdict is worst]
    chosen = max(group, key=lambda report: -np.inf if report.worst_ratio is None else report.worst_ratio)
    chosen = on_run(claim, next(run for run, report in zip(runs, reports, strict=True) if report is chosen))
    if worst is Verdict.NOT_APPLICABLE:
        return chosen  # it says nothing of paths
    return dataclasses.replace(chosen, why=f"{chosen.why} (worst of {number_of(len(runs), 'path')})")


class Samples:
    """The values of one expectation claim over the seeds, a column for every index, and what they show."""

    def __init__(self, claim: Expected, run: Run, level: float):
        self.claim, self.level, self.run = claim, level, run
        self.random, self.at_most = claim.random, claim.at_most
        self.index = self._regime()
        self.bound, self.error = self.constants(claim.bound)
        endless = np.full(len(self.index), np.inf)
        self.high = endless if claim.ceiling is None else self.constants(claim.ceiling)[0]
        self.bounded = bool(np.all(np.isfinite(self.high)))  # unbounded noise has no ceiling
        self.second = endless if claim.second is None else self._second()
        self.truncations = [confidence.levels(b, s) for b, s in zip(self.bound, self.second, strict=True)]
        self.values = np.zeros((0, len(self.index)))
        self.rounding = np.zeros(len(self.index))
        self.least = isinstance(claim, BestExpected)

    def _regime(self) -> np.ndarray:
        """The indices that the claim is about: its columns exist, and its condition certainly holds."""
        stepwise = self.claim.index == k
        every = np.arange(self.run.length) if stepwise else np.array([self.run.length])
        return np.intersect1d(every, regime(self.claim, self.run)).astype(int)

    def _second(self) -> np.ndarray:
        second, error = self.constants(self.claim.second)
        return second + error

    def constants(self, expr: Any, run: Run | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(values, errors) at every index of an expression in constants."""
        evaluator = Evaluator(run or self.run, accumulate=True)
        found = evaluator.evaluate(expr, places_of(self.claim, self.run, self.index), len(self.index))
        return found.values, found.error

    def add(self, runs: list[Run]) -> None:
        rows = []
        for run in runs:
            at = places_of(self.claim, run, self.index)
            found = Evaluator(run, accumulate=True).evaluate(self.random, at, len(self.index))
            rows.append(found.values)
            self.rounding = np.maximum(self.rounding, found.error)
        first = not len(self.values)
        self.values = np.concatenate([self.values, rows])
        self.high = np.where(np.any(self.values > self.high * (1 + SLACK) + self.slack, axis=0), np.inf, self.high)
        unsound = self._moving(runs[1:COMPARED]) if first else ""
        self.usable = np.isfinite(self.bound) & np.all(np.isfinite(self.values) & (self.values >= -self.slack), axis=0)
        if unsound:
            self.usable[:] = False
        self._distrust()
        self.flaw = unsound or self._flaw()
        self.refuted, self.confirmed = self._refuted(), not self.flaw and self._confirmed()

    def _moving(self, runs: list[Run]) -> str:
        """Why what should be constant is not: it differs between paths."""
        for run in runs:
            other, error = self.constants(self.claim.bound, run=run)
            with np.errstate(invalid="ignore"):  # a bound that is infinite on every path
                moved = np.abs(other - self.bound) > error + self.error + SLACK * np.abs(self.bound)
            if np.any(moved):
                return f"the constants' side {self.claim.bound} differs from path to path"
        return ""

    def _flaw(self) -> str:
        """Why the tests cannot be used at all: they are about finite samples that are at least 0."""
        if not len(self.index):
            return "no index of the run is in the range of the claim"
        if not np.all(np.isfinite(self.bound)):
            return f"the bound {self.bound[~np.isfinite(self.bound)][0]:g} is not finite"
        if not np.all(np.isfinite(self.values)):
            return "a path is not finite"
        if np.any(self.values < -self.slack):
            return f"a path has {self.values.min():.4g}, and expectations are judged for quantities that are at least 0"
        return ""

    def _distrust(self) -> None:
        """A second moment that the samples refute is no bound, and nothing may rest on it."""
        for j in np.flatnonzero(np.isfinite(self.second) & self.usable):
            squares = np.maximum(self.values[:, j] - self.slack[j], 0.0) ** 2
            if confidence.refutes_at_most(squares, float(self.second[j]), self.level):
                self.second[j] = np.inf

    @property
    def slack(self) -> np.ndarray:
        return self.error + self.rounding

    def _above(self, j: int, level: float, samples: np.ndarray | None = None) -> bool:
        """Do the samples show that the expectation is above the bound? Not where a path is no number."""
        if not self.usable[j]:
            return False
        column = self.values[:, j] if samples is None else samples
        return confidence.refutes_at_most(column, float(self.bound[j] + self.slack[j]), level)

    def _below(self, j: int, level: float, samples: np.ndarray | None = None) -> bool:
        """Do they show that it is below? Only with a ceiling or a second moment."""
        if not self.usable[j]:
            return False
        column = self.values[:, j] if samples is None else samples
        bound = float(self.bound[j] - self.slack[j])
        if np.isfinite(self.high[j]):
            return confidence.refutes_at_least(column, bound, level, float(self.high[j]))
        column = np.maximum(column, 0.0)
        return confidence.refutes_at_least_by_second(column, bound, level, float(self.second[j]), self.truncations[j])

    @property
    def _wrong_above(self) -> bool:
        """Is an upper bound refuted? One of many steps at its share; a least one if every step's is, at the whole level."""
        places = range(len(self.index))
        if self.least:
            return len(places) > 0 and all(self._above(j, self.level) for j in places)
        return any(self._above(j, self.level / len(places)) for j in places)

    @property
    def _wrong_below(self) -> bool:
        """Is a lower bound refuted? The least expectation is at least b only if every step's is."""
        return any(self._below(j, self.level / len(self.index)) for j in range(len(self.index)))

    def _refuted(self) -> bool:
        if self.claim.identity:
            return self._wrong_above or self._wrong_below
        return self._wrong_above if self.at_most else self._wrong_below

    def _confirmed(self) -> bool:
        """Every step's expectation is confirmed at the whole level; a least one at the step that the pilot chose."""
        if self.claim.identity:  # no number of samples tells a number from its neighbours
            return False
        places = range(len(self.index))
        if not self.at_most:
            return all(self._above(j, self.level) for j in places)
        if self.least:
            return self._below(self.place, self.level, self.confirming[:, self.place])
        return all(self._below(j, self.level) for j in places)

    @property
    def place(self) -> int:
        """The index to report, of those that decide the verdict: of the least expectation, chosen by the pilot, or where
        the bound is nearest."""
        if self.least and self.at_most:
            return int(np.argmin(self.values[:PILOT].mean(axis=0)))
        deciding = self._deciding()
        with np.errstate(all="ignore"):
            ratio = self.values.mean(axis=0) / self.bound
            ratio = ratio if self.at_most else 1 / ratio
            seen = (self.bound > 0) & ~np.isnan(ratio) & self.usable & deciding
        return int(np.argmax(np.where(seen, ratio, np.where(deciding, -np.finfo(float).max, -np.inf))))

    def _deciding(self) -> np.ndarray:
        """The indices that refute the claim, or that leave it open; all of them where it is confirmed or has a flaw."""
        places, share = range(len(self.index)), self.level / len(self.index)
        found = np.ones(len(self.index), dtype=bool)
        if self.refuted:
            above, below = self.claim.identity or self.at_most, self.claim.identity or not self.at_most
            found[:] = [(above and self._above(j, share)) or (below and self._below(j, share)) for j in places]
        elif not (self.confirmed or self.flaw or self.claim.identity):
            found[:] = [not (self._below if self.at_most else self._above)(j, self.level) for j in places]
        return found

    @property
    def confirming(self) -> np.ndarray:
        return self.values[PILOT if self.least and self.at_most and not self.claim.identity else 0 :]

    @property
    def decided(self) -> bool:
        return self.confirmed or self.refuted or bool(self.flaw)

    def interval(self, j: int, level: float) -> confidence.Interval:
        """Where the expectation lies, from above by the ceiling or else by the second moment."""
        samples, ceiling = self.confirming[:, j], float(self.high[j])
        if np.isfinite(ceiling) or not np.isfinite(self.second[j]):
            return confidence.interval(samples, level, 0.0, ceiling)
        high = confidence.upper_by_second(
            np.maximum(samples, 0.0), level / 2, float(self.second[j]), self.truncations[j]
        )
        return confidence.Interval(confidence.interval(samples, level / 2).low, high)

    def report(self) -> ClaimReport:
        if not len(self.index):
            return self._report(None, Verdict.INCONCLUSIVE, self.flaw, None, None, power.NONE)
        j = self.place
        samples, bound = self.confirming[:, j], float(self.bound[j])
        mean = float(samples.mean()) if len(samples) else np.nan
        ends = self._ends(j)
        low, high = ends[:, j]
        at = f"at index {self.index[j]}: " if self.claim.index == k else ""
        seen = (
            f"{at}mean {mean:.4g} over {number_of(len(samples), 'path')}, in [{low:.4g}, {high:.4g}] at level {LEVEL:g}"
        )
        side = "above" if mean > bound else "below"
        if self.refuted:
            verdict, why = Verdict.VIOLATED, f"{seen}, {side} the bound {bound:.4g}"
        elif self.flaw:
            verdict, why = Verdict.INCONCLUSIVE, self.flaw
        elif self.confirmed:
            verdict, why = Verdict.HOLDS, f"{seen}; the bound is {bound:.4g}"
        else:
            verdict, why = Verdict.INCONCLUSIVE, f"{seen}; {self._undecided(j, bound)}"
        strength = power.NONE if self.flaw else self._power()
        if verdict is Verdict.HOLDS and not strength.any:
            verdict, why = Verdict.INCONCLUSIVE, f"no power: {why}"
        ratio = (mean / bound if self.at_most else bound / mean if mean > 0 else None) if bound > 0 else None
        half = 0.5 * (high - low) if np.isfinite(high - low) else None
        return self._report(j, verdict, why, ratio, half, strength, self._curve(ends))

    def _undecided(self, j: int, bound: float) -> str:
        if self.claim.identity:
            return f"not refuted, and no number of paths can tell an expectation that is {bound:.4g} from one that is near it"
        if np.isfinite(self.high[j]) or np.isfinite(self.second[j]):
            needed = f"the bound {bound:.4g} is not excluded: more paths needed (`paths` of `check`)"
            if np.isfinite(self.high[j]):
                most = float(self.confirming[:, j].max())
                return f"{needed}, or a smaller `ceiling`: {self.high[j]:.4g} is stated, the largest of the paths is {most:.4g}"
            square = float(np.square(self.confirming[:, j]).mean())
            return f"{needed}, or a smaller `second`: {self.second[j]:.4g} is stated, the mean square is {square:.4g}"
        none = "without a ceiling of the samples"
        if self.bounded:
            none = "as a path exceeds the ceiling that is stated for all (constants too small?)"
        elif self.claim.second is not None:
            none = "as the paths refute the second moment that is stated for all (constants too small?)"
        if self.at_most:
            return f"not refuted, and {none} nothing can be confirmed"
        return f"not confirmed, and {none} nothing can be refuted"

    def _report(self, j, verdict: Verdict, why: str, ratio, budget, strength: power.Power, curve=None) -> ClaimReport:
        claim = self.claim
        return ClaimReport.of(
            claim,
            verdict,
            why,
            ratio=ratio,
            step=None if j is None else int(self.index[j]),
            budget=budget,
            power=strength,
            vacuous=self._vacuous(),
            curve=curve,
        )

    def _power(self) -> power.Power:
        """A bound beyond what the samples show would have been refuted by them.

        From below: a lower bound above the upper end of the mean. Where there is no upper end, for want of a ceiling, a
        lower bound above the lower end would not have been confirmed.
        """
        if self.claim.identity:
            return power.NONE
        share = self.level if self.least else self.level / len(self.index)
        if self.at_most:
            ends = confidence.lower_ends(self.values, share) - self.slack
            beyond = np.less
        else:
            ends = np.array([self.interval(j, share).high for j in range(len(self.index))]) + self.slack
            lows = confidence.lower_ends(self.values, share)
            ends = np.where(np.isfinite(ends), ends, lows)
            beyond = np.greater
        with np.errstate(all="ignore"):  # relative to the larger of the two, as for relations on one run
            errors = 1 - (ends / self.bound if self.at_most else self.bound / ends)
            errors = np.where((self.bound > 0) & (ends > 0) & ~np.isnan(errors), errors, np.inf)
        every = self.least and self.at_most
        smallest = float(errors.max() if every else errors.min())
        if not smallest < 1:
            return power.NONE
        some = all if every else any
        altered = {
            label: self._least_error(marked, lambda bound: beyond(bound, ends), some)
            for label, marked in twins.marked(self.claim.bound)
        }
        sign = 1.0 if self.at_most else -1.0
        terms = power.by_term(
            self.claim.bound,
            lambda rest: sign * (self.constants(rest)[0] - self.bound),
            lambda rest: bool(some(beyond(self.constants(rest)[0], ends))),
        )
        return power.Power(max(smallest, power.SMALLEST), altered, terms)

    def _least_error(self, marked: Any, refuted: Any, every: Any) -> float | None:
        evaluator = Evaluator(self.run, accumulate=True)
        places = places_of(self.claim, self.run, self.index)
        bound = evaluator.values_by(twins.MARKER, marked, places, len(self.index))
        change = bound(1 + twins.STEP) - bound(1 - twins.STEP)
        return twins.ladder(lambda factor: every(refuted(bound(factor))), change if self.at_most else -change)

    def _vacuous(self) -> bool:
        """Is the bound no better than what holds without the theorem, or than what is proved of the paths?"""
        trivial = np.inf if self.claim.trivial is None else self.constants(self.claim.trivial)[0]
        if not len(self.index) or self.claim.identity:
            return False
        if not self.at_most:
            return bool(np.all(self.bound <= np.where(np.isinf(trivial), 0.0, trivial)))
        return bool(np.all(self.bound >= np.minimum(np.minimum(trivial, self.high), np.sqrt(self.second))))

    def _ends(self, place: int) -> np.ndarray:
        """(2, m): the interval of the mean at the place and at a few more indices; not a number at the others, for want of time."""
        found = np.full((2, len(self.index)), np.nan)
        few = np.linspace(0, len(self.index) - 1, min(INTERVALS, len(self.index))).astype(int)
        for j in {place, *few.tolist()}:
            if self.usable[j]:
                found[:, j] = self.interval(j, 2 * self.level)
        return found

    def _curve(self, ends: np.ndarray) -> dict[str, Any]:
        with np.errstate(invalid="ignore", over="ignore"):
            spread = self.values.std(axis=0) / np.sqrt(len(self.values))
            means = self.values.mean(axis=0)
        found = {"index": self.index, "measured": means, "bound": self.bound, "budget": spread}
        found |= {"low": ends[0], "high": ends[1]}
        return {key: part.tolist() for key, part in found.items()}


def is_random(theorem: Theorem, experiment: Experiment) -> bool:
    """Does the method draw anything on this experiment?"""
    return theorem.sampled or theorem.method.random(experiment)
