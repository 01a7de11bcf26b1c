"""Distances and step counts that are Euclidean and fail in other norms, each with the instance that refutes it.

the distance falls in any norm
    "D_{k+1} <= D_k." False for a strictly convex quadratic in the plane with l_inf: A = a a' + I / 100, a = (1, -1/2),
    x = (2, 2), t = 1/2. The step goes to u = (3/2, 5/2): the gradient A u has signs (+, -), so u is aligned, and the
    distance to 0 grows from 2 to 5/2. True: `bpm.distance_decrease` in the Euclidean norm, `bpm.distance_triangle` else.

the Euclidean count in any norm
    "N <= ceil(D_0^2 / t^2)." False in l_inf: `problems.worst.Doubling` has D_0 = t (1 + o(1)) and N = 2^d - 1, whatever the
    selection; N = 7 in dimension 3. In a polyhedral norm of its own, `problems.worst.PolyhedralPacking` makes exponentially
    many steps in the dimension with D_0 = R = 3 t / 2. True: `bpm.packing`, `bpm.strong_convexity_termination`, `bpm.growth_termination`.

a count in terms of the largest distance only
    "N <= ceil(R^2 / t^2) with R the largest distance along the run." False in l_inf as well: `problems.worst.Flipping` keeps
    R <= 2 t (1 + o(1)) and needs N = d steps. True: the exponent is the dimension (`bpm.packing`).
"""

from fractions import Fraction

from broximal.oracles.norms import LInf
from broximal.problems.worst import DistanceGrowth, Doubling, Flipping, PolyhedralPacking
from broximal.theory import Case, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import D0, distance, k, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, HasMinimiser
from broximal.theory.language.source import EUCLIDEAN_BPM, NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm.packing import largest_distance

_PACKED = PolyhedralPacking(limit=24)


def _growth_exactly():
    a = (Fraction(1), Fraction(-1, 2))
    u = (Fraction(3, 2), Fraction(5, 2))
    along = a[0] * u[0] + a[1] * u[1]
    gradient = tuple(a[j] * along + u[j] / 100 for j in range(2))
    # aligned: u - x = (-1/2, 1/2) = -t sign(gradient), so u is the step from (2, 2)
    assert gradient[0] > 0 > gradient[1]
    return max(u), Fraction(2)


false_distance_monotone = Theorem(
    name="bpm.false_distance_monotone",
    title="The distance falls in any norm",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read", "the paper itself shows that it fails"),
    assumes=(Convex(), HasMinimiser()),
    method=BroximalPoint(),
    claims=(EachStep(distance[k + 1] <= distance[k], "per step"),),
    cases=(Case(lambda seed: DistanceGrowth(), LInf(), radius=0.5, steps=1),),
    truth=False,
    repair="bpm.distance_triangle",
    exact=_growth_exactly,
)

false_dimension_free = Theorem(
    name="bpm.false_dimension_free",
    title="The Euclidean step count in any norm",
    source=Source(EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(Convex(), HasMinimiser(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(Terminates(D0**2 / t**2, "finite"),),
    cases=(
        Case(lambda seed: Doubling(3), LInf(), radius=1.0, steps=20, note="N = 7, the bound is 2"),
        Case(lambda seed: Doubling(4), LInf(), radius=1.0, steps=30, fixed=True, note="N = 15, the bound is 2"),
        Case(
            lambda seed: _PACKED, _PACKED.norm, radius=2.0, steps=12, fixed=True, note="D_0 = 3 t / 2, the bound is 3"
        ),
    ),
    truth=False,
    repair="bpm.packing",
)

false_largest_distance = Theorem(
    name="bpm.false_largest_distance",
    title="A step count from the largest distance alone",
    source=Source(NON_EUCLIDEAN_BPM, "false as commonly read"),
    assumes=(Convex(), HasMinimiser(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(Terminates(largest_distance**2 / t**2, "finite"),),
    cases=(Case(lambda seed: Flipping(8), LInf(), radius=1.0, steps=20, note="N = 8, R <= 2 t"),),
    truth=False,
    repair="bpm.packing",
)
