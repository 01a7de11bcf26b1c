"""The planted twins find what they should find."""

import numpy as np
import pytest
import sympy as sp

from broximal.theory.columns.layers import rho as rho_l, sigma
from broximal.theory.columns.points import D0, distance, gap, i, k, q, radius, t, unit_f, value
from broximal.theory.columns.whole import rho
from broximal.theory.language.claims import EachStep, Holds, Terminates
from broximal.theory.language.quantity import LayerSum, layer
from broximal.verify.evaluate import evaluate
from broximal.verify.power import of_claim, of_termination
from broximal.verify.twins import LADDER, without
from broximal.verify.verdict import Verdict, judge
from tests.verify.fake import SLOPE, FakeRun


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
    run = FakeRun(2, gap=[4.0, 2.0, 1.0], q=1.0)
    found = power(EachStep(gap[k + 1] <= q * gap[k]), run)
    assert found.smallest == pytest.approx(0.5, abs=1e-9)
    assert found.twins["q"] == 0.9  # the first of the ladder above one half


def test_constants_on_the_left_are_altered_too():
    run = FakeRun(2, gap=[4.0, 2.0, 1.0], q=1.0)
    found = power(EachStep(q * gap[k + 1] <= gap[k] / 2), run)
    assert found.twins["q (left)"] == 0.001


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


CLAIMS = {
    "negative bound": EachStep(value[k + 1] - value[k] <= -q * SLOPE * radius[k]),
    "changing sign": EachStep(value[k + 1] <= value[k] - q * SLOPE * radius[k]),
    "positive bound": EachStep(gap[k + 1] <= gap[k] - SLOPE * radius[k] / 8),
    "zero bound": EachStep(gap[k + 1] - gap[k] / 2 <= 0),
    "at least": EachStep(gap[k] - gap[k + 1] >= q * SLOPE * radius[k] / 2),
    "identity": EachStep(sp.Eq(value[k + 1], value[k] - unit_f)),
    "constants": Holds(q * t <= D0),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_is_said_to_be_caught_is_caught_and_less_is_not(name):
    """The altered claim is refuted from the error on that is reported, for bounds of either sign."""
    claim = CLAIMS[name]
    values = {"f": [1.5, 0.5, -0.5, -1.5], "gap": [4.0, 1.9, 0.9, 0.4], "t": [0.8, 0.8, 0.8]}
    run = FakeRun(3, q=1.0, t_const=0.8, D_0=1.0, **values)
    assert judge(evaluate(claim, run), claim.identity).verdict is Verdict.HOLDS
    smallest = power(claim, run).smallest
    assert smallest is not None and smallest < 1

    def refuted(error):
        twin = claim.strengthened(1 - error)
        return judge(evaluate(twin, run), twin.identity).verdict is Verdict.VIOLATED

    assert refuted(min(1.01 * smallest + 1e-12, 1.0))
    assert smallest == 1e-12 or not refuted(0.99 * smallest)  # the least error that is reported


@pytest.mark.parametrize("claim", [EachStep(value[k] <= 0), EachStep(sp.Eq(value[k], 0)), EachStep(value[k] >= 0)])
def test_a_bound_of_zero_divides_nothing(claim):
    found = power(claim, FakeRun(1, f=[0.0, 0.0]))
    assert found.smallest is None


def test_an_ingredient_that_strengthens_some_indices_and_weakens_others_is_altered_both_ways():
    found = power(EachStep(value[k] <= q * SLOPE * radius[k]), FakeRun(2, f=[-1.0, 1.0, 1.0], t=[-1.0, 1.0], q=1.0))
    assert found.twins["q"] == LADDER[0]


def test_the_ingredients_of_a_bound_on_a_first_index_are_altered():
    run = FakeRun(10, terminated=10, D_0=10.0, t_const=1.0)
    found = of_termination(Terminates(D0 / t), run, 10.0)
    assert found.twins == {"D_0": 0.1, "t_const": 0.1}
    assert of_termination(Terminates(-D0 / t), run, -10.0).smallest is None
    assert of_termination(Terminates(0 * t + 3), FakeRun(0, terminated=0), 0.0).smallest is None


def test_terms_are_left_out_wherever_they_stand():
    """In sums within products, in maxima; a term without which the claim is weaker is none, and neither are numbers and f."""
    run = FakeRun(1, f=[2.0, 0.5], D=[1.0, 1.0], gap=[0.0, 0.0], q=1.0, D_0=2.0, t_const=1.0)
    terms = power(EachStep(distance[k + 1] <= (t + D0) * q / 3 + D0 / 100), run).terms
    assert terms == {"D_0": True, "t_const": True, "q*(D_0 + t_const)/3": True, "D_0/100": False}
    assert power(EachStep(distance[k + 1] <= D0 - t / 2), run).terms == {"D_0": True, "-t_const/2": None}
    terms = power(EachStep(distance[k + 1] <= sp.Max(D0 / 2, t / 10)), run).terms
    assert terms == {"D_0/2": True, "t_const/10": False}
    terms = power(EachStep(value[k + 1] <= value[k] + q * unit_f - gap[k]), run).terms
    assert terms["q*unit_f"] is False
    assert terms["-gap[k]"] is False  # as it is 0
    terms = power(EachStep(distance[k] - t / 2 - D0 / 1000 <= D0 / 4), run).terms
    assert terms == {"D[k] (left)": None, "-t_const/2 (left)": True, "-D_0/1000 (left)": False}


def test_a_ratio_of_norms_becomes_one():
    bound = EachStep(distance[k] <= rho * t)
    assert power(bound, FakeRun(1, D=[3.0, 3.0], rho_n=3.0, t_const=1.0)).terms == {"rho_n -> 1": True}
    assert power(bound, FakeRun(1, D=[1.0, 1.0], rho_n=3.0, t_const=1.0)).terms == {"rho_n -> 1": False}
    assert without(LayerSum(rho_l[layer] * sigma[layer])) == [("rho -> 1", LayerSum(sigma[layer]))]
    # where the norm is Euclidean there is nothing to see
    assert power(bound, FakeRun(1, D=[1.0, 1.0], rho_n=1.0, t_const=1.0)).terms == {"rho_n -> 1": False}


def test_what_only_its_absence_shows_is_an_error_of_one():
    run = FakeRun(1, D=[1.0, 1.0], D_0=2000.0, t_const=1.0)
    assert power(EachStep(distance[k] <= t / 1000 + D0 / sp.Rational(20001, 10)), run).twins["t_const"] == 1.0


def test_what_is_no_real_number_without_a_term_is_no_twin():
    bound = sp.Product(sp.Max(0, 1 - t / sp.sqrt(D0**2 - i * t**2)), (i, 0, 3))
    found = [label for label, _ in without(bound)]
    assert "-i*t_const**2" in found and "D_0**2" not in found
