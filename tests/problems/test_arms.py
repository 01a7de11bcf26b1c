"""Arms: what the laws state is what they draw, and bad arms are refused in one sentence."""

import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.problems import Arms, rewards

LAWS = [rewards.Bernoulli(), rewards.TwoPoint(0.3), rewards.Uniform(0.3), rewards.Gaussian(0.3)]
MEANS = [0.8, 0.5, 0.1]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_draws_have_the_stated_mean_variance_and_range(law):
    arms = Arms(MEANS, law)
    with jax.enable_x64(True):
        drawn = np.asarray(jax.vmap(arms.draw)(jax.random.split(jax.random.key(0), 40_000)))
    assert np.allclose(drawn.mean(axis=0), MEANS, atol=0.012)
    assert np.allclose(drawn.var(axis=0), law.variance(np.array(MEANS)), atol=0.004)
    low, high = law.interval(np.array(MEANS))
    assert np.all((drawn >= low - 1e-12) & (drawn <= high + 1e-12))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_the_sub_gaussian_constant_bounds_the_exponential_moment(law):
    rates = np.linspace(-12, 12, 97)
    for mean in MEANS:
        if (listed := law.outcomes(mean)) is not None:
            moment = sum(p * np.exp(rates * (x - mean)) for p, x in listed)
        elif isinstance(law, rewards.Uniform):
            u = np.where(rates == 0, 1e-9, rates * law.s)
            moment = np.sinh(u) / u
        else:
            moment = np.exp(rates**2 * law.s**2 / 2)
        assert np.all(moment <= np.exp(rates**2 * law.sub_gaussian() ** 2 / 2) * (1 + 1e-12))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=6), st.booleans())
def test_outcomes_add_up_and_have_the_means(means, bernoulli):
    arms = Arms(means, rewards.Bernoulli() if bernoulli else rewards.TwoPoint(0.5))
    listed = arms.outcomes()
    assert math.isclose(sum(p for p, _ in listed), 1, rel_tol=1e-12) and len(listed) == 2 ** len(means)
    assert np.allclose(sum(p * x for p, x in listed), means, atol=1e-12)
    for place, mean in enumerate(means):
        assert math.isclose(sum(p * x for p, x in arms.outcomes(place)), mean, abs_tol=1e-12)
    assert arms.gaps.min() == 0 and arms.best == max(means)


def test_what_is_not_known_is_missing():
    with pytest.raises(MissingConstant, match="no list of at most"):
        Arms(MEANS, rewards.Uniform(0.1)).outcomes(0)
    with pytest.raises(MissingConstant, match="no list of at most"):
        Arms(np.full(20, 0.5)).outcomes()
    with pytest.raises(MissingConstant, match="unbounded"):
        _ = Arms(MEANS, rewards.Gaussian(0.1)).interval


@pytest.mark.parametrize(
    "means, law, words",
    [
        ([], None, "means is empty"),
        ([[0.1, 0.2]], None, "one an arm"),
        ([0.1, 1.5], None, "must lie in"),
        ([0.1, math.nan], None, "NaN"),
        (["a"], None, "means"),
        ([0.1], "bernoulli", "rewards must be a law"),
    ],
)
def test_bad_arms_are_refused(means, law, words):
    with pytest.raises(InvalidArgument, match=words):
        Arms(means, law)


@pytest.mark.parametrize("scale", [0, -1.0, math.nan, "x"])
def test_bad_scales_are_refused(scale):
    with pytest.raises(InvalidArgument, match="s "):
        rewards.Gaussian(scale)
