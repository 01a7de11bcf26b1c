"""The Euclidean error of a momentum estimate along LMO steps.

Assumed: |grad f(x) - grad f(y)|_2 <= L_2 |x - y|_2, steps of length at most eta in the norm, unbiased stochastic gradients
with E|g - grad f|_2^2 <= sigma^2 and independent draws, m_0 = g(x_0; xi_0), a constant.

Statement.  E |e_k|_2^2 <= ((1 - (1-a)^k) (1-a) rho L_2 eta / a + sigma sqrt((1-a)^{2k} + a / (2-a)))^2 for every k.

Proof. rho = max |v|_* / |v|_2 = max |u|_2 / |u|, so a step has Euclidean length at most rho eta. e_k is the sum of the drift
sum_{j=1}^k (1-a)^{k-j+1} (grad f(x_{j-1}) - grad f(x_j)) and of the noise (1-a)^k n_0 + a sum_{j>=1} (1-a)^{k-j} n_j, whose
terms are uncorrelated: its second moment is at most sigma^2 ((1-a)^{2k} + (a / (2-a)) (1 - (1-a)^{2k})), an equality where
the variance is constant. Minkowski's inequality in L^2. QED

Ceiling. If every draw is surely at most s in length, so is their convex combination: |e_k|_2 is at most the drift plus s.
Nearly attained where the noise has constant variance and the drift is small beside it.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, Rule, Source, Theorem
from broximal.theory.cases.momentum import noisy, noisy_cases, quadratic
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import k
from broximal.theory.columns.whole import L2_smooth, error_squared, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import EachExpected
from broximal.theory.language.source import MOMENTUM
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole

DRIFT = (1 - (1 - a) ** k) * (1 - a) * rho * L2_smooth * eta / a

error = Theorem(
    name="momentum.error",
    title="The Euclidean error of a momentum estimate",
    source=Source(MOMENTUM, "proved here"),
    assumes=(Positive("L"), BoundedVariance()),
    method=LmoMethod(Whole(), Ema("a"), title="LMO method with momentum"),
    parameters=(
        Rule(a, sp.Rational(1, 5), a <= 1, free=True, why="any share"),
        Rule(eta, sp.Rational(1, 100), eta > 0, free=True, why="any radius"),
    ),
    claims=(
        EachExpected(
            error_squared[k] <= (DRIFT + sigma * sp.sqrt((1 - a) ** (2 * k) + a / (2 - a))) ** 2,
            "error",
            ceiling=(DRIFT + sure) ** 2,
        ),
    ),
    cases=(
        *shown("many friction"),
        Case(
            noisy(quadratic, 1.0),
            L2(),
            parameters={"a": 0.99, "eta": 0.4},
            steps=2,
            sharp=0.98,
            note="constant variance and little drift: nearly attained",
        ),
        *noisy_cases(60, 0.2),
    ),
)
