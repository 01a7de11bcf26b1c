"""EF21-Muon in the sharp form with compression of the workers' messages only (W = X), deterministic, exact gradients.

Notation of `sharp_steps`: r_k = |X_{k+1} - X_k|^2, e = mean |grad f_j(X) - G_j|_*^2, Lt^2 = mean L_j^2.

Statements.
  feedback    e_{k+1} <= (1 - alpha_D) ((1 + alpha_D / 2) e_k + (1 + 2 / alpha_D) Lt^2 r_k)
  lyapunov    gamma |grad f(X_k)|_*^2 / 4 <= V_k - V_{k+1} with V = f + (11 gamma / (4 alpha_D)) e,
              for gamma (L + sqrt(L^2 + 4 Q^2)) <= 1, Q^2 = 11 Lt^2 / (2 alpha_D^2)
  average     with the same gamma, (1/K) sum_{k<K} |grad f(X_k)|_*^2 <= 4 d_0 / (gamma K)

Proof. feedback: G_j^{k+1} - grad f_j(X_{k+1}) is the error of C_j at grad f_j(X_{k+1}) - G_j^k, a difference of gradients away from
grad f_j(X_k) - G_j^k; Young with weight alpha_D / 2. At most (1 - alpha_D / 2) e + (2 / alpha_D) Lt^2 r. lyapunov: the descent of
`gluon.sharp_descent` with |grad f(X) - G|_*^2 <= e; e closes, as 11/8 gamma is alpha_D / 2 times its weight; r has
1 / (4 gamma) - L / 2 against (11 gamma / (4 alpha_D)) (2 / alpha_D) Lt^2 = gamma Q^2. average: e_0 = 0, V >= inf f. QED

Attained: feedback, by damping in one dimension, where r / e falls through the ratio of Young's equality during the run.
"""

import sympy as sp

from broximal.oracles.compressors import Damped
from broximal.oracles.norms import L2, LInf
from broximal.theory import EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import K, d0, k
from broximal.theory.columns.workers import L_rms, alpha_D, grad, moved, off2
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import (
    JOINED,
    MATRICES,
    MATRIX,
    RANKS,
    TOPS,
    VECTORS,
    axes,
    compressed,
    coupled,
    line,
)
from broximal.theory.papers.ef21_muon.sharp_steps import SLACK, energy, gamma, mean_square, rule

uplink = Theorem(
    name="ef21_muon.sharp_uplink",
    title="EF21-Muon in the sharp form, deterministic compressors of the workers only",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(deterministic=True, uplink_only=True), SmoothWorkers()),
    method=Ef21(),
    parameters=(rule(sp.Rational(11, 2) * (L_rms / alpha_D) ** 2),),
    claims=(
        EachStep(
            off2[k + 1] ** 2
            <= (1 - alpha_D) * ((1 + alpha_D / 2) * off2[k] ** 2 + (1 + 2 / alpha_D) * L_rms**2 * moved[k] ** 2),
            "feedback",
        ),
        EachStep(
            gamma * grad[k] ** 2 / 4
            <= energy(k, 11 * gamma / (4 * alpha_D)) - energy(k + 1, 11 * gamma / (4 * alpha_D)),
            "lyapunov",
            sharpness=SLACK,
        ),
        EachHorizon(mean_square(grad) <= 4 * d0 / (gamma * K), "average", sharpness=SLACK),
    ),
    cases=(
        compressed(
            line((1.0, 1.0)), LInf(), "identity", Damped(0.1), steps=60, sharp=0.99, note="the feedback is attained"
        ),
        compressed(
            axes, L2(), "identity", Damped(0.1), steps=60, note="workers that are curved along axes of their own"
        ),
        compressed(coupled(VECTORS), JOINED, "identity", TOPS, steps=200, note="coupled layers, weighted"),
        compressed(coupled(MATRICES), MATRIX, "identity", RANKS, steps=200, note="Muon: rank 1 up"),
    ),
)
