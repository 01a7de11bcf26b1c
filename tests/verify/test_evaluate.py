"""Claims evaluated on columns that are known, against sums and products written out."""

import numpy as np
import pytest
import sympy as sp

from broximal.theory.columns.points import D0, Best, K, d0, distance, gap, i, k, radius, t
from broximal.theory.language.claims import EachHorizon, EachStep
from broximal.verify.evaluate import evaluate
from tests.verify.fake import FakeRun

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
    sides = evaluate(EachHorizon(gap[K] <= sp.Sum(radius[i], (i, 0, K - 2))), run)
    np.testing.assert_allclose(sides.large, [0, 0.5, 0.75, 1.25])


def test_a_condition_selects_indices_beyond_its_own_error():
    run = FakeRun(3, gap=([2.0, 1.0, 1e-9, 0.0], [0, 0, 1e-8, 0], 0.0), t=[1.0, 1.0, 1.0])
    sides = evaluate(EachStep(gap[k + 1] <= gap[k], where=gap[k + 1] > 0), run)
    np.testing.assert_array_equal(sides.index, [0])  # 1e-9 cannot be told from zero


def test_budget_is_the_change_under_every_error():
    run = FakeRun(1, gap=([4.0, 1.0], [1e-3, 2e-3], [0.0, 5e-3]), t=([0.5], [1e-4], 0.0))
    sides = evaluate(EachStep(sp.sqrt(gap[k + 1]) <= sp.sqrt(gap[k]) - radius[k]), run)
    by_hand = (np.sqrt(4.001) - 2, 2 - np.sqrt(3.999), 1 - np.sqrt(1 - 7e-3), 1e-4)
    assert sides.budget[0] == pytest.approx(max(by_hand[:2]) + by_hand[2] + by_hand[3], rel=1e-6)


def test_oracle_errors_accumulate_over_a_horizon_only():
    columns = {"gap": ([4.0, 3.0, 2.0], 0.0, [0.0, 0.1, 0.2])}
    step = evaluate(EachStep(gap[k + 1] <= gap[k]), FakeRun(2, **columns))
    horizon = evaluate(EachHorizon(gap[K] <= 5 + 0 * gap[K]), FakeRun(2, **columns))
    np.testing.assert_allclose(step.budget, [0.1, 0.3], rtol=1e-9)  # entries k and k + 1 both count
    np.testing.assert_allclose(horizon.budget, [0.1, 0.3], rtol=1e-9)
