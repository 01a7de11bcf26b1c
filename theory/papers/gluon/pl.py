"""Gluon with adaptive radii under the Polyak-Lojasiewicz inequality sum_l g_l^2 >= 2 mu (f - f*).

Statements (A = max_l L0_l, C = max_l L1_l).
  per step  gap_{k+1} <= gap_k (1 - mu / (A + C sqrt(2 mu gap_k)))
  last      gap_K <= d_0 (1 - mu / (A + C sqrt(2 mu d_0)))^K

Proof. Every g_l is at most G = (sum g_l^2)^(1/2), so the decrease is at least G^2 / (2 (A + C G)); this increases in G, and
G^2 >= 2 mu gap. The factor is largest at the start, as the gap falls. QED
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COSH, COUPLED, MIXED, layers, one_dimensional
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1
from broximal.theory.columns.points import PL, K, d0, gap, k
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Largest, layer
from broximal.theory.language.source import GLUON
from broximal.theory.papers.gluon.adaptive_radius import METHOD

A, C = Largest(L0[layer]), Largest(L1[layer])

pl = Theorem(
    name="gluon.pl",
    title="Adaptive radii under the Polyak-Lojasiewicz inequality",
    source=Source(GLUON, "proved here"),
    assumes=(BoundedBelow(), LayerSmooth(as_descent=True), Positive("PL")),
    method=METHOD,
    claims=(
        EachStep(gap[k + 1] <= gap[k] * (1 - PL / (A + C * sp.sqrt(2 * PL * gap[k]))), "per step", trivial=gap[k]),
        EachHorizon(
            gap[K] <= d0 * (1 - PL / (A + C * sp.sqrt(2 * PL * d0))) ** K,
            "last",
            trivial=d0,
        ),
    ),
    cases=(
        Case(
            one_dimensional, L2(), steps=8, sharp=0.999, note="(1 - mu / L)^K from a far start along the flat direction"
        ),
        Case(layers("square"), MIXED),
        *COUPLED,
        COSH[0],
        *shown("valley", "basin", length="", share="", family="layers"),
    ),
)
