"""Kovalev's parameters for an accuracy eps.

Statement (Theorem 2). With s = rho sigma,
  eta = min{eps / (16 L), eps^3 / (256 s^2 L)},   a = min{1, eps^2 / (16 s^2)},
  K >= max{2048 L d_0 s^2 / eps^4, 256 s^3 / eps^3, 128 L d_0 / eps^2, 16 s / eps}:
  E min_{k=1..K} G_k <= (1/K) sum_{k=1}^K E G_k <= eps.

Proof. eta = eps a / (16 L). In the bound of `trust_region.trust_region`: d_0 / (eta K) = 16 L d_0 / (eps a K) <= eps / 8 in both cases
of a; 2 s / (a K) <= eps / 8 likewise; 2 sqrt(a) s <= eps / 2; 2 L eta / a = eps / 8; 3 L eta / 2 <= 3 eps / 32. Together
31 eps / 32. QED

Ceiling as in `trust_region.trust_region`.
"""

import sympy as sp

from broximal.theory import Rule, Source, Theorem
from broximal.theory.cases.momentum import noisy_cases
from broximal.theory.cases.remarks import LOOSE
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0
from broximal.theory.columns.whole import eta, rho, sigma, target
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import KOVALEV
from broximal.theory.papers.trust_region.trust_region import ASSUMES, CEILING, MEAN, METHOD

s = rho * sigma
A = 1 / sp.Max(1, 16 * s**2 / target**2)
ETA = target * a / (16 * L)
STEPS = sp.Max(2048 * L * d0 * s**2 / target**4, 256 * s**3 / target**3, 128 * L * d0 / target**2, 16 * s / target)
REACHED = sp.Max(
    (2048 * L * d0 * s**2 / K) ** sp.Rational(1, 4),
    (256 * s**3 / K) ** sp.Rational(1, 3),
    sp.sqrt(128 * L * d0 / K),
    16 * s / K,
)

recipe = Theorem(
    name="trust_region.recipe",
    title="Trust-region method with momentum: parameters for an accuracy",
    source=Source(KOVALEV, "second hand", "Theorem 2"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=(
        Rule(target, REACHED, STEPS <= K, free=True, why="any accuracy; this one is the best that K steps guarantee"),
        Rule(a, A, sp.Eq(a, A), why="the share that the bound is stated for"),
        Rule(eta, ETA, sp.Eq(eta, ETA), why="the radius that the bound is stated for"),
        Rule(K, sp.ceiling(STEPS), STEPS <= K, why="steps that are enough"),
    ),
    claims=(Expected(MEAN <= target, "average", ceiling=CEILING, sharpness=LOOSE),),
    cases=noisy_cases(400, 0.1),
)
