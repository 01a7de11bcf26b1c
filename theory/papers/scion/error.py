"""The Euclidean error of Scion's momentum.

Statements (k counted from 0; lambda_k = d_k - grad f(x_k), steps of length eta = gamma varrho).
  step      (Lemma D.2) E[|lambda_{k+1}|_2^2 | past] <= (1 - a/2) |lambda_k|_2^2 + 2 L_2^2 rho^2 eta^2 / a + a^2 sigma^2; the left side
            is (1-a)^2 |d_k - grad f(x_{k+1})|_2^2 plus the noise's a^2 E|n|_2^2, which is put at its bound on both sides
  error     (Lemma D.3) E|lambda_k|_2^2 <= (sqrt 2 L_2 rho eta / a + (sqrt a + (1 - a/2)^{(k+1)/2}) sigma)^2
  vanishing (Lemma D.4) a_k = (k+1)^{-1/2}, gamma < K^{-3/4}: E|lambda_k|_2^2 <= (4 sigma^2 + 8 L_2^2 rho^2 varrho^2) / sqrt(k+1)

Proof. d_k - grad f(x_{k+1}) = lambda_k + D with |D|_2 <= L_2 rho eta. Young: (1-a)^2 |lambda + D|^2 <= (1-a)^2 (1 + s) |lambda|^2 + (1-a)^2 (1 +
1/s) |D|^2. With s = a/2 the first factor is at most 1 - a/2 and the second at most 2/a: step. With s = a / (1-a) they are 1-a
and (1-a)^2 / a, so E|lambda_k|^2 <= (1-a)^k sigma^2 + L_2^2 rho^2 eta^2 / a^2 + a sigma^2, and (1-a)^k <= (1 - a/2)^{2k} <=
(1 - a/2)^{k+1} for k >= 1; at k = 0 the right side is at least 1 - a/2 + 2 sqrt(a (1 - a/2)) >= 1 times sigma^2. This proves error
(the paper's own way, by Lemma D.9, gives 4 and 2 a for its 2 and a). vanishing: 2 L_2^2 rho^2 eta^2 / a_k <= 2 L_2^2 rho^2 varrho^2 /
(k+1), so `scion.decreasing_sequence` applies with c = sigma^2 + 2 L_2^2 rho^2 varrho^2 and u_1 <= sigma^2 <= c. QED

Ceiling. As in `scion.unconstrained`: |lambda_k|_2 is at most the drift plus what the noise surely does not exceed.
step is nearly attained for small a, where the error is much larger than the drift.
"""

import sympy as sp

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.norms import L2
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.cases.momentum import noisy, quadratic
from broximal.theory.cases.remarks import LOOSE, MANY_STEPS
from broximal.theory.columns.layers import ROUNDING, a
from broximal.theory.columns.points import k
from broximal.theory.columns.whole import L2_smooth, error_squared, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import EachExpected
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import SCION
from broximal.theory.papers.scion._shared import (
    MOVE,
    RADIUS,
    SHARE,
    by_three_quarters,
    cases,
    fraction,
    rad,
    root_of_horizon,
    shown,
    three_quarters,
)
from broximal.theory.papers.scion.unconstrained import CONSTANT, VANISHING


@column(
    "stale2",
    r"\|d_{#-1} - \nabla f(x_{#})\|_2^2",
    "squared error of the momentum before the sample at the point",
    "f^2/x^2",
)
def stale_squared(now):
    off = subtract(now.state.memory, now.gradient)
    size, memory = inner(off, off), now.layers.dual_sizes(now.layers.split(now.state.memory)).sum()
    return Entry(size, ROUNDING * (size + memory**2))


ASSUMES = (Positive("L"), BoundedVariance())
DRIFT = L2_smooth * rho * eta

error = Theorem(
    name="scion.error",
    title="The error of Scion's momentum",
    source=Source(SCION, "as published", "Lemmas D.2 and D.3"),
    assumes=ASSUMES,
    method=CONSTANT,
    parameters=(RADIUS, SHARE, root_of_horizon(fraction), MOVE),
    claims=(
        EachStep(
            (1 - a) ** 2 * stale_squared[k + 1] + a**2 * sigma**2
            <= (1 - a / 2) * error_squared[k] + 2 * DRIFT**2 / a + a**2 * sigma**2,
            "step",
        ),
        EachExpected(
            error_squared[k] <= (sp.sqrt(2) * DRIFT / a + (sp.sqrt(a) + (1 - a / 2) ** ((k + 1) / 2)) * sigma) ** 2,
            "error",
            ceiling=((1 - a) * DRIFT / a + sure) ** 2,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(
            noisy(quadratic, 1.0),
            L2(),
            parameters={"a": 5e-3, "rad": 1e-4},
            steps=5,
            sharp=0.99,
            note="small a, little drift: one step nearly attained",
        ),
        *cases(60, 0.3, rad=0.2),
        *shown("noise", "many friction", length="rad", scale=lambda own: 0.1),
    ),
)

vanishing = Theorem(
    name="scion.error_vanishing",
    title="The error of Scion's momentum, vanishing weights",
    source=Source(SCION, "as published", "Lemma D.4"),
    assumes=ASSUMES,
    method=VANISHING,
    parameters=(RADIUS, three_quarters(fraction), MOVE),
    claims=(
        EachExpected(
            error_squared[k] <= (4 * sigma**2 + 8 * L2_smooth**2 * rho**2 * rad**2) / sp.sqrt(k + 1),
            "error",
            unseen={"rho_n -> 1": MANY_STEPS},
            ceiling=(DRIFT * sp.sqrt(k + 1) + sure) ** 2,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        *cases(200, 0.3, rad=0.2),
        *shown("friction", "many friction", "fine", length="rad", share="", scale=by_three_quarters),
    ),
)
