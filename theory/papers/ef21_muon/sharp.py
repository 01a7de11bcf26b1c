"""EF21-Muon in the sharp form with exact gradients and any contractive compressors, random ones among them.

Statement. With gamma and Q of `sharp_steps`, (1/K) sum_{k<K} E|grad f(X_k)|_*^2 <= 4 d_0 / (gamma K).

Proof. The inequalities broadcast and feedback of `sharp_steps` hold for the expectation given the past, since the errors of the
compressors enter through E|C(x) - x|^2 <= (1 - alpha) |x|^2 only, for x that is known before C is drawn; the descent holds on
every path. So E V_{k+1} <= E V_k - gamma E|grad f(X_k)|_*^2 / 4. QED

Ceiling, for compressors with |C(x) - x| <= |x| surely. Let S_k be the length of the path to X_k, z_k = gamma (g_0 +
mean |G_j - grad f_j(X_0)|_*), which is at least the length of step k, and Lb = mean L_j. |X_k - W_k| <= S_k, so |W_k - X_0| <= 2 S_k, and
z_{k+1} <= z_k + 4 Lb gamma S_{k+1}. With c^2 = 4 Lb gamma, y = z + c S grows at most by the factor 1 + c + c^2 a step, from gamma g_0.
So |grad f(X_k)|_* <= g_0 + Lb S_k <= g_0 (1 + (c / 4) ((1 + c + c^2)^k - 1)).
"""

import sympy as sp

from broximal.oracles.compressors import Dropout, LayerWise, RandK
from broximal.theory import Source, Theorem
from broximal.theory.columns.points import K, d0
from broximal.theory.columns.workers import L_mean, g0, grad
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import (
    COINS,
    JOINED,
    MATRICES,
    MATRIX,
    PAIR,
    RANKS,
    TOPS,
    VECTORS,
    compressed,
    coupled,
    seen,
)
from broximal.theory.papers.ef21_muon.sharp_steps import Q2, SLACK, gamma, mean_square, rule

c = 2 * sp.sqrt(L_mean * gamma)

average = Theorem(
    name="ef21_muon.sharp",
    title="EF21-Muon in the sharp form: the average gradient",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(sure=True), SmoothWorkers()),
    method=Ef21(),
    parameters=(rule(Q2),),
    claims=(
        Expected(
            mean_square(grad) <= 4 * d0 / (gamma * K),
            "average",
            ceiling=(g0 * (1 + c / 4 * ((1 + c + c**2) ** (K - 1) - 1))) ** 2,
            sharpness=SLACK,
        ),
    ),
    cases=(
        compressed(coupled(VECTORS), JOINED, Dropout(0.7), COINS, steps=20, note="coupled layers, weighted"),
        compressed(coupled(MATRICES), MATRIX, Dropout(0.7), RANKS, steps=20, note="Muon: one coin down, rank 1 up"),
        compressed(coupled(VECTORS, 4), PAIR, COINS, TOPS, steps=26, note="a shared coin for the layers"),
        compressed(coupled(VECTORS), PAIR, Dropout(0.8), LayerWise([RandK(2), Dropout(0.5)]), steps=20),
        *seen("straight"),
    ),
)
