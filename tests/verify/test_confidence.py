"""Time-uniform tests and intervals: their level holds at all times, and they decide in the end."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats

from broximal.verify import confidence
from broximal.verify.confidence import (
    BETS,
    binomial,
    interval,
    levels,
    log_wealth,
    normal_mixture,
    refutes_at_least,
    refutes_at_least_by_second,
    refutes_at_most,
    upper_by_second,
)

LAWS = {
    "fair coin": lambda rng, size: rng.integers(0, 2, size).astype(float),
    "rare one": lambda rng, size: (rng.uniform(size=size) < 0.02).astype(float),
    "uniform": lambda rng, size: rng.uniform(size=size),
    "beta": lambda rng, size: rng.beta(0.3, 2.0, size),
}
MEANS = {"fair coin": 0.5, "rare one": 0.02, "uniform": 0.5, "beta": 0.3 / 2.3}


@pytest.mark.parametrize("law", LAWS)
def test_a_true_mean_is_refuted_no_more_often_than_the_level_at_any_time(law):
    """1,000 sequences of 300 samples, looked at after every sample: the wealth's maximum is what is looked at."""
    rng, level, trials = np.random.default_rng(1), 0.1, 1000
    samples = LAWS[law](rng, (trials, 300))
    low = sum(refutes_at_most(row, MEANS[law], level) for row in samples)
    high = sum(refutes_at_least(row, MEANS[law], level, 1.0) for row in samples)
    allowed = stats.binom.ppf(1 - 1e-6, trials, level)
    assert low <= allowed and high <= allowed


def test_the_level_is_not_met_by_a_test_that_looks_once():
    """The same coverage test refutes a fixed-sample test that is looked at after every sample."""
    rng, level, trials = np.random.default_rng(1), 0.1, 1000
    z = LAWS["fair coin"](rng, (trials, 300))
    n = np.arange(1, 301)
    score = (np.cumsum(z, axis=1) / n - 0.5) * np.sqrt(n) / 0.5
    wrong = np.sum(np.max(score[:, 10:], axis=1) > stats.norm.ppf(1 - level))
    assert wrong > stats.binom.ppf(1 - 1e-6, trials, level)


@pytest.mark.parametrize("law", LAWS)
def test_a_mean_a_fifth_too_small_is_refuted(law):
    rng = np.random.default_rng(2)
    z = LAWS[law](rng, 60_000)
    assert refutes_at_most(z, MEANS[law] / 1.2, 1e-3)
    assert refutes_at_least(z, MEANS[law] * 1.2, 1e-3, 1.0)


@pytest.mark.parametrize("law", LAWS)
def test_the_interval_is_what_the_tests_do_not_refute(law):
    z = LAWS[law](np.random.default_rng(3), 400)
    low, high = interval(z, 0.01, 0.0, 1.0)
    assert low < z.mean() < high
    assert refutes_at_most(z, low * (1 - 1e-9), 0.005) and not refutes_at_most(z, low * (1 + 1e-6) + 1e-12, 0.005)
    assert refutes_at_least(z, high * (1 + 1e-9), 0.005, 1.0)
    assert not refutes_at_least(z, high * (1 - 1e-6), 0.005, 1.0)
    assert interval(z[:0], 0.01, 0.0, 1.0) == (0.0, 1.0)
    assert interval(z, 0.01).high == np.inf


def test_the_interval_shrinks_and_moves_with_the_samples():
    z = np.random.default_rng(4).uniform(size=4000)
    widths = [np.subtract(*interval(z[:n], 0.01, 0.0, 1.0)[::-1]) for n in (40, 400, 4000)]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]
    shifted = interval(5 + 3 * z[:400], 0.01, 5.0, 8.0)
    assert np.allclose(shifted, 5 + 3 * np.array(interval(z[:400], 0.01, 0.0, 1.0)), atol=1e-6)


def test_wealth_is_that_of_the_bets():
    z, b = np.array([0.2, 0.9, 0.4]), 0.5
    paths = np.cumprod(1 + BETS[:, None] * (z - b) / b, axis=1)
    assert log_wealth(z, b) == pytest.approx(np.log(paths.mean(axis=0).max()))
    assert log_wealth(np.array([0.0, 0.1]), 0.0) == np.inf  # nonnegative samples of mean 0 are all 0
    assert log_wealth(np.zeros(5), 0.0) == 0.0


def test_normal_mixture_covers_at_all_times():
    rng, trials, level = np.random.default_rng(5), 600, 0.1
    z = rng.standard_normal((trials, 200))
    wrong = 0
    for row in z:
        ends = [normal_mixture(row[:n], 1.0, level) for n in range(1, 201, 3)]
        wrong += any(not low <= 0 <= high for low, high in ends)
    assert 0 < wrong <= stats.binom.ppf(1 - 1e-6, trials, level)
    assert normal_mixture(z[0][:0], 1.0, 0.1) == (-np.inf, np.inf)


def test_binomial_is_exact():
    low, high = binomial(3, 50, 0.05)
    assert stats.binom.sf(2, 50, low) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 50, high) == pytest.approx(0.025)
    assert binomial(0, 10, 0.05).low == 0 and binomial(10, 10, 0.05).high == 1


SECOND = {  # unbounded laws, with their mean and second moment
    "half normal": (lambda rng, size: np.abs(rng.standard_normal(size)), np.sqrt(2 / np.pi), 1.0),
    "exponential": (lambda rng, size: rng.exponential(size=size), 1.0, 2.0),
    "rare and large": (lambda rng, size: 20.0 * (rng.uniform(size=size) < 0.05), 1.0, 20.0),
}


@pytest.mark.parametrize("law", SECOND)
@pytest.mark.parametrize("loose", [1.0, 3.0])
def test_a_true_mean_is_not_refuted_by_a_second_moment(law, loose):
    """Two hundred sequences of 2,000 samples whose mean is the bound, looked at after every sample."""
    draw, mean, second = SECOND[law]
    rng, level, trials = np.random.default_rng(11), 1e-3, 200
    second *= loose
    wrong = sum(
        refutes_at_least_by_second(row, mean, level, second, levels(mean, second)) for row in draw(rng, (trials, 2000))
    )
    assert wrong <= 1  # two of 200 have a chance of 2 %


def test_a_second_moment_that_is_too_small_is_not_harmless():
    """The level rests on it: with a quarter of the true second moment a law with a rare large value is refuted wrongly."""
    draw, mean, _ = SECOND["rare and large"]
    rows = draw(np.random.default_rng(12), (50, 2000))
    assert sum(refutes_at_least_by_second(row, mean, 1e-3, 1.5, levels(mean, 1.5)) for row in rows) > 25


@pytest.mark.parametrize("law, samples", [("half normal", 1200), ("exponential", 1500)])
def test_a_mean_of_seventy_per_cent_of_the_bound_is_confirmed(law, samples):
    draw, mean, second = SECOND[law]
    bound, second = mean / 0.7, 3 * second  # a proved second moment is seldom the true one
    rows = draw(np.random.default_rng(13), (20, samples))
    assert all(refutes_at_least_by_second(row, bound, 1e-3, second, levels(bound, second)) for row in rows)


def test_truncation_loses_at_most_a_share_of_the_second_moment():
    """The inequality that the test rests on: x <= min(x, c) + x^2 / (4 c)."""
    x, c = np.meshgrid(np.linspace(0, 50, 400), np.geomspace(1e-3, 1e3, 200))
    excess = np.minimum(x, c) + x**2 / (4 * c) - x
    assert np.all(excess >= -1e-12 * x)
    at = 2 * c[:, 0]
    np.testing.assert_allclose(np.minimum(at, c[:, 0]) + at**2 / (4 * c[:, 0]), at)  # attained at 2 c


def test_the_upper_end_is_where_the_refutations_begin():
    draw, mean, second = SECOND["exponential"]
    z, second = draw(np.random.default_rng(14), 1500), 3 * second
    cuts = levels(1.5 * mean, second)
    high = upper_by_second(z, 1e-3, second, cuts)
    assert mean < high < np.sqrt(second)
    assert refutes_at_least_by_second(z, high * (1 + 1e-9), 1e-3, second, cuts)
    assert not refutes_at_least_by_second(z, high * (1 - 1e-6), 1e-3, second, cuts)
    assert upper_by_second(z, 1e-3, np.inf, cuts) == np.inf
    assert upper_by_second(z[:0], 1e-3, 4.0, cuts) == 2.0


@pytest.mark.parametrize("second", [np.nan, np.inf, -1.0])
def test_without_a_second_moment_nothing_is_refuted(second):
    z = np.zeros(500)
    assert not refutes_at_least_by_second(z, 1.0, 1e-3, second, levels(1.0, second))
    assert not refutes_at_least_by_second(z - 1, 1.0, 1e-3, 4.0, levels(1.0, 4.0))  # samples below 0
    assert refutes_at_least_by_second(z, 1.0, 1e-3, 0.0, levels(1.0, 0.0))  # E z = 0 then


def test_lower_ends_of_many_columns_are_those_of_each():
    rng = np.random.default_rng(0)
    columns = np.abs(rng.standard_normal((40, 300))) * rng.uniform(0, 3, 300)
    columns[:, 0], columns[:, 1] = 0.0, 2.0
    found = confidence.lower_ends(columns, 1e-3)
    each = np.array([confidence.interval(column, 1e-3).low for column in columns.T])
    assert np.all(found <= each) and np.allclose(found, each, rtol=2e-5, atol=1e-12)
    assert found[0] == 0 and found[1] > 1
    assert confidence.lower_ends(np.zeros((0, 3)), 0.1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("bound, second", [(np.inf, np.inf), (np.inf, 1.0), (1.0, np.inf), (0.0, 1.0), (np.nan, 1.0)])
def test_there_is_no_truncation_for_what_is_no_finite_number(bound, second):
    with np.errstate(all="raise"):
        assert len(confidence.levels(np.float64(bound), np.float64(second))) == 0


@given(
    st.integers(1, 100),
    st.floats(0.05, 20),
    st.floats(-0.5, 0.5),
    st.sampled_from([1e-6, 0.01, 0.5]),
    st.integers(0, 10**6),
)
@settings(max_examples=60)
def test_the_wealth_after_all_samples_is_the_last_one(n, spread, off, level, seed):
    z = np.random.default_rng(seed).exponential(spread, n)
    bound = spread * (1 - off)
    steps = np.log1p(confidence.BETS[:, None] * (z - bound)[None] / bound)
    wealth = np.log(np.mean(np.exp(steps.sum(axis=1))))
    assume(abs(wealth + np.log(level)) > 1e-9)
    assert confidence.all_refute_at_most(z, bound, level) == (wealth >= -np.log(level))
    assert confidence.refutes_at_most(z, bound, level) or not confidence.all_refute_at_most(z, bound, level)


def test_one_sample_that_is_far_too_large_refutes_at_the_end():
    z = np.append(np.ones(1000), 1e300)
    assert confidence.all_refute_at_most(z, 1.0, 1e-6) and not confidence.all_refute_at_most(z[:-1], 1.0, 1e-6)
    assert confidence.all_refute_at_most(z, 0.0, 1e-6) and not confidence.all_refute_at_most(np.zeros(3), 0.0, 1e-6)
