"""Momentum and radius of LMO methods on smooth functions, as several papers take them."""

import sympy as sp

from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0
from broximal.theory.columns.whole import rho, sigma

TUNED_A = 1 / sp.Max(1, rho * sigma * sp.sqrt(K) / sp.sqrt(L * d0))  # balances noise and drift
TUNED_ETA = sp.sqrt(a * d0 / (2 * L * K))  # minimises the deterministic terms, up to a constant
