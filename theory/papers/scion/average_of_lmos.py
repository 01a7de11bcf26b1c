"""ALMOND, the average of LMOs: d_k = (1-a) d_{k-1} + a LMO(g(x_k; xi_k)), d_{-1} = 0, x_{k+1} = x_k + eta d_k.

Statements (eta = gamma varrho; n_k the noise of the gradient at x_k).
  path     (1/K) sum_{k<K} G_k <= d_0 / (eta K) + L (1-a) eta / a + L eta / 2 + (2/K) sum_{k<K} |n_k|_*          on every path
  average  (Lemma D.8) gamma = K^{-1/2}: (1/K) sum E G_k <= d_0 / (varrho sqrt K) + L (1-a) varrho / (a sqrt K) +
           L varrho / (2 sqrt K) + 2 rho sigma

Proof. z_k = x_k + ((1-a) / a) eta d_{k-1} has z_0 = x_0 and z_{k+1} = z_k + eta u_k with u_k = LMO(g_k). |d| <= 1 gives |z_k - x_k| <=
eta (1-a) / a, so f(z_{k+1}) <= f(z_k) + eta <grad f(x_k), u_k> + eta^2 L (1-a) / a + L eta^2 / 2, and <grad f(x_k), u_k> <= -G_k +
2 |n_k|_*: sum. E|n_k|_* <= rho sigma. QED

The noise is not averaged: the last term does not vanish. Ceiling: the same with what the noise surely does not exceed.
path is attained by c |x|_2^2 / 2 without noise, in one step.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0, i
from broximal.theory.columns.whole import E, eta, rho, sigma, sure
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import SCION
from broximal.theory.methods.lmo import AverageOfLmos, LmoMethod, Sample, Whole
from broximal.theory.papers.scion._shared import (
    ASSUMES,
    MEAN,
    MOVE,
    RADIUS,
    SHARE,
    bowl,
    by_root,
    cases,
    fraction,
    rad,
    root_of_horizon,
    shown,
    straight_case,
)

EXACT = d0 / (rad * sp.sqrt(K)) + L * (1 - a) * rad / (a * sp.sqrt(K)) + L * rad / (2 * sp.sqrt(K))

average_of_lmos = Theorem(
    name="scion.average_of_lmos",
    title="The average of LMOs (ALMOND): the average gradient",
    source=Source(SCION, "as published", "Lemma D.8"),
    assumes=ASSUMES,
    method=LmoMethod(Whole(), Sample(), direction=AverageOfLmos(), title="ALMOND"),
    parameters=(RADIUS, SHARE, root_of_horizon(fraction), MOVE),
    claims=(
        EachHorizon(
            MEAN <= d0 / (eta * K) + L * (1 - a) * eta / a + L * eta / 2 + sp.Sum(2 * E(i), (i, 0, K - 1)) / K, "path"
        ),
        Expected(MEAN <= EXACT + 2 * rho * sigma, "average", ceiling=EXACT + 2 * rho * sure),
    ),
    cases=(
        Case(bowl, L2(), parameters={"rad": 1.05, "a": 1.0}, steps=1, sharp=0.99, note="one step to the minimiser"),
        straight_case(10.0, 0.0, 1.0, 100, chance=0.05, rad=1.0, a=1.0),
        *cases(100, 0.1, rad=0.5),
        *shown("noise", "many noise", "friction", "turned", length="rad", scale=by_root),
    ),
)
