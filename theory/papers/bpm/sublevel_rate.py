"""The linear rate with the radius of the sublevel set, in any norm.

Statement. Let f be convex with R_0 = sup { |z - x*| : f(z) <= f(x_0) } finite, constant radius t <= R_0. Then

    f(x_K) - f*  <=  (1 - t / R_0)^K (f(x_0) - f*)  <=  exp(-K t / R_0) (f(x_0) - f*).

Proof. Function values do not increase, so D_k <= R_0 for every k; put it into the star form. QED

The distance D_0 of the start may not stand in for R_0 outside the Euclidean norm: see `bpm.false_linear_rate`.
No sharp case is known over many steps: D_k = R_0 would have to persist while the gap shrinks. For one step
f(z) = |z - x*| attains it.
"""

import sympy as sp

from broximal.oracles.norms import LInf
from broximal.problems import NormDistance
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.columns.points import R0, K, d0, gap, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, Positive
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import STRONGLY_CONVEX

sublevel_rate = Theorem(
    name="bpm.sublevel_rate",
    title="Linear rate with the sublevel radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("R0"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        EachHorizon(gap[K] <= d0 * sp.Max(0, 1 - t / R0) ** K, "last iterate", trivial=gap[0]),
        EachHorizon(gap[K] <= d0 * sp.exp(-K * t / R0), "exponential", trivial=gap[0]),
    ),
    cases=(
        Case(lambda seed: NormDistance.example(6, seed), LInf(), sharp=0.999, note="attained by the first step"),
        *STRONGLY_CONVEX,
    ),
    parameters=(Rule(t, R0, t <= R0, free=True, why="any radius up to R_0; larger is faster, R_0 ends in one step"),),
)
