"""Drop-Muon with stochastic gradients and momentum: a layer that is drawn updates its momentum and moves by radius t_l.

m^l_k = (1 - a) m^l_{k-1} + a g_l(X_k; xi_k) for l in S^k, else m^l_{k-1}; m_{-1} is one stochastic gradient at X_0.
Assumed: samplers independent of everything else, with marginals P_l > 0; unbiased stochastic gradients with
E|g_l - grad_l f|_2^2 <= sigma_l^2; |.|_(l)* <= rho_l |.|_2; A1 or, for coupled layers, A2 with its matrix L_ij.

Statements (s_l = rho_l sigma_l).
  descent  f(X_{k+1}) <= f(X_k) - sum_{l in S} (t_l g_l - 2 t_l e_l - (L0_l + L1_l g_l) t_l^2 / 2)         on every path
  average  A1, t_l <= a / (4 L1_l): (1/K) sum_{k<K} sum_l P_l t_l E g_l <= 2 d_0 / K
           + sum_l [4 t_l s_l (1 / (a K) + P_l sqrt a) + (4 (1 - a) / a + 1) P_l t_l^2 L0_l]
  horizon  A1, a = K^{-1/2}, t_l = tau_l K^{-3/4}, tau_l <= 1 / (4 L1_l): (1/K) sum_k sum_l P_l tau_l E g_l <=
           K^{-1/4} (2 d_0 + sum_l (4 tau_l s_l (1 + P_l) + 5 P_l tau_l^2 L0_l))
  coupled  A2: (1/K) sum_{k<K} sum_l P_l t_l E g_l <= d_0 / K + sum_l [2 t_l s_l (1 / (a K) + P_l sqrt a)
           + (2 (1 - a) / a) t_l sum_j L_lj P_j t_j + P_l L_l t_l^2 / 2],   L_l = sum_j L_lj

Proof. descent: as for Gluon, for the layers in S. A1: at its activations a layer makes a run of Gluon of its own. Given all
sets, the noise of m at activation j = 0, 1, ... has E|.|_2^2 <= sigma^2 ((1 - a)^{2j} + a), and its drift, summed over the
activations, is at most ((1 - a) / a) t sum (L0 + L1 g). So sum over activations of t g <= 2 (fall of f_l) + 4 t s (1 / a + sqrt a
times the number of activations) + (4 (1 - a) / a + 1) t^2 L0 times that number, which is P_l K on average; and the sum of g_l over
the activations has the expectation P_l sum_k E g_l(X_k), as S^k is independent of X_k. Sum over l; d_0 is the sum of theirs.
A2: the gradient of a frozen layer drifts by sum_{j in S} L_lj t_j a step, on average sum_j L_lj P_j t_j, and what is left of
it at the later activations of l adds up to sum_{n>=1} (1 - a)^n = (1 - a) / a, whatever P_l is. sum_{i,j in S} t_i L_ij t_j <=
sum_{i in S} L_i t_i^2. QED

Ceiling. |X_k - X_0|_(l) <= k t_l on every path, as for Gluon: the average is at most sum_l t_l (P_l g_l + P_l (L0_l + L1_l g_l) t_l
(K - 1) / 2) at X_0 (A1), and sum_l t_l (P_l g_l + L_l t_l (K - 1) / 2) (A2).
"""

import sympy as sp

from broximal.problems.smoothness import Kind
from broximal.theory import Case, Rule, Source, Theorem
from broximal.theory.cases.gluon import AHEAD, COUPLED, MIXED, PAIR, bowls, descent, layers, noisy, straight
from broximal.theory.cases.remarks import FIRST, LOOSE, MANY_STEPS, ROOM, ZERO
from broximal.theory.cases.terms import Instance, by_three_quarters, shown
from broximal.theory.columns.layers import L0, L1, P, a, g, rho, sigma, tau
from broximal.theory.columns.noise import coupled_drift
from broximal.theory.columns.points import K, d0, i, k
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import DROP_MUON
from broximal.theory.methods.lmo import Drawn, Ema, LmoMethod, PerLayer
from broximal.theory.prescriptions.gluon import HORIZON_RADIUS, RADIUS

t, p, g0 = tau[layer], P[layer], g[0, layer]
NOISE = rho[layer] * sigma[layer]
SHARE = Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="any share; this one balances noise and drift")
AVERAGE = sp.Sum(LayerSum(p * t * g[i, layer]), (i, 0, K - 1)) / K


def half(instance: Instance) -> float:
    """The radius of each of two layers that move one sum."""
    return instance.length / 2


def hypotheses(*kinds: Kind):
    return (BoundedBelow(), LayerSmooth(accepts=kinds), BoundedVariance())


def method(horizon: float = 0.0) -> LmoMethod:
    return LmoMethod(PerLayer("tau", horizon=horizon), Ema("a", again=True), Drawn(), title="Drop-Muon")


_SEPARABLE = tuple(
    Case(noisy(problem, 0.05), MIXED, steps=300, parameters=chosen, note=note)
    for problem, chosen, note in (
        (layers("psi"), None, "non-convex, uniform cutoff"),
        (layers("psi", "square", "psi"), {"P": (0.3, 0.6, 0.9)}, "layers of two kinds, independent draws"),
    )
)

average = Theorem(
    name="drop_muon.stochastic",
    title="Drop-Muon with stochastic gradients, constant radii",
    source=Source(DROP_MUON, "proved here"),
    assumes=hypotheses("A1"),
    method=method(),
    parameters=(SHARE, Rule(t, RADIUS, 4 * L1[layer] * t <= a, free=True, why="at most a / (4 L1)")),
    claims=(
        descent(k),
        Expected(
            AVERAGE
            <= 2 * d0 / K
            + LayerSum(4 * t * NOISE * (1 / (a * K) + p * sp.sqrt(a)) + (4 * (1 - a) / a + 1) * p * t**2 * L0[layer]),
            "average",
            unseen={"1/(K*a)": FIRST},
            ceiling=LayerSum(p * t * (g0 + (L0[layer] + L1[layer] * g0) * t * (K - 1) / 2)),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(bowls, MIXED, parameters={"a": 1.0, "P": (0.4, 0.5, 0.7)}, steps=10, sharp=0.999, note="descent attained"),
        *_SEPARABLE,
        *shown("across", "noise", "friction", "many noise", "bent", "doubted", length="tau", family="layers"),
    ),
)

horizon = Theorem(
    name="drop_muon.stochastic_horizon",
    title="Drop-Muon with stochastic gradients, parameters for a horizon",
    source=Source(DROP_MUON, "proved here"),
    assumes=hypotheses("A1"),
    method=method(0.75),
    parameters=(
        Rule(a, 1 / sp.sqrt(K), sp.Eq(a, 1 / sp.sqrt(K)), why="the share that the bound is stated for"),
        Rule(t, HORIZON_RADIUS, 4 * L1[layer] * t <= 1, free=True, why="at most 1 / (4 L1)"),
    ),
    claims=(
        Expected(
            AVERAGE
            <= K ** sp.Rational(-1, 4) * (2 * d0 + LayerSum(4 * t * NOISE * (1 + p) + 5 * p * t**2 * L0[layer])),
            "average",
            unseen={"Pl[l]": ROOM, "rho -> 1": MANY_STEPS},
            ceiling=LayerSum(p * t * (g0 + (L0[layer] + L1[layer] * g0) * t * K ** sp.Rational(1, 4) / 2)),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(noisy(straight, 0.05), PAIR, steps=1024, parameters={"tau": 1.25, "P": (0.9, 0.9)}, note=AHEAD),
        Case(noisy(straight, 0.05), PAIR, steps=1024, parameters={"tau": (1.4, 0.95)}, note=AHEAD),
        *_SEPARABLE,
        *shown("friction", length="tau", share="", scale=by_three_quarters, family="layers"),
        *shown("swamped", length="tau", share="", family="layers"),
    ),
)

coupled = Theorem(
    name="drop_muon.stochastic_coupled",
    title="Drop-Muon with stochastic gradients on coupled layers",
    source=Source(DROP_MUON, "proved here"),
    assumes=hypotheses("A2"),
    method=method(),
    parameters=(SHARE, Rule(t, RADIUS, t > 0, free=True, why="any radius; this one balances the other terms")),
    claims=(
        descent(k, unseen={("L1l[l]*gl[k, l] (left)", "L1l (left)"): ZERO}),
        Expected(
            AVERAGE
            <= d0 / K
            + LayerSum(
                2 * t * NOISE * (1 / (a * K) + p * sp.sqrt(a))
                + 2 * (1 - a) / a * t * coupled_drift[layer]
                + p * L0[layer] * t**2 / 2
            ),
            "average",
            unseen={"1/(K*a)": FIRST},
            ceiling=LayerSum(t * (p * g0 + L0[layer] * t * (K - 1) / 2)),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        *(Case(noisy(c.problem, 0.05), c.norm, steps=300, note=c.note) for c in COUPLED),
        *shown("noise", "friction", "many noise", length="tau", scale=half, family="coupled"),
        *shown("across", length="tau", share="", scale=half, family="coupled", P=(1.0, 1.0), a=0.85),
    ),
)
