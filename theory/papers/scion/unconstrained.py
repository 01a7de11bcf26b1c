"""uSCG: the average gradient.

Statements (eta = gamma varrho).
  path      (Lemma D.1) (1/K) sum_{k<K} G_k <= d_0 / (eta K) + L eta / 2 + (2 rho / K) sum_{k<K} |lambda_k|_2    on every path
  constant  (Theorem 5.4) gamma = K^{-1/2}, constant a, q = sqrt(1 - a/2): (1/K) sum E G_k <= d_0 / (varrho sqrt K) +
            L varrho / (2 sqrt K) + 2 rho (sqrt 2 L_2 rho varrho / (a sqrt K) + (sqrt a + q / (K (1 - q))) sigma)
  vanishing (Theorem 5.5) a_k = (k+1)^{-1/2}, 1 / (2 K^{3/4}) < gamma < 1 / K^{3/4}: (1/K) sum E G_k <= (2 d_0 + (16/3) rho varrho
            sqrt(4 sigma^2 + 8 L_2^2 rho^2 varrho^2)) / (varrho K^{1/4}) + L varrho / K^{3/4}

Proof. path: the sum of the one-step inequalities of `momentum.average`, |.|_* <= rho |.|_2. Expectations: Jensen, and the
bounds on E|lambda_k|_2^2 of `scion.error` (sum_k q^{k+1} <= q / (1 - q)) and `scion.error_vanishing` (sum_{k<=K} k^{-1/4} <=
(4/3) K^{3/4}), with 1 / (eta K) < 2 / (varrho K^{1/4}). QED

Ceiling. If the noise is surely at most s, |lambda_k|_2 <= (drift) + s with a drift of at most (1-a) L_2 rho eta / a for constant
a, and L_2 rho eta sqrt(k+1) for a_k = (k+1)^{-1/2}, by induction; insert into path.
path is attained by c |x|_2^2 / 2 without noise, in one step.
"""

import dataclasses

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.cases.remarks import FIRST, LOOSE, MANY_STEPS, ROOM
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0, i
from broximal.theory.columns.whole import L2_smooth, error_squared, eta, rho, sigma, sure
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import SCION
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.theory.papers.scion._shared import (
    ASSUMES,
    MEAN,
    MOVE,
    RADIUS,
    SHARE,
    Q,
    bowl,
    by_root,
    by_three_quarters,
    cases,
    fraction,
    rad,
    root_of_horizon,
    shown,
    straight_case,
    three_quarters,
)

CONSTANT = LmoMethod(Whole(), Ema("a"), title="uSCG, constant a")
VANISHING = LmoMethod(Whole(), Ema(None), title="uSCG, vanishing a")
DESCENT = d0 / (eta * K) + L * eta / 2
PATH = EachHorizon(MEAN <= DESCENT + 2 * rho * sp.Sum(sp.sqrt(error_squared[i]), (i, 0, K - 1)) / K, "path")

constant = Theorem(
    name="scion.unconstrained",
    title="uSCG with constant momentum: the average gradient",
    source=Source(SCION, "as published", "Lemma D.1 and Theorem 5.4"),
    assumes=ASSUMES,
    method=CONSTANT,
    parameters=(RADIUS, SHARE, root_of_horizon(fraction), MOVE),
    claims=(
        PATH,
        Expected(
            MEAN
            <= d0 / (rad * sp.sqrt(K))
            + L * rad / (2 * sp.sqrt(K))
            + 2
            * rho
            * (sp.sqrt(2) * L2_smooth * rho * rad / (a * sp.sqrt(K)) + (sp.sqrt(a) + Q / (K * (1 - Q))) * sigma),
            "average",
            unseen={
                ("L*rad/(2*sqrt(K))", "L", "a"): ROOM,
                ("sqrt(1 - a/2)/(K*(1 - sqrt(1 - a/2)))", "-sqrt(1 - a/2)"): FIRST,
            },
            ceiling=DESCENT + 2 * rho * ((1 - a) * L2_smooth * rho * eta / a + sure),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(bowl, L2(), parameters={"rad": 1.0, "a": 1.0}, steps=1, sharp=0.999, note="one step to the minimiser"),
        straight_case(10.0, 0.0, 0.4, 100, rad=1.0, a=0.5),
        *cases(400, 0.3, rad=0.3),
        *shown("noise", "many noise", "many friction", "straight", "turned", length="rad", scale=by_root),
    ),
)

vanishing = Theorem(
    name="scion.unconstrained_vanishing",
    title="uSCG with vanishing momentum weights: the average gradient",
    source=Source(SCION, "as published", "Theorem 5.5"),
    assumes=ASSUMES,
    method=VANISHING,
    parameters=(RADIUS, three_quarters(fraction), MOVE),
    claims=(
        Expected(
            MEAN
            <= (2 * d0 + sp.Rational(16, 3) * rho * rad * sp.sqrt(4 * sigma**2 + 8 * L2_smooth**2 * rho**2 * rad**2))
            / (rad * K ** sp.Rational(1, 4))
            + L * rad / K ** sp.Rational(3, 4),
            "average",
            unseen={
                (
                    "L*rad/K**(3/4)",
                    "4*sigma_n**2",
                    "8*L_two**2*rad**2*rho_n**2",
                    "L",
                    "L_two",
                    "rad",
                    "sigma_n",
                    "gl (left)",
                ): ROOM,
                "rho_n -> 1": MANY_STEPS,
            },
            ceiling=DESCENT + 2 * rho * (L2_smooth * rho * eta * sp.sqrt(K) + sure),
            sharpness=LOOSE,
        ),
    ),
    cases=(
        straight_case(10.0, 0.0, 4.0, 10_000, rad=1.515, fraction=0.99e-3),
        *cases(400, 0.3, rad=0.5),
        *shown("noise", "many noise", "friction", length="rad", share="", scale=by_three_quarters),
        dataclasses.replace(*shown("gentle", length="", share="", rad=0.25, fraction=0.51 * 6561**-0.75), slow=True),
    ),
)
