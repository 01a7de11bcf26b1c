"""Statements that are not about a run: scalar sequences and approximate polar factors."""

from fractions import Fraction

import numpy as np
import pytest

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.problems.worst import SawTooth
from broximal.theory import find
from broximal.theory.language.experiment import Experiment
from broximal.theory.methods.probes.polar import Matrices, PolarProbe
from broximal.theory.methods.probes.recursion import Recursion, Scalar
from broximal.theory.prescriptions.resolve import established, resolved
from broximal.verify import Verdict, check
from broximal.verify.checking import case_experiment, check_case
from broximal.verify.running import on_host
from broximal.verify.verdict import SEEN


def _sequence(method, steps, **parameters):
    run = on_host(method, Experiment.make(Scalar(), steps=steps - 1, parameters=parameters))
    return [float(x) for x in run.points]


def test_recursions_by_hand():
    assert _sequence(Recursion(), 3, shrink=0.5, input=1.0, first=4.0) == [4.0, 3.0, 2.5]
    second = Fraction(1, 2) + (1 - 1 / (2 * np.sqrt(2))) * 4
    assert _sequence(Recursion(vanishing=True), 2, input=1.0, first=4.0) == pytest.approx([4.0, float(second)])


def test_probes_have_the_spectrum_they_say():
    experiment = Experiment.make(Matrices(3, 4), steps=5, parameters={"low": 0.05, "composed": 1, "order": 1})
    run = on_host(PolarProbe("taylor"), experiment)
    for step, matrix in enumerate(run.points[1:]):
        s = np.linalg.svd(matrix, compute_uv=False)
        assert np.linalg.norm(s) == pytest.approx(1)
        if step % 2:
            assert s.min() > 0.0501, "every other matrix keeps away from the worst singular value"
        else:
            assert s.min() == pytest.approx(0.05)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_saw_tooth_has_equal_gradients_and_the_stated_height(n):
    f = SawTooth(n, g=1.5, L=2.0)
    x = f.x0
    assert f.value(x) == pytest.approx((n - 1) * 3 * 1.5**2 / 8 + 1.5**2 / 4)
    for _ in range(n):
        assert f.gradient(x)[0] == pytest.approx(1.5)
        x = x - f.gradient(x) / 2.0
    assert x == pytest.approx(0)
    z = np.linspace(-1, n, 4001)
    slopes = np.array([f.gradient(np.array([v]))[0] for v in z])
    values = np.array([f.value(np.array([v])) for v in z])
    assert np.abs(np.diff(slopes)).max() <= 2.0 * (z[1] - z[0]) * (1 + 1e-9)
    assert np.allclose(np.diff(values), (slopes[1:] + slopes[:-1]) / 2 * np.diff(z), atol=1e-5)


@pytest.mark.parametrize("n", [3, 10, 30])
def test_the_printed_clipping_bound_fails_at_every_number_of_steps(n):
    report = check("clipping.false_clipping", SawTooth(n), L2(), steps=n, parameters={"cap": 1e4, "gam": 1.0})
    assert report.verdict is Verdict.VIOLATED
    assert report.claims[0].worst_ratio == pytest.approx(np.sqrt(4 * n / (3 * n - 1)), rel=1e-3)


def test_parameters_outside_their_domain_are_refused():
    report = check("clipping.clipping", SawTooth(2), L2(), steps=2, parameters={"cap": 1.0, "gam": 1.1})
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "outside the domain" in report.why
    report = check("scion.unconstrained_vanishing", SawTooth(2), L2(), steps=16, parameters={"fraction": 0.2})
    assert report.verdict is Verdict.NOT_APPLICABLE  # not below 16^(-3/4) = 1/8


def test_the_recipe_reaches_its_accuracy_with_the_steps_it_asks_for():
    theorem = find("trust_region.recipe")
    given = resolved(theorem, established(theorem, case_experiment(theorem.cases[0], 0))).parameters
    assert given["eta"] == pytest.approx(given["target"] * given["a"] / 16 / 1.0)  # L = 1
    small = case_experiment(theorem.cases[0], 0, steps=10)
    parameters = {"target": given["target"]}
    report = check(theorem, small.problem, small.norm, steps=10, parameters=parameters)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert check_case(theorem, 0).verdict in SEEN


def test_a_scalar_sequence_is_no_problem():
    for name in ("scion.contracting_sequence", "scion.decreasing_sequence"):
        report = check(name, Quadratic.example(3), L2(), steps=3)
        assert (
            report.verdict is Verdict.NOT_APPLICABLE and "makes a scalar sequence; quadratic(3) has none" in report.why
        )
