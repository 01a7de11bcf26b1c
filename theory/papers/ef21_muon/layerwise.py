"""EF21-Muon in the sharp form, layer by layer, with any contractive compressors, random ones among them; exact gradients.

Statement. With gamma_l and Q_l of `layerwise_steps`, (1/K) sum_{k<K} sum_l gamma_l E|grad_l f(X_k)|_(l)*^2 <= 4 d_0 / K.

Proof. For every layer its inequalities broadcast and feedback of `layerwise_steps` hold for the expectation given the past, as in
`ef21_muon.sharp`: they mention one layer each, so the coins of different layers may depend on each other in any way, and none
has to be shared. Descent holds on every path. Sum over the layers. QED

Ceiling, for compressors with |C(x) - x| <= |x| surely: that of `ef21_muon.sharp` for every layer, with c_l^2 = 4 Lb_l gamma_l,
Lb_l = mean_j L_{j,l}: |grad_l f(X_k)|_(l)* <= g_{0,l} (1 + (c_l / 4) ((1 + c_l + c_l^2)^k - 1)).
"""

import sympy as sp

from broximal.oracles.compressors import Dropout, LayerWise, RandK, RankK, TopK
from broximal.theory import Source, Theorem
from broximal.theory.columns.layered_workers import L_mean, g0, grad
from broximal.theory.columns.points import K, d0
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import LayerwiseContractive, SeparableWorkers
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import LINES, SCALES, SHAPES, THREE, compressed, separate
from broximal.theory.papers.ef21_muon.layerwise_steps import Q2, UPLINK, mean_square, own, rule
from broximal.theory.papers.ef21_muon.sharp_steps import SLACK

c = 2 * sp.sqrt(L_mean[layer] * own)
SEPARATE_COINS = LayerWise([Dropout(0.7), Dropout(0.5), Dropout(0.9)], shared=False)

average = Theorem(
    name="ef21_muon.layerwise",
    title="EF21-Muon layer by layer: the average gradient",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerwiseContractive(sure=True), SeparableWorkers()),
    method=Ef21(layerwise=True),
    parameters=(rule(Q2),),
    claims=(
        Expected(
            mean_square(grad) <= 4 * d0 / K,
            "average",
            ceiling=LayerSum(own * (g0[layer] * (1 + c / 4 * ((1 + c + c**2) ** (K - 1) - 1))) ** 2),
            sharpness=SLACK,
        ),
    ),
    cases=(
        compressed(separate(SHAPES, SCALES), THREE, SEPARATE_COINS, UPLINK, steps=20, note="a coin for every layer"),
        compressed(
            separate(SHAPES, SCALES, 4),
            THREE,
            Dropout(0.8),
            LayerWise([RankK(1), RandK(2), TopK(1)]),
            steps=20,
            note="one coin down, rank 1 and entries up",
        ),
        compressed(
            separate(SHAPES[1:], SCALES[1:]),
            LINES,
            LayerWise([Dropout(0.95), Dropout(0.9)], shared=False),
            LayerWise([RandK(3), Dropout(0.9)], shared=False),
            steps=14,
            note="coins that seldom fail, so that the steps are long",
        ),
    ),
)
