"""Finite termination from the level that X* is surrounded by, in any norm.

Statement. f convex, or star-convex with respect to all of X*; m = inf { f(z) - f* : dist(z, X*) = t } > 0 and d_0 > m,
D >= dist(x_k, X*) for every k (R_0, or D_0 in the Euclidean norm), constant radius t < D. Then

    N  <=  1 + ceil( ln(d_0 / m) / -ln(1 - t / D) ).

Proof. gap_k <= m implies dist(x_k, X*) <= t: otherwise the point at distance t on the segment to the projection has a gap
of at most (t / dist) gap_k < m. One more step then hits X*, and the sublevel rate says when gap_k <= m. QED

The check bounds m from below by the growth kappa t^q, which is the best that the constants of a problem give.
"""

import sympy as sp

from broximal.oracles.norms import LInf
from broximal.problems import NormDistance
from broximal.theory import Case, Source, Terminates, Theorem
from broximal.theory.columns.points import R0, d0, kappa, q, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, Positive, RadiusBelow
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import STRONGLY_CONVEX, of_distance

level_count = Theorem(
    name="bpm.level_count",
    title="Finite termination from the growth at distance t",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("kappa"), Positive("R0"), ConstantRadius(), RadiusBelow()),
    method=BroximalPoint(),
    claims=(Terminates(1 + sp.Max(0, sp.log(d0 / (kappa * t**q)) / -sp.log(1 - t / R0)), "finite"),),
    cases=(
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            of_distance(0.98),
            sharp=0.99,
            note="attained: two steps",
        ),
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            of_distance(0.49),
            fixed=True,
            note="three steps, which a smaller R_0 does not allow",
        ),
        *(Case(c.problem, c.norm, c.radius, 400) for c in STRONGLY_CONVEX),
    ),
)
