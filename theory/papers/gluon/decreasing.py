"""Gluon with decreasing radii: a_k = (k + 1)^{-1/2}, t_{l,k} = tau_l (k + 1)^{-3/4}, m_0 = g(X_0; xi_0); no horizon is needed.

Assumed as in `gluon.stochastic`, with tau_l <= 1 / (7 L1_l) (so that Theorem 2's 1 / (12 L1_l) is covered).

Statements, with M = 2 d_0 + sum_l [4 rho_l sigma_l tau_l (1 + log K) + tau_l^2 L0_l (6 (1 + log K) + 2.62)]:
  weighted  sum_{k<K} (k + 1)^{-3/4} sum_l tau_l E g_l <= M
  best      min_{k<K} sum_l tau_l E g_l <= K^{-1/4} M

Proof. With b_{k,s} = prod_{r=s}^k (1 - a_r): (i) sum_{k>=s} b_{k,s} <= sqrt(s + 1) + 1/2, by comparison with the integral of
exp(-2 (sqrt x - sqrt(s + 1))); (ii) sum_s (prod_{r>s} (1 - a_r))^2 a_s^2 <= (k + 1)^{-1/2}, by induction. So the noise costs
2 rho sigma tau (1 + log K) and the drift 3 tau^2 L0 (1 + log K) + 3 tau L1 sum_k t_k g_k, the curvature
(2.612 tau^2 L0 + tau L1 sum_k t_k g_k) / 2; in all tau L1 has the factor 3.5, at most 1/2. best: sum_{k<K} (k+1)^{-3/4} >= K^{1/4}.
QED (Theorem 2 hides its numerical constants and logarithms; these are not its own.)

Ceiling. |X_k - X_0|_(l) <= tau_l sum_{j<k} (j + 1)^{-3/4} <= 4 tau_l K^{1/4}, so sum_l tau_l g_l(X_k) <= sum_l tau_l (g_l +
4 (L0_l + L1_l g_l) tau_l K^{1/4}) at X_0 (A1; A2 summed), and the weights add up to at most 4 K^{1/4}.
"""

import sympy as sp

from broximal.theory import Case, Rule, Source, Theorem
from broximal.theory.cases.gluon import COUPLED, PSI, noisy
from broximal.theory.cases.remarks import LOOSE, MANY_STEPS, ROOM
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, g
from broximal.theory.columns.points import K, d0, i, k
from broximal.theory.language.claims import BestExpected, Expected
from broximal.theory.language.quantity import LayerSum, layer, layers as p
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.theory.papers.gluon.stochastic import ASSUMES, NOISE, g0, t

LOG = 1 + sp.log(K)
M = 2 * d0 + LayerSum(4 * NOISE * t * LOG + t**2 * L0[layer] * (6 * LOG + sp.Rational(262, 100)))
HIGHEST = LayerSum(t * (g0 + 4 * (L0[layer] + L1[layer] * g0) * t * K ** sp.Rational(1, 4)))

decreasing = Theorem(
    name="gluon.decreasing",
    title="Stochastic Gluon with decreasing radii",
    source=Source(GLUON, "proved here", "with explicit constants"),
    assumes=ASSUMES,
    method=LmoMethod(PerLayer("tau", power=0.75), Ema(None), title="Gluon"),
    parameters=(
        Rule(
            t,
            1 / (7 * L1[layer] + sp.sqrt(4 * p * L0[layer] / d0)),
            7 * L1[layer] * t <= 1,
            free=True,
            why="at most 1 / (7 L1)",
        ),
    ),
    claims=(
        Expected(
            sp.Sum((i + 1) ** sp.Rational(-3, 4) * LayerSum(t * g[i, layer]), (i, 0, K - 1)) <= M,
            "weighted",
            unseen={"rho -> 1": MANY_STEPS},
            ceiling=4 * K ** sp.Rational(1, 4) * HIGHEST,
            sharpness=LOOSE,
        ),
        BestExpected(
            LayerSum(t * g[k, layer]) <= K ** sp.Rational(-1, 4) * M,
            "best",
            unseen={
                (
                    "SumOver(4*(log(K) + 1)*rho[l]*sigma[l]*tau[l] + (6*log(K) + 431/50)*L0l[l]*tau[l]**2, (l, 0, p - 1))",
                    "(6*log(K) + 431/50)*L0l[l]*tau[l]**2",
                    "4*(log(K) + 1)*rho[l]*sigma[l]*tau[l]",
                    "L0l",
                    "rho",
                    "sigma",
                    "tau",
                    "gl (left)",
                    "tau (left)",
                ): ROOM,
                "rho -> 1": MANY_STEPS,
            },
            ceiling=HIGHEST,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        *(Case(noisy(c.problem, 0.05), c.norm, steps=300, note=c.note) for c in (PSI[1], *COUPLED)),
        *shown("straight", "near", "friction", length="tau", share="", family="layers"),
        *shown("swamped", length="tau", share="", scale=lambda own: 0.13, family="layers"),
    ),
)
