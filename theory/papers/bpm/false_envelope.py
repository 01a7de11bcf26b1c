"""Set-valued and boundary statements that are false as commonly read.

the envelope has the same minimisers
    "argmin N_t f = X*." False: f = |z|, t = 1: N_t f(1/2) = 0 = f*, and 1/2 is no minimiser of f. True: argmin N_t f = X* + t B
    (`bpm.envelope_minimum`); the minimum values agree.

the boundary property for quasi-convex f
    "A step whose ball misses X* ends on the sphere." False: f(z) = min((|z| - 1)_+, 1) is constant on the ball around 5 of
    radius 1, so 5 itself is a broximal point and the method may stall. True where every local minimiser is global
    (`bpm.boundary`).
"""

from fractions import Fraction

from broximal.oracles.norms import L2
from broximal.problems import NormDistance, OneDimensional, profiles
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import distance, gap, k, moved, radius
from broximal.theory.hypotheses.functions import Convex, HasMinimiser, QuasiConvex
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint, Probe
from broximal.theory.papers.bpm.envelope import envelope_gap, reach


def _envelope_exactly():
    # "N_t f(x) = f* only if x in X*" would give dist(1/2, X*) <= 0
    x, t = Fraction(1, 2), Fraction(1)
    assert max(abs(x) - t, Fraction(0)) == 0
    return abs(x), Fraction(0)


def _flat_exactly():
    def f(z):
        return min(max(abs(z) - 1, Fraction(0)), Fraction(1))

    # f is 1 at the centre 5 and at both ends of the ball: staying is optimal, yet |u - x| = 0 < 1
    assert f(Fraction(5)) == f(Fraction(4)) == f(Fraction(6)) == 1
    return Fraction(1), Fraction(0)


false_envelope_argmin = Theorem(
    name="bpm.false_envelope_argmin",
    title="The envelope has the same minimisers",
    source=Source(EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(Convex(), HasMinimiser()),
    method=Probe(),
    claims=(
        EachStep(
            distance[k] <= 0 * gap[k], "minimisers of the envelope minimise f", where=Possibly(envelope_gap[k] <= 0)
        ),
    ),
    cases=(Case(lambda seed: NormDistance.example(1, seed, norm=L2()), L2(), reach, 20),),
    truth=False,
    repair="bpm.envelope_minimum",
    exact=_envelope_exactly,
)

false_boundary = Theorem(
    name="bpm.false_boundary",
    title="Steps of quasi-convex f end on the sphere",
    source=Source(EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(QuasiConvex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(moved[k] >= radius[k], "on the sphere", where=gap[k + 1] > 0),),
    cases=(
        Case(
            lambda seed: OneDimensional(profiles.Plateau(), x0=5.0), L2(), radius=1.0, steps=2, note="the method stalls"
        ),
    ),
    truth=False,
    repair="bpm.boundary",
    exact=_flat_exactly,
)
