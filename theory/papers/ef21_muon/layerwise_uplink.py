"""EF21-Muon in the sharp form, layer by layer, with compression of the workers' messages only (W = X), deterministic.

Assumptions and notation of `layerwise_steps`: f and all f_j sums over the layers, exact gradients, Lt_l^2 = mean_j L_{j,l}^2.

Statements.
  feedback    sum_l e_{l,k+1} / Lt_l^2 <= sum_l (1 - alpha_{D,l}) ((1 + alpha_{D,l} / 2) e_l / Lt_l^2 + (1 + 2 / alpha_{D,l}) r_l)
  lyapunov    sum_l gamma_l |grad_l f(X_k)|_(l)*^2 / 4 <= V_k - V_{k+1} with V = f + sum_l (11 gamma_l / (4 alpha_{D,l})) e_l,
              for gamma_l (L_l + sqrt(L_l^2 + 4 Q_l^2)) <= 1, Q_l^2 = 11 Lt_l^2 / (2 alpha_{D,l}^2)
  average     with the same gamma, (1/K) sum_{k<K} sum_l gamma_l |grad_l f(X_k)|_(l)*^2 <= 4 d_0 / K

Proof. Every layer makes the run of `ef21_muon.sharp_uplink` on its own f_l, as in `layerwise_steps`; sum over the layers. QED

Attained: feedback, by damping in one dimension a layer, where r_l / e_l falls through the ratio of Young's equality.
"""

import sympy as sp

from broximal.oracles.compressors import Damped, LayerWise, TopK
from broximal.theory import EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.layered_workers import grad, moved, off2
from broximal.theory.columns.points import K, d0, k
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import LayerwiseContractive, SeparableWorkers
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import LINES, SCALES, SHAPES, THREE, compressed, separate, two_lines
from broximal.theory.papers.ef21_muon.layerwise_steps import (
    UPLINK,
    Lt,
    energy,
    mean_square,
    own,
    progress,
    rule,
    up,
)
from broximal.theory.papers.ef21_muon.sharp_steps import SLACK

WEIGHT = 11 * own / (4 * up)

uplink = Theorem(
    name="ef21_muon.layerwise_uplink",
    title="EF21-Muon layer by layer, deterministic compressors of the workers only",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerwiseContractive(deterministic=True, uplink_only=True), SeparableWorkers()),
    method=Ef21(layerwise=True),
    parameters=(rule(sp.Rational(11, 2) * (Lt / up) ** 2),),
    claims=(
        EachStep(
            LayerSum(off2[k + 1, layer] ** 2 / Lt**2)
            <= LayerSum((1 - up) * ((1 + up / 2) * off2[k, layer] ** 2 / Lt**2 + (1 + 2 / up) * moved[k, layer] ** 2)),
            "feedback",
        ),
        EachStep(progress <= energy(k, WEIGHT) - energy(k + 1, WEIGHT), "lyapunov", sharpness=SLACK),
        EachHorizon(mean_square(grad) <= 4 * d0 / K, "average", sharpness=SLACK),
    ),
    cases=(
        compressed(
            two_lines,
            LINES,
            "identity",
            Damped(0.1),
            steps=60,
            sharp=0.99,
            note="the feedback is attained in both layers at once",
        ),
        compressed(separate(SHAPES, SCALES), THREE, "identity", UPLINK, steps=200, note="Muon: rank 1 and top-k up"),
        compressed(
            separate(SHAPES[1:], SCALES[1:], 4),
            LINES,
            "identity",
            LayerWise([TopK(2), Damped(0.4)]),
            steps=200,
            note="four workers",
        ),
    ),
)
