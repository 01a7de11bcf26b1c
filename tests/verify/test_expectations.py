"""Claims in expectation: what the samples must be for the tests to say anything, and the parameters of random methods."""

import dataclasses
import re

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, LInf, Product
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.stochastic.noise import Gaussian, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Case, Rule, Source, Theorem, find
from broximal.theory.columns.layers import a, gamma
from broximal.theory.columns.points import K, d0, gap, unit_f, value
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import layer
from broximal.theory.methods.lmo import Ema, LmoMethod, Sharp
from broximal.verify import check
from broximal.verify.checking import check_case
from broximal.verify.verdict import SEEN

NORM = Product([L2(), LInf()])
PROBLEM = CoupledQuadratic.example(6, 1)
NOISY = Noisy(PROBLEM, Gaussian(0.05))


def judged(relation, ceiling=None, second=None):
    claim = Expected(relation, "e", ceiling=ceiling, second=second)
    theorem = dataclasses.replace(find("drop_muon.smooth_average"), claims=(claim,))
    return check(theorem, PROBLEM, NORM, steps=8)


def test_a_quantity_below_zero_is_not_judged_by_tests_for_nonnegative_ones():
    """E[f(x_K) - f(x_0)] <= 1e-3 d_0 is true, and the bets for samples z >= 0 would refute it."""
    report = judged(value[K] - value[0] + d0 / 2 <= 1e-3 * d0)
    assert report.verdict == "inconclusive" and "at least 0" in report.why


def test_a_path_above_the_ceiling_takes_the_ceiling_away():
    report = judged(gap[K] <= d0, ceiling=1e-6 * d0)
    assert report.verdict == "inconclusive" and "exceeds the ceiling" in report.why
    assert judged(gap[K] <= d0, ceiling=2 * d0).verdict in ("holds", "loose")


def test_a_second_moment_that_decides_nothing_is_compared_with_that_of_the_paths():
    report = judged(gap[K] <= d0, second=1e12 * d0**2)
    assert report.verdict == "inconclusive" and "or a smaller `second`: " in report.why
    stated, seen = re.search("`second`: (.+) is stated, the mean square is ([-+.e0-9]*[0-9])", report.why).groups()
    assert float(seen) < float(stated)


def test_the_mean_lies_in_the_interval_that_is_reported():
    """Too small constants make the ceiling too small."""
    why = check("gluon.stochastic", NOISY, NORM, steps=8, constants={"L0": 0.01}).claims[1].why
    low, high = why.split("[")[1].split("]")[0].split(",")
    assert float(low) <= float(why.split()[1]) <= float(high)


@pytest.mark.parametrize(
    "given, words",
    [
        ({"tau": (0.1, 0.1, 0.1)}, "parameter tau must be a number or one for each of the 2 layers"),
        ({"tau": (0.1,)}, "one for each of the 2 layers"),
        ({"tau": []}, "one for each of the 2 layers"),
        ({"tau": np.inf}, "parameter tau is infinite"),
        ({"a": (0.1, 0.2)}, "parameter a must be one number"),
        ({"a": 0.0}, "parameter a must lie in"),
        ({"weights": (0.5, 0.5)}, "parameter 'weights' is none of gluon.stochastic; it has a, tau."),
        ({"taau": 0.1}, "parameter 'taau' is none of .* Did you mean 'tau'?"),
    ],
)
def test_parameters_are_refused_in_one_sentence(given, words):
    with pytest.raises(InvalidArgument, match=words):
        check("gluon.stochastic", NOISY, NORM, steps=5, parameters=given)


def test_a_rule_without_a_finite_value_says_so():
    report = check("gluon.stochastic", NOISY, NORM, steps=5, constants={"L0": 0.0, "L1": 0.0})
    assert report.verdict == "not applicable" and "gives no finite number here; give tau" in report.why


def test_parameters_without_a_problem_are_those_of_the_own_cases():
    with pytest.raises(InvalidArgument, match="parameter a must lie in"):
        check("gluon.stochastic", parameters={"a": 1.5})


def test_independent_probabilities_of_many_layers_are_refused_at_once():
    many = CoupledQuadratic(np.eye(40), [np.zeros(1)] * 40, [np.ones(1)] * 40)
    with pytest.raises(InvalidArgument, match="at most 12 layers"):
        check("drop_muon.descent", many, Product([L2()] * 40), steps=2, parameters={"P": (0.5,) * 40})


@pytest.mark.parametrize(
    "given, words",
    [
        ({"P": (0.5, 1.5)}, r"P must lie in \(0, 1\], but is 1.5"),
        ({"P": 0.5}, "P must be 2 probabilities"),
        ({"P": "top-k(1)"}, "P must be 2 probabilities"),
        ({"P": (0.5, 0.0)}, r"P must lie in \(0, 1\], but is 0"),
        ({"weights": (0.5, 0.6)}, "weights must add up to 1"),
        ({"P": (0.5, 0.5), "weights": (0.5, 0.5)}, "give one of them"),
    ],
)
def test_no_distribution_over_the_layers_is_refused(given, words):
    with pytest.raises(InvalidArgument, match=words):
        check("drop_muon.descent", NOISY, NORM, steps=2, parameters=given)


@pytest.mark.parametrize("paths", [0, -3, 2.5, True, "many"])
def test_a_wrong_number_of_paths_is_refused(paths):
    with pytest.raises(InvalidArgument, match="paths must be a positive integer"):
        check("gluon.stochastic", NOISY, NORM, paths=paths)


@pytest.mark.parametrize("factor, verdict", [(0.8, "violated"), (1.0, "inconclusive"), (1.25, "holds")])
def test_an_expectation_that_is_known_exactly(factor, verdict):
    """f = x^2 and gradients with an error +-s: E f(x_K) is a geometric series, here of the sharp step of size 3/10."""
    L, x0, size, steps, kept = 2.0, 1.5, 1.0, 10, 1 - 0.3 * 2.0
    exact = L / 2 * (kept ** (2 * steps) * x0**2 + (0.3 * size) ** 2 * (1 - kept ** (2 * steps)) / (1 - kept**2))
    most = L / 2 * (kept**steps * x0 + 0.3 * size * (1 - kept**steps) / (1 - kept)) ** 2
    bowl = RidgeLayer("square", np.array([L]), np.ones(1), np.zeros(1), np.array([x0]))
    theorem = Theorem(
        name="own.mean",
        title="The mean value of noisy gradient descent",
        source=Source("a test", "proved here"),
        assumes=(LayerSmooth(zero_L1=True), BoundedVariance()),
        method=LmoMethod(Sharp(), Ema("a")),
        parameters=(Rule(a, sp.Integer(1), free=True), Rule(gamma[layer], sp.Float(0.3), free=True)),
        claims=(Expected(gap[K] <= factor * exact * unit_f, "mean", ceiling=most * (1 + 1e-9) * unit_f),),
        cases=(Case(lambda seed: Noisy(Ridges(bowl), Signs(size)), LInf(), steps=steps),),
    )
    assert check_case(theorem, 0).verdict == verdict


@pytest.mark.parametrize(
    "given, words",
    [
        ({"L0": (1.0, 1.0, 1.0)}, "L0 must have one entry for each of the 2 layers"),
        ({"L0": (1.0, np.inf)}, "finite"),
    ],
)
def test_constants_that_cannot_be_those_of_the_problem_are_refused(given, words):
    with pytest.raises(InvalidArgument, match=words):
        check("gluon.stochastic", NOISY, NORM, steps=2, constants=given)


def test_a_start_in_single_precision_is_checked_in_double():
    for name, problem in (("gluon.stochastic", NOISY), ("drop_muon.descent", NOISY.problem)):
        single = check(name, problem, NORM, steps=5, x0=[part.astype(np.float32) for part in NOISY.x0])
        assert single.verdict in SEEN


@pytest.mark.parametrize("number", ["0.1", True, b"1"])
def test_words_and_truth_values_are_no_numbers(number):
    with pytest.raises(InvalidArgument, match="constant L0 must be a real number"):
        check("gluon.stochastic", NOISY, NORM, constants={"L0": number})
