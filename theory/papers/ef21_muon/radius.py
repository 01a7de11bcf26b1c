"""EF21-Muon with a constant radius t, stochastic gradients with momentum, and compressors both ways.

m^j_{k+1} = (1 - a) m^j_k + a grad f_j(W_{k+1}; xi^j). Assumed: f L-smooth, f_j L_j-smooth; independent unbiased stochastic
gradients with E|.|_2^2 of their error <= sigma^2, |.|_* <= rho |.|_2. Write s = rho sigma, Lb = mean L_j, n the workers.

Statement. (1/K) sum_{k<K} E|grad f(X_k)|_* <= d_0 / (t K) + L t / 2 + 2 L kappa_P t + 2 (s / sqrt n)(1 / (a K) + sqrt a)
    + 2 L omega t (1 - a) / a + 2 kappa_D (a s (1 + sqrt a) + s / K + Lb omega t)

Proof. Descent as in `radius_steps`, with |grad f(X) - G|_* <= L |X - W| + |grad f(W) - mean m_j|_* + mean |m_j - G_j|_*. In expectation
|X - W| <= kappa_P t and |W_{k+1} - W_k| <= omega t. The error of the momentum m_j at W is noise, with E|.|_2^2 <= sigma^2
((1 - a)^{2k} + a), divided by n in the mean over the workers, and bias, b_j <= (1 - a)(b_j + L_j |W_{k+1} - W_k|), so E b_j <=
L_j omega t (1 - a) / a, and with L for the mean. And mean |m_j - G_j|_* contracts by q_D and grows by |m_j^{k+1} - m_j^k|_* =
a |noise + fresh noise + bias + difference of gradients|_* <= a s (1 + sqrt a + (1 - a)^k) + L_j omega t in expectation, since
a ((1 - a) / a + 1) = 1. Sum over k: the transients add up to 1 / a. QED

Ceiling. |X_k - X_0| <= k t, so |grad f(X_k)|_* <= g_0 + L k t on every path, on average g_0 + L t (K - 1) / 2.
"""

import sympy as sp

from broximal.oracles.compressors import Damped, Dropout, Identity, LayerWise, ScaledSign
from broximal.theory import Rule, Source, Theorem
from broximal.theory.cases.remarks import FIRST, ROOM
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, d0
from broximal.theory.columns.workers import L, g0, n, noise
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.workers import Contractive, SmoothWorkers, WorkerVariance
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import EF21_MUON
from broximal.theory.methods.servers.ef21 import Ef21
from broximal.theory.papers.ef21_muon._cases import (
    COINS,
    MATRICES,
    MATRIX,
    PAIR,
    POLAR,
    RANKS,
    TOPS,
    VECTORS,
    compressed,
    coupled,
    seen,
)
from broximal.theory.papers.ef21_muon.radius_steps import DRIFT, MEAN, kappa_D, omega, radius, t

BIAS = DRIFT + 2 * L * omega * (1 - a) / a
NOISE = 2 * noise / sp.sqrt(n) * (1 / (a * K) + sp.sqrt(a)) + 2 * kappa_D * noise * (a * (1 + sp.sqrt(a)) + 1 / K)
COIN_AND_SIGN = LayerWise([Dropout(0.7), ScaledSign()])  # contracts by the product of the two factors
SHARE = Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="any share; this one balances noise and drift")

average = Theorem(
    name="ef21_muon.radius",
    title="EF21-Muon with momentum and a constant radius: the average gradient",
    source=Source(EF21_MUON, "proved here"),
    assumes=(BoundedBelow(), Contractive(), SmoothWorkers(), WorkerVariance()),
    method=Ef21(sharp=False, momentum=True),
    parameters=(SHARE, radius(BIAS)),
    claims=(
        Expected(
            MEAN <= d0 / (t * K) + BIAS * t + NOISE,
            "average",
            unseen={
                (
                    "2*s_w*sqrt(1 - alpha_D)*(a*(sqrt(a) + 1) + 1/K)/(1 - sqrt(1 - alpha_D))",
                    "-sqrt(1 - alpha_P) (#2)",
                    "sqrt(1 - alpha_P)",
                    "-sqrt(1 - alpha_P) (#3)",
                    "sqrt(1 - alpha_P) (#2)",
                    "-sqrt(1 - alpha_D) (#2)",
                    "a*(sqrt(a) + 1)",
                    "sqrt(a) (#2)",
                    "n_w",
                ): ROOM,
                "1/(K*a)": FIRST,
            },
            ceiling=g0 + L * t * (K - 1) / 2,
        ),
    ),
    cases=(
        compressed(coupled(VECTORS, noise=0.05), PAIR, Identity(), TOPS, steps=300, note="the workers compress"),
        compressed(coupled(VECTORS, noise=0.05), PAIR, COINS, TOPS, steps=400, note="a shared coin for the layers"),
        compressed(coupled(MATRICES, 4, noise=0.02), MATRIX, POLAR, RANKS, steps=400, note="Muon"),
        compressed(coupled(VECTORS), PAIR, COIN_AND_SIGN, Damped(0.5), steps=200, note="no noise; a coin beside signs"),
        *seen("noise", length=0.05, a=1.0),
        *seen("friction", length=0.1, a=0.05),
        *seen("across", length=0.1, a=1.0),
        *seen("straight", length=0.1, a=1.0),
        *seen("friction", server=Damped(0.05), length=0.1, a=1.0),
        *seen("friction", worker=Damped(0.05), length=0.1, a=1.0),
        *seen("noise", worker=Damped(0.3), length=0.05, a=1.0),
    ),
)
