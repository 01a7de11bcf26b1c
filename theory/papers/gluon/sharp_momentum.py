"""Gluon in the sharp form, with momentum: X^l_{k+1} = X^l_k - gamma_l (m^l_k)#, m_k = (1 - a) m_{k-1} + a g(X_k; xi_k).

G# = -|G|_* LMO(G), so that the step has length gamma |m|_*. Assumed: the descent lemma with constants L_l (and L1 = 0);
for the average also that f is a sum over the layers (or that there is one layer), and unbiased stochastic gradients with
E|g_l - grad_l f|_2^2 <= sigma_l^2; |.|_(l)* <= rho_l |.|_2.

Statements (e_l = |m_l - grad_l f|_(l)*, r_l = |X^l_{k+1} - X^l_k|_(l)).
  descent  for any gamma and any estimator m, on every path:
           sum_l (gamma_l g_l^2 + r_l^2 / gamma_l) / 4 <= f(X_k) - f(X_{k+1}) + sum_l (11 gamma_l e_l^2 / 8 + L_l r_l^2 / 2)
  average  gamma_l L_l (1 + sqrt(1 + 11 ((1 - a) / a)^2)) <= 1:
           (1/K) sum_{k<K} sum_l gamma_l E g_l^2 <= 4 d_0 / K + 11 sum_l gamma_l (rho_l sigma_l)^2 (a + 1 / (a K))

Proof. descent, one layer, m = |m|_*: <grad f, m#> >= m^2 - e m and r = gamma m, so it is left to show that e m + g^2 / 4
<= 3 m^2 / 4 + 11 e^2 / 8. With g <= m + e this is 3 m e / 2 <= m^2 / 2 + 9 e^2 / 8, which is a square.
average: E_k = m_k - grad f(X_k) obeys E_k = (1 - a)(E_{k-1} + D_k) + a z_k, |D_k|_* <= L r_{k-1}. Its noise part N has
E|N_k|_*^2 <= (rho sigma)^2 ((1 - a)^{2k} + a), so sum_k E|N_k|_*^2 <= (rho sigma)^2 (1 / a + a K). Its drift part B has
|B_k|_*^2 <= (1 - a) |B_{k-1}|_*^2 + ((1 - a)^2 / a) L^2 r_{k-1}^2 (Young), so sum_k |B_k|_*^2 <= ((1 - a) / a)^2 L^2 sum_k r_k^2. With
e^2 <= 2 |B|_*^2 + 2 |N|_*^2 the sum of the descents has r^2 with the factor 1 / (4 gamma) - L / 2 - 11 gamma L^2 ((1 - a) / a)^2 / 4,
which is >= 0 exactly for the stepsizes above. QED

Ceiling. If |N|_* <= nu surely, the same sum without expectations gives 4 d_0 / K + 11 sum_l gamma_l nu_l^2 on every path.

Attained: descent, in l_inf, by m = (1, 0+) and grad f = (1, -2/3) with all curvature in the second entry.
"""

import numpy as np
import sympy as sp

from broximal.oracles.norms import LInf
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.gluon import COUPLED, MIXED, layers, noisy, signed
from broximal.theory.cases.remarks import APART, FIRST, ROOM
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, a, error, g, gamma, moved_by, rho, sigma
from broximal.theory.columns.noise import nu
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Ema, LmoMethod, Sharp
from broximal.theory.prescriptions.gluon import SHARP_STEPSIZE

own, r = gamma[layer], moved_by[k, layer]


def overshoot(seed: int) -> Ridges:
    """From here the second momentum of a = 1/2, gamma = 4/5 is (1, 0+), at the gradient (1, -2/3)."""
    flat = 1e-6
    away = np.array([1 / flat, 2 / 3 + 1e-6])
    return Ridges(RidgeLayer("square", np.array([flat, 1.0]), np.ones(2), np.zeros(2), away))


descent = Theorem(
    name="gluon.sharp_descent",
    title="The sharp step along any estimator: descent",
    source=Source(GLUON, "proved here"),
    assumes=(LayerSmooth(zero_L1=True),),
    method=LmoMethod(Sharp(), Ema(), title="Gluon, sharp form"),
    parameters=(
        Rule(a, sp.Rational(1, 2), a <= 1, free=True, why="any share"),
        Rule(own, 1 / (2 * L0[layer]), own > 0, free=True, why="any stepsize"),
    ),
    claims=(
        EachStep(
            LayerSum((own * g[k, layer] ** 2 + r**2 / own) / 4)
            <= value[k]
            - value[k + 1]
            + LayerSum(sp.Rational(11, 8) * own * error[k, layer] ** 2 + L0[layer] * r**2 / 2),
            "descent",
        ),
    ),
    cases=(
        Case(overshoot, LInf(), parameters={"a": 0.5, "gamma": 0.8}, steps=3, sharp=0.999, fixed=True, note="attained"),
        Case(noisy(layers("square"), 0.1), MIXED, steps=100),
        *(Case(noisy(c.problem, 0.1), c.norm, steps=100, note=c.note) for c in COUPLED),
    ),
)

average = Theorem(
    name="gluon.sharp_momentum",
    title="Gluon with momentum in the sharp form: the average gradient",
    source=Source(GLUON, "proved here"),
    assumes=(BoundedBelow(), LayerSmooth(accepts=("A1",), zero_L1=True), BoundedVariance()),
    method=LmoMethod(Sharp(), Ema(), title="Gluon, sharp form"),
    parameters=(Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="balances noise and drift"), SHARP_STEPSIZE),
    claims=(
        Expected(
            sp.Sum(LayerSum(own * g[i, layer] ** 2), (i, 0, K - 1)) / K
            <= 4 * d0 / K + 11 * LayerSum(own * (rho[layer] * sigma[layer]) ** 2 * (a + 1 / (a * K))),
            "average",
            unseen={"a": ROOM, "1/(K*a)": FIRST},
            ceiling=4 * d0 / K + 11 * LayerSum(own * nu[layer] ** 2),
            sharpness=APART,
        ),
    ),
    cases=(
        Case(signed(layers("square"), 0.05), MIXED, steps=200),
        Case(signed(layers("square"), 0.05), MIXED, steps=50, parameters={"a": 0.5}),
        *shown("many fine", length="gamma", family="layers"),
        *shown("straight", length="", family="layers"),
    ),
)
