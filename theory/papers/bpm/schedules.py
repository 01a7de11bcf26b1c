"""Growing radii, any norm: termination in logarithmically many steps.

Statements (convex or star-convex f; the run ends at the first k with t_k >= D_k).
  t_k = t_0 q^k, q > 2, any norm:    N <= 1 + ceil( log_q( (D_0 (q - 1) / t_0 - 1) / (q - 2) ) )
  t_k = t_0 q^k, q > 1, Euclidean:   N <= ceil( log(1 + (q^2 - 1) D_0^2 / t_0^2) / (2 log q) )

Proof. D_k <= D_0 + S_k, and t_k >= D_0 + S_k is t_0 q^k >= D_0 + t_0 (q^k - 1) / (q - 1), which is solved for k. For q <= 2 the
triangle inequality gives nothing. Euclidean: N is at most the least K with sum_{k<K} t_k^2 >= D_0^2. QED

The logarithm is cut at zero: a first ball that already contains x* ends the run in one step.
"""

import itertools

import sympy as sp

from broximal.oracles.norms import L2, LInf
from broximal.problems import NormDistance
from broximal.problems.worst import Staircase
from broximal.theory import Case, Source, Terminates, Theorem
from broximal.theory.columns.points import D0
from broximal.theory.hypotheses.functions import Euclidean, HasMinimiser, StarConvex
from broximal.theory.language.declaration import Range
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import Measured, constant
from broximal.theory.language.source import EUCLIDEAN_BPM, NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STAR_CONVEX, only, quadratic
from broximal.theory.papers.bpm.euclid import just_above


@constant("t_0", "t_0", "the first radius of a geometric schedule", "x")
def first_radius(run):
    return Measured.of(run.experiment.radius_at(0), 0.0)


@constant("ratio", r"\varrho", "the ratio of a geometric schedule", "1", range=Range(1.0, strict=True))
def ratio(run):
    return Measured.of(run.experiment.radius_at(1) / run.experiment.radius_at(0))


class Geometric(Hypothesis):
    """t_k = t_0 q^k with q above a floor."""

    name = "geometric radii"
    latex = r"t_k = t_0 \varrho^k"

    def __init__(self, floor: float):
        self.floor = floor

    @property
    def needs(self) -> dict[str, Range]:  # type: ignore[override]
        return {"ratio": Range(self.floor, strict=True)}

    def look(self, experiment):
        radii = [experiment.radius_at(step) for step in range(6)]
        ratios = [b / a for a, b in itertools.pairwise(radii)]
        holds = max(ratios) - min(ratios) <= 1e-12 * ratios[0] and ratios[0] > self.floor
        return holds, f"ratio {ratios[0]:.4g}, must exceed {self.floor:g}"


def geometric(fraction: float, growth: float):
    """A case's radius rule: t_0 = fraction * D_0, ratio growth."""

    def rule(problem, norm, x0):
        start = problem.distance(x0, norm).value
        return lambda step: fraction * start * growth**step

    return rule


geometric_radii = Theorem(
    name="bpm.geometric_radii",
    title="Geometric radii, any norm",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), Geometric(2.0)),
    method=BroximalPoint(),
    claims=(
        Terminates(
            1 + sp.log(sp.Max(1, (D0 * (ratio - 1) / first_radius - 1) / (ratio - 2))) / sp.log(ratio),
            "finite",
        ),
    ),
    cases=(
        Case(
            lambda seed: NormDistance.example(6, seed),
            LInf(),
            geometric(0.999, 2.5),
            sharp=0.99,
            note="attained: the first ball just misses, the second one contains the whole first",
        ),
        Case(quadratic, L2(), geometric(1.45, 2.5), 5, note="the first ball contains the minimiser"),
        *(Case(c.problem, c.norm, geometric(0.01, 2.5), 60) for c in (*CONVEX, *STAR_CONVEX)),
    ),
)

geometric_radii_euclid = Theorem(
    name="bpm.geometric_radii_euclid",
    title="Geometric radii, Euclidean norm",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(StarConvex(), HasMinimiser(), Euclidean(), Geometric(1.0)),
    method=BroximalPoint(),
    claims=(Terminates(sp.log(1 + (ratio**2 - 1) * D0**2 / first_radius**2) / (2 * sp.log(ratio)), "finite"),),
    cases=(
        Case(
            lambda seed: Staircase(4),
            L2(),
            lambda problem, norm, x0: lambda step: 1.0005**step,
            30,
            x0=just_above,
            sharp=0.99,
            note="nearly constant radii",
        ),
        *(Case(c.problem, c.norm, geometric(0.01, 1.5), 60) for c in only(CONVEX, L2)),
    ),
)
