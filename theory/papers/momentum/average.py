"""Momentum on an L-smooth function: the average gradient, for constant eta and a, and tuned for a horizon.

Assumed: f L-smooth in the norm, unbiased stochastic gradients with E|g - grad f|_2^2 <= sigma^2, m_0 = g(x_0; xi_0).

Statements.
  one step  f(x_{k+1}) <= f(x_k) - eta G_k + 2 eta |e_k|_* + L eta^2 / 2                               on every path
  average   (1/K) sum_{k<K} E G_k <= d_0 / (eta K) + L eta / 2 + 2 (1-a) L eta / a + 2 rho sigma / (a K)
            + 2 rho sigma sqrt(a / (2 - a))
  tuned     a = min{1, sqrt(L d_0) / (rho sigma sqrt K)}, eta = sqrt(a d_0 / (2 L K)): the average is at most
            (2 sqrt 2 + 2)(sqrt(L d_0 / K) + (L d_0 rho^2 sigma^2 / K)^{1/4}) + 2 rho sigma / K
            + 2 rho^2 sigma^2 / sqrt(L d_0 K)

Proof. With u = LMO(m), <grad f, u> = -|m|_* - <e, u> <= -|m|_* + |e|_* <= -G + 2 |e|_*: one step by L-smoothness. Its sum is
(1/K) sum E G_k <= d_0 / (eta K) + L eta / 2 + (2/K) sum E|e_k|_*. From e_k = (1-a) e_{k-1} + (1-a)(grad f(x_{k-1}) - grad
f(x_k)) + a n_k: the drift adds at most sum_{j>=1} (1-a)^j L eta = (1-a) L eta / a, and the noise part has E|.|_2^2 <=
sigma^2 ((1-a)^{2k} + a / (2-a)), whose root is at most sigma ((1-a)^k + sqrt(a / (2-a))); sum (1-a)^k <= 1/a. tuned: the
deterministic terms are at most sqrt(2 L d_0 / (a K)) each, as 1/2 + 2 (1-a)/a <= 2/a, and 1/a <= 1 + rho sigma sqrt(K) /
sqrt(L d_0). QED

Ceiling. |x_k - x_0| <= k eta on every path, so G_k <= G_0 + L k eta and the average is at most G_0 + L eta (K - 1) / 2. If
the noise is surely at most s in Euclidean length, so is its part of e_k, an average of draws: the sum of the one-step
inequalities then bounds the average on every path, with rho s in the place of the last two terms over 2.
One step is attained by c |x|_2^2 / 2 without noise, and the average nearly, by one such step to the minimiser.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import bowl, noisy_cases
from broximal.theory.cases.remarks import FIRST, LOOSE, MANY_STEPS, ROOM, VARIANCE
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0, i, k, value
from broximal.theory.columns.whole import E, G, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import MOMENTUM
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.theory.prescriptions.momentum import TUNED_A, TUNED_ETA

ASSUMES = (BoundedBelow(), Positive("L"), BoundedVariance())
METHOD = LmoMethod(Whole(), Ema("a"), title="LMO method with momentum")
MEAN = sp.Sum(G(i), (i, 0, K - 1)) / K
EXACT = d0 / (eta * K) + L * eta / 2 + 2 * (1 - a) * L * eta / a  # what is left of the bound without noise
CEILING = sp.Min(G(0) + L * eta * (K - 1) / 2, EXACT + 2 * rho * sure)
SHARP = Case(
    bowl, L2(), parameters={"a": 1.0, "eta": 1.05}, steps=1, sharp=0.99, note="one step to the minimiser, no noise"
)


def one_step(step):
    """The descent of one step on a path."""
    fall = eta * G(step) - 2 * eta * E(step) - L * eta**2 / 2
    return EachStep(fall <= value[step] - value[step + 1], "one step")


average = Theorem(
    name="momentum.average",
    title="Momentum: the average gradient of a smooth function",
    source=Source(MOMENTUM, "proved here"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=(
        Rule(a, TUNED_A, a <= 1, free=True, why="any share; this one balances noise and drift"),
        Rule(eta, TUNED_ETA, eta > 0, free=True, why="minimises the deterministic terms, up to a constant"),
    ),
    claims=(
        one_step(k),
        Expected(
            MEAN <= EXACT + 2 * rho * sigma / (a * K) + 2 * rho * sigma * sp.sqrt(a / (2 - a)),
            "average",
            unseen={"2*rho_n*sigma_n/(K*a)": FIRST, "-a": VARIANCE},
            ceiling=CEILING,
        ),
    ),
    cases=(SHARP, *noisy_cases(200, 0.1), *shown("noise", "many noise", "friction", "across", "straight")),
)

tuned = Theorem(
    name="momentum.tuned",
    title="Momentum tuned for a horizon",
    source=Source(MOMENTUM, "proved here"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=(
        Rule(a, TUNED_A, sp.Eq(a, TUNED_A), why="the share that the bound is stated for"),
        Rule(eta, TUNED_ETA, sp.Eq(eta, TUNED_ETA), why="the radius that the bound is stated for"),
    ),
    claims=(
        Expected(
            MEAN
            <= (2 * sp.sqrt(2) + 2) * (sp.sqrt(L * d0 / K) + (L * d0 * rho**2 * sigma**2 / K) ** sp.Rational(1, 4))
            + 2 * rho * sigma / K
            + 2 * rho**2 * sigma**2 / sp.sqrt(L * d0 * K),
            "average",
            unseen={
                (
                    "2*rho_n*sigma_n/K",
                    "2*rho_n**2*sigma_n**2/(sqrt(K)*sqrt(L)*sqrt(d_0))",
                    "L**(1/4)*d_0**(1/4)*sqrt(rho_n)*sqrt(sigma_n)/K**(1/4)",
                ): ROOM,
                "rho_n -> 1": MANY_STEPS,
            },
            ceiling=CEILING,
            sharpness=LOOSE,
        ),
    ),
    cases=(*noisy_cases(400, 0.3), *shown("noise", "many noise", "friction", length="", share="")),
)
