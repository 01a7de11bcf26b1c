"""Gluon with stochastic gradients and momentum: m_k = (1 - a) m_{k-1} + a g(X_k; xi_k), m_0 = g(X_0; xi_0), radii t_l.

Assumed: f a sum over the layers with A1, or A2 with its row sums as L0 and L1 = 0; unbiased stochastic gradients with
E|g_l - grad_l f|_2^2 <= sigma_l^2; |.|_(l)* <= rho_l |.|_2.

Statements (e_l = |m_l - grad_l f|_(l)*).
  descent  f(X_{k+1}) <= f(X_k) - sum_l (t_l g_l - 2 t_l e_l - (L0_l + L1_l g_l) t_l^2 / 2)            on every path
  average  t_l <= a / (4 L1_l): (1/K) sum_{k<K} sum_l t_l E g_l <= 2 d_0 / K + sum_l [4 t_l rho_l sigma_l (1 / (a K) + sqrt a)
           + (4 (1 - a) / a + 1) t_l^2 L0_l]
  horizon  a = K^{-1/2}, t_l = tau_l K^{-3/4}, tau_l <= 1 / (4 L1_l): (1/K) sum_k sum_l tau_l E g_l <=
           K^{-1/4} (2 d_0 + sum_l (8 tau_l rho_l sigma_l + 5 tau_l^2 L0_l))
  probably with probability 9/10 the average of a path is at most 10 times that (Markov's inequality)

Proof. <grad_l f, LMO(m_l)> <= -g_l + 2 e_l and the descent lemma give descent. E_k = m_k - grad f(X_k) obeys E_k =
(1 - a)(E_{k-1} + D_k) + a z_k with |D_k|_* <= (L0 + L1 g_{k-1}) t (A2: sum_j L_ij t_j), so its noise part has E|.|_2^2 <=
sigma^2 ((1 - a)^{2k} + a) and its drift, summed over k, is at most ((1 - a) / a) t sum_k (L0 + L1 E g_k). In the sum of the
descents t g_l has the factor 1 - L1 t (1/2 + 2 (1 - a) / a) >= 1/2. For A2, sum_ij t_i L_ij t_j <= sum_i L_i t_i^2. QED

Ceiling. |X_k - X_0|_(l) <= k t_l on every path, so g_l(X_k) <= g_l(X_0) + (L0_l + L1_l g_l(X_0)) k t_l (A1), and summed with
weights t_l the same with L1 = 0 (A2): the average is at most sum_l t_l (g_l + (L0_l + L1_l g_l) t_l (K - 1) / 2) at X_0.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, Rule, Source, Theorem
from broximal.theory.cases.gluon import AHEAD, COUPLED, PAIR, PSI, descent, noisy, round_bowl, straight
from broximal.theory.cases.remarks import FIRST, LOOSE, MANY_STEPS, ROOM, SIDES
from broximal.theory.cases.terms import by_three_quarters, shown
from broximal.theory.columns.layers import L0, L1, a, g, rho, sigma, tau
from broximal.theory.columns.points import K, d0, i, k
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected, WithProbability
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.theory.prescriptions.gluon import HORIZON_RADIUS, RADIUS

ASSUMES = (BoundedBelow(), LayerSmooth(accepts=("A1", "A2")), BoundedVariance())
t, g0 = tau[layer], g[0, layer]
NOISE = rho[layer] * sigma[layer]


_CASES = tuple(Case(noisy(c.problem, 0.05), c.norm, steps=400, note=c.note) for c in (PSI[1], *COUPLED))

average = Theorem(
    name="gluon.stochastic",
    title="Stochastic Gluon with momentum, constant radii",
    source=Source(GLUON, "proved here"),
    assumes=ASSUMES,
    method=LmoMethod(PerLayer("tau"), Ema("a"), title="Gluon"),
    parameters=(
        Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="any share; this one balances noise and drift"),
        Rule(t, RADIUS, 4 * L1[layer] * t <= a, free=True, why="at most a / (4 L1); this one balances the other terms"),
    ),
    claims=(
        descent(k),
        Expected(
            sp.Sum(LayerSum(t * g[i, layer]), (i, 0, K - 1)) / K
            <= 2 * d0 / K
            + LayerSum(4 * t * NOISE * (1 / (a * K) + sp.sqrt(a)) + (4 * (1 - a) / a + 1) * t**2 * L0[layer]),
            "average",
            unseen={"1/(K*a)": FIRST},
            ceiling=LayerSum(t * (g0 + (L0[layer] + L1[layer] * g0) * t * (K - 1) / 2)),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(round_bowl, L2(), parameters={"a": 1.0}, steps=10, sharp=0.999, note="descent attained without noise"),
        *_CASES,
        *shown("across", "noise", "friction", "many noise", "bent", "doubted", length="tau", family="layers"),
    ),
)

_AVERAGE = sp.Sum(LayerSum(t * g[i, layer]), (i, 0, K - 1)) / K
_BOUND = K ** sp.Rational(-1, 4) * (2 * d0 + LayerSum(8 * t * NOISE + 5 * t**2 * L0[layer]))

horizon = Theorem(
    name="gluon.stochastic_horizon",
    title="Stochastic Gluon with momentum, parameters for a horizon",
    source=Source(GLUON, "proved here"),
    assumes=ASSUMES,
    method=LmoMethod(PerLayer("tau", horizon=0.75), Ema("a"), title="Gluon"),
    parameters=(
        Rule(a, 1 / sp.sqrt(K), sp.Eq(a, 1 / sp.sqrt(K)), why="the share that the bound is stated for"),
        Rule(
            t,
            HORIZON_RADIUS,
            4 * L1[layer] * t <= 1,
            free=True,
            why="at most 1 / (4 L1); this one balances the other terms",
        ),
    ),
    claims=(
        Expected(
            _AVERAGE <= _BOUND,
            "average",
            unseen={"rho -> 1": MANY_STEPS, ("gl (left)", "tau (left)"): ROOM},
            ceiling=LayerSum(t * (g0 + (L0[layer] + L1[layer] * g0) * t * K ** sp.Rational(1, 4) / 2)),
            sharpness=LOOSE,
        ),
        WithProbability(
            _AVERAGE <= 10 * _BOUND,
            "probably",
            unseen={
                (
                    "2*d_0",
                    "8*rho[l]*sigma[l]*tau[l]",
                    "rho -> 1",
                    "rho",
                    "sigma",
                    "d_0",
                    "gl (left)",
                    "tau (left)",
                ): SIDES
            },
            chance=0.9,
            sharpness="Markov's inequality is attained by two-point laws only",
        ),
    ),
    cases=(
        Case(noisy(straight, 0.05), PAIR, steps=1024, parameters={"tau": 0.95}, note=AHEAD),
        *_CASES,
        *shown("swamped", length="tau", share="", family="layers"),
        *shown(
            "near",
            length="tau",
            share="",
            scale=by_three_quarters,
            family="layers",
        ),
    ),
)
