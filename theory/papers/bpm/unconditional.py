"""Rates that need the initial distance only, in any norm.

Statement. f convex or star-convex, S_K = t_0 + ... + t_{K-1}.
  any radii            f(x_K) - f*  <=  D_0 / (D_0 + S_K)                (f(x_0) - f*)
  constant t < D_0     f(x_K) - f*  <=  (D_0 - t) / (D_0 + (K - 1) t)    (f(x_0) - f*)
  nondecreasing radii  f(x_K) - f*  <=  (D_0 - t_0)_+ / (D_0 + S_{K-1})  (f(x_0) - f*)

Proof. D_k <= D_0 + S_k by the triangle inequality, so the star factor is at most 1 - t_k / (D_0 + S_k)
<= exp(-t_k / (D_0 + S_k)) <= (D_0 + S_k) / (D_0 + S_{k+1}), since ln(1 + y) <= y; the product telescopes. For a constant
radius the factors (D_0 + (k - 1) t) / (D_0 + k t) telescope exactly; for nondecreasing radii
D_0 + S_k - t_k <= D_0 + S_{k-1}. QED

The constant-radius bound is attained with equality for every K by `problems.worst.Harmonic` in l_inf: with D_0 alone
known, the dimension-free truth in general norms is of order D_0 / (K t), not linear.
"""

import sympy as sp

from broximal.oracles.norms import LInf
from broximal.problems.worst import Harmonic
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.columns.points import D0, K, d0, gap, i, radius, t
from broximal.theory.hypotheses.functions import (
    ConstantRadius,
    HasMinimiser,
    NondecreasingRadii,
    RadiusBelow,
    StarConvex,
)
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX


def _growing(problem, norm, x0):
    start = problem.distance(x0, norm).value
    return lambda step: start / 20 * 1.15**step


def _wobbling(problem, norm, x0):
    start = problem.distance(x0, norm).value
    return lambda step: start / 12 * (1.5 if step % 2 else 0.5)


_HARMONIC = Case(lambda seed: Harmonic(12), LInf(), radius=1.0, steps=11, sharp=0.999, note="attained for every K")

unconditional = Theorem(
    name="bpm.unconditional",
    title="Unconditional rate, any radii",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachHorizon(gap[K] <= D0 * d0 / (D0 + sp.Sum(radius[i], (i, 0, K - 1))), "last iterate", trivial=gap[0]),),
    cases=(
        Case(
            lambda seed: Harmonic(12, distance=60.0),
            LInf(),
            radius=1.0,
            steps=11,
            sharp=0.98,
            note="attained as t / D_0 -> 0",
        ),
        *(Case(c.problem, c.norm, _wobbling, c.steps) for c in (*CONVEX, *STAR_CONVEX)),
    ),
)

unconditional_constant = Theorem(
    name="bpm.unconditional_constant",
    title="Unconditional rate, constant radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), ConstantRadius(), RadiusBelow()),
    method=BroximalPoint(),
    claims=(EachHorizon(gap[K] <= (D0 - t) * d0 / (D0 + (K - 1) * t), "last iterate", trivial=gap[0]),),
    cases=(_HARMONIC, *CONVEX, *STAR_CONVEX),
    parameters=(Rule(t, D0 / 4, t < D0, free=True, why="any radius below D_0"),),
)

unconditional_nondecreasing = Theorem(
    name="bpm.unconditional_nondecreasing",
    title="Unconditional rate, nondecreasing radii",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), NondecreasingRadii()),
    method=BroximalPoint(),
    claims=(
        EachHorizon(
            gap[K] <= sp.Max(0, D0 - radius[0]) * d0 / (D0 + sp.Sum(radius[i], (i, 0, K - 2))),
            "last iterate",
            trivial=gap[0],
        ),
    ),
    cases=(
        _HARMONIC,
        *(Case(c.problem, c.norm, _growing, c.steps) for c in CONVEX),
        Case(
            lambda seed: Harmonic(12),
            LInf(),
            lambda problem, norm, x0: lambda k: 1.0 + 0.02 * (k > 0),
            steps=11,
            sharp=0.999,
            note="the first step is shorter",
        ),
    ),
)
