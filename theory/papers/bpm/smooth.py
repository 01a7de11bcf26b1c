"""Smoothness in the norm.

Statements (any norm, L in that norm).
  convex, d_0 <= L D_0^2 / 2, so   gap_K <= (L D_0^2 / 2) D_0 / (D_0 + S_K)   and   |grad f(x_K)|_* <= sqrt(2 L gap_K)
  any f, exact global step:   f(x_k) - f(x_{k+1}) >= t_k |grad f(x_k)|_* - L t_k^2 / 2, hence for a constant radius
                              min_{k<K} |grad f(x_k)|_* <= d_0 / (K t) + L t / 2;   t = sqrt(2 d_0 / (L K)) gives sqrt(2 L d_0 / K).

Proof. First: smoothness at x* and the unconditional rate; f(z) - f* >= |grad f(z)|_*^2 / (2 L) by a step of the norm. Second:
compare with the linearised (LMO) step, which is feasible. QED

The descent inequality is attained by f = L |z|_2^2 / 2 (Euclidean), where the LMO step is the exact one.
"""

import sympy as sp

from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import RidgeFunction
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import D0, K, L, d0, gap, grad, i, k, radius, t, value
from broximal.theory.hypotheses.functions import BoundedBelow, ConstantRadius, Convex, HasMinimiser, Positive
from broximal.theory.language.quantity import Best
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import MATRIX, STRONGLY_CONVEX, isotropic, of_distance, varied

_ROUND = Case(isotropic, L2(), sharp=0.999, note="attained")
_SHORT = Case(
    isotropic,
    L2(),
    of_distance(over=200),
    steps=2,
    sharp=0.98,
    note="rate: attained as t / D_0 -> 0",
)
_ONE_STEP = Case(
    isotropic,
    L2(),
    of_distance(0.99),
    steps=1,
    sharp=0.999,
    note="stationarity: attained by K = 1, t = D_0",
)
_SMOOTH = (*STRONGLY_CONVEX, *MATRIX)

smooth = Theorem(
    name="bpm.smooth",
    title="Smooth convex f: rate from the initial distance",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("L")),
    method=BroximalPoint(),
    claims=(
        EachHorizon(gap[K] <= L * D0**3 / 2 / (D0 + sp.Sum(radius[i], (i, 0, K - 1))), "last iterate"),
        EachStep(grad[k] <= sp.sqrt(2 * L * gap[k]), "gradient"),
    ),
    cases=varied(_SHORT, _ROUND, *_SMOOTH),
)

smooth_nonconvex = Theorem(
    name="bpm.smooth_nonconvex",
    title="Smooth f, convex or not: stationarity",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(BoundedBelow(), Positive("L"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        EachStep(radius[k] * grad[k] - L * radius[k] ** 2 / 2 <= value[k] - value[k + 1], "descent"),
        EachHorizon(Best(grad[i], (i, 0, K - 1)) <= d0 / (K * t) + L * t / 2, "best gradient"),
    ),
    cases=(
        _ONE_STEP,
        _ROUND,
        *_SMOOTH,
        *(Case(lambda seed: RidgeFunction.example(4, seed), norm) for norm in (L1(), L2(), LInf())),
    ),
    parameters=(Rule(t, sp.sqrt(2 * d0 / (L * K)), t > 0, why="minimises the bound after K steps"),),
)
