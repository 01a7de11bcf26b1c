"""Euclidean facts: the distance to the solution falls by t^2 in the square at every step.

Statement. Euclidean norm, exact step, and: f(u) > f* implies f(u + l (x* - u)) < f(u) for all small l > 0 (true for convex
and for star-convex f). While x_{k+1} is not a minimiser,

    D_{k+1}^2  <=  D_k^2 - t_k^2,     hence     N <= ceil(D_0^2 / t^2)  for a constant radius,

and for convex f, with gamma_k = t_k / |g_{k+1}|_2,   D_{k+1}^2  <=  D_k^2 - t_k^2 - 2 gamma_k gap_{k+1}.

Proof. Points u + l (x* - u) with small l have smaller values, so they lie outside the ball; hence |u - x_k| = t_k and
<u - x_k, x* - u> >= 0. Expand |x_k - x*|^2 = |x_k - u|^2 + 2 <x_k - u, u - x*> + |u - x*|^2. For convex f,
x_k - u = gamma_k g and <g, u - x*> >= gap_{k+1}. Counts: x_{N-1} is not optimal, so 0 < D_0^2 - (N - 1) t^2. QED

The count is attained for every integer by `problems.worst.Staircase`, whose steps are nearly orthogonal to what is left
of the way; the form with the gap is attained by f(z) = |z - x*|_2.
"""

import dataclasses

import numpy as np

from broximal.oracles.norms import L2
from broximal.problems import NormDistance, Problem
from broximal.problems.worst import Staircase
from broximal.theory import Case, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import D0, distance, gap, k, radius, slope, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, Euclidean, HasMinimiser, StarConvex
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, only, varied

_STAIRS = Case(lambda seed: Staircase(4), L2(), radius=1.0, steps=20, sharp=0.99, note="the count is attained")


def just_above(stairs: Problem) -> np.ndarray:
    """A start of the staircase with D_0^2 a little above m - 1: m steps are needed, and hardly more are allowed."""
    m = stairs.x0.size
    return np.r_[np.full(m - 1, 1 + 2e-3), 0.05]


distance_decrease = Theorem(
    name="bpm.distance_decrease",
    title="Euclidean distance falls by t^2 in the square",
    source=Source(EUCLIDEAN_BPM, "second hand", "for convex f; extension to star-convex f proved here"),
    assumes=(StarConvex(), HasMinimiser(), Euclidean()),
    method=BroximalPoint(),
    claims=(
        EachStep(
            distance[k + 1] ** 2 <= distance[k] ** 2 - radius[k] ** 2,
            "per step",
            where=gap[k + 1] > 0,
            trivial=(distance[k] + radius[k]) ** 2,
        ),
    ),
    cases=varied(dataclasses.replace(_STAIRS, x0=just_above, sharp=0.99), *only(CONVEX, L2), *only(STAR_CONVEX, L2)),
)

distance_decrease_convex = Theorem(
    name="bpm.distance_decrease_convex",
    title="Euclidean distance decrease with the gap",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean()),
    method=BroximalPoint(),
    claims=(
        EachStep(
            distance[k + 1] ** 2 <= distance[k] ** 2 - radius[k] ** 2 - 2 * radius[k] / slope[k + 1] * gap[k + 1],
            "per step",
            where=gap[k + 1] > 0,
            trivial=distance[k] ** 2,
        ),
    ),
    cases=varied(
        Case(lambda seed: NormDistance.example(6, seed, norm=L2()), L2(), sharp=0.999, note="attained"),
        _STAIRS,
        *only(CONVEX, L2),
    ),
)

termination = Theorem(
    name="bpm.termination",
    title="Euclidean finite termination in ceil(D_0^2 / t^2) steps",
    source=Source(EUCLIDEAN_BPM, "second hand", "for convex f; extension to star-convex f proved here"),
    assumes=(StarConvex(), HasMinimiser(), Euclidean(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(Terminates(D0**2 / t**2, "finite"),),
    cases=(
        *(Case(lambda seed, m=m: Staircase(m), L2(), 1.0, 20, x0=just_above, sharp=0.99) for m in (2, 4, 7)),
        *(Case(c.problem, c.norm, c.radius, 400) for c in (*only(CONVEX, L2), *only(STAR_CONVEX, L2))),
    ),
    parameters=(Rule(t, D0 / 3, t > 0, free=True, why="any radius; D_0 / 3 makes at most 9 steps"),),
)
