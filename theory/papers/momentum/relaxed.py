"""Momentum under asymmetric (L0, L1)-smoothness: the average gradient, with constant eta and a.

Assumed: |grad f(x) - grad f(y)|_* <= (L0 + L1 |grad f(x)|_*) |x - y| for |x - y| <= r, eta <= r, with c > 0 where
c = 1 - L1 eta (1/2 + 2 (1-a)/a); unbiased stochastic gradients with E|g - grad f|_2^2 <= sigma^2.

Statements.
  one step  f(x_{k+1}) <= f(x_k) - eta G_k + 2 eta |e_k|_* + (L0 + L1 G_k) eta^2 / 2                    on every path
  average   (1/K) sum_{k<K} E G_k <= (1/c) (d_0 / (eta K) + L0 eta (1/2 + 2 (1-a)/a) + 2 rho sigma / (a K)
            + 2 rho sigma sqrt(a / (2-a)))

Proof. One step as in `momentum.average`, with the descent lemma of (L0, L1). The drift of e_k is at most sum_{j<=k}
(1-a)^{k-j+1} (L0 + L1 G_j) eta, centred at the newer point; in the sum over k every j has a total weight of at most
(1-a)/a. Take the terms with G_j to the left. c >= 1/2 for eta <= a / (4 L1). QED

A bound on the second derivative, |D^2 f(x) v|_* <= (L0 + L1 G) |v|, gives the assumption within r = 1 / (4 L1) with both
constants 1.136 times larger; the radii are then at most a / (4 L1) in the larger L1, hence below r.

Ceiling. If the noise is surely at most s, so is its part of e_k, an average of draws; the same sum without expectations
bounds the average on every path, with 2 rho s in the place of the last two terms.
One step is attained by c |x|_2^2 / 2 without noise, and the average nearly, by one such step to the minimiser.
"""

import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import noisy, ridges
from broximal.theory.cases.remarks import FIRST, ROOM, VARIANCE
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, a
from broximal.theory.columns.points import K, d0, k, value
from broximal.theory.columns.whole import E, G, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.hypotheses.whole import LocalSmooth, OneLayer
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import layer, layers
from broximal.theory.language.source import MOMENTUM
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole
from broximal.theory.papers.momentum.average import MEAN, SHARP
from broximal.theory.prescriptions.gluon import RADIUS

M0, M1 = L0[0], L1[0]
WEIGHT = sp.Rational(1, 2) + 2 * (1 - a) / a
C = 1 - M1 * eta * WEIGHT
EXACT = d0 / (eta * K) + M0 * eta * WEIGHT

relaxed = Theorem(
    name="momentum.relaxed",
    title="Momentum under (L0, L1)-smoothness: the average gradient",
    source=Source(MOMENTUM, "proved here"),
    assumes=(BoundedBelow(), OneLayer(), LocalSmooth(accepts=("A1",)), BoundedVariance()),
    method=LmoMethod(Whole(), Ema("a"), title="LMO method with momentum"),
    parameters=(
        Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="any share; this one balances noise and drift"),
        Rule(
            eta,
            RADIUS.subs({layers: 1, layer: 0}),
            4 * M1 * eta <= a,
            free=True,
            why="at most a / (4 L1); this one balances the other terms",
        ),
    ),
    claims=(
        EachStep(
            eta * G(k) - 2 * eta * E(k) - (M0 + M1 * G(k)) * eta**2 / 2 <= value[k] - value[k + 1],
            "one step",
        ),
        Expected(
            MEAN <= (EXACT + 2 * rho * sigma / (a * K) + 2 * rho * sigma * sp.sqrt(a / (2 - a))) / C,
            "average",
            unseen={"(2 - 2*a)/a": ROOM, "2*rho_n*sigma_n/(K*a)": FIRST, "-a": VARIANCE},
            ceiling=(EXACT + 2 * rho * sure) / C,
        ),
    ),
    cases=(
        SHARP,
        *shown("noise", "friction", "many noise", "steep", family="layers"),
        *(
            Case(noisy(ridges(kind, shape), 0.2), norm, parameters={"a": 0.2}, steps=300, note=note)
            for kind, shape, norm, note in (
                ("psi", 4, L2(), "non-convex, not L-smooth"),
                ("psi", 3, LInf(), "non-convex, not L-smooth"),
                ("psi", (2, 3), Spectral(), "non-convex, not L-smooth"),
                ("cosh", 3, LInf(), "second derivative bounded, inflated"),
            )
        ),
    ),
)
