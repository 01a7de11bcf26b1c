"""Sums over the layers, workers or arms for which a condition holds: read exactly, also where the budget leaves it open."""

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.problems import Arms, rewards
from broximal.theory import EachStep, Expected, K, Largest, LayerSum, SumOver, arm, catalogue, i, k, layer
from broximal.theory.columns.arms import arm_gap, regret
from broximal.theory.columns.layers import L0, g
from broximal.theory.columns.points import d0, gap, unit_f, unit_x
from broximal.theory.language.coding import Reader, Writer
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import latex
from broximal.theory.prescriptions.resolve import number
from broximal.verify import check
from broximal.verify.claiming import on_run
from broximal.verify.evaluate import evaluate
from broximal.verify.twins import marked, without
from broximal.verify.verdict import Verdict
from tests.verify.fake import FakeRun
from tests.verify.test_arms import about

SIZES = np.array([[1.0, 2.0, 4.0], [3.0, 0.0, 5.0]])
SLOPE = unit_f / unit_x
LONG = SumOver(g[k, layer], layer, where=g[k, layer] > 2.5 * SLOPE)


def sides(claim, **columns):
    return evaluate(claim, FakeRun(1, count=3, **({"gl": SIZES, "L0l": [1.0, 0.0, 2.0], "gap": [9.0, 9.0]} | columns)))


def test_the_terms_for_which_it_holds():
    found = sides(EachStep(LONG <= 9 * SLOPE))
    assert found.small.tolist() == [4.0, 8.0] and np.all(found.budget < 1e-13)
    assert sides(EachStep(LONG <= LayerSum(g[k, layer]))).large.tolist() == [7.0, 8.0]


def test_the_index_and_constants_choose_too():
    first = SumOver(g[k, layer], layer, where=layer < 2)
    assert sides(EachStep(first <= 9 * SLOPE)).small.tolist() == [3.0, 3.0]
    smooth = SumOver(g[k, layer] ** 2 / L0[layer], layer, where=sp.And(L0[layer] > 0, sp.Not(layer > 1)))
    assert sides(EachStep(smooth <= gap[k])).small.tolist() == [1.0, 9.0]  # 1 / L0 is infinite where it is left out


def test_what_the_budget_leaves_open_is_in_the_budget():
    blurred = (SIZES, np.where(SIZES == 3.0, 0.6, 0.0), 0.0)
    found = sides(EachStep(LONG <= 9 * SLOPE), gl=blurred)
    assert found.budget[0] < 1e-13 and found.budget[1] >= 3.0


def test_a_planted_wrong_bound_is_refuted():
    run = FakeRun(1, count=3, gl=SIZES, gap=[9.0, 9.0])
    assert on_run(EachStep(LONG <= 8 * SLOPE), run).verdict is Verdict.HOLDS
    assert on_run(EachStep(LONG <= 7.9 * SLOPE), run).verdict is Verdict.VIOLATED
    other = SumOver(g[k, layer], layer, where=g[k, layer] > 0.5 * SLOPE)
    assert on_run(EachStep(other <= LONG), run).verdict is Verdict.VIOLATED
    assert on_run(EachStep(LONG <= other), run).verdict is Verdict.HOLDS


def test_a_bound_with_a_condition_has_power():
    found = on_run(EachStep(LayerSum(g[k, layer]) - 3 * SLOPE <= LONG), FakeRun(1, count=3, gl=SIZES))
    assert found.verdict is Verdict.HOLDS and found.power.smallest < 1e-9


def test_on_a_bandit_the_best_arm_is_left_out():
    """Of uniform pulls each arm gets K / A in expectation; 1 / gap exists for the others only."""
    rate = SumOver(1 / arm_gap[arm], arm, where=arm_gap[arm] > 0)
    own = Expected(regret[K] * rate <= 1.7 * K, "regret", ceiling=K * Largest(arm_gap[arm], arm) * rate)
    arms = Arms([0.9, 0.4, 0.2], rewards.Bernoulli())
    report = check(about(own), arms, steps=12)
    gaps = np.array([0.5, 0.7])
    mean = 12 * gaps.sum() / 3 * (1 / gaps).sum()
    assert report.claims, report.why
    assert report.claims[0].curve["measured"][0] == pytest.approx(mean, rel=0.2)
    wrong = check(about(own.strengthened(0.6)), arms, steps=12)
    assert report.verdict in (Verdict.HOLDS, Verdict.LOOSE) and wrong.verdict is Verdict.VIOLATED


def test_conditions_are_no_terms_and_no_numbers_of_a_bound():
    assert {label for label, _ in marked(LONG)} == {"gl", "unit_f", "unit_x"} and not without(LONG)
    both = SumOver(g[k, layer] + SLOPE, layer, where=g[k, layer] + SLOPE > 2 * SLOPE)
    assert {label for label, _ in without(both)} == {"gl[k, l]", "unit_f/unit_x"}


def test_it_is_written_read_and_kept():
    assert latex(LONG).startswith(r"\sum_{l : \|\nabla_{l} f(x_{k})\|_{(l)\ast} > ")
    writer = Writer()
    place = writer.keep(LONG)
    assert Reader(writer.rows).make(place) == LONG
    assert SumOver(g[k, layer], layer, where=sp.true) == LayerSum(g[k, layer])
    assert SumOver(g[k, layer], layer, where=sp.false) == 0
    assert LONG.free_symbols >= {k, unit_f} and layer not in LONG.free_symbols
    assert LONG != LayerSum(g[k, layer])


@pytest.mark.parametrize(
    "claim, words",
    [
        (lambda: EachStep(SumOver(g[k, layer], layer, where=gap[k] > 0) <= SLOPE), None),
        (lambda: EachStep(SumOver(g[k, layer], layer, where=g[k, layer] > 1) <= SLOPE), "compares or adds"),
        (lambda: EachStep(SumOver(g[k, layer], layer, where=g[i, layer] > SLOPE) <= SLOPE), "no index of it"),
        (lambda: EachStep(SumOver(g[k, layer], layer, where=arm_gap[arm] > d0) <= SLOPE), "outside of"),
        (lambda: EachStep(SumOver(g[k, layer], layer, where=Possibly(g[k, layer] <= 0)) <= SLOPE), "has Possibly"),
        (lambda: EachStep(SumOver(g[k, layer], layer, where=sp.Symbol("z") > 0) <= SLOPE), "no vocabulary defines"),
    ],
)
def test_what_is_refused(claim, words):
    if words is None:
        claim()
        return
    with pytest.raises(InvalidArgument, match=words):
        claim()


def test_a_rule_may_have_one():
    run = FakeRun(1, count=3, L0l=[1.0, 0.0, 2.0])
    assert float(number(SumOver(1 / L0[layer], layer, where=L0[layer] > 0), run)) == 1.5
    assert catalogue()  # no theorem is read differently
