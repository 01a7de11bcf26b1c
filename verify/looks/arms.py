"""What arms state about their rewards is tried on draws: the means, the range, the sub-Gaussian constant, the outcomes.

A c-sub-Gaussian X has E exp((X - m)^2 / (4 c^2)) <= sqrt 2, so that its mean over draws is near m, and these numbers, as
the squares (X - m)^2 with E <= variance, are nonnegative and can be bet against (`confidence.refutes_at_most`).
"""

import math

import jax
import numpy as np

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.problems.bandits.arms import Arms
from broximal.verify import confidence

DRAWS, HELD = 2**15, 2**22  # of every arm, and of all arms
LEVEL = 1e-6  # that a statement that is true is refused


def check_arms(arms: Arms, seed: int) -> None:
    """Raise InvalidArgument, with the numbers, for a statement about rewards that draws contradict."""
    if not 0 <= arms.sub_gaussian < math.inf:
        raise InvalidArgument(f"{arms.name} states the sub-Gaussian constant {arms.sub_gaussian:g}, which is no size.")
    count = max(min(DRAWS, HELD // arms.arms), 64)
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), 0xA12), count)
        drawn = np.asarray(jax.vmap(arms.draw)(keys))
    if drawn.shape != (count, arms.arms) or not np.isfinite(drawn).all():
        raise InvalidArgument(f"{arms.name} draws rewards of shape {drawn.shape[1:]}, or no finite ones.")
    low, high = (np.broadcast_to(end, (arms.arms,)) for end in arms.rewards.interval(np.asarray(arms.means)))
    variance = np.broadcast_to(arms.rewards.variance(np.asarray(arms.means)), (arms.arms,))
    level = LEVEL / (4 * arms.arms)
    for arm, mean in enumerate(np.asarray(arms.means)):
        own = drawn[:, arm]
        _check_size(arms, own - mean, level)
        _check_mean(arms, arm, own, level)
        if not variance[arm] >= 0 or confidence.refutes_at_most((own - mean) ** 2, float(variance[arm]), level):
            raise InvalidArgument(
                f"{arms.name} states the variance {variance[arm]:.4g} of arm {arm}, and {count} draws have "
                f"{np.mean((own - mean) ** 2):.4g}."
            )
        rounding = 1e-12 * (1 + abs(mean))
        if np.any(own < low[arm] - rounding) or np.any(own > high[arm] + rounding):
            raise InvalidArgument(f"{arms.name} draws rewards outside of the interval that it states.")
        _check_outcomes(arms, arm, own, level)


def _check_mean(arms: Arms, arm: int, drawn: np.ndarray, level: float) -> None:
    reach = arms.sub_gaussian * math.sqrt(2 * math.log(2 / level) / len(drawn))
    mean, seen = arms.means[arm], float(drawn.mean())
    if abs(seen - mean) > reach * (1 + 1e-9) + 1e-12 * abs(mean):
        raise InvalidArgument(
            f"{arms.name} states the mean {mean:.6g} of arm {arm} with a sub-Gaussian constant {arms.sub_gaussian:.4g}, "
            f"and {len(drawn)} draws have the mean {seen:.6g}."
        )


def _check_size(arms: Arms, off: np.ndarray, level: float) -> None:
    size = max(arms.sub_gaussian * (1 + 1e-9), 1e-12 * float(np.abs(arms.means).max()), 1e-300)
    with np.errstate(over="ignore"):
        grown = np.minimum(np.exp((off / size) ** 2 / 4), 1e300)
    if confidence.refutes_at_most(grown, math.sqrt(2), level):
        raise InvalidArgument(
            f"{arms.name} states the sub-Gaussian constant {arms.sub_gaussian:.4g}, and {len(off)} draws have the deviation "
            f"{math.sqrt(float(np.mean(off**2))):.4g} from their mean and are up to {np.abs(off).max():.4g} away."
        )


def _check_outcomes(arms: Arms, arm: int, drawn: np.ndarray, level: float) -> None:
    try:
        listed = arms.outcomes(arm)
    except MissingConstant:
        return
    chances, values = np.array(listed, dtype=float).reshape(-1, 2).T
    near = 1e-9 * (1 + np.abs(values).max(initial=0.0))
    if not (
        abs(chances.sum() - 1) <= 1e-9 and np.all(chances >= 0) and abs(chances @ values - arms.means[arm]) <= near
    ):
        raise InvalidArgument(f"{arms.name} lists outcomes of arm {arm} that have not its mean {arms.means[arm]:.6g}.")
    if np.abs(drawn[:, None] - values).min(axis=1).max() > near:
        raise InvalidArgument(f"{arms.name} draws rewards of arm {arm} that are not among its outcomes.")
    for value in values:
        same = np.abs(values - value) <= near  # listed twice, they are counted together
        seen, chance = int(np.sum(np.abs(drawn - value) <= near)), float(chances[same].sum())
        low, high = confidence.binomial(seen, len(drawn), level / len(values))
        if not low - 1e-9 <= chance <= high + 1e-9:
            raise InvalidArgument(
                f"{arms.name} lists the reward {value:.6g} of arm {arm} with the probability {chance:.4g}, and {seen} of "
                f"{len(drawn)} draws gave it."
            )
