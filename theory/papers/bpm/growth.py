"""Growth f - f* >= kappa dist(., X*)^q on the first sublevel set, q >= 1: finite termination in any norm.

Statement. f convex, or star-convex with respect to every minimiser. While x_{k+1} is not a minimiser,

    gap_{k+1}        <=  gap_k - t_k kappa^{1/q} gap_k^{1 - 1/q},
    gap_{k+1}^{1/q}  <=  gap_k^{1/q} - t_k kappa^{1/q} / q,         N <= ceil(q (d_0 / kappa)^{1/q} / t).

Proof. The star form with D_k = dist(x_k, X*) <= (gap_k / kappa)^{1/q}; then (1 - y)^{1/q} <= 1 - y/q with
y = t_k (kappa / gap_k)^{1/q} < 1 while the next point is not optimal. QED

q = 1 (sharp minima) is attained by f(z) = kappa |z - x*|. For q = 2 strong convexity gives a factor 2 more
(`bpm.strong_convexity`).
"""

import numpy as np

from broximal.oracles.norms import LInf
from broximal.problems import NormDistance
from broximal.theory import Case, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import d0, gap, k, kappa, q, radius, t
from broximal.theory.hypotheses.functions import ConstantRadius, HasMinimiser, Positive, StarConvex
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, varied
from broximal.theory.papers.bpm.strong_convexity import just_above

_SHARP = Case(lambda seed: NormDistance.example(6, seed), LInf(), sharp=0.999, note="attained, q = 1")
_CASES = (_SHARP, *CONVEX)


def _unit_away(seed: int) -> NormDistance:
    """At the distance e of the start q (d_0 / kappa)^{1/q} is flat in q; at 1 it is q."""
    return NormDistance(np.zeros(3), LInf(), x0=np.array([1.0, -0.5, 0.25]))


growth = Theorem(
    name="bpm.growth",
    title="Growth: the gap falls by a power of itself",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), Positive("kappa")),
    method=BroximalPoint(),
    claims=(
        EachStep(
            gap[k + 1] <= gap[k] - radius[k] * kappa ** (1 / q) * gap[k] ** (1 - 1 / q),
            "gap",
            where=gap[k + 1] > 0,
            trivial=gap[k],
        ),
        EachStep(
            gap[k + 1] ** (1 / q) <= gap[k] ** (1 / q) - radius[k] * kappa ** (1 / q) / q,
            "root of the gap",
            where=gap[k + 1] > 0,
            trivial=gap[k] ** (1 / q),
        ),
    ),
    cases=varied(*_CASES),
)

growth_termination = Theorem(
    name="bpm.growth_termination",
    title="Growth: finite termination in any norm",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), Positive("kappa"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(Terminates(q * (d0 / kappa) ** (1 / q) / t, "finite"),),
    cases=(
        Case(lambda seed: NormDistance.example(6, seed), LInf(), just_above, 60, sharp=0.99, note="attained, q = 1"),
        Case(
            _unit_away,
            LInf(),
            just_above,
            60,
            sharp=0.99,
            fixed=True,
            note="d_0 = kappa: the bound is q / t, so q is seen",
        ),
        *(Case(c.problem, c.norm, c.radius, 400) for c in CONVEX),
    ),
    parameters=(Rule(t, q * (d0 / kappa) ** (1 / q) / 10, t > 0, free=True, why="any radius"),),
)
