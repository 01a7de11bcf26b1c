"""SCG: the average Frank-Wolfe gap W_k = max_{|u| <= varrho} <grad f(x_k), x_k - u> = <grad f(x_k), x_k> + varrho G_k.

Statements (theta is the stepsize gamma of the paper; D_2 = 2 rho varrho; |x_0| <= varrho).
  one step  theta W_k <= f(x_k) - f(x_{k+1}) + 2 theta varrho |lambda_k|_* + 2 L theta^2 varrho^2                on every path
  constant  (Theorem 5.6) theta = K^{-1/2}, constant a, q = sqrt(1 - a/2): (1/K) sum E W_k <= d_0 / sqrt K + 2 L varrho^2 / sqrt K +
            2 L_2 D_2^2 / (a sqrt K) + D_2 (sqrt(2 a) + q / (K (1 - q))) sigma
  vanishing (Theorem 5.7) a_k = (k+1)^{-1/2}, 1 / (2 K^{3/4}) < theta < 1 / K^{3/4}: (1/K) sum E W_k <= 2 d_0 / K^{1/4} + 4 D_2
            sqrt(4 sigma^2 + 8 L_2^2 D_2^2) / (3 K^{1/4}) + 2 L varrho^2 / K^{3/4}
The paper has E <grad f, x - u> for every u; the maximum over u inside the expectation is proved just so.

Proof. v = varrho LMO(d) has <d, v> <= <d, u> for every u of the ball, so <grad f, v - u> <= <-lambda, v - u> <= 2 varrho |lambda|_*, and
at most D_2 |lambda|_2; |v - x| <= 2 varrho: one step. Sum; the errors as in `scion.error`, with steps of Euclidean length at most
theta D_2. QED

Ceiling. With noise that is surely at most s: the sum of one step in D_2 |lambda_k|_2, which is at most D_2 times (1-a) L_2 theta D_2 / a
+ s for constant a, and D_2 (L_2 theta D_2 sqrt K + s) for vanishing weights.
One step is attained by c (x - varrho)^2 / 2 on the line from x_0 = -varrho, without noise.
"""

import numpy as np
import sympy as sp

from broximal.oracles.arrays import inner
from broximal.oracles.norms import L2
from broximal.problems.smooth.quadratic import Quadratic
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.remarks import FIRST, LOOSE, MANY_STEPS, ROOM
from broximal.theory.columns.layers import ROUNDING, a
from broximal.theory.columns.points import K, L, d0, i, k, value
from broximal.theory.columns.whole import E, G, L2_smooth, eta, sigma, size, start, sure, theta
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import SCION
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.theory.papers.scion._shared import (
    ASSUMES,
    D2,
    SHARE,
    Q,
    cases,
    rad,
    root_of_horizon,
    shown,
    straight_case,
    three_quarters,
)


@column("gx", r"\langle \nabla f(x_{#}), x_{#} \rangle", "gradient times point", "f")
def along(now):
    return Entry(inner(now.gradient, now.x), ROUNDING * now.linear)


def across(seed: int) -> Quadratic:
    return Quadratic(np.array([[1.0 + seed % 3]]), about=np.ones(1), x0=-np.ones(1))


INSIDE = Rule(rad, size, start <= rad, free=True, why="the ball holds the start; this one the minimiser too")
MOVE = Rule(eta, theta * rad, sp.Eq(eta, theta * rad), why="the step towards the vertex of the ball")
MEAN = sp.Sum(along[i] + rad * G(i), (i, 0, K - 1)) / K
OUTSIDE = "across the ball towards a minimiser far outside, with rare noise"
DESCENT = d0 / (theta * K) + 2 * L * theta * rad**2
ONE_STEP = EachStep(
    theta * (along[k] + rad * G(k)) - 2 * eta * E(k) - 2 * L * eta**2 <= value[k] - value[k + 1], "one step"
)

constant = Theorem(
    name="scion.constrained",
    title="SCG with constant momentum: the Frank-Wolfe gap",
    source=Source(SCION, "as published", "Theorem 5.6, with the maximum over u inside the expectation"),
    assumes=ASSUMES,
    method=LmoMethod(Whole(), Ema("a"), decay="theta", title="SCG, constant a"),
    parameters=(INSIDE, SHARE, root_of_horizon(theta), MOVE),
    claims=(
        ONE_STEP,
        Expected(
            MEAN
            <= d0 / sp.sqrt(K)
            + 2 * L * rad**2 / sp.sqrt(K)
            + 2 * L2_smooth * D2**2 / (a * sp.sqrt(K))
            + D2 * (sp.sqrt(2 * a) + Q / (K * (1 - Q))) * sigma,
            "average",
            unseen={
                ("2*L*rad**2/sqrt(K)", "L", "a"): ROOM,
                ("sqrt(1 - a/2)/(K*(1 - sqrt(1 - a/2)))", "-sqrt(1 - a/2)"): FIRST,
            },
            ceiling=DESCENT + D2 * ((1 - a) * L2_smooth * theta * D2 / a + sure),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(
            across,
            L2(),
            parameters={"a": 1.0, "rad": 1.0},
            steps=10,
            sharp=0.999,
            note="from one end of an interval to the minimiser at the other: attained",
        ),
        straight_case(-1.0, 4.0, 0.7, 100, note=OUTSIDE, rad=1.0, a=1.0),
        *cases(400, 0.3),
        *shown("outside", "confused", "many confused", length="rad", scale=lambda own: 1.0),
        *shown("friction", length="rad", scale=lambda own: 2.04),
    ),
)

vanishing = Theorem(
    name="scion.constrained_vanishing",
    title="SCG with vanishing momentum weights: the Frank-Wolfe gap",
    source=Source(SCION, "as published", "Theorem 5.7, with the maximum over u inside the expectation"),
    assumes=ASSUMES,
    method=LmoMethod(Whole(), Ema(None), decay="theta", title="SCG, vanishing a"),
    parameters=(INSIDE, three_quarters(theta), MOVE),
    claims=(
        Expected(
            MEAN
            <= 2 * d0 / K ** sp.Rational(1, 4)
            + 4 * D2 * sp.sqrt(4 * sigma**2 + 8 * L2_smooth**2 * D2**2) / (3 * K ** sp.Rational(1, 4))
            + 2 * L * rad**2 / K ** sp.Rational(3, 4),
            "average",
            unseen={
                (
                    "2*L*rad**2/K**(3/4)",
                    "8*rad*rho_n*sqrt(32*L_two**2*rad**2*rho_n**2 + 4*sigma_n**2)/(3*K**(1/4))",
                    "32*L_two**2*rad**2*rho_n**2",
                    "L",
                    "L_two",
                    "rho_n",
                    "sigma_n",
                    "gx (left)",
                ): ROOM,
                "rho_n -> 1": MANY_STEPS,
            },
            ceiling=DESCENT + D2 * (L2_smooth * theta * D2 * sp.sqrt(K) + sure),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        straight_case(-1.0, 4.0, 1.2, 4096, chance=0.003, note=OUTSIDE, rad=1.0, theta=0.51 * 4096**-0.75),
        *cases(400, 0.3),
        *shown("outside", length="rad", share="", scale=lambda own: 1.0),
        *shown("friction", length="rad", share="", scale=lambda own: 2.04),
    ),
)
