"""What arms state about their rewards is tried on draws: the means, the range, the sub-Gaussian constant, the outcomes."""

import math

import jax
import numpy as np

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.problems.bandits.arms import Arms

DRAWS = 4096  # of every arm
LEVEL = 1e-9  # that a statement that is true is refused


def check_arms(arms: Arms, seed: int) -> None:
    """Raise InvalidArgument, with the numbers, for a statement about rewards that draws contradict."""
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), 0xA12), DRAWS)
        drawn = np.asarray(jax.vmap(arms.draw)(keys))
    if drawn.shape != (DRAWS, arms.arms) or not np.isfinite(drawn).all():
        raise InvalidArgument(f"{arms.name} draws rewards of shape {drawn.shape[1:]}, or no finite ones.")
    # the mean of sub-Gaussian draws, by its exponential moment
    reach = arms.sub_gaussian * math.sqrt(2 * math.log(2 * arms.arms / LEVEL) / DRAWS)
    off = np.abs(drawn.mean(axis=0) - arms.means)
    if np.any(off > reach * (1 + 1e-9)):
        worst = int(np.argmax(off))
        raise InvalidArgument(
            f"{arms.name} states the mean {arms.means[worst]:.6g} of arm {worst} with a sub-Gaussian constant "
            f"{arms.sub_gaussian:.4g}, and {DRAWS} draws have the mean {drawn[:, worst].mean():.6g}."
        )
    # a c-sub-Gaussian X has E exp((X - m)^2 / (4 c^2)) <= sqrt 2; by Markov its mean over draws is seldom far above that
    tail = 2 * arms.sub_gaussian * math.sqrt(math.log(math.sqrt(2) * DRAWS * arms.arms / LEVEL))
    if np.any(np.abs(drawn - arms.means) > tail):
        raise InvalidArgument(
            f"{arms.name} states the sub-Gaussian constant {arms.sub_gaussian:.4g}, and a draw is "
            f"{np.abs(drawn - arms.means).max():.4g} away from its mean."
        )
    # (X - m)^2 exceeds its mean, which is at most c^2, like a sub-exponential number with the constants (32 c^4, 4 c^2)
    spread, share = ((drawn - arms.means) ** 2).mean(axis=0), math.log(arms.arms / LEVEL) / DRAWS
    slack = 8 * (math.sqrt(share) + share)
    if np.any(spread > arms.sub_gaussian**2 * (1 + slack)):
        raise InvalidArgument(
            f"{arms.name} states the sub-Gaussian constant {arms.sub_gaussian:.4g}, and {DRAWS} draws have the deviation "
            f"{math.sqrt(spread.max()):.4g}."
        )
    low, high = arms.rewards.interval(np.asarray(arms.means))
    rounding = 1e-12 * (1 + np.abs(arms.means))
    if np.any(drawn < low - rounding) or np.any(drawn > high + rounding):
        raise InvalidArgument(f"{arms.name} draws rewards outside of the interval that it states.")
    _check_outcomes(arms, drawn)


def _check_outcomes(arms: Arms, drawn: np.ndarray) -> None:
    for arm in range(arms.arms):
        try:
            listed = arms.outcomes(arm)
        except MissingConstant:
            return
        chances, values = (np.array(part) for part in zip(*listed, strict=True))
        if abs(chances.sum() - 1) > 1e-9 or abs(chances @ values - arms.means[arm]) > 1e-9 * (1 + np.abs(values).max()):
            raise InvalidArgument(
                f"{arms.name} lists outcomes of arm {arm} that have not its mean {arms.means[arm]:.6g}."
            )
        away = np.abs(drawn[:, arm, None] - values).min(axis=1)
        if away.max() > 1e-9 * (1 + np.abs(values).max()):
            raise InvalidArgument(f"{arms.name} draws rewards of arm {arm} that are not among its outcomes.")
