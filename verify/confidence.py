"""Time-uniform inference about a mean from independent samples: tests and intervals that may be looked at after every one.

Betting (Waudby-Smith, Ramdas 2024, arXiv:2010.09686). For samples z >= low, the wealth prod (1 + l (z_i - b) / (b - low)),
0 <= l <= 1, is a nonnegative supermartingale whenever E z <= b, so by Ville's inequality it ever reaches 1 / level with
probability at most `level`. An average over fixed bets l is again such a wealth. Against E z >= b the same holds for
high - z, which needs z <= high. The wealth falls as b grows, so the means not yet refuted form an interval, at every time.

Normal mixture (Robbins 1970). For samples with a sub-Gaussian error of scale sigma the interval below is time-uniform.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

BETS = np.concatenate([np.geomspace(2.0**-12, 0.5, 24), [0.75, 0.9, 0.99]])


class Interval(NamedTuple):
    """Where the mean lies with probability at least 1 - level, at all sample sizes at once."""

    low: float
    high: float


def log_wealth(samples: np.ndarray, bound: float, low: float = 0.0) -> float:
    """The largest log wealth so far of the bets against E z <= bound, for samples z >= low."""
    z = np.asarray(samples, dtype=float)
    if len(z) == 0:
        return 0.0
    scale = bound - low
    if scale <= 0:  # the mean cannot be below the smallest possible value, and equals it only if every sample does
        return math.inf if np.any(z > bound) else 0.0
    with np.errstate(over="ignore"):
        steps = np.log1p(BETS[:, None] * np.maximum((z - bound) / scale, -1.0))
    paths = np.cumsum(steps, axis=1)
    top = paths.max(axis=0)
    return float(np.max(top + np.log(np.mean(np.exp(paths - top), axis=0))))


def refutes_at_most(samples: np.ndarray, bound: float, level: float, low: float = 0.0) -> bool:
    """Do the samples (all >= low) refute E z <= bound? Wrongly so, at whatever time, with probability at most level."""
    return log_wealth(samples, bound, low) >= -math.log(level)


def refutes_at_least(samples: np.ndarray, bound: float, level: float, high: float) -> bool:
    """Do the samples (all <= high) refute E z >= bound?"""
    if bound > high:
        return True
    return refutes_at_most(-np.asarray(samples, dtype=float), -bound, level, -high)


def interval(samples: np.ndarray, level: float, low: float = 0.0, high: float = math.inf) -> Interval:
    """A confidence interval of the mean of samples in [low, high], valid at all times; one-sided if high is infinite."""
    z = np.asarray(samples, dtype=float)
    if len(z) == 0:
        return Interval(low, high)
    side = level if math.isinf(high) else level / 2
    below = _last(lambda b: refutes_at_most(z, b, side, low), low, float(z.mean()))
    if math.isinf(high):
        return Interval(below, high)
    above = -_last(lambda b: refutes_at_most(-z, b, side, -high), -high, -float(z.mean()))
    return Interval(below, above)


def _last(refuted, low: float, top: float) -> float:
    """The largest b in [low, top] up to which everything is refuted, by bisection."""
    if top <= low:
        return low
    good, bad = low, top
    for _ in range(60):
        middle = 0.5 * (good + bad)
        good, bad = (middle, bad) if refuted(middle) else (good, middle)
    return good


def normal_mixture(samples: np.ndarray, sigma: float, level: float, weight: float = 1.0) -> Interval:
    """A time-uniform interval for samples whose error is sub-Gaussian of scale sigma; tightest near n = 1 / weight^2."""
    z = np.asarray(samples, dtype=float)
    n = len(z)
    if n == 0:
        return Interval(-math.inf, math.inf)
    spread = n * weight**2 + 1
    half = sigma * math.sqrt(2 * spread / (n * weight) ** 2 * math.log(math.sqrt(spread) / level))
    return Interval(float(z.mean()) - half, float(z.mean()) + half)


def binomial(failures: int, trials: int, level: float) -> Interval:
    """The exact (Clopper, Pearson 1934) interval of a probability from a fixed number of trials."""
    low = stats.beta.ppf(level / 2, failures, trials - failures + 1) if failures else 0.0
    high = stats.beta.ppf(1 - level / 2, failures + 1, trials - failures) if failures < trials else 1.0
    return Interval(float(low), float(high))
