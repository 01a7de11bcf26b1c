"""EF21-Muon with a constant radius t, exact gradients and deterministic compressors, f L-smooth and f_j L_j-smooth: every step.

Statements (q, kappa, omega as in the package's docstring; Lb = mean L_j).
  broadcast  |X_{k+1} - W_{k+1}| <= q_P (|X_k - W_k| + t)
  feedback   s_{k+1} <= q_D (s_k + Lb |W_{k+1} - W_k|),   s = mean |grad f_j(W) - G_j|_*
  error      |grad f(X_k) - G_k|_* <= L |X_k - W_k| + s_k
  descent    t |grad f(X_k)|_* <= f(X_k) - f(X_{k+1}) + 2 t |grad f(X_k) - G_k|_* + L t^2 / 2
  average    (1/K) sum_{k<K} |grad f(X_k)|_* <= d_0 / (t K) + L t / 2 + 2 L kappa_P t + 2 kappa_D Lb omega t

Proof. X_{k+1} - W_{k+1} and grad f_j(W_{k+1}) - G_j^{k+1} are errors of C at (X_k - W_k) + (X_{k+1} - X_k) and of C_j at
(grad f_j(W_k) - G_j^k) + (grad f_j(W_{k+1}) - grad f_j(W_k)). error: G = mean G_j. descent: <grad f, LMO(G)> <= -|grad f|_* +
2 |grad f - G|_*. average: so |X_k - W_k| <= kappa_P t, and |W_{k+1} - W_k| = |C(X_{k+1} - W_k)| <= (1 + q_P)(kappa_P + 1) t = omega t, and
s_k <= kappa_D Lb omega t. Sum the descents. QED

Attained: the first four, by damping in one dimension, far from the minimum.
"""

import sympy as sp

from broximal.oracles.compressors import Damped
from broximal.oracles.norms import L2, LInf
from broximal.theory import EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.columns.workers import L, L_mean, alpha_D, alpha_P, behind, grad, lag, length, sent, server_off
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import (
    MATRICES,
    MATRIX,
    PAIR,
    POLAR,
    RANKS,
    SIGNS,
    TOPS,
    VECTORS,
    axes,
    compressed,
    coupled,
    line,
    seen,
)

t = length
q_P, q_D = sp.sqrt(1 - alpha_P), sp.sqrt(1 - alpha_D)
kappa_P, kappa_D, omega = q_P / (1 - q_P), q_D / (1 - q_D), (1 + q_P) / (1 - q_P)
DRIFT = L / 2 + 2 * L * kappa_P + 2 * kappa_D * L_mean * omega  # of the average, over t
MEAN = sp.Sum(grad[i], (i, 0, K - 1)) / K


def radius(drift) -> Rule:
    return Rule(t, sp.sqrt(d0 / (K * drift)), t > 0, free=True, why="any radius; this one balances the terms")


steps = Theorem(
    name="ef21_muon.radius_steps",
    title="EF21-Muon with a constant radius, deterministic compressors",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(deterministic=True), SmoothWorkers()),
    method=Ef21(sharp=False),
    parameters=(radius(DRIFT),),
    claims=(
        EachStep(lag[k + 1] <= q_P * (lag[k] + t), "broadcast"),
        EachStep(behind[k + 1] <= q_D * (behind[k] + L_mean * sent[k]), "feedback"),
        EachStep(server_off[k] <= L * lag[k] + behind[k], "error"),
        EachStep(t * grad[k] <= value[k] - value[k + 1] + 2 * t * server_off[k] + L * t**2 / 2, "descent"),
        EachHorizon(
            MEAN <= d0 / (t * K) + DRIFT * t,
            "average",
            unseen={("-sqrt(1 - alpha_P) (#2)", "sqrt(1 - alpha_P)"): ROOM},
        ),
    ),
    cases=(
        compressed(line(), LInf(), Damped(0.4), Damped(0.3), steps=40, sharp=0.999, note="four of five are attained"),
        compressed(
            axes, L2(), Damped(0.4), Damped(0.1), steps=40, note="workers that are curved along axes of their own"
        ),
        compressed(coupled(VECTORS), PAIR, SIGNS, TOPS, steps=200, note="coupled layers"),
        compressed(coupled(MATRICES, 4), MATRIX, POLAR, RANKS, steps=200, note="Muon: half-polar down, rank 1 up"),
        *seen("across", "straight", server=Damped(0.99), worker=Damped(0.99), length=0.1),
        *seen("friction", server=Damped(0.05), worker=Damped(0.99), length=0.1),
        *seen("friction", server=Damped(0.99), worker=Damped(0.05), length=0.1),
    ),
)
