"""Claims evaluated on columns that are known, against sums and products written out."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import BroximalError
from broximal.theory.columns.points import D0, Best, K, d0, distance, gap, i, k, radius, t, unit_f, unit_x, value
from broximal.theory.language.claims import EachHorizon, EachStep, Holds
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import layers
from broximal.verify.evaluate import Evaluator, constant_value, evaluate
from tests.verify.fake import SLOPE, FakeRun

rounds = radius  # a column that the fake run gives without rounding

GAP = np.array([4.0, 3.0, 1.5, 0.5, 0.1])
T = np.array([0.5, 0.25, 0.5, 1.0])
D = np.array([3.0, 2.8, 2.5, 2.0, 1.5])


@pytest.fixture
def run():
    return FakeRun(4, gap=GAP, t=T, D=D, D_0=3.0, d_0=4.0, t_const=0.5)


def test_step_claims_shift_columns(run):
    sides = evaluate(EachStep(gap[k + 1] <= (1 - radius[k] / distance[k]) * gap[k]), run)
    np.testing.assert_array_equal(sides.index, [0, 1, 2, 3])
    np.testing.assert_allclose(sides.small, GAP[1:])
    np.testing.assert_allclose(sides.large, (1 - T / D[:-1]) * GAP[:-1])


def test_a_claim_over_two_steps_loses_the_last_index(run):
    sides = evaluate(EachStep(gap[k] - gap[k + 1] >= gap[k + 1] - gap[k + 2]), run)
    np.testing.assert_array_equal(sides.index, [0, 1, 2])
    np.testing.assert_allclose(sides.large, GAP[:3] - GAP[1:4])  # >= is turned round


def test_sum_product_and_best_over_the_horizon(run):
    total = evaluate(EachHorizon(gap[K] <= D0 * d0 / (D0 + sp.Sum(radius[i], (i, 0, K - 1)))), run)
    np.testing.assert_allclose(total.large, [12 / (3 + T[:m].sum()) for m in range(1, 5)])
    product = evaluate(EachHorizon(gap[K] <= gap[0] * sp.Product(1 - radius[i] / distance[i], (i, 0, K - 1))), run)
    np.testing.assert_allclose(product.large, [4 * np.prod(1 - T[:m] / D[:m]) for m in range(1, 5)])
    best = evaluate(EachHorizon(Best(distance[i], (i, 0, K - 1)) <= t * K), run)
    np.testing.assert_allclose(best.small, np.minimum.accumulate(D)[:4])
    np.testing.assert_allclose(best.large, [0.5, 1.0, 1.5, 2.0])


def test_empty_sums_are_zero(run):
    sides = evaluate(EachHorizon(gap[K] <= SLOPE * sp.Sum(radius[i], (i, 0, K - 2))), run)
    np.testing.assert_allclose(sides.large, [0, 0.5, 0.75, 1.25])


def test_a_condition_selects_indices_beyond_its_own_error():
    run = FakeRun(3, gap=([2.0, 1.0, 1e-9, 0.0], [0, 0, 1e-8, 0], 0.0), t=[1.0, 1.0, 1.0])
    sides = evaluate(EachStep(gap[k + 1] <= gap[k], where=gap[k + 1] > 0), run)
    np.testing.assert_array_equal(sides.index, [0])  # 1e-9 cannot be told from zero


def test_budget_is_the_change_under_every_error():
    run = FakeRun(1, gap=([4.0, 1.0], [1e-3, 2e-3], [0.0, 5e-3]), t=([0.5], [1e-4], 0.0))
    sides = evaluate(EachStep(sp.sqrt(gap[k + 1]) <= sp.sqrt(gap[k]) - radius[k] * sp.sqrt(unit_f) / unit_x), run)
    by_hand = (np.sqrt(4.001) - 2, 2 - np.sqrt(3.999), 1 - np.sqrt(1 - 7e-3), 1e-4)
    assert sides.budget[0] == pytest.approx(max(by_hand[:2]) + by_hand[2] + by_hand[3], rel=1e-6)


def test_oracle_errors_accumulate_over_a_horizon_only():
    columns = {"gap": ([4.0, 3.0, 2.0], 0.0, [0.0, 0.1, 0.2])}
    step = evaluate(EachStep(gap[k + 1] <= gap[k]), FakeRun(2, **columns))
    horizon = evaluate(EachHorizon(gap[K] <= 5 * unit_f), FakeRun(2, **columns))
    np.testing.assert_allclose(step.budget, [0.1, 0.3], rtol=1e-9)  # entries k and k + 1 both count
    np.testing.assert_allclose(horizon.budget, [0.1, 0.3], rtol=1e-9)


def test_a_limit_or_a_term_may_move_with_the_index(run):
    last = evaluate(EachHorizon(gap[K] <= SLOPE * sp.Sum(radius[i], (i, K - 1, K - 1))), run)
    np.testing.assert_allclose(last.large, T)
    weighted = evaluate(EachHorizon(gap[K] <= SLOPE * sp.Sum((K - i) ** 2 * radius[i], (i, 0, K - 1))), run)
    np.testing.assert_allclose(weighted.large, [sum((m - j) ** 2 * T[j] for j in range(m)) for m in range(1, 5)])
    window = evaluate(EachHorizon(gap[K] <= Best(gap[i] * K, (i, K - 1, K))), run)
    np.testing.assert_allclose(window.large, [min(GAP[m - 1], GAP[m]) * m for m in range(1, 5)])
    powers = evaluate(EachHorizon(gap[K] <= unit_f * sp.Product(K * radius[i] / unit_x, (i, 0, K - 1))), run)
    np.testing.assert_allclose(powers.large, [np.prod(m * T[:m]) for m in range(1, 5)])
    j = sp.Symbol("j", integer=True)
    nested = evaluate(EachHorizon(gap[K] <= SLOPE * sp.Sum(sp.Sum(radius[j], (j, 0, i)), (i, 0, K - 1))), run)
    np.testing.assert_allclose(nested.large, np.cumsum(np.cumsum(T)))


def test_every_second_entry_is_read_and_the_range_ends_where_it_exists(run):
    sides = evaluate(EachStep(gap[2 * k] <= gap[k]), run)
    np.testing.assert_array_equal(sides.index, [0, 1, 2])
    np.testing.assert_allclose(sides.small, GAP[::2])
    later = evaluate(EachStep(gap[3 * k - 2] <= gap[0]), run)
    np.testing.assert_array_equal(later.index, [1, 2])
    np.testing.assert_allclose(later.small, GAP[[1, 4]])
    before = evaluate(EachStep(gap[k] <= gap[k - 1]), run)
    np.testing.assert_array_equal(before.index, [1, 2, 3, 4])
    summed = evaluate(EachStep(gap[k] <= SLOPE * sp.Sum(radius[2 * i + 1], (i, 0, k))), run)
    np.testing.assert_array_equal(summed.index, [0, 1])
    np.testing.assert_allclose(summed.large, [T[1], T[1] + T[3]])


@pytest.mark.parametrize(
    "columns, claim",
    [
        ({"gap": [4.0, 0.1]}, EachStep(gap[k + 1] <= gap[k])),  # the two ends of a run
        ({"gap": GAP[:3]}, EachHorizon(gap[K] <= unit_f)),
        ({"gap": np.append(GAP, 0.0)}, EachStep(gap[k] <= unit_f)),
        ({"gap": GAP, "D": [1.0]}, EachStep(gap[k] <= unit_f, where=distance[k] > 0)),
        ({"gap": GAP, "D": D[:2]}, EachHorizon(gap[K] <= SLOPE * Best(distance[i], (i, 0, K)))),
    ],
)
def test_a_column_that_is_not_measured_along_the_run_is_an_error(columns, claim):
    with pytest.raises(BroximalError, match=r"the column \w+ has \d entr(y|ies) on a run of 4 steps"):
        evaluate(claim, FakeRun(4, **columns))


@pytest.mark.parametrize("claim", [EachStep(gap[k] <= gap[7]), Holds(gap[9] <= d0), Holds(gap[2] <= d0)])
def test_an_entry_that_is_not_there_is_an_error(run, claim):
    with pytest.raises(BroximalError, match="gap"):
        evaluate(claim, run)


def test_constants_are_compared_once(run):
    sides = evaluate(Holds(d0 <= t * D0 * unit_f / unit_x**2), run)
    assert len(sides.index) == 1 and sides.small[0] == 4.0 and sides.large[0] == 1.5


CONDITIONS = {
    "ne": (sp.Ne(k, 0), [1, 2, 3]),
    "eq": (sp.Eq(k, 2), [2]),
    "eq beyond rounding": (sp.Eq(3 * k, 9), [3]),
    "lt": (k < 2, [0, 1]),
    "le": (k <= 2, [0, 1, 2]),
    "gt": (k > 1, [2, 3]),
    "ge": (k >= 1, [1, 2, 3]),
    "and": (sp.And(k >= 1, k < 3), [1, 2]),
    "or": (sp.Or(k < 1, k > 2), [0, 3]),
    "not": (sp.Not(sp.Or(k < 1, gap[k] < unit_f)), [1, 2]),
    "true": (sp.true, [0, 1, 2, 3]),
    "false": (sp.false, []),
    "mod": (sp.Eq(sp.Mod(k, 2), 1), [1, 3]),
    "square": (k**2 > 3, [2, 3]),
    "column eq": (sp.Eq(gap[k], 3 * unit_f), []),  # within the budget of a rounded column nothing certainly equals
    "column ne": (sp.Ne(gap[k], 3 * unit_f), [0, 2, 3]),
    "columns": (sp.And(gap[k] > unit_f, distance[k] <= 2.9 * unit_x), [1, 2]),
    "possible": (Possibly(sp.Eq(gap[k], 3 * unit_f)), [1]),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_are_read_as_they_are_written(name):
    where, expected = CONDITIONS[name]
    run = FakeRun(4, gap=(GAP, 1e-12, 0.0), D=D)
    sides = evaluate(EachStep(gap[k + 1] <= gap[k], where=where), run)
    np.testing.assert_array_equal(sides.index, expected)


@given(
    st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=3, max_size=3),
    st.floats(0, 1, allow_subnormal=False),
    st.sampled_from([sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne]),
)
@settings(max_examples=60, deadline=None)
def test_three_values_agree_with_every_number_within_the_error(values, error, kind):
    """Certain means: the same for all values within the error; and undecided is symmetric under Not."""
    run = FakeRun(2, f=(values, error, 0.0))
    indices, claim = np.arange(3), EachStep(value[k] <= unit_f)
    truth = Evaluator(run, False).truth(kind(value[k], 0.5), {claim.index: indices}, indices)
    opposite = Evaluator(run, False).truth(sp.Not(kind(value[k], 0.5)), {claim.index: indices}, indices)
    np.testing.assert_array_equal(truth, -opposite)
    compare = {sp.Lt: np.less, sp.Le: np.less_equal, sp.Gt: np.greater, sp.Ge: np.greater_equal}
    compare |= {sp.Eq: np.equal, sp.Ne: np.not_equal}
    for x, said in zip(values, truth, strict=True):
        around = compare[kind](np.array([x - 0.99 * error, x, x + 0.99 * error]), 0.5)
        if said:
            assert np.all(around == (said > 0))


def test_integers_have_no_rounding():
    sides = evaluate(EachStep(rounds[k + 1] <= rounds[k] + 3 * k * unit_x), FakeRun(3, t=[1.0, 1.0, 4.0]))
    np.testing.assert_array_equal(sides.budget, 0.0)
    inexact = evaluate(EachStep(rounds[k + 1] <= rounds[k] + k * unit_x / 3), FakeRun(3, t=[1.0, 1.0, 4.0]))
    assert np.all(inexact.budget > 0)


def test_a_constant_is_evaluated_with_digits_to_spare():
    run = FakeRun(1, D_0=3.0, t_const=1e-20)
    value_, error = constant_value(1 / -sp.log(1 - t / D0), run)
    assert value_ == pytest.approx(3e20, rel=1e-12) and error < 1e-15 * value_
    assert np.isnan(constant_value(sp.log(1 - D0), run)[0])  # not real
    assert np.isnan(constant_value(1 / (D0 - 3), run)[0])
    assert constant_value(sp.Integer(7), run) == (7.0, 0.0)


def test_a_product_with_a_factor_that_may_be_zero_has_an_error():
    run = FakeRun(2, t=([2.0, 0.0], [0.0, 0.1], 0.0), gap=[1.0, 1.0, 1.0])
    sides = evaluate(EachHorizon(gap[K] <= unit_f * sp.Product(radius[i] / unit_x, (i, 0, K - 1))), run)
    assert sides.large[1] == 0 and sides.budget[1] >= 0.2


@pytest.mark.parametrize("factor", [sp.sqrt(layers - 2), 1 / (layers - 1), sp.log(layers - 1), sp.log(layers - 2)])
def test_a_count_that_makes_no_real_number_is_no_number(run, factor):
    # of a root of -1 the real part, 0, was compared; 1 / 0 was an error of the printer of sympy
    sides = evaluate(EachStep(gap[k + 1] <= factor * gap[k]), run)
    assert np.all(np.isnan(sides.large)) and np.all(np.isfinite(sides.small))
    assert not np.any(Evaluator(run, False).truth(factor > 0, {k: sides.index}, sides.index))
