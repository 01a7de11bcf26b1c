"""The rate with the distance after the step, in any norm.

Statement. For convex f, and for f star-convex with respect to x*, every exact step with u = x_{k+1} != x* satisfies

    (1 + t_k / |x_{k+1} - x*|) (f(x_{k+1}) - f*)  <=  f(x_k) - f*,

and over K steps the factors multiply.

Proof. |x_k - x*| <= t_k + |x_{k+1} - x*|, so the star factor 1 - t_k / D_k is at most D_{k+1} / (t_k + D_{k+1}), which is
the factor here; the star form (`bpm.star_rate`) is therefore never weaker. QED

The abstract of the paper states this rate; its equality needs D_k = t_k + D_{k+1}, as for f(z) = |z - x*|.
"""

import sympy as sp

from broximal.oracles.norms import LInf
from broximal.problems import NormDistance
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import K, distance, gap, i, k, radius
from broximal.theory.hypotheses.functions import HasMinimiser, StarConvex
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, varied

classic_rate = Theorem(
    name="bpm.classic_rate",
    title="Rate with the distance after the step",
    source=Source(NON_EUCLIDEAN_BPM, "second hand", "rate as in the abstract; extension to star-convex f proved here"),
    assumes=(StarConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(
            gap[k + 1] <= gap[k] / (1 + radius[k] / distance[k + 1]),
            "per step",
            where=distance[k + 1] > 0,
            trivial=gap[k],
        ),
        EachHorizon(
            gap[K] <= gap[0] * sp.Product(distance[i + 1] / (distance[i + 1] + radius[i]), (i, 0, K - 1)),
            "last iterate",
            trivial=gap[0],
        ),
    ),
    cases=varied(
        Case(lambda seed: NormDistance.example(6, seed), LInf(), sharp=0.999, note="attained"),
        *CONVEX,
        *STAR_CONVEX,
    ),
)
