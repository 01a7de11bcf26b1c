"""EF21-Muon in the sharp form, with exact gradients and deterministic compressors: every step of every run.

Write d = |X - W|^2, r_k = |X_{k+1} - X_k|^2, e = mean |grad f_j(X) - G_j|_*^2, Lt^2 = mean L_j^2, f L-smooth and f_j L_j-smooth.

Statements.
  broadcast   d_{k+1} <= (1 - alpha_P) ((1 + alpha_P / 2) d_k + (1 + 2 / alpha_P) r_k)
  feedback    e_{k+1} <= (1 - alpha_D / 4) e_k + (4 / alpha_D) Lt^2 r_k + (8 / alpha_D) Lt^2 d_{k+1}
  lyapunov    gamma |grad f(X_k)|_*^2 / 4 <= V_k - V_{k+1} with V = f + (11 gamma / (2 alpha_D)) e + B d,
              B = (44 gamma Lt^2 / alpha_D^2)(2 / alpha_P - 1), for gamma (L + sqrt(L^2 + 4 Q^2)) <= 1, Q^2 = (Lt / alpha_D)^2 (22 + 176 / alpha_P^2)
  average     with the same gamma, (1/K) sum_{k<K} |grad f(X_k)|_*^2 <= 4 d_0 / (gamma K)

Proof. broadcast: X_{k+1} - W_{k+1} is the error of C at (X_k - W_k) + (X_{k+1} - X_k); Young with weight alpha_P / 2. At most
(1 - alpha_P / 2) d + (2 / alpha_P) r. feedback: G_j^{k+1} - grad f_j(W_{k+1}) is the error of C_j at grad f_j(W_{k+1}) - G_j^k, which is
the sum of grad f_j(X_k) - G_j^k and of two differences of gradients, X_k to X_{k+1} to W_{k+1}; the last one is added once more to
come back to X_{k+1}. Young three times with weight s = alpha_D / 4: the coefficients are (1 + s)^3 (1 - 4 s) <= 1 - s of e,
(1 + s)^3 (1 - 4 s) / s <= 1 / s of Lt^2 r, and ((1 + s)^2 (1 - 4 s) + 1 + s) / s <= 2 / s of Lt^2 d_{k+1}. lyapunov: the descent of
`gluon.sharp_descent` with |grad f(X) - G|_*^2 <= e. e closes, as 11/8 gamma + (11 gamma / (2 alpha_D))(1 - alpha_D / 4) is its weight; d closes by the
choice of B; r has 1 / (4 gamma) - L / 2 against gamma Q^2, which is the condition on gamma. average: V_0 = f(X_0), V >= inf f. QED

Attained: broadcast, by damping in one dimension, where r / d falls through alpha_P^2 / 4 during the run.
"""

import sympy as sp

from broximal.oracles.compressors import Damped
from broximal.oracles.norms import LInf
from broximal.theory import EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.remarks import ROOM
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.columns.workers import L, L_rms, alpha_D, alpha_P, grad, lag, moved, off2, stepsize
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import (
    JOINED,
    MATRICES,
    MATRIX,
    PAIR,
    POLAR,
    RANKS,
    SIGNS,
    TOPS,
    VECTORS,
    compressed,
    coupled,
    line,
    seen,
)

YOUNG = "Young's inequality is used three times with one weight, and is an equality only at three different ratios"
SLACK = "the inequalities that it adds up are attained at different ratios of their terms"

gamma = stepsize
Q2 = (L_rms / alpha_D) ** 2 * (22 + 176 / alpha_P**2)
B = 44 * gamma * L_rms**2 / alpha_D**2 * (2 / alpha_P - 1)


def rule(Q2) -> Rule:
    """The largest stepsize with 1 / (4 gamma) - L / 2 >= gamma Q^2."""
    inverse = L + sp.sqrt(L**2 + 4 * Q2)
    return Rule(gamma, 1 / inverse, gamma * inverse <= 1, free=True, why="the largest that the proof allows")


def energy(step, weight, of_lag=0):
    return value[step] + weight * off2[step] ** 2 + of_lag * lag[step] ** 2


def mean_square(of):
    return sp.Sum(of[i] ** 2, (i, 0, K - 1)) / K


steps = Theorem(
    name="ef21_muon.sharp_steps",
    title="EF21-Muon in the sharp form, deterministic compressors: a Lyapunov function",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(deterministic=True), SmoothWorkers()),
    method=Ef21(),
    parameters=(rule(Q2),),
    claims=(
        EachStep(
            lag[k + 1] ** 2 <= (1 - alpha_P) * ((1 + alpha_P / 2) * lag[k] ** 2 + (1 + 2 / alpha_P) * moved[k] ** 2),
            "broadcast",
        ),
        EachStep(
            off2[k + 1] ** 2
            <= (1 - alpha_D / 4) * off2[k] ** 2
            + 4 / alpha_D * L_rms**2 * moved[k] ** 2
            + 8 / alpha_D * L_rms**2 * lag[k + 1] ** 2,
            "feedback",
            sharpness=YOUNG,
        ),
        EachStep(
            gamma * grad[k] ** 2 / 4
            <= energy(k, 11 * gamma / (2 * alpha_D), B) - energy(k + 1, 11 * gamma / (2 * alpha_D), B),
            "lyapunov",
            unseen={("11*stepsize*off2[k]**2/(2*alpha_D)", "off2"): ROOM},
            sharpness=SLACK,
        ),
        EachHorizon(mean_square(grad) <= 4 * d0 / (gamma * K), "average", sharpness=SLACK),
    ),
    cases=(
        compressed(line(), LInf(), Damped(0.1), Damped(0.3), steps=100, sharp=0.99, note="the broadcast is attained"),
        compressed(coupled(VECTORS), JOINED, SIGNS, TOPS, steps=200, note="coupled layers, weighted"),
        compressed(coupled(MATRICES), MATRIX, POLAR, RANKS, steps=200, note="Muon: half-polar down, rank 1 up"),
        compressed(coupled(VECTORS, 4), PAIR, Damped(0.5), TOPS, steps=200, note="four workers"),
        *seen("straight", server=Damped(0.05), worker=Damped(0.99)),
        *seen("straight", server=Damped(0.99), worker=Damped(0.05)),
    ),
)
