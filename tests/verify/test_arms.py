"""Theorems about bandits: verdicts, wrong twins, exact single steps, and laws that lie about themselves."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Arms, Quadratic, rewards
from broximal.theory import (
    Algorithm,
    Drift,
    EachStep,
    Expected,
    K,
    Largest,
    Source,
    State,
    SumOver,
    Theorem,
    arm,
    arms,
    k,
)
from broximal.theory.columns.arms import arm_gap, arm_mean, pulls, regret, reward
from broximal.theory.hypotheses.arms import BoundedArms, SubGaussianArms
from broximal.verify import check
from broximal.verify.looks.arms import check_arms


class Pulls(State):
    x: Any
    pulls: Any
    reward: Any


class Uniformly(Algorithm):
    """An arm at random, by a choice of the world."""

    needs = "sample"
    name = "uniform pulls"
    update = r"a_k \text{ uniform}"

    def init(self, world, x0, key):
        return Pulls(0.0, jnp.zeros(world.arms.arms), 0.0)

    def step(self, world, state, k, key):
        first, second = jax.random.split(key)
        chosen = world.choice(first, jnp.full(world.arms.arms, 1 / world.arms.arms))
        paid = world.arms.pull(second, chosen)
        return Pulls(paid, state.pulls + (jnp.arange(world.arms.arms) == chosen), state.reward + paid)


class Exactly(Uniformly):
    needs = "exact"


def about(*claims, assumes=(SubGaussianArms(),), method=None):
    source = Source("my notes", "proved here")
    return Theorem("mine.arms", "t", source, assumes, method or Uniformly(), claims, cases=())


MEAN_GAP = SumOver(arm_gap[arm], arm) / arms
BANDIT = Arms([0.9, 0.4, 0.2], rewards.Bernoulli())
BEST = K * Largest(arm_gap[arm], arm)


def test_a_regret_in_expectation_is_confirmed_and_a_smaller_one_refuted():
    claims = (
        Expected(regret[K] <= 1.2 * K * MEAN_GAP, "regret", ceiling=BEST),
        Expected(regret[K] <= 0.8 * K * MEAN_GAP, "less", ceiling=BEST),
    )
    report = check(about(*claims), BANDIT, steps=20)
    assert [claim.verdict for claim in report.claims] == ["holds", "violated"]


def test_a_step_is_exact_over_choices_and_rewards():
    mean = SumOver(arm_mean[arm], arm) / arms
    claims = (
        Drift(regret[k + 1] <= regret[k] + MEAN_GAP, "regret"),
        Drift(regret[k + 1] <= regret[k] + 0.99 * MEAN_GAP, "less"),
        Drift(reward[k + 1] <= reward[k] + mean, "reward"),
        Drift(reward[k + 1] <= reward[k] + 0.99 * mean, "less reward"),
    )
    report = check(about(*claims), BANDIT, steps=5)
    assert [claim.verdict for claim in report.claims] == ["holds", "violated"] * 2


def test_pulls_are_counted_arm_by_arm():
    claims = (
        EachStep(SumOver(pulls[k, arm], arm) <= k, "count"),
        EachStep(SumOver(pulls[k, arm], arm) <= k - 1, "less", where=k >= 1),
        EachStep(SumOver(pulls[k, arm] * arm_gap[arm], arm) >= regret[k], "regret"),
    )
    report = check(about(*claims), BANDIT, steps=6)
    assert [claim.verdict for claim in report.claims] == ["holds", "violated", "holds"]


def test_what_does_not_apply_says_why():
    claim = Expected(regret[K] <= 2 * K * MEAN_GAP, "regret", ceiling=BEST)
    for theorem, instance, words in (
        (about(claim), (Quadratic.example(3), L2()), "has no arms"),
        (about(claim, assumes=(BoundedArms(),)), (Arms([0.9, 0.1], rewards.Gaussian(1.0)),), "unbounded"),
        (about(claim, method=Exactly()), (BANDIT,), "would not be drawn"),
        ("bpm.star_rate", (BANDIT,), "no function in a norm"),
    ):
        report = check(theorem, *instance, steps=4)
        assert report.verdict == "not applicable" and words in report.why
    step = check(
        about(Drift(reward[k + 1] <= 2 * reward[k], "one step")), Arms([0.9, 0.1], rewards.Uniform(0.1)), steps=3
    )
    assert step.verdict == "not applicable" and "no list of at most 4096 outcomes" in step.why


class Shifted(rewards.Bernoulli):
    def draw(self, key, means):
        return super().draw(key, 0.9 * means)


class TooTight(rewards.Gaussian):
    def sub_gaussian(self):
        return 0.5 * self.s


class Outside(rewards.TwoPoint):
    def interval(self, means):
        return means - 0.5 * self.s, means + 0.5 * self.s


class Elsewhere(rewards.TwoPoint):
    def outcomes(self, mean):
        return [(0.5, mean + 2 * self.s), (0.5, mean - 2 * self.s)]


class OneSided(rewards.TwoPoint):
    """The mean and the outcomes as listed, with other probabilities."""

    def outcomes(self, mean):
        return [(0.25, mean + self.s), (0.25, mean - self.s), (0.25, mean + self.s), (0.25, mean - self.s)]


class Rarer(OneSided):
    def outcomes(self, mean):
        return [(0.3, mean + self.s), (0.3, mean - self.s), (0.4, mean)]


class Nowhere(rewards.TwoPoint):
    def outcomes(self, mean):
        return [(0.5, float("nan")), (0.5, mean)]


class Slightly(rewards.Gaussian):
    """A tenth of the deviation is small, but many draws show it; or the constant is nearly right."""

    bias: float = 0.0
    share: float = 1.0

    def draw(self, key, means):
        return super().draw(key, means) + self.bias * self.s

    def sub_gaussian(self):
        return self.share * self.s


class Heavy(rewards.Gaussian):
    def draw(self, key, means):
        return means + 0.3 * self.s * jax.random.t(key, 3.0, means.shape)


class Smooth(rewards.Uniform):
    def variance(self, means):
        return 0.0 * means + self.s**2 / 4


def test_laws_as_stated_pass():
    laws = (rewards.Bernoulli(), rewards.TwoPoint(0.2), rewards.Uniform(0.2), rewards.Gaussian(1e6), OneSided(0.2))
    for law in laws:
        for seed in range(5):
            check_arms(Arms([0.9, 0.4, 0.0], law), seed)
    check_arms(Arms([0.5] * 300, rewards.Gaussian(1e-6)), 0)


@pytest.mark.parametrize(
    "law, words",
    [
        (Rarer(0.2), "with the probability 0.3, and"),
        (Nowhere(0.2), "have not its mean"),
        (Slightly(0.3, bias=0.1), "states the mean"),
        (Slightly(0.3, share=0.9), "sub-Gaussian constant 0.27"),
        (Slightly(0.3, share=float("nan")), "which is no size"),
        (Slightly(0.3, share=-1.0), "which is no size"),
        (Heavy(0.3), "sub-Gaussian constant 0.3"),
        (Smooth(0.2), "states the variance 0.01"),
        (Shifted(), "states the mean"),
        (TooTight(1.0), "sub-Gaussian constant 0.5"),
        (Outside(0.2), "outside of the interval"),
        (Elsewhere(0.2), "not among its outcomes"),
    ],
)
def test_a_law_that_draws_contradict_is_refused(law, words):
    claim = Expected(regret[K] <= 2 * K * MEAN_GAP, "regret", ceiling=BEST)
    with pytest.raises(InvalidArgument, match=words):
        check(about(claim), Arms([0.9, 0.4], law), steps=4)


@pytest.mark.parametrize(
    "claim, words",
    [
        (lambda: EachStep(SumOver(pulls[k, arm], arm) <= arm), "index arm outside"),
        (lambda: EachStep(pulls[k] <= k), "two indices"),
        (lambda: EachStep(regret[k, 0] <= regret[k]), "one index"),
        (lambda: EachStep(regret[k] <= regret[k] * SumOver(SumOver(pulls[k, arm], arm), arm)), "inside of another"),
        (lambda: EachStep(regret[k] <= K), "K"),
        (lambda: EachStep(regret[k] <= k), "units"),
    ],
)
def test_claims_over_arms_are_read_as_written_or_refused(claim, words):
    with pytest.raises(InvalidArgument, match=words):
        claim()


class Badly(Uniformly):
    chances: tuple[float, ...] = (0.5, 0.3, 0.1)

    def step(self, world, state, k, key):
        chosen = world.choice(key, self.chances)
        return Pulls(state.x, state.pulls + (jnp.arange(world.arms.arms) == chosen), state.reward)


@pytest.mark.parametrize("chances", [(0.5, 0.3, 0.1), (1.5, -0.3, -0.2)])
@pytest.mark.parametrize(
    "claim",
    [Expected(regret[K] <= BEST, "whole run", ceiling=BEST), Drift(regret[k + 1] <= regret[k] + MEAN_GAP, "one step")],
)
def test_a_choice_without_probabilities_is_refused(claim, chances):
    report = check(about(claim, method=Badly(chances)), BANDIT, steps=4)
    assert report.verdict == "not applicable" and "at least 0 and add up to 1" in report.why
