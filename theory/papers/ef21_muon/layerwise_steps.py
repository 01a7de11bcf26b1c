"""EF21-Muon in the sharp form, layer by layer: stepsizes gamma_l from each layer's own constants; deterministic, exact gradients.

Assumed: f and all f_j are sums over the layers, so that grad_l f_j depends on layer l only; layer l of f is L_l-smooth and
that of f_j is L_{j,l}-smooth in the layer's norm; C^l and C^l_j contract there with alpha_{P,l} and alpha_{D,l}.

Write d_l = |X - W|_(l)^2, r_l = |X_{k+1} - X_k|_(l)^2, e_l = mean_j |grad_l f_j(X) - G_j|_(l)*^2, Lt_l^2 = mean_j L_{j,l}^2.

Statements (w_l = 11 gamma_l / (2 alpha_{D,l})).
  broadcast   sum_l d_{l,k+1} <= sum_l (1 - alpha_{P,l}) ((1 + alpha_{P,l} / 2) d_l + (1 + 2 / alpha_{P,l}) r_l)
  feedback    sum_l e_{l,k+1} / Lt_l^2 <= sum_l ((1 - alpha_{D,l} / 4) e_l / Lt_l^2 + (4 / alpha_{D,l}) r_l + (8 / alpha_{D,l}) d_{l,k+1})
  lyapunov    sum_l gamma_l |grad_l f(X_k)|_(l)*^2 / 4 <= V_k - V_{k+1}, V = f + sum_l (w_l e_l + B_l d_l),
              B_l = (44 gamma_l Lt_l^2 / alpha_{D,l}^2)(2 / alpha_{P,l} - 1), for gamma_l (L_l + sqrt(L_l^2 + 4 Q_l^2)) <= 1,
              Q_l^2 = (Lt_l / alpha_{D,l})^2 (22 + 176 / alpha_{P,l}^2)
  average     with the same gamma, (1/K) sum_{k<K} sum_l gamma_l |grad_l f(X_k)|_(l)*^2 <= 4 d_0 / K

Proof. Layer l of G_j, W and X is moved by layer l of the gradients only, and these depend on layer l of the points only: it
makes the run of `ef21_muon.sharp_steps` on the function f_l of one layer. So broadcast, feedback and lyapunov hold for every
layer, with the constants of that layer and with f_l in the place of f, and their sums are the statements. average: e_0 = d_0 =
0, V_0 = f(X_0), V >= inf f. QED

With one stepsize for all layers, `ef21_muon.sharp_steps` has L = max_l L_l and the smallest alpha in a norm that weighs them
alike; here a flat layer moves far however curved another one is. A coupling of the layers breaks feedback: grad_l f_j then
moves with every layer.

Attained: broadcast, by damping in one dimension a layer, where r_l / d_l falls through alpha_{P,l}^2 / 4 during the run.
"""

import sympy as sp

from broximal.oracles.compressors import Damped, LayerWise, RankK, ScaledSign, TopK
from broximal.theory import EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.layered_workers import L, L_rms, alpha_D, alpha_P, grad, lag, moved, off2
from broximal.theory.columns.layers import gamma
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import LayerwiseContractive, SeparableWorkers
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import LINES, POLAR, SCALES, SHAPES, THREE, compressed, separate, two_lines
from broximal.theory.papers.ef21_muon.sharp_steps import SLACK, YOUNG

own, up, down, Lt = gamma[layer], alpha_D[layer], alpha_P[layer], L_rms[layer]
Q2 = (Lt / up) ** 2 * (22 + 176 / down**2)
WEIGHT = 11 * own / (2 * up)
B = 44 * own * Lt**2 / up**2 * (2 / down - 1)
UPLINK = LayerWise([RankK(1), TopK(1), TopK(2)])
DOWNLINK = LayerWise([*POLAR.parts, Damped(0.5)])


def rule(Q2) -> Rule:
    """The largest stepsize of a layer with 1 / (4 gamma) - L / 2 >= gamma Q^2."""
    inverse = L[layer] + sp.sqrt(L[layer] ** 2 + 4 * Q2)
    return Rule(own, 1 / inverse, own * inverse <= 1, free=True, why="the largest that the proof allows the layer")


def energy(step, weight, of_lag=0):
    return value[step] + LayerSum(weight * off2[step, layer] ** 2 + of_lag * lag[step, layer] ** 2)


def mean_square(of):
    return sp.Sum(LayerSum(own * of[i, layer] ** 2), (i, 0, K - 1)) / K


progress = LayerSum(own * grad[k, layer] ** 2 / 4)

steps = Theorem(
    name="ef21_muon.layerwise_steps",
    title="EF21-Muon layer by layer, deterministic compressors: a Lyapunov function",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerwiseContractive(deterministic=True), SeparableWorkers()),
    method=Ef21(layerwise=True),
    parameters=(rule(Q2),),
    claims=(
        EachStep(
            LayerSum(lag[k + 1, layer] ** 2)
            <= LayerSum((1 - down) * ((1 + down / 2) * lag[k, layer] ** 2 + (1 + 2 / down) * moved[k, layer] ** 2)),
            "broadcast",
        ),
        EachStep(
            LayerSum(off2[k + 1, layer] ** 2 / Lt**2)
            <= LayerSum(
                (1 - up / 4) * off2[k, layer] ** 2 / Lt**2
                + 4 / up * moved[k, layer] ** 2
                + 8 / up * lag[k + 1, layer] ** 2
            ),
            "feedback",
            unseen={
                (
                    "4*moved_wl[k, l]**2/aD_l[l]",
                    "(1 - aD_l[l]/4)*off2_l[k, l]**2/L_rms_l[l]**2",
                    "L_rms_l",
                    "moved_wl",
                    "off2_l",
                ): ROOM
            },
            sharpness=YOUNG,
        ),
        EachStep(
            progress <= energy(k, WEIGHT, B) - energy(k + 1, WEIGHT, B),
            "lyapunov",
            unseen={("11*gamma[l]*off2_l[k, l]**2/(2*aD_l[l])", "off2_l"): ROOM},
            sharpness=SLACK,
        ),
        EachHorizon(mean_square(grad) <= 4 * d0 / K, "average", sharpness=SLACK),
    ),
    cases=(
        compressed(
            two_lines,
            LINES,
            Damped(0.1),
            Damped(0.3),
            steps=100,
            sharp=0.99,
            note="the broadcast is attained in both layers at once",
        ),
        compressed(
            separate(SHAPES, SCALES), THREE, DOWNLINK, UPLINK, steps=200, note="three layers, each with its own"
        ),
        compressed(
            separate(SHAPES[1:], SCALES[1:], 4),
            LINES,
            LayerWise([ScaledSign(), Damped(0.6)]),
            LayerWise([TopK(2), Damped(0.4)]),
            steps=200,
            note="four workers",
        ),
    ),
)
