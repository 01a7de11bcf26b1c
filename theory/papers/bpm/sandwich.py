"""The decrease of a step between two dual norms, and what follows for subgradients; in any norm.

Statement. f convex, g_{k+1} in df(x_{k+1}) aligned, g any element of df(x_k). Then

    t_k |g_{k+1}|_*  <=  f(x_k) - f(x_{k+1})  <=  t_k |g|_*.

Proof. f(x_k) >= f(x_{k+1}) + <g_{k+1}, x_k - x_{k+1}> = f(x_{k+1}) + t_k |g_{k+1}|_*, and
f(x_{k+1}) >= f(x_k) + <g, x_{k+1} - x_k> >= f(x_k) - t_k |g|_*. QED

Consequences, each checked: the dual norms of aligned subgradients do not increase; for a constant radius the decreases
do not increase (function values are a convex sequence); |g_K|_* <= (f(x_0) - f*) / S_K at the last iterate.

The monotonicity is false for elements of df(x_{k+1}) that are not aligned: see `bpm.false_any_subgradient`.
Sharp: for a linear f both inequalities are equalities; for the last, f(z) = |z - x*| just before the minimum.
"""

import sympy as sp

from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import Linear, NormDistance
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import K, d0, grad, i, k, radius, slope, value
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, of_distance, varied

_LINEAR = tuple(
    Case(lambda seed: Linear.example(5, seed), norm, radius=0.7, steps=15, sharp=0.999, note="attained")
    for norm in (L1(), L2(), LInf())
)

sandwich = Theorem(
    name="bpm.sandwich",
    title="Decrease of a step between two dual norms",
    source=Source(NON_EUCLIDEAN_BPM, "second hand", "first inequality as in the abstract; the second proved here"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(
        EachStep(radius[k] * slope[k + 1] <= value[k] - value[k + 1], "at least"),
        EachStep(value[k] - value[k + 1] <= radius[k] * grad[k], "at most"),
    ),
    cases=varied(*_LINEAR, *CONVEX),
)

monotone_subgradients = Theorem(
    name="bpm.monotone_subgradients",
    title="Aligned subgradients do not grow",
    source=Source(NON_EUCLIDEAN_BPM, "second hand"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(EachStep(slope[k + 1] <= slope[k], "monotone"),),
    cases=(*_LINEAR, *CONVEX),
)

convex_sequence = Theorem(
    name="bpm.convex_sequence",
    title="Function values are a convex sequence for a constant radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(EachStep(value[k + 1] - value[k + 2] <= value[k] - value[k + 1], "decreases do not increase"),),
    cases=(*_LINEAR, *CONVEX),
)

gradient_rate = Theorem(
    name="bpm.gradient_rate",
    title="Subgradients at the last iterate",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachHorizon(slope[K] <= d0 / sp.Sum(radius[i], (i, 0, K - 1)), "last iterate"),),
    cases=varied(
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            of_distance(over=2),
            steps=5,
            fixed=True,
            note="two steps",
        ),
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            of_distance(over=40.02),
            steps=45,
            sharp=0.99,
            note="nearly attained before the minimum",
        ),
        *CONVEX,
    ),
)
