"""Rates that are false as commonly read, each with the instance that refutes it.

linear rate with the initial distance, any norm
    "f(x_K) - f* <= (1 - t / D_0)^K d_0." False: in l_inf, `problems.worst.Harmonic` has
    f(x_K) - f* = (D_0 - t) / (D_0 + (K - 1) t) d_0 exactly; for D_0 = 2, t = 1, K = 2 that is 1/3 > 1/4.
    True: `bpm.unconditional_constant`, or R_0 in place of D_0 (`bpm.sublevel_rate`).

the classic rate for quasi-convex f
    "(1 + t / |u - x*|)(f(u) - f*) <= f(x) - f*." False: f(z) = sqrt|z|, x = 4, t = 1, u = 3. Squared, with both sides
    positive: (4/3)^2 3 = 16/3 > 4. True for convex and star-convex f (`bpm.classic_rate`).

subgradients that are not aligned
    "The dual norm of subgradients at the iterates does not grow." False for an arbitrary element: f = max(z_1, 10 z_2),
    x = (2, 1/10), t = 1, Euclidean: u = (1, 1/10), and (0, 10) in df(u) has norm 10 while |grad f(x)| = 1.
    True for aligned subgradients (`bpm.monotone_subgradients`).
"""

from fractions import Fraction

import numpy as np

from broximal.oracles.norms import L2, LInf
from broximal.problems import OneDimensional, profiles
from broximal.problems.worst import Harmonic, Unaligned
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import D0, EPS, K, d0, distance, gap, k, radius, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, QuasiConvex
from broximal.theory.language.quantity import column
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint


@column(
    "worst_g",
    r"\max\{\|g\|_\ast : g \in \partial f(x_{#})\}",
    "largest dual norm of an active piece at x_k",
    "f/x",
    host=True,
)
def worst_subgradient(now):
    A, b = now.problem.A, now.problem.b
    pieces, size = A @ now.x + b, (np.abs(A) @ np.abs(now.x) + np.abs(b)).max()
    active = A[pieces >= pieces.max() - 64 * EPS * size]
    return max(float(now.norm.dual(row)) for row in active)


def _linear_exactly():
    # Harmonic run with D_0 = 2, t = 1: gap_2 / d_0 = (D_0 - t) / (D_0 + t) against (1 - t / D_0)^2
    D, radius_ = Fraction(2), Fraction(1)
    return (D - radius_) / (D + radius_), (1 - radius_ / D) ** 2


def _root_exactly():
    # squares of both sides: ((1 + 1/3) sqrt 3)^2 against (sqrt 4)^2
    return (1 + Fraction(1, 3)) ** 2 * 3, Fraction(4)


def _pieces_exactly():
    # max(z_1, 10 z_2) at u = (1, 1/10): both pieces are equal, so both gradients are subgradients
    u = (Fraction(1), Fraction(1, 10))
    assert u[0] == 10 * u[1]
    return Fraction(10), Fraction(1)


false_linear_rate = Theorem(
    name="bpm.false_linear_rate",
    title="Linear rate with the initial distance in any norm",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(Convex(), HasMinimiser(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(EachHorizon(gap[K] <= (1 - t / D0) ** K * d0, "last iterate", trivial=gap[0]),),
    cases=(Case(lambda seed: Harmonic(8), LInf(), radius=1.0, steps=7, note="D_0 / (D_0 + S_K) attained"),),
    truth=False,
    repair="bpm.unconditional_constant",
    exact=_linear_exactly,
)

false_quasi_convex_rate = Theorem(
    name="bpm.false_quasi_convex_rate",
    title="The classic rate for quasi-convex f",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(QuasiConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(gap[k + 1] <= gap[k] / (1 + radius[k] / distance[k + 1]), "per step", where=distance[k + 1] > 0),),
    cases=(
        Case(
            lambda seed: OneDimensional(profiles.SquareRoot(), x0=4.0), L2(), radius=1.0, steps=3, note="sqrt|z| from 4"
        ),
    ),
    truth=False,
    repair="bpm.classic_rate",
    exact=_root_exactly,
)

false_any_subgradient = Theorem(
    name="bpm.false_any_subgradient",
    title="Arbitrary subgradients at the iterates do not grow",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(EachStep(worst_subgradient[k + 1] <= worst_subgradient[k], "monotone"),),
    cases=(Case(lambda seed: Unaligned(), L2(), radius=1.0, steps=1),),
    truth=False,
    repair="bpm.monotone_subgradients",
    exact=_pieces_exactly,
)
