"""Claims about random methods: every path by itself, and expectations by samples over seeds until they are decided.

The level is the probability with which a whole report may say something wrong about an expectation. It is shared among
the expectation claims and their two sides; the tests are time-uniform, so seeds are added until every claim is decided
or the budget ends. A claim without a proved ceiling for its samples can be refuted, not confirmed.
"""

import dataclasses
from typing import Any

import numpy as np

from broximal.theory.claims import BestExpected, Expected
from broximal.theory.quantity import K
from broximal.theory.setting import Run, Setting
from broximal.theory.theorem import Theorem
from broximal.verify import confidence, power
from broximal.verify.claiming import on_run
from broximal.verify.evaluate import Evaluator
from broximal.verify.report import ClaimReport
from broximal.verify.verdict import Verdict

LEVEL = 1e-3
FIRST, MOST = 32, 512  # seeds of the first batch, and the budget
PATHS = 8  # paths on which claims about every path are checked
PILOT = 16  # paths that choose the step of a least expectation, and are then not used to confirm it


def on_seeds(theorem: Theorem, setting: Setting, most: int = MOST) -> tuple[list[ClaimReport], list[Run]]:
    """The findings about all claims of a theorem about a random method, and the runs."""
    method: Any = theorem.method
    means = [claim for claim in theorem.claims if isinstance(claim, Expected)]
    paths = [claim for claim in theorem.claims if not isinstance(claim, Expected)]
    level = LEVEL / (2 * max(len(means), 1))
    first = setting.seed * 1_000_003
    runs = method.run_seeds(setting, range(first, first + (min(FIRST, most) if means else PATHS)))
    samples = {claim.label: _Samples(claim, runs[0], level) for claim in means}
    for sample in samples.values():
        sample.add(runs)
    while any(not sample.decided for sample in samples.values()) and len(runs) < most:
        more = method.run_seeds(setting, range(first + len(runs), first + min(2 * len(runs), most)))
        runs += more
        for sample in samples.values():
            sample.add(more)
    found = {claim.label: sample.report() for claim, sample in zip(means, samples.values(), strict=True)}
    found |= {claim.label: _every_path(claim, runs[:PATHS]) for claim in paths}
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
    """The values of one expectation claim over the seeds, and what they show."""

    def __init__(self, claim: Expected, run: Run, level: float):
        self.claim, self.level, self.run = claim, level, run
        self.best = isinstance(claim, BestExpected)
        self.index = np.arange(run.length) if self.best else np.array([run.length])
        sides = self._constants(claim.sides[1])
        self.bound, self.error = float(sides[0]), float(sides[1])
        self.high = np.inf if claim.ceiling is None else float(self._constants(claim.ceiling)[0])
        self.values = np.zeros((0, len(self.index)))
        self.rounding = 0.0

    def _constants(self, expr: Any) -> tuple[float, float]:
        return self._altered(expr, 1.0)

    def _altered(self, expr: Any, factor: float) -> tuple[float, float]:
        """(value, error) of an expression in constants and the horizon, its marked ingredient times the factor."""
        given = {K: float(self.run.length), power.MARKER: factor}
        found = Evaluator(self.run, K, accumulate=True, given=given).evaluate(expr, K, np.array([self.run.length]))
        return float(found.values[0]), float(found.error[0])

    def add(self, runs: list[Run]) -> None:
        small = self.claim.sides[0]
        rows = []
        for run in runs:
            found = Evaluator(run, self.claim.index, accumulate=True).evaluate(small, self.claim.index, self.index)
            rows.append(found.values)
            self.rounding = max(self.rounding, float(np.max(found.error)))
        self.values = np.concatenate([self.values, rows])

    @property
    def slack(self) -> float:
        return self.error + self.rounding

    @property
    def place(self) -> int:
        """The step of the least expectation, chosen by the pilot."""
        return int(np.argmin(self.values[:PILOT].mean(axis=0))) if self.best else 0

    @property
    def confirming(self) -> np.ndarray:
        return self.values[PILOT if self.best else 0 :, self.place]

    @property
    def refuted(self) -> bool:
        """For a least expectation every step's must be refuted, which needs no correction for their number."""
        bound = self.bound + self.slack
        return all(confidence.refutes_at_most(column, bound, self.level) for column in self.values.T)

    @property
    def confirmed(self) -> bool:
        if not np.isfinite(self.high):
            return False
        return confidence.refutes_at_least(self.confirming, self.bound - self.slack, self.level, self.high)

    @property
    def decided(self) -> bool:
        return self.confirmed or self.refuted

    def report(self) -> ClaimReport:
        claim, mean = self.claim, float(self.confirming.mean())
        low, high = confidence.interval(self.confirming, 2 * self.level, 0.0, self.high)
        beyond = f"mean {mean:.4g} over {len(self.confirming)} paths, in [{low:.4g}, {high:.4g}] at level {LEVEL:g}"
        if self.refuted:
            verdict, why = Verdict.VIOLATED, f"{beyond}, above the bound {self.bound:.4g}"
        elif self.confirmed:
            verdict, why = Verdict.HOLDS, f"{beyond}; the bound is {self.bound:.4g}"
        elif np.isinf(self.high):
            verdict = Verdict.INCONCLUSIVE
            why = f"{beyond}; not refuted, and without a ceiling of the samples nothing can be confirmed"
        else:
            verdict, why = (
                Verdict.INCONCLUSIVE,
                f"{beyond}; the bound {self.bound:.4g} is not excluded: more seeds needed",
            )
        least = min(confidence.interval(column, 2 * self.level, 0.0).low for column in self.values.T)
        strength = self._power(least)
        if verdict is Verdict.HOLDS and not strength.any:
            verdict, why = Verdict.INCONCLUSIVE, f"no power: {why}"
        return ClaimReport(
            claim.label,
            str(claim),
            claim.latex(),
            verdict,
            why,
            mean / self.bound if self.bound > 0 else None,
            int(self.index[self.place]),
            0.5 * (high - low) if np.isfinite(high) else None,
            strength,
            self._vacuous(),
            self._curve(),
        )

    def _power(self, low: float) -> power.Power:
        """A bound below the interval's lower end would have been refuted by these samples."""
        smallest = 1 - (low - self.slack) / self.bound if self.bound > 0 and low > self.slack else None
        if smallest is not None and smallest >= 1:
            smallest = None
        twins = {}
        for label, marked in power.marked(self.claim.sides[1]):
            twins[label] = self._least_error(marked, low) if smallest is not None else None
        return power.Power(None if smallest is None else max(smallest, 1e-12), twins)

    def _least_error(self, marked: Any, low: float) -> float | None:
        def bound(factor: float) -> float:
            return self._altered(marked, factor)[0]

        direction = -1 if bound(1 + 1e-3) > bound(1 - 1e-3) else 1
        for error in power.LADDER:
            if bound(1 + direction * error) + self.slack < low:
                return error
        return None

    def _vacuous(self) -> bool:
        """Is the bound no better than what holds without the theorem, or than what no path can exceed?"""
        trivial = np.inf if self.claim.trivial is None else self._constants(self.claim.trivial)[0]
        return self.bound >= min(trivial, self.high)

    def _curve(self) -> dict[str, list[float]]:
        means = self.values.mean(axis=0)
        spread = self.values.std(axis=0) / np.sqrt(max(len(self.values), 1))
        bounds = [self.bound] * len(means)
        return {"index": self.index.tolist(), "measured": means.tolist(), "bound": bounds, "budget": spread.tolist()}


def is_random(theorem: Theorem, setting: Setting) -> bool:
    """Does the method draw anything on this setting?"""
    random = getattr(theorem.method, "random", None)
    return bool(random is not None and random(setting)) or any(isinstance(c, Expected) for c in theorem.claims)
