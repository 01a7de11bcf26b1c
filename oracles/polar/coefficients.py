"""Coefficients of odd polynomials c_0 x + c_1 x^3 + c_2 x^5 + ..., one tuple per step.

Published lists: Jordan's quintic of Muon (github.com/KellerJordan/Muon), and that of Polar Express (Amsel et al.,
arXiv:2505.16932, github.com/NoahAmsel/PolarExpress), which is made for singular values in [1e-3, 1]; after its last row
the limit (15/8, -10/8, 3/8) is repeated. The Taylor polynomials are those of Kim and Oh (arXiv:2601.19156):

    x p_kappa(x^2),    p_kappa(y) = sum_{s <= kappa} binom(2 s, s) / 4^s (1 - y)^s,    the series of y^(-1/2) at 1.
"""

import math

Coefficients = tuple[tuple[float, ...], ...]

CUBIC = (1.5, -0.5)
LIMIT = (1.875, -1.25, 0.375)
JORDAN = (3.4445, -4.7750, 2.0315)
POLAR_EXPRESS: Coefficients = (
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
    (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
    (1.891301407787398, -1.2679958271945868, 0.37680408948524835),
    (1.8750014808534479, -1.2500016453999487, 0.3750001645474248),
)
CUSHION = 0.02407327424182761  # the one with which `remez.greedy` gives the list above


def taylor(kappa: int) -> tuple[float, ...]:
    """The coefficients of x p_kappa(x^2), kappa + 1 of them."""
    series = [math.comb(2 * s, s) / 4**s for s in range(kappa + 1)]
    return tuple((-1) ** j * sum(c * math.comb(s, j) for s, c in enumerate(series)) for j in range(kappa + 1))


def published(steps: int) -> Coefficients:
    """The first rows of the published list, then its limit."""
    return tuple(POLAR_EXPRESS[i] if i < len(POLAR_EXPRESS) else LIMIT for i in range(steps))


def safer(coefficients: Coefficients, factor: float) -> Coefficients:
    """p(x / factor) in all steps but the last, so that rounding does not leave the interval a step is made for."""
    made = [tuple(c / factor ** (2 * j + 1) for j, c in enumerate(row)) for row in coefficients[:-1]]
    return (*made, *coefficients[-1:])
