"""The planted twins find what they should find."""

import numpy as np
import pytest
import sympy as sp

from broximal.theory.columns.points import distance, gap, k, mu, radius
from broximal.theory.language.claims import EachStep, Terminates
from broximal.verify.evaluate import evaluate
from broximal.verify.power import of_claim, of_termination
from tests.verify.fake import FakeRun


def power(claim, run):
    return of_claim(claim, run, evaluate(claim, run))


def test_an_attained_bound_has_full_power():
    run = FakeRun(2, gap=[4.0, 2.0, 1.0], t=[1.0, 1.0], D=[2.0, 2.0, 2.0])
    found = power(EachStep(gap[k + 1] <= (1 - radius[k] / distance[k]) * gap[k]), run)
    assert found.smallest < 1e-10
    assert found.twins["t"] == 0.001
    assert found.twins["D"] == 0.001
    assert found.twins["number 1 (#0)"] == 0.001


def test_a_bound_twice_too_large_finds_errors_of_half():
    run = FakeRun(2, gap=[4.0, 2.0, 1.0], mu=1.0)
    found = power(EachStep(gap[k + 1] <= mu * gap[k]), run)
    assert found.smallest == pytest.approx(0.5, abs=1e-9)
    assert found.twins["mu"] == 0.9  # the first of the ladder above one half


def test_constants_on_the_left_are_altered_too():
    run = FakeRun(2, gap=[4.0, 2.0, 1.0], mu=1.0)
    found = power(EachStep(mu * gap[k + 1] <= gap[k] / 2), run)
    assert found.twins["mu (left)"] == 0.001


def test_no_power_where_nothing_is_measured():
    run = FakeRun(2, gap=[4.0, 0.0, 0.0])
    found = power(EachStep(gap[k + 1] <= gap[k]), run)
    assert found.smallest is None
    assert not found.any


def test_termination_finds_the_error_that_takes_a_step_away():
    claim = Terminates(sp.Integer(10))
    assert of_termination(claim, FakeRun(10, terminated=10), 10.0).smallest == pytest.approx(0.1)
    assert of_termination(claim, FakeRun(5, terminated=5), 10.0).smallest == pytest.approx(0.6)
    assert of_termination(claim, FakeRun(5), 10.0).smallest is None


def test_an_identity_is_as_strong_as_its_budget():
    run = FakeRun(1, gap=([4.0, 2.0], 1e-6, 0.0))
    found = power(EachStep(sp.Eq(gap[k + 1], gap[k] / 2)), run)
    assert found.smallest == pytest.approx(np.float64(1.5e-6) / 2, rel=0.01)
