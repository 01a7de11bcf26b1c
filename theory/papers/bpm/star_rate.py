"""The star form of the rate, in any norm.

Statement. Let f be convex, or star-convex with respect to x*, and let the step be exact. Then

    f(x_{k+1}) - f*  <=  max(0, 1 - t_k / D_k) (f(x_k) - f*),     D_k = |x_k - x*|,

and over K steps the factors multiply. For convex f, D_k may be dist(x_k, X*).

Proof. If t_k >= D_k the ball contains x* and the left side is 0. Else y = x_k + (t_k / D_k) (x* - x_k) lies in the
ball, so f(x_{k+1}) <= f(y) <= (1 - t_k / D_k) f(x_k) + (t_k / D_k) f*. QED

Equality holds for f(z) = |z - x*| in the same norm, which is the sharp case.
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

star_rate = Theorem(
    name="bpm.star_rate",
    title="Star form of the rate, per step and over K steps",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(
        EachStep(gap[k + 1] <= sp.Max(0, 1 - radius[k] / distance[k]) * gap[k], "per step", trivial=gap[k]),
        EachHorizon(
            gap[K] <= gap[0] * sp.Product(sp.Max(0, 1 - radius[i] / distance[i]), (i, 0, K - 1)),
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
