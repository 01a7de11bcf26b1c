"""No verdict depends on the level of f: every value raised by a constant, the bounds of gaps stay."""

import dataclasses

import pytest

from broximal.theory.language.catalogue import catalogue
from broximal.verify.checking import check_case
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
