"""What a composition of odd polynomials does to singular values, before any matrix is seen.

`band` is exact for any coefficients (proved here): the image of an interval under a continuous function is the interval
between its extremes, which an odd polynomial takes at the ends or at stationary points, and the image under a composition
is the image of the image. Singular values in [l, 1] (or zero) end in the band [a, b] (or at zero), so for O = -U p(S) V'
with a >= 0: -<g, O> = sum s_i p(s_i) >= a |g|_*, |O| <= b, and |O + U V'|_op = max(1 - a, b - 1) on the range of g.

`universal` needs no lower end l of the singular values (proved here): let there be at most r of them, s_i in (0, c] with
sum s_i^2 = c^2. For l <= c / sqrt r at least one of them is l or more, so those below l add up to at most (r - 1) l, of
sum s_i >= c. With p >= b on [l, c] and p >= n on [0, l], n <= b, sum s_i p(s_i) >= (b - (b - n) (r - 1) l / c) sum s_i. Every l
gives such a lo, the best of a few is taken. One singular value is c, and nothing is lost.

`taylor_bound` is Theorem 2 of Kim and Oh (arXiv:2601.19156), `greedy_bound` Theorem 3.3 of Amsel et al.
(arXiv:2505.16932).
"""

import numpy as np

from broximal.oracles.arrays import as_number
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms._arguments import count
from broximal.oracles.polar.answer import Guarantee
from broximal.oracles.polar.coefficients import Coefficients


def band(coefficients: Coefficients, low: float, high: float = 1.0) -> tuple[float, float]:
    """The image of [low, high] under the composition. Raises InvalidArgument unless 0 <= low <= high < infinity."""
    low = float(as_number(low, "low", low=0))
    high = float(as_number(high, "high", low=0, high=np.finfo(float).max))
    if low > high:
        raise InvalidArgument(f"low = {low:g} is larger than high = {high:g}.")
    for row in coefficients:
        low, high = _image(row, low, high)
    return low, high


def _image(row: tuple[float, ...], low: float, high: float) -> tuple[float, float]:
    """The image of [low, high] under one odd polynomial."""
    size = max(abs(low), abs(high)) or 1.0
    scaled = np.zeros(2 * len(row))
    scaled[1::2] = [c * size ** (2 * j + 1) for j, c in enumerate(row)]
    # A leading coefficient far below rounding would ruin the roots.
    scaled[np.abs(scaled) <= 1e-17 * np.abs(scaled).max()] = 0
    p = np.polynomial.Polynomial(np.trim_zeros(scaled, "b") if scaled.any() else [0.0])
    ends = np.array([low, high]) / size
    turning = p.deriv().roots()
    turning = turning.real[np.abs(turning.imag) < 1e-9]
    values = p(np.concatenate([ends, turning[(turning > ends[0]) & (turning < ends[1])]]))
    return float(values.min()), float(values.max())


def guarantee(coefficients: Coefficients, l: float) -> Guarantee:
    """lo, hi and polar error for every matrix whose nonzero singular values lie in [l, 1] once normalised.

    lo is zero where the band reaches below zero. Raises InvalidArgument unless 0 < l <= 1.
    """
    low, high = band(coefficients, _share(l))
    return Guarantee(max(low, 0.0), max(abs(low), abs(high)), max(1 - low, high - 1))


def universal(coefficients: Coefficients, rank: int, length: float = 1.0) -> Guarantee:
    """lo and hi for every matrix of at most this rank that the iteration starts from at this Frobenius length.

    The error says nothing (infinite), unless there is one singular value only. lo may be negative, and is then no use.
    Raises InvalidArgument unless rank is a positive integer and 0 < length <= 1.
    """
    rank, c = count(rank, "rank"), _share(length)
    if rank == 1:
        low, high = band(coefficients, c, c)
        return Guarantee(low, abs(high), abs(1 - low))
    found = []
    for l in c / rank**0.5 * np.geomspace(1e-4, 1, 25):
        low = band(coefficients, l, c)[0]
        below = min(band(coefficients, 0.0, l)[0], low)
        found.append(low - (low - below) * min(1.0, (rank - 1) * l / c))
    return Guarantee(float(max(found)), max(map(abs, band(coefficients, 0.0, c))), np.inf)


def taylor_bound(l: float, kappa: int, steps: int) -> tuple[float, Guarantee]:
    """(delta, guarantee) after `steps` Taylor steps: |Pi - X X'|_op <= delta = (1 - l^2)^((kappa + 1)^steps).

    The polar error is at most 1 - sqrt(1 - delta), from below, so hi = 1. Raises InvalidArgument unless 0 < l <= 1 and
    kappa, steps are positive integers.
    """
    delta = (1 - _share(l) ** 2) ** float((count(kappa, "kappa") + 1) ** count(steps, "steps"))
    error = delta / (1 + (1 - delta) ** 0.5)
    return delta, Guarantee(1 - error, 1.0, error)


def greedy_bound(l: float, degree: int, steps: int) -> float:
    """The polar error of the greedy composition of this odd degree 2 q + 1 is at most (1 - l^2)^((q + 1)^steps).

    Raises InvalidArgument unless 0 < l <= 1, steps is a positive integer and degree an odd one, at least 3.
    """
    degree = count(degree, "degree")
    if degree < 3 or degree % 2 == 0:
        raise InvalidArgument(f"degree must be odd and at least 3, not {degree}.")
    return (1 - _share(l) ** 2) ** float(((degree + 1) // 2) ** count(steps, "steps"))


def _share(l: float) -> float:
    return float(as_number(l, "l", low=0, high=1, open_low=True))
