"""Clipped short steps in a ball of radius b: v = x - b LMO(g), x+ = x - gamma min{varrho, <g, v> / |v|^2} v.

Assumed: f L-smooth, |x_0| <= b, gamma <= 1 / L, gamma varrho <= 1. W_k = <g_k, v_k> = max_{|u| <= b} <g_k, x_k - u>.

Statements (S = min_{k<K} W_k).
  one step  f(x_{k+1}) <= f(x_k) - (gamma / 2) min{W_k^2 / |v_k|^2, varrho W_k}
  best      S <= max{2 sqrt(2) b sqrt(d_0 / (gamma K)), 2 d_0 / (gamma varrho K)}
  printed   (Theorem 4.7) S <= 2 b sqrt(d_0 / (gamma K)) + 2 d_0 / (gamma varrho K): FALSE

Proof. With c = gamma min{varrho, W / |v|^2} <= 1 the point stays in the ball, and f falls by at least c W - L c^2 |v|^2 / 2 >=
c W - c W / 2, as L c |v|^2 <= L gamma W <= W: one step. |v| <= 2 b, so the sum is d_0 >= (gamma K / 2) min{S^2 / (4 b^2),
varrho S}. QED

The printed bound loses a factor 1/2 in its second case. f = (x - 9/10)^2 / 2 on [-1, 1] from 1, b = L = gamma = varrho = 1,
K = 1: W = 1/5 > 2 sqrt(1/200) + 1/100 = 0.151..., while 2 sqrt(2) sqrt(1/200) = 1/5 is attained.
"""

from fractions import Fraction

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.problems.smooth.quadratic import Quadratic
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import matrix, quadratic
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import parameter
from broximal.theory.columns.points import EPS, K, L, d0, i, k, value
from broximal.theory.columns.whole import gam, size, start
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.language.quantity import Best, Entry, column
from broximal.theory.language.source import GGNC
from broximal.theory.methods import ClippedShortStep

ball = parameter("ball", "b", "radius of the ball that the iterates stay in", "x")
cap_v = parameter("cap_v", r"\varrho", "what the gap over the squared distance to the vertex is clipped at", "f/x^2")


@column("fw_gap", r"W_{#}", "Frank-Wolfe gap in the ball", "f", nonnegative=True)
def fw_gap(now, after):
    scale = now.start.dual_sizes.sum() * now.world["ball"]
    return Entry(after.state.gap, 64 * EPS * (abs(after.state.gap) + scale))


@column("fw_length", r"\|v_{#}\|", "distance of the point to the vertex that it steps towards", "x")
def fw_length(now, after):
    return after.state.length


def near_the_end(seed: int) -> Quadratic:
    return Quadratic(np.eye(1), about=np.array([0.9]), x0=np.array([1.0]))


END = Case(
    near_the_end,
    L2(),
    parameters={"ball": 1.0, "gam": 1.0, "cap_v": 1.0},
    steps=1,
    fixed=True,
    sharp=0.999,
    note="one step from the end of the interval: attained",
)
ASSUMES = (BoundedBelow(), Positive("L"))
PARAMETERS = (
    Rule(ball, size, start <= ball, free=True, why="holds the start; this one holds the minimiser too"),
    Rule(gam, 1 / L, gam * L <= 1, free=True, why="at most 1 / L"),
    Rule(cap_v, L / 4, gam * cap_v <= 1, free=True, why="at most 1 / gamma"),
)
LEAST = Best(fw_gap[i], (i, 0, K - 1))
CLIPPED = 2 * d0 / (gam * cap_v * K)

short_step = Theorem(
    name="clipping.short_step",
    title="Clipped short steps in a ball",
    source=Source(GGNC, "proved here"),
    assumes=ASSUMES,
    method=ClippedShortStep(),
    parameters=PARAMETERS,
    claims=(
        EachStep(
            gam / 2 * sp.Min(fw_gap[k] ** 2 / fw_length[k] ** 2, cap_v * fw_gap[k]) <= value[k] - value[k + 1],
            "one step",
        ),
        EachHorizon(LEAST <= sp.Max(2 * sp.sqrt(2) * ball * sp.sqrt(d0 / (gam * K)), CLIPPED), "best"),
    ),
    cases=(
        END,
        *shown("straight", length="", share="", cap_v=0.1, ball=10.03),
        *(
            Case(problem, norm, steps=60)
            for problem, norm in ((quadratic, L2()), (quadratic, LInf()), (matrix, Spectral()))
        ),
    ),
)


def _exactly():
    # (gap - second term)^2 against (2 b)^2 d_0 / (gamma K), at 1 with the minimum at 9/10
    start = Fraction(1, 10) ** 2 / 2
    return (2 * Fraction(1, 10) - 2 * start) ** 2, 4 * start


false_short_step = Theorem(
    name="clipping.false_short_step",
    title="Clipped short steps in a ball, with the printed constant",
    source=Source(GGNC, "false as printed", "Theorem 4.7"),
    assumes=ASSUMES,
    method=ClippedShortStep(),
    parameters=PARAMETERS,
    claims=(EachHorizon(LEAST <= 2 * ball * sp.sqrt(d0 / (gam * K)) + CLIPPED, "best"),),
    cases=(END,),
    truth=False,
    repair="clipping.short_step",
    exact=_exactly,
)
