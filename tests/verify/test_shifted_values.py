"""No verdict depends on the level of f: every value raised by a constant, the bounds of gaps stay."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from broximal.oracles.norms import L2
from broximal.problems import Problem
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.theory.language.catalogue import catalogue
from broximal.verify.checking import check, check_case
from tests.verify.shifted import shifted

NAMES = [name for name, theorem in catalogue().items() if name.startswith("bpm.") and not theorem.cases[0].slow]


@pytest.mark.parametrize("name", NAMES)
def test_a_verdict_does_not_change_with_a_constant(name):
    theorem = catalogue()[name]
    case = theorem.cases[0]
    before = check_case(theorem, 0).verdict
    for c in (2.0, -7.0):
        raised = dataclasses.replace(case, problem=lambda seed, c=c: shifted(case.problem(seed), c))
        report = check_case(dataclasses.replace(theorem, cases=(raised,)), 0)
        assert report.verdict is before, f"f + {c:g}: {report.why}"


def test_the_constant_is_seen():
    """The wrapper raises values: a claim about f itself, not about gaps, changes with it."""
    problem = catalogue()["bpm.star_rate"].cases[0].problem(0)
    other = shifted(problem, 2.0)
    assert float(other.value(problem.x0)) == float(problem.value(problem.x0)) + 2.0
    assert other.f_star.value == problem.f_star.value + 2.0


class Bowl(Problem):
    """|z - c|_2^2 / 2 + level, with L = mu = 1 and nothing else stated: the sublevel radius comes from the gap, which rounds."""

    c: Any
    level: float

    def __init__(self, c, level):
        self.c, self.level = np.asarray(c, dtype=float), level

    def value(self, x):
        return 0.5 * ((x - self.c) ** 2).sum() + self.level

    def gradient(self, x):
        return x - self.c

    @property
    def name(self):
        return "bowl"

    @property
    def x0(self):
        return np.zeros_like(self.c)

    def _facts(self):
        f_star = Known(self.level, 0.0, "a sum of squares")
        return Facts(convex=True, smooth=True, minimiser=self.c, unique=True, f_star=f_star)

    def _constant_L(self, norm):
        return Constant("L", 1.0, "exact", "Hessian I", norm.name) if isinstance(norm, L2) else None

    _constant_mu = _constant_L


@pytest.mark.parametrize("level", [0.0, 3.0, 1e9])
def test_a_radius_that_is_the_distance_up_to_rounding_is_none_to_choose(level):
    """The radius of the sublevel set is the distance here, up to rounding; a run of one step would show nothing."""
    report = check("bpm.sublevel_rate", Bowl([10.0, -20.0, 30.0, 1e-3], level), L2())
    assert report.verdict == "holds" and report.steps > 5, report.why
