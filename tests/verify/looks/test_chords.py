"""Convexity, star-convexity and gradients along the run, where they look right at the start."""

import re

import numpy as np
import pytest

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, LInf
from broximal.problems import Noisy, Problem
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.problems.stochastic.noise import Signs
from broximal.theory.columns.points import gap
from broximal.theory.language.experiment import Experiment
from broximal.theory.methods import BroximalPoint
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.verify import Verdict, check
from broximal.verify.looks.chords import contradicted
from broximal.verify.looks.cloud import Cloud
from broximal.verify.running import on_host, run as run_of


class Late(Problem):
    """|x|^2 / 2 at x_1 >= 2, where the run starts; further on it is bent, or its gradient is wrong."""

    flaw: str
    name = "late"

    @property
    def x0(self):
        return np.array([5.0, 1.0])

    def _facts(self):
        convex = self.flaw != "star"
        return Facts(
            convex=convex,
            smooth=self.flaw != "gradient",
            star_convex=True,
            minimiser=np.zeros(2),
            unique=True,
            f_star=Known(0.0, 0.0, "a sum of squares"),
        )

    def value(self, x):
        bent = np.maximum(2 - np.abs(x[0]), 0.0) ** 2 * np.sin(3 * x[0]) ** 2
        return (x * x).sum() / 2 + (0.0 if self.flaw in ("", "gradient") else 2.0 * bent)

    def gradient(self, x):
        far = max(2 - abs(x[0]), 0.0)
        slope = (
            2 * 2.0 * (-far * np.sign(x[0]) * np.sin(3 * x[0]) ** 2 + far**2 * 3 * np.sin(3 * x[0]) * np.cos(3 * x[0]))
        )
        bend = np.array([slope, 0.0])
        if self.flaw == "gradient":
            return np.array(x) * (1.0 if x[0] >= 2 else 0.9)
        return np.array(x) + (0.0 if self.flaw == "" else bend)

    def cvxpy(self, z):
        return None


def contradictions(flaw, starts):
    """What is found by looking at a run with these points."""
    problem = Late(flaw)

    class Walk(BroximalPoint):
        def step(self, world, state, k, key):
            return type(state)(np.asarray(starts[k + 1], float), state.x, None, 1.0)

        def finished(self, now):
            return False

    experiment = Experiment.make(problem, L2(), steps=len(starts) - 1, radius=1.0, x0=np.asarray(starts[0], float))
    run = on_host(Walk(), experiment)
    return contradicted(problem, Cloud.of(run, 0), 0)


FAR = [(5.0 - 0.5 * k, 1.0) for k in range(5)]
WHOLE = [(5.0 - 0.5 * k, 1.0) for k in range(10)]


@pytest.mark.parametrize(
    "flaw, words", [("bent", "is declared convex, but"), ("star", "is declared star-convex, but half way on a chord")]
)
def test_bends_further_on_are_seen_by_the_points_of_the_run(flaw, words):
    assert words in contradictions(flaw, WHOLE)


def test_a_gradient_that_is_wrong_further_on_is_seen():
    assert "gradient" in contradictions("gradient", WHOLE) or "tangent" in contradictions("gradient", WHOLE)


def test_what_is_right_is_not_contradicted():
    assert contradictions("", WHOLE) == contradictions("", FAR) == ""


def test_a_check_says_that_the_problem_is_contradicted():
    report = check("gluon.adaptive_radius", Late("gradient"), LInf(), steps=20, constants={"L0": 4.0, "L1": 0.0})
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert re.search("gradient|tangent", report.why), report.why
    assert not report.hypotheses[-1].holds


def test_a_bend_on_the_way_to_the_minimiser_is_seen_before_the_run():
    with pytest.raises(InvalidArgument, match="is declared convex, but"):
        check("gluon.adaptive_radius", Late("bent"), LInf(), steps=20, constants={"L0": 4.0, "L1": 0.0})


def test_a_check_of_what_is_right_is_not_disturbed():
    report = check("gluon.adaptive_radius", Late(""), LInf(), steps=20, constants={"L0": 4.0, "L1": 0.0})
    assert report.verdict is Verdict.CONSISTENT, report.why


class Bump(Problem):
    """|x|^2 / 2 and a bump around 1, half way between the start and the minimum."""

    name = "bump"

    @property
    def x0(self):
        return np.array([2.0])

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=np.zeros(1),
            unique=True,
            f_star=Known(0.0, 1e-4, "the bump is small at 0"),
        )

    def value(self, x):
        xp = namespace(x)
        return (x * x).sum() / 2 + xp.exp(-(((x - 1) / 0.3) ** 2)).sum() / 10

    def gradient(self, x):
        xp = namespace(x)
        return x - (x - 1) / 0.45 * xp.exp(-(((x - 1) / 0.3) ** 2))


def test_the_first_points_of_a_traced_run_are_looked_at_too():
    problem = Noisy(Bump(), Signs(1e-3))
    experiment = Experiment.make(problem, L2(), steps=25, parameters={"a": 1.0, "eta": 0.1})
    (run,) = run_of(LmoMethod(Whole(), Ema("a")), experiment, [gap])
    assert len(run.views) == 1  # its points were not kept
    assert "is declared convex, but" in contradicted(problem, Cloud.of(run, 0), 0)
    assert contradicted(problem, Cloud.of(run, 0, closely=False), 0) == ""
