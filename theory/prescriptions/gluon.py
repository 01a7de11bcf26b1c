"""Radii and stepsizes of layer-wise LMO methods with momentum, as several papers take them."""

import sympy as sp

from broximal.theory.columns.layers import L0, L1, a, gamma
from broximal.theory.columns.points import K, d0
from broximal.theory.language.quantity import layer, layers as p
from broximal.theory.language.theorem import Rule

# The bound over t is 2 d_0 / (K t) + 4 p t L0 / a and noise; this t minimises it, where a / (4 L1) allows it.
RADIUS = a / (4 * L1[layer] + sp.sqrt(2 * p * a * K * L0[layer] / d0))
HORIZON_RADIUS = 1 / (4 * L1[layer] + sp.sqrt(5 * p * L0[layer] / (2 * d0)))  # the same for tau K^(-3/4)

LAG = 1 + sp.sqrt(1 + 11 * ((1 - a) / a) ** 2)  # of the momentum behind the gradient, in steps of the sharp form
SHARP_STEPSIZE = Rule(
    gamma[layer],
    1 / (L0[layer] * LAG),
    gamma[layer] * L0[layer] * LAG <= 1,
    free=True,
    why="at most 1 / (L times the lag)",
)
