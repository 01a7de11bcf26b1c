"""Drop-Muon in the sharp form, with stochastic gradients and momentum: X^l_{k+1} = X^l_k - gamma_l (m^l_k)# for l in S^k.

The momentum, the samplers and the noise are those of `stochastic`. Assumed: f a sum over the layers (or one layer), A1 with
L1 = 0.

Statements (s_l = rho_l sigma_l).
  descent  sum_{l in S} (gamma_l g_l^2 + r_l^2 / gamma_l) / 4 <= f(X_k) - f(X_{k+1}) + sum_{l in S} (11 gamma_l e_l^2 / 8 + L_l r_l^2 / 2)
           on every path
  average  gamma_l L_l (1 + sqrt(1 + 11 ((1 - a) / a)^2)) <= 1: E (1/K) sum_{k<K} sum_{l in S^k} gamma_l g_l^2 =
           (1/K) sum_{k<K} sum_l P_l gamma_l E g_l^2 <= 4 d_0 / K + 11 sum_l gamma_l s_l^2 (a P_l + 1 / (a K))

Proof. At its activations a layer makes a run of Gluon in the sharp form, so the proof of `gluon.sharp_momentum` applies to
each with the sum over its activations, of which there are P_l K on average. Given all sets, the noise at activation
j = 0, 1, ... has E|.|_2^2 <= sigma^2 ((1 - a)^{2j} + a), in all at most sigma^2 (1 / a + a times the number of activations).
S^k is independent of X_k, which gives the equality. QED

Ceiling. If the noise never exceeds nu_l in the dual norm, every path has 4 d_0 / K + 11 sum_l gamma_l nu_l^2.
"""

import sympy as sp

from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.gluon import MIXED, layers, signed
from broximal.theory.cases.remarks import APART, FIRST, ROOM
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, P, a, error, g, gamma, moved_by, rho, sigma
from broximal.theory.columns.noise import drawn, nu
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import DROP_MUON
from broximal.theory.methods.lmo import Drawn, Ema, LmoMethod, Sharp
from broximal.theory.prescriptions.gluon import SHARP_STEPSIZE

own, r, on = gamma[layer], moved_by[k, layer], drawn[k, layer]

average = Theorem(
    name="drop_muon.sharp",
    title="Drop-Muon with momentum in the sharp form: the average gradient",
    source=Source(DROP_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerSmooth(accepts=("A1",), zero_L1=True), BoundedVariance()),
    method=LmoMethod(Sharp(), Ema("a", again=True), Drawn(), title="Drop-Muon, sharp form"),
    parameters=(Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="balances noise and drift"), SHARP_STEPSIZE),
    claims=(
        EachStep(
            LayerSum(on * (own * g[k, layer] ** 2 + r**2 / own) / 4)
            <= value[k]
            - value[k + 1]
            + LayerSum(on * sp.Rational(11, 8) * own * error[k, layer] ** 2 + L0[layer] * r**2 / 2),
            "descent",
            unseen={("L0l[l]*tl[k, l]**2/2", "L0l", "tl"): ROOM},
            sharpness="attained only beyond these stepsizes (see gluon.sharp_descent)",
        ),
        Expected(
            sp.Sum(LayerSum(drawn[i, layer] * own * g[i, layer] ** 2), (i, 0, K - 1)) / K
            <= 4 * d0 / K + 11 * LayerSum(own * (rho[layer] * sigma[layer]) ** 2 * (a * P[layer] + 1 / (a * K))),
            "average",
            unseen={"a": ROOM, "1/(K*a)": FIRST},
            ceiling=4 * d0 / K + 11 * LayerSum(own * nu[layer] ** 2),
            sharpness=APART,
        ),
    ),
    cases=(
        Case(signed(layers("square"), 0.05), MIXED, steps=200),
        Case(signed(layers("square"), 0.05), MIXED, steps=60, parameters={"a": 0.5, "P": (0.3, 0.6, 0.9)}),
        *shown("many fine", length="gamma", family="layers"),
        *shown("straight", length="", family="layers"),
    ),
)
