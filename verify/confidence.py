"""Time-uniform inference about a mean from independent samples: tests and intervals that may be looked at after every one.

Betting (Waudby-Smith, Ramdas 2024, arXiv:2010.09686). For samples z >= low, the wealth prod (1 + l (z_i - b) / (b - low)),
0 <= l <= 1, is a nonnegative supermartingale whenever E z <= b, so by Ville's inequality it ever reaches 1 / level with
probability at most `level`. An average over fixed bets l is again such a wealth. Against E z >= b the same holds for
high - z, which needs z <= high. The wealth falls as b grows, so the means not yet refuted form an interval, at every time.

Without a ceiling, a bound of the second moment does (`refutes_at_least_by_second`).

Normal mixture (Robbins 1970). For samples with a sub-Gaussian error of scale sigma the interval below is time-uniform.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

BLOCK = 16  # factors of a wealth that are multiplied: none is below 0.01
COLUMNS, HALVINGS = 256, 20  # how many are looked at at once, and how precisely
BETS = np.concatenate([np.geomspace(2.0**-12, 0.5, 24), [0.75, 0.9, 0.99]])


class Interval(NamedTuple):
    """Where the mean lies with probability at least 1 - level, at all sample sizes at once."""

    low: float
    high: float


def log_wealth(samples: np.ndarray, bound: float, low: float = 0.0) -> float:
    """The largest log wealth so far of the bets against E z <= bound, for samples z >= low."""
    return float(np.max(_log_wealths(samples, bound, low), initial=0.0 if len(samples) == 0 else -math.inf))


def _log_wealths(samples: np.ndarray, bound: float, low: float) -> np.ndarray:
    """The log wealth after every sample."""
    z = np.asarray(samples, dtype=float)
    scale = bound - low
    if scale <= 0:  # the mean cannot be below the smallest possible value, and equals it only if every sample does
        return np.where(np.maximum.accumulate(z > bound), math.inf, 0.0)
    with np.errstate(over="ignore"):
        steps = np.log1p(BETS[:, None] * np.maximum((z - bound) / scale, -1.0))
    return _log_mean(np.cumsum(steps, axis=1))


def _log_mean(paths: np.ndarray) -> np.ndarray:
    """log of the mean of exp over the first axis."""
    top = paths.max(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.mean(np.exp(np.where(np.isinf(top), 0.0, paths - top)), axis=0)
    return top + np.log(mean)


def refutes_at_most(samples: np.ndarray, bound: float, level: float, low: float = 0.0) -> bool:
    """Do the samples (all >= low) refute E z <= bound? Wrongly so, at whatever time, with probability at most level."""
    return log_wealth(samples, bound, low) >= -math.log(level)


def all_refute_at_most(samples: np.ndarray, bound: float, level: float, low: float = 0.0) -> bool:
    """`refutes_at_most` by the wealth after the last sample alone: cheaper, for as many samples as were to be drawn."""
    z, needed, scale = np.asarray(samples, dtype=float), -math.log(level), bound - low
    if scale <= 0:
        return bool(np.any(z > bound))
    change = np.maximum((z - bound) / scale, -1.0)
    if BETS[-1] * change.sum() < needed:  # as log(1 + y) <= y
        return False
    blocks = np.append(change, np.zeros(-len(change) % BLOCK)).reshape(-1, BLOCK)
    with np.errstate(over="ignore"):  # of a product, which is that of the wealth
        wealths = [float(np.log(np.prod(1.0 + bet * blocks, axis=1)).sum()) for bet in BETS]
    return float(np.logaddexp.reduce(wealths)) - math.log(len(BETS)) >= needed


def refutes_at_least(samples: np.ndarray, bound: float, level: float, high: float) -> bool:
    """Do the samples (all <= high) refute E z >= bound?"""
    if bound > high:
        return True
    return refutes_at_most(-np.asarray(samples, dtype=float), -bound, level, -high)


def levels(bound: float, second: float) -> np.ndarray:
    """Truncation levels c for `refutes_at_least_by_second`, chosen by the claim alone: second / (4 bound) times 2, 4, ..."""
    some = 0 < bound < math.inf and 0 < second < math.inf
    return second / (4 * bound) * 2.0 ** np.arange(1, 13) if some else np.zeros(0)


def refutes_at_least_by_second(
    samples: np.ndarray, bound: float, level: float, second: float, truncations: np.ndarray
) -> bool:
    """Do samples z >= 0 with E z^2 <= second refute E z >= bound?

    For c > 0 and z >= 0, z <= min(z, c) + z^2 / (4 c): where z <= c the last term is not needed, and where z > c it is
    z^2 / (4 c) - z + c = (z - 2 c)^2 / (4 c) >= 0. So E z >= bound implies E min(z, c) >= bound - second / (4 c), a
    statement about samples that are at most c, against which the bets of `refutes_at_least` have a wealth that is a
    nonnegative supermartingale. So is the average of these wealths over truncations c that were fixed beforehand, which
    reaches 1 / level with probability at most `level` at whatever time (Ville).

    A truncation with bound - second / (4 c) <= 0 places no bet. The wealth rises with the bound, so what is refuted for one
    bound is refuted for every larger one with the same truncations.
    """
    z = np.asarray(samples, dtype=float)
    if np.any(z < 0) or not second >= 0 or not math.isfinite(second):
        return False
    if bound > math.sqrt(second):  # E z <= sqrt(E z^2)
        return True
    if len(z) == 0 or len(truncations) == 0:
        return False
    wealths = np.zeros((len(truncations), len(z)))
    for row, c in zip(wealths, truncations, strict=True):
        least = bound - second / (4 * c)
        if least > 0:
            row[:] = _log_wealths(-np.minimum(z, c), -least, -c)
    return bool(np.max(_log_mean(wealths)) >= -math.log(level))


def upper_by_second(samples: np.ndarray, level: float, second: float, truncations: np.ndarray) -> float:
    """The least b such that the samples refute E z >= b with E z^2 <= second: an upper end of the mean."""
    top = math.sqrt(second) if 0 <= second < math.inf else math.inf
    if math.isinf(top) or not len(truncations) or not len(samples):
        return top
    low, high = 0.0, top
    for _ in range(40):
        middle = 0.5 * (low + high)
        refuted = refutes_at_least_by_second(samples, middle, level, second, truncations)
        low, high = (low, middle) if refuted else (middle, high)
    return high


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


def lower_ends(columns: np.ndarray, level: float) -> np.ndarray:
    """The lower end of `interval` for every column of samples z >= 0, shape (n, m), to six digits and not above it."""
    z = np.asarray(columns, dtype=float)
    n, m = z.shape
    good, bad = np.zeros(m), z.mean(axis=0) if n else np.zeros(m)
    for start in range(0, m, COLUMNS):
        part = slice(start, start + COLUMNS)
        for _ in range(HALVINGS):
            middle = 0.5 * (good[part] + bad[part])
            refuted = _refuted_at_most(z[:, part], middle, level)
            good[part] = np.where(refuted, middle, good[part])
            bad[part] = np.where(refuted, bad[part], middle)
    return good


def _refuted_at_most(columns: np.ndarray, bounds: np.ndarray, level: float) -> np.ndarray:
    """`refutes_at_most` for every column of samples and its bound."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        change = np.maximum((columns - bounds) / bounds, -1.0)
        wealth = np.cumsum(np.log1p(BETS[:, None, None] * change), axis=1)
        wealth = np.max(_log_mean(wealth), axis=0, initial=-math.inf)
    return np.where(bounds > 0, wealth >= -math.log(level), np.any(columns > bounds, axis=0))


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
