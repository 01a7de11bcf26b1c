"""EF21-Muon for (L0, L1)-smooth functions, compression of the workers' messages only, constant radius t, exact gradients.

Assumed: |grad f(X) - grad f(Y)|_* <= (L0 + L1 |grad f(X)|_*) |X - Y| for |X - Y| <= 1 / L1, the same for f_j with (L0_j, L1_j),
f_j bounded below; deterministic compressors; t max(L1, max L1_j) <= 1. H = inf f - mean inf f_j >= 0.

Statements (e = mean |grad f_j(X) - G_j|_*, g = |grad f(X)|_*, Lm = max L1_j).
  descent   t g_k <= f(X_k) - f(X_{k+1}) + 2 t e_k + (L0 + L1 g_k) t^2 / 2
  feedback  e_{k+1} <= q_D (e_k + t mean (L0_j + L1_j |grad f_j(X_k)|_*))
  lyapunov  t g_k / 2 + V_{k+1} <= (1 + c t^2) V_k + t^2 D,  V = f - inf f + 2 t e / (1 - q_D),
            c = 4 kappa_D Lm^2,  D = L0 / 2 + 4 kappa_D (mean L0_j + Lm^2 H)
  best      min_{k<K} g_k <= 2 (1 + c t^2)^K d_0 / (t K) + 2 t D

Proof. descent, feedback: as in `radius_steps`, for W = X. lyapunov: 2 t e + 2 t q_D e / (1 - q_D) = 2 t e / (1 - q_D), so that e closes;
t g (1 - L1 t / 2) >= t g / 2; what is left is L0 t^2 / 2 + 2 kappa_D t^2 mean (L0_j + L1_j g_j). A step of length g_j / (L0_j + L1_j g_j) on f_j
shows g_j^2 <= 2 (L0_j + L1_j g_j)(f_j - inf f_j); with y = L1_j g_j and z = L1_j^2 (f_j - inf f_j) this is y^2 <= 2 z (L0_j + y), so
y <= z + sqrt(z^2 + 2 z L0_j) <= L0_j + 2 z. And mean (f_j - inf f_j) = f - inf f + H, where f - inf f <= V.
best: weigh step k by (1 + c t^2)^{-k-1} and sum; the weights add up to at least K (1 + c t^2)^{-K}. V_0 = d_0. QED

Attained: descent and feedback, by damping in one dimension.
"""

import sympy as sp

from broximal.oracles.compressors import Damped, ScaledSign, TopK
from broximal.oracles.norms import L2, LInf
from broximal.theory import EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.points import K, d0, gap, i, k, value
from broximal.theory.columns.workers import L1, L, L1_top, L_mean, bend, grad, length, off, spread
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers
from broximal.theory.language.quantity import Best
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import compressed, cosh, line, seen, slopes
from broximal.theory.papers.ef21_muon.radius_steps import kappa_D, q_D, t

ADDED = "the largest values of the terms that are added up do not meet on a run"
c = 4 * kappa_D * L1_top**2
D = L / 2 + 4 * kappa_D * (L_mean + L1_top**2 * spread)


def energy(step):
    return gap[step] + 2 * t * off[step] / (1 - q_D)


steps = Theorem(
    name="ef21_muon.generalised_steps",
    title="EF21-Muon for (L0, L1)-smooth functions, deterministic compressors of the workers",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(deterministic=True, uplink_only=True), SmoothWorkers(general=True)),
    method=Ef21(sharp=False),
    parameters=(
        Rule(
            length,
            1 / (sp.Max(L1, L1_top) + sp.sqrt(K * (D / d0 + c))),
            t * sp.Max(L1, L1_top) <= 1,
            free=True,
            why="at most 1 / L1; this one balances the terms",
        ),
    ),
    claims=(
        EachStep(
            t * grad[k] <= value[k] - value[k + 1] + 2 * t * off[k] + (L + L1 * grad[k]) * t**2 / 2,
            "descent",
        ),
        EachStep(off[k + 1] <= q_D * (off[k] + t * bend[k]), "feedback"),
        EachStep(
            t * grad[k] / 2 + energy(k + 1) <= (1 + c * t**2) * energy(k) + t**2 * D,
            "lyapunov",
            unseen={
                (
                    "L1_top**2*spread",
                    "4*L1_top**2*length**2*sqrt(1 - alpha_D)/(1 - sqrt(1 - alpha_D))",
                    "-sqrt(1 - alpha_D) (#2)",
                    "L1_top",
                    "spread",
                ): ROOM
            },
        ),
        EachHorizon(
            Best(grad[i], (i, 0, K - 1)) <= 2 * (1 + c * t**2) ** K * d0 / (t * K) + 2 * t * D,
            "best",
            unseen={
                (
                    "4*sqrt(1 - alpha_D)*(L1_top**2*spread + L_mean)/(1 - sqrt(1 - alpha_D))",
                    "-sqrt(1 - alpha_D)",
                    "L_mean",
                    "L1_top**2*spread",
                    "4*L1_top**2*length**2*sqrt(1 - alpha_D)/(1 - sqrt(1 - alpha_D))",
                    "-sqrt(1 - alpha_D) (#2)",
                    "L1_top",
                    "alpha_D",
                    "spread",
                ): ROOM
            },
            sharpness=ADDED,
        ),
    ),
    cases=(
        compressed(line(), LInf(), "identity", Damped(0.3), steps=40, sharp=0.999, note="two of four are attained"),
        compressed(cosh(), L2(), "identity", TopK(2), steps=200, note="not L-smooth, different minima"),
        compressed(cosh(4, 6), LInf(), "identity", Damped(0.5), steps=200, note="not L-smooth"),
        compressed(cosh(2, 3), LInf().dual, "identity", ScaledSign(), steps=100, note="one bit an entry"),
        compressed(
            slopes,
            LInf(),
            "identity",
            Damped(0.99),
            parameters={"length": 0.04},
            steps=200,
            fixed=True,
            note="down a long slope and a short one",
        ),
        *seen("across", "straight", worker=Damped(0.99), length=0.1),
        *seen("steep", worker=Damped(0.3), length=0.1),
        *seen("friction", worker=Damped(0.05), length=0.1),
    ),
)
