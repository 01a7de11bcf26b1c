"""Strong convexity in the norm: finite termination that does not depend on the dimension.

Statement. f mu-strongly convex with respect to the norm. While x_{k+1} is not a minimiser,

    sqrt(f(x_{k+1}) - f*)  <=  sqrt(f(x_k) - f*) - t_k sqrt(mu / 2),        |g_{k+1}|_*  <=  |g_k|_* - mu t_k,

hence, for a constant radius t,  N <= ceil(sqrt(2 d_0 / mu) / t),  N <= ceil(|g_0|_* / (mu t)),  and, if f is also
L-smooth,  N <= ceil(sqrt(L / mu) D_0 / t).

Proof. gap_k - gap_{k+1} >= <g, x_k - u> + mu/2 |x_k - u|^2 = t |g|_* + mu t^2 / 2 and gap_{k+1} <= |g|_*^2 / (2 mu) (minimise the
quadratic minorant), so gap_k >= (sqrt(gap_{k+1}) + t sqrt(mu/2))^2. Second: <g_k - g_{k+1}, x_k - x_{k+1}> >= mu t_k^2 and
is at most t_k |g_k|_* - t_k |g_{k+1}|_*. Counts: x_{N-1} is not optimal, so (N - 1) t sqrt(mu/2) < sqrt(d_0); and
d_0 <= L D_0^2 / 2. QED

Equality throughout for f = mu |z|_2^2 / 2 in the Euclidean norm.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import D0, G0, L, d0, gap, k, mu, radius, slope, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser, Positive
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import MATRIX, STRONGLY_CONVEX, isotropic, varied


def just_above(problem, norm, x0):
    """A radius with D_0 / t a little above an integer, so that a slightly smaller bound loses a step."""
    return problem.distance(x0, norm).value / 12.02


_ROUND = Case(isotropic, L2(), just_above, 60, sharp=0.99, note="attained")
_CASES = (_ROUND, *STRONGLY_CONVEX, *MATRIX)
_RULE = Rule(t, sp.sqrt(2 * d0 / mu) / 10, t > 0, free=True, why="any radius; the default makes at most 10 steps")

strong_convexity = Theorem(
    name="bpm.strong_convexity",
    title="Strong convexity: the root of the gap falls by a constant",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("mu")),
    method=BroximalPoint(),
    claims=(
        EachStep(
            sp.sqrt(gap[k + 1]) <= sp.sqrt(gap[k]) - radius[k] * sp.sqrt(mu / 2),
            "root of the gap",
            where=gap[k + 1] > 0,
            trivial=sp.sqrt(gap[k]),
        ),
        EachStep(slope[k + 1] <= slope[k] - mu * radius[k], "subgradients", where=gap[k + 1] > 0, trivial=slope[k]),
    ),
    cases=varied(*_CASES),
    parameters=(_RULE,),
)

strong_convexity_termination = Theorem(
    name="bpm.strong_convexity_termination",
    title="Strong convexity: finite termination in any norm",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("mu"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        Terminates(sp.sqrt(2 * d0 / mu) / t, "from the gap"),
        Terminates(G0 / (mu * t), "from the gradient"),
    ),
    cases=tuple(Case(c.problem, c.norm, c.radius, 400, sharp=c.sharp, note=c.note) for c in _CASES),
    parameters=(_RULE,),
)

condition_number_termination = Theorem(
    name="bpm.condition_number_termination",
    title="Strong convexity and smoothness: termination in sqrt(L / mu) D_0 / t steps",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("mu"), Positive("L"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(Terminates(sp.sqrt(L / mu) * D0 / t, "from the distance"),),
    cases=tuple(Case(c.problem, c.norm, c.radius, 400, sharp=c.sharp, note=c.note) for c in _CASES),
    parameters=(Rule(t, D0 / 10, t > 0, free=True, why="any radius"),),
)
