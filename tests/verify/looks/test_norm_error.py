"""A norm that a solver evaluates states its error, and the budget takes it."""

import cvxpy as cp
import numpy as np
import pytest

from broximal.oracles.norms import L2, CvxpyNorm, LInf, Product, Scaled, Spectral
from broximal.problems import Quadratic
from broximal.theory import find
from broximal.theory.columns.points import gap, moved
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import known
from broximal.verify import check
from broximal.verify.running import on_host
from broximal.verify.verdict import SEEN


def solved():
    return CvxpyNorm(lambda x: cp.norm1(x) + cp.norm2(x), (3,))


def test_closed_forms_have_no_error_and_norms_of_solved_ones_have_theirs():
    for norm in (L2(), LInf(), Spectral(), Product([L2(), LInf()]), Scaled(2.0, L2())):
        assert norm.error == norm.dual.error == 0
    own = solved()
    assert 1e-10 < own.error == own.dual.error < 1e-6
    for norm in (Product([L2(), own]), Scaled(2.0, own)):
        assert norm.error == norm.dual.error == own.error


def test_the_error_is_in_what_is_measured_in_x_only():
    problem, method = Quadratic.example(3, 1), find("bpm.alignment").method
    run = on_host(method, Experiment.make(problem, solved(), steps=2, radius=0.3))
    exact = on_host(method, Experiment.make(problem, L2(), steps=2, radius=0.3))
    length = known(str(moved.label))
    found = run.measure(length)
    assert np.all(found.noise >= run.norm.error * np.abs(found.values))
    assert np.all(exact.measure(length).noise < 1e-12)
    assert np.all(run.measure(known(str(gap.label))).noise < 1e-12)


@pytest.mark.parametrize("theorem", ["bpm.alignment", "bpm.separating_halfspace"])
@pytest.mark.parametrize("outer", [lambda x: cp.norm1(x) + cp.norm2(x), lambda x: cp.norm_inf(x) + 0.5 * cp.norm2(x)])
def test_a_proved_theorem_is_not_refuted_by_a_solver(theorem, outer):
    report = check(theorem, Quadratic.example(3, 1), CvxpyNorm(outer, (3,)), steps=3, radius=0.3)
    assert report.verdict in SEEN, report.why
    assert all(claim.power.smallest < 1e-6 for claim in report.claims)
