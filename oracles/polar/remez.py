"""The odd polynomial of degree 3 or 5 that is nearest to 1 on [l, u], and the greedy composition of such polynomials.

By Chebyshev's theorem (odd polynomials of degree 2 q + 1 satisfy the Haar condition on l > 0) the best one is 1 - E,
1 + E, 1 - E, ... in turn at q + 2 points. Cubic: these are l, the stationary point, and u, with a closed form. Quintic:
l, the two stationary points, and u, found by exchange. Greedy: with p best on [l, u] the image is [1 - E, 1 + E], on
which the next one is best; of all compositions of T such polynomials none is nearer to 1 on [l, u] (Amsel et al.,
arXiv:2505.16932, Theorem 3.1).

With a cushion c the step is best on [max(l, c u), u] only and then recentred, p * 2 / (p(l) + 1 + E). The image is still
[p(l), 2 - p(l)]: below c u the polynomial is increasing, since its first stationary point lies above.
"""

import math

import numpy as np

from broximal.oracles.arrays import as_number
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms._arguments import count, finite
from broximal.oracles.polar.coefficients import LIMIT, Coefficients

NARROW = 1e-5  # relative width of [l, u] at which the E of the quintic is below rounding


def best_odd(l: float, u: float, degree: int = 5) -> tuple[tuple[float, ...], float]:
    """(coefficients, E): the odd polynomial of this degree, 3 or 5, with the least E = max |1 - p| on [l, u].

    Raises InvalidArgument unless 0 < l <= u and the degree is 3 or 5.
    """
    l, u = _interval(l, u)
    if degree not in (3, 5):
        raise InvalidArgument(f"degree must be 3 or 5, not {degree!r}.")
    if degree == 3:
        row, error = _cubic(l / u)
    else:
        row, error = (LIMIT, 0.0) if u - l <= NARROW * u else _quintic(l / u)
    return tuple(c / u ** (2 * j + 1) for j, c in enumerate(row)), error


def _cubic(l: float) -> tuple[tuple[float, ...], float]:
    """On [l, 1]: p is proportional to 3 s^2 x - x^3 with its stationary point s where p(l) = p(1)."""
    square = (1 + l + l * l) / 3
    top, ends = 2 * square**1.5, 3 * square - 1
    scale = 2 / (top + ends)
    return (3 * square * scale, -scale), (top - ends) / (top + ends)


def _quintic(l: float) -> tuple[tuple[float, ...], float]:
    middle, half = (1 + l * l) / 2, (1 - l * l) / 2
    points, error = np.array([l, (3 * l + 1) / 4, (l + 3) / 4, 1.0]), 0.0
    signs = np.array([1.0, -1.0, 1.0, -1.0])
    for _ in range(100):
        w = (points**2 - middle) / half  # in [-1, 1], so the system is well conditioned
        alpha, beta, gamma, new = np.linalg.solve(
            np.column_stack([points, points * w, points * w * w, signs]), np.ones(4)
        )
        beta, gamma = beta / half, gamma / half**2
        row = (alpha - beta * middle + gamma * middle**2, beta - 2 * gamma * middle, gamma)
        inside = 9 * row[1] ** 2 - 20 * row[0] * row[2]
        done, error = abs(new - error) <= 1e-15, abs(new)
        if done or inside <= 0:
            break
        squares = (-3 * row[1] + np.array([-1, 1]) * math.sqrt(inside)) / (10 * row[2])
        points[1:3] = np.clip(np.sqrt(np.abs(squares)), l, 1.0)
    return tuple(map(float, row)), float(error)


def greedy(l: float, steps: int, u: float = 1.0, degree: int = 5, cushion: float = 0.0) -> tuple[Coefficients, float]:
    """(coefficients of every step, error): the composition for singular values in [l, u]; error = max |1 - p| there.

    With cushion = 0 no composition of odd polynomials of this degree has a smaller error. Raises InvalidArgument
    unless 0 < l <= u, steps >= 1, degree is 3 or 5, and 0 <= cushion < 1.
    """
    l, u = _interval(l, u)
    cushion = float(as_number(cushion, "cushion", low=0, high=1))
    if cushion == 1:
        raise InvalidArgument("cushion must be below 1.")
    rows = []
    for _ in range(count(steps, "steps")):
        row, error = best_odd(max(l, cushion * u), u, degree)
        low = sum(c * l ** (2 * j + 1) for j, c in enumerate(row)) if cushion * u > l else 1 - error
        centre = 2 / (low + 1 + error)
        rows.append(tuple(centre * c for c in row))
        l = centre * low
        u = 2 - l
    return tuple(rows), 1 - l


def _interval(l: float, u: float) -> tuple[float, float]:
    l = float(as_number(l, "l", low=0, open_low=True))
    u = finite(as_number(u, "u", low=0, open_low=True), "u")
    if l > u:
        raise InvalidArgument(f"l = {l:g} is larger than u = {u:g}.")
    return l, u
