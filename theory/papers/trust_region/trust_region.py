"""Kovalev's trust-region method: the error of the momentum, the average and the best gradient.

Statements (r_k = |m_k - grad f(x_k)|_*, before the update at x_k; f L-smooth in the norm).
  error    (Lemma 3) E r_k <= (1-a)^k rho sigma + sqrt(a) rho sigma + L eta / a
  one step eta G_{k+1} <= f(x_k) - f(x_{k+1}) + 2 eta r_{k+1} + 3 L eta^2 / 2                              on every path
  average  (1/K) sum_{k=1}^K E G_k <= B = d_0 / (eta K) + 2 rho sigma / (a K) + 2 sqrt(a) rho sigma + 3 L eta / 2 + 2 L eta / a
  best     (Theorem 2) E min_{k=1..K} G_k <= B

Proof. m_{k+1} - grad f(x_{k+1}) = (1-a)(m_k - grad f(x_k)) + a n_k + grad f(x_k) - grad f(x_{k+1}): the drift adds at most L eta
sum_j (1-a)^j <= L eta / a, and the noise part has E|.|_2^2 <= sigma^2 ((1-a)^{2k} + a / (2-a)), and a / (2-a) <= a. With u =
LMO(m_{k+1}), <grad f(x_k), u> = <m_{k+1}, u> + <grad f(x_{k+1}) - m_{k+1}, u> + <grad f(x_k) - grad f(x_{k+1}), u> <=
-G_{k+1} + 2 r_{k+1} + L eta, and L-smoothness: one step. Its sum: average; the best is at most the average. QED

Ceiling. If the noise is surely at most s, r_k <= rho s + L eta / a on every path, and the one-step inequalities add up to an
average of at most d_0 / (eta K) + 3 L eta / 2 + 2 L eta / a + 2 rho s.
One step is nearly attained where G_k is much larger than L eta.
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.arrays import subtract
from broximal.oracles.norms import L2, LInf
from broximal.problems.profiles.families import Huber
from broximal.problems.smooth.quadratic_cosine import QuadraticCosine
from broximal.problems.smooth.separable import Separable
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import bowl, noisy_cases
from broximal.theory.cases.remarks import FIRST, LOOSE, ROOM
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import ROUNDING, a
from broximal.theory.columns.points import K, L, d0, i, k, value
from broximal.theory.columns.whole import G, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import EachExpected, Expected
from broximal.theory.language.quantity import Best, Entry, column
from broximal.theory.language.source import KOVALEV
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.theory.prescriptions.momentum import TUNED_A, TUNED_ETA

ASSUMES = (BoundedBelow(), Positive("L"), BoundedVariance())
METHOD = LmoMethod(Whole(), Ema("a", again=True), title="trust-region method with momentum")
EXACT = d0 / (eta * K) + 3 * L * eta / 2 + 2 * L * eta / a
BOUND = EXACT + 2 * rho * sigma / (a * K) + 2 * sp.sqrt(a) * rho * sigma
CEILING = EXACT + 2 * rho * sure
MEAN = sp.Sum(G(i), (i, 1, K)) / K


@column(
    "stale",
    r"\|m_{#} - \nabla f(x_{#})\|_\ast",
    "dual norm of the momentum's error before the update at the point",
    "f/x",
)
def stale(now):
    memory = now.layers.split(now.state.memory)
    off = [subtract(m, g) for m, g in zip(memory, now.slopes, strict=True)]
    size = now.layers.dual_sizes(off).sum()
    return Entry(size, ROUNDING * (size + now.layers.dual_sizes(memory).sum()))


def slopes(seed: int) -> Separable:
    """Two Huber functions, the second of which is soon at its minimum."""
    return Separable(Huber(), np.zeros(2), np.ones(2), np.array([5.0, 1.5]))


def waves(seed: int) -> QuadraticCosine:
    """A slope with concave parts."""
    return QuadraticCosine([[0.05]], c=0.05, w=2.0, x0=np.array([10.0]))


PARAMETERS = (
    Rule(a, TUNED_A, a <= 1, free=True, why="any share; this one balances noise and drift"),
    Rule(eta, TUNED_ETA, eta > 0, free=True, why="any radius"),
)

error = Theorem(
    name="trust_region.error",
    title="The error of the momentum",
    source=Source(KOVALEV, "second hand", "Lemma 3"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=PARAMETERS,
    claims=(
        EachExpected(
            stale[k] <= (1 - a) ** k * rho * sigma + sp.sqrt(a) * rho * sigma + L * eta / a,
            "error",
            ceiling=rho * sure + L * eta / a,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        *noisy_cases(100, 0.1),
        *shown("friction"),
        dataclasses.replace(*shown("many remembered", eta=1e-3), steps=40),  # of few means each is known well
    ),
)

trust_region = Theorem(
    name="trust_region.trust_region",
    title="Trust-region method with momentum: the best and the average gradient",
    source=Source(KOVALEV, "second hand", "Theorem 2"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=PARAMETERS,
    claims=(
        EachStep(
            eta * G(k + 1) - 2 * eta * stale[k + 1] - 3 * L * eta**2 / 2 <= value[k] - value[k + 1],
            "one step",
        ),
        Expected(
            MEAN <= BOUND,
            "average",
            unseen={("3*L*eta/2", "a"): ROOM, "2*rho_n*sigma_n/(K*a)": FIRST},
            ceiling=CEILING,
            sharpness=LOOSE,
        ),
        Expected(
            Best(G(i), (i, 1, K)) <= BOUND,
            "best",
            unseen={
                ("3*L*eta/2", "2*L*eta/a", "a"): ROOM,
                "2*rho_n*sigma_n/(K*a)": FIRST,
            },
            ceiling=CEILING,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(
            bowl,
            L2(),
            parameters={"a": 1.0, "eta": 1e-3},
            steps=20,
            sharp=0.99,
            note="one step nearly attained: the gradient is much larger than L eta",
        ),
        *noisy_cases(400, 0.3),
        *shown("noise", "many noise", "friction", "straight", "across", "stuck", "many stuck"),
        Case(
            waves,
            L2(),
            parameters={"a": 0.1, "eta": 0.02},
            steps=200,
            fixed=True,
            note="over concave and convex parts, the momentum is right now and then",
        ),
        Case(
            slopes,
            LInf(),
            parameters={"a": 1.0, "eta": 0.04},
            steps=100,
            fixed=True,
            note="down a long slope and a short one: the best gradient is more than half of the bound",
        ),
    ),
)
