"""The table of verdicts."""

import numpy as np
import pytest

from broximal.verify.claiming import worst
from broximal.verify.evaluate import Sides
from broximal.verify.verdict import Verdict, judge


def sides(small, large, budget):
    small, large, budget = (np.atleast_1d(np.asarray(a, dtype=float)) for a in (small, large, budget))
    return Sides(np.arange(len(small)), small, large, np.broadcast_to(budget, small.shape))


@pytest.mark.parametrize(
    "small, large, budget, verdict",
    [
        (1.0, 2.0, 1e-9, Verdict.HOLDS),
        (2.0, 1.0, 1e-9, Verdict.VIOLATED),
        (1.0, 1.0, 1e-9, Verdict.HOLDS),  # attained
        (1.0 + 1e-12, 1.0, 1e-9, Verdict.HOLDS),  # attained up to the budget
        (1.0 + 1e-8, 1.0, 1e-9, Verdict.VIOLATED),
        (1.0, 1.0001, 5e-4, Verdict.INCONCLUSIVE),  # the budget is as large as the difference
        (1e-12, 1e-12, 1e-9, Verdict.INCONCLUSIVE),  # below the budget: nothing is compared
        (0.0, 0.0, 0.0, Verdict.HOLDS),
        (np.nan, 1.0, 1e-9, Verdict.INCONCLUSIVE),
        (1.0, np.nan, 1e-9, Verdict.INCONCLUSIVE),
        (1.0, 2.0, np.nan, Verdict.INCONCLUSIVE),
        ([], [], [], Verdict.INCONCLUSIVE),
        ([1.0, 1e-12], [2.0, 1e-13], [1e-9, 1e-9], Verdict.HOLDS),  # the silent tail is left out
        ([1.0, 3.0], [2.0, 2.0], [1e-9, 1e-9], Verdict.VIOLATED),  # one bad step is enough
        ([3.0, np.nan], [2.0, 1.0], [1e-9, np.nan], Verdict.VIOLATED),  # also before the run overflows
        ([np.nan, 3.0], [1.0, 2.0], 1e-9, Verdict.VIOLATED),
        ([3.0, np.inf], [2.0, np.inf], [1e-9, np.nan], Verdict.VIOLATED),
        ([3.0, np.inf], [2.0, 1.0], [1e-9, np.inf], Verdict.VIOLATED),
        ([1.0, np.nan], [2.0, 1.0], [1e-9, np.nan], Verdict.INCONCLUSIVE),
        ([1.0, np.inf], [2.0, 1e9], [1e-9, np.inf], Verdict.INCONCLUSIVE),
        ([1.0, 1.0], [2.0, -np.inf], 1e-9, Verdict.INCONCLUSIVE),
        ([1.0, 1.0], [np.inf, 2.0], [np.inf, 1e-9], Verdict.HOLDS),  # nothing is claimed where the bound is infinite
        ([1.0, 1.0], [np.inf, np.inf], [np.inf, np.inf], Verdict.INCONCLUSIVE),
        (-3.0, -2.0, 1e-9, Verdict.HOLDS),  # bounds below zero
        (-2.0, -3.0, 1e-9, Verdict.VIOLATED),
    ],
)
def test_judge(small, large, budget, verdict):
    assert judge(sides(small, large, budget)).verdict is verdict


def test_an_identity_fails_on_both_sides():
    assert judge(sides(1.0, 1.0, 1e-12), identity=True).verdict is Verdict.HOLDS
    assert judge(sides(1.0, 1.001, 1e-12), identity=True).verdict is Verdict.VIOLATED
    assert judge(sides(1.001, 1.0, 1e-12), identity=True).verdict is Verdict.VIOLATED


@pytest.mark.parametrize(
    "small, large, budget, verdict",
    [
        (1.0, 2.0, 1e-9, Verdict.HOLDS),
        (2.0, 1.0, 1e-9, Verdict.VIOLATED),
        (1.0, 1.0, 1e-9, Verdict.INCONCLUSIVE),
        (1.0, 1.0, 0.0, Verdict.VIOLATED),  # equal beyond doubt
        (0.0, 0.0, 0.0, Verdict.VIOLATED),
        (1.0 - 1e-10, 1.0, 1e-9, Verdict.INCONCLUSIVE),
        ([1.0, 1e-12], [2.0, 1e-12], 1e-9, Verdict.INCONCLUSIVE),  # an equality in the tail does not pass either
        ([1.0, 1.0], [2.0, 1.0], [1e-9, 0.0], Verdict.VIOLATED),
    ],
)
def test_a_strict_claim_is_judged_as_strict(small, large, budget, verdict):
    assert judge(sides(small, large, budget), strict=True).verdict is verdict


def test_an_identity_with_an_infinite_side_is_not_decided():
    assert judge(sides([1.0, 1.0], [1.0, np.inf], [1e-9, np.inf]), identity=True).verdict is Verdict.INCONCLUSIVE
    assert judge(sides([1.0, 1.0], [2.0, np.inf], [1e-9, np.inf]), identity=True).verdict is Verdict.VIOLATED


@pytest.mark.parametrize(
    "small, large, budget, place",
    [
        ([1.0, 30.0, 9.0], [2.0, 20.0, 1.0], 1e-9, 2),  # the largest ratio, not the largest difference
        ([2e-12, 3.0], [1e-12, 2.0], [1e-9, 1e-9], 1),  # a larger ratio within its budget breaks nothing
        ([1.0, 1.0, 2.0], [0.0, 0.0, 0.0], 1e-9, 2),  # of equal ratios the farthest
        ([-2.0, -1.0], [-3.0, -3.0], 1e-9, 1),  # below zero there are no ratios
        ([1.0, 1.0, np.nan], [2.0, 1.5, 1.0], 1e-9, 2),
        ([1.0, 1.0, np.inf], [2.0, 1.0001, np.inf], [1e-9, 5e-4, np.inf], 2),
        ([1.0, 1.0], [np.inf, 1.0001], [np.inf, 5e-4], 1),  # counted among all indices, not the finite ones
    ],
)
def test_the_sentence_and_the_step_are_about_one_index(small, large, budget, place):
    both = sides(small, large, budget)
    judgement = judge(both)
    assert judgement.place == place and f"at index {place}" in judgement.why
    assert worst(both, judgement.place)[1] == place


def test_an_equality_is_worst_where_its_sides_are_farthest_apart():
    judgement = judge(sides([1.0, 3.0], [0.5, 9.0], 1e-9), identity=True)
    assert judgement.place == 1


def test_a_verdict_about_no_single_index_is_shown_at_the_largest_ratio():
    both = sides([1.0, 1.5, 1.0], [2.0, 2.0, 2.0], 1e-9)
    assert judge(both).place is None and worst(both) == (0.75, 1, 1e-9)
