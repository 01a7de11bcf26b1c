"""EF21-Muon for (L0, L1)-smooth functions with stochastic gradients, momentum and compression of the workers' messages.

Assumed: what `generalised_steps` does, but with any contractive compressors and t max(L1, max L1_j) <= a / 4; the noise of `radius`.

Statement. With c of `generalised_steps`, D = L0 (1/2 + 2 (1 - a) / a) + 4 kappa_D (mean L0_j + Lm^2 H) and s = rho sigma,
    min_{k<K} E|grad f(X_k)|_* <= 2 (1 + c t^2)^K (d_0 / t + n' / a) / K + 2 t D + 2 n'',
    n' = 2 s / sqrt n + 2 kappa_D a s,   n'' = 2 (s / sqrt n) sqrt a + 2 kappa_D a s (1 + sqrt a)

Proof. Let b_j be the bias of m_j and V = f - inf f + (2 t / a)|mean b_j|_* + (2 t / (1 - q_D)) mean |m_j - G_j|_* + 2 t kappa_D mean |b_j|_*. In a
step, |mean b_j| <= (1 - a)(|mean b_j| + (L0 + L1 g) t), the same for each b_j with its own constants, and |m_j - G_j| contracts by q_D and grows
by a (|b_j| + noise + fresh noise + (L0_j + L1_j g_j) t). Then the coefficients of all three in V close exactly; (L0_j + L1_j g_j) t has
2 t kappa_D (a + 1 - a); and g has t (1 - L1 t (1/2 + 2 (1 - a) / a)) >= t / 2 as L1 t <= a / 4. The noise adds t n_k with n_k <= n'' +
n' (1 - a)^k. The rest as for `generalised_steps`: E V_{k+1} <= (1 + c t^2) E V_k - (t / 2) E g_k + t^2 D + t n_k. QED

Ceiling. On every path |grad f(X_k)|_* grows at most by (L0 + L1 |grad f|_*) t a step, to (g_0 + L0 t k)(1 + L1 t)^k at most.
"""

import sympy as sp

from broximal.oracles.compressors import Damped, Dropout, RandK, TopK
from broximal.oracles.norms import L2, LInf
from broximal.theory import Rule, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, d0, k
from broximal.theory.columns.workers import L1, L, L1_top, L_mean, g0, grad, n, noise, spread
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers, WorkerVariance
from broximal.theory.language.claims import BestExpected
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import compressed, cosh, seen, slopes
from broximal.theory.papers.ef21_muon.generalised_steps import c
from broximal.theory.papers.ef21_muon.radius import SHARE
from broximal.theory.papers.ef21_muon.radius_steps import kappa_D, t

LOOSE = "the noise is bounded on average, and its worst direction is assumed at every step"

D = L * (sp.Rational(1, 2) + 2 * (1 - a) / a) + 4 * kappa_D * (L_mean + L1_top**2 * spread)
START = 2 * noise / sp.sqrt(n) + 2 * kappa_D * a * noise
LASTING = 2 * noise / sp.sqrt(n) * sp.sqrt(a) + 2 * kappa_D * a * noise * (1 + sp.sqrt(a))
TOP = sp.Max(L1, L1_top)

best = Theorem(
    name="ef21_muon.generalised",
    title="EF21-Muon with momentum for (L0, L1)-smooth functions: the least expected gradient",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(uplink_only=True), SmoothWorkers(general=True), WorkerVariance()),
    method=Ef21(sharp=False, momentum=True),
    parameters=(
        SHARE,
        Rule(
            t,
            1 / (4 * TOP / a + sp.sqrt(K * (D / d0 + c))),
            4 * t * TOP <= a,
            free=True,
            why="at most a / (4 L1); this one balances the terms",
        ),
    ),
    claims=(
        BestExpected(
            grad[k] <= 2 * (1 + c * t**2) ** K * (d0 / t + START / a) / K + 2 * t * D + 2 * LASTING,
            "best",
            unseen={...: ROOM},
            ceiling=(g0 + L * t * k) * (1 + L1 * t) ** k,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        compressed(cosh(noise=0.02), L2(), "identity", TopK(2), steps=400, note="different minima"),
        compressed(cosh(4, 6, noise=0.02), LInf(), "identity", RandK(4), steps=400, note="random messages"),
        compressed(cosh(), L2(), "identity", Dropout(0.6), steps=400, note="no noise"),
        compressed(
            slopes,
            LInf(),
            "identity",
            "identity",
            parameters={"length": 0.04, "a": 1.0},
            steps=200,
            fixed=True,
            note="down a long slope and a short one",
        ),
        *seen("noise", length=0.05, a=1.0),
        *seen("stuck", length=0.05, a=1.0),
        *seen("friction", length=0.1, a=0.05),
        *seen("across", length=0.1, a=1.0),
        *seen("straight", length=0.1, a=1.0),
        *seen("friction", worker=Damped(0.05), length=0.1, a=1.0),
        *seen("noise", worker=Damped(0.3), length=0.05, a=1.0),
    ),
)
