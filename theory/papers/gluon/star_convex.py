"""Gluon with adaptive radii on star-convex functions: the last iterate.

Assumed: f* >= f(X) + <grad f(X), X* - X>, and |X_l - X*_l|_(l) <= R_l along the run (R is measured on the run).

Statements (B = sum_l R_l^2 L0_l, C = max_l R_l L1_l).
  gap_{k+1} <= gap_k - gap_k^2 / (2 (B + C gap_k)), and gap_K <= 2 M d_0 / (K d_0 + 2 M) with M = B + C d_0

Proof. gap <= sum_l R_l g_l = S. The decrease is at least S^2 / (2 (B + C S)) by Cauchy with weights R_l, which increases in
S; then 1 / gap_{k+1} >= 1 / gap_k + 1 / (2 M). (Constant radii: `gluon.star_constant`.) QED
"""

from broximal.oracles.norms import L2
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COSH, COUPLED, MIXED, layers, one_dimensional
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, R
from broximal.theory.columns.points import K, d0, gap, k
from broximal.theory.hypotheses.functions import HasMinimiser, StarConvex
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Largest, LayerSum, layer
from broximal.theory.language.source import GLUON
from broximal.theory.papers.gluon.adaptive_radius import METHOD

B, C = LayerSum(R[layer] ** 2 * L0[layer]), Largest(R[layer] * L1[layer])
M = B + C * d0

star_adaptive = Theorem(
    name="gluon.star_adaptive",
    title="Adaptive radii on star-convex functions",
    source=Source(GLUON, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), LayerSmooth(as_descent=True)),
    method=METHOD,
    claims=(
        EachStep(gap[k + 1] <= gap[k] - gap[k] ** 2 / (2 * (B + C * gap[k])), "per step", trivial=gap[k]),
        EachHorizon(gap[K] <= 2 * M * d0 / (K * d0 + 2 * M), "last", trivial=d0),
    ),
    cases=(
        Case(one_dimensional, L2(), steps=8, sharp=0.999, note="nearly attained where the minimum is far and flat"),
        Case(layers("square"), MIXED),
        *COUPLED,
        *COSH,
        *shown("valley", length="", share="", family="layers"),
    ),
)
