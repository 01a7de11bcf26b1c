"""What can be measured of a bandit. A method keeps `state.pulls` (how often every arm was pulled, (n,)) and `state.reward`.

Rewards have units "f". Regret is pseudo-regret: what the pulls lose in the mean, sum_a gap_a N_a(k).
"""

import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.problems.bandits.arms import Arms
from broximal.theory.language.quantity import EPS, Entry, Measured, arm, column, constant, of_arms


def arms_of(instance) -> Arms:
    """The instance, if it has arms. Raises MissingConstant."""
    if not isinstance(instance, Arms):
        raise MissingConstant(f"{instance.name} has no arms.")
    return instance


@column("pulls", r"N_{@}(#)", "how often an arm was pulled", "1", axis=arm)
def pulls(now):
    return Entry(1.0 * now.state.pulls, 0.0)


@column("regret", r"R_{#}", "pseudo-regret: what the pulls up to now lose in the mean", "f")
def regret(now):
    own = arms_of(now.world.instance)
    lost = (own.gaps * now.state.pulls).sum()
    return Entry(lost, 4 * EPS * own.arms * (abs(own.means).max() * now.state.pulls).sum())


@column("reward", r"\mathrm{reward}_{#}", "sum of the rewards up to now", "f")
def reward(now):
    total = now.state.reward
    return Entry(total, EPS * now.state.pulls.sum() * (abs(total) + abs(arms_of(now.world.instance).means).max()))


@of_arms("arm_gap", r"\Delta_{#}", "how far the mean of an arm is below the best one", "f")
def arm_gap(run):
    own = arms_of(run.experiment.instance)
    rounding = 4 * EPS * np.abs(own.means).max()
    return Measured.of(own.gaps, np.where(own.gaps == 0, 0.0, rounding))  # a best arm is its own measure


@of_arms("arm_mean", r"\mu_{#}", "mean reward of an arm", "f")
def arm_mean(run):
    return Measured.of(arms_of(run.experiment.instance).means, 0.0)


@constant("arm_best", r"\mu^\star", "largest mean of an arm", "f", real=True)
def best(run):
    return Measured.of(arms_of(run.experiment.instance).best, 0.0)


@constant("arm_sub", r"\sigma", "sub-Gaussian constant of the rewards", "f")
def sub_gaussian(run):
    return Measured.of(arms_of(run.experiment.instance).sub_gaussian)


@constant("arm_range", "B", "length of an interval that no reward leaves", "f")
def reward_range(run):
    low, high = arms_of(run.experiment.instance).interval
    return Measured.of(high - low)
