"""Euclidean rates of convex f that follow from the distance decrease.

Statements (convex f, Euclidean norm, x_K not a minimiser where a distance is divided by):
  product       gap_K <= d_0 prod_{k<K} (1 - t_k / sqrt(D_0^2 - sum_{i<k} t_i^2))
  prox form     gap_K <= (D_0^2 - sum_{k<K} t_k^2) / (2 sum_{k<K} gamma_k),   gamma_k = t_k / |g_{k+1}|_2
  G_0 form      gap_K <= G_0 (D_0^2 - K t^2) / (2 K t),   G_0 = |g_0|_2, constant t
  L-smooth      gap_K <= (L / 2) (sqrt(D_0^2 + K (K - 1) t^2) - K t)_+^2,  constant t

Proof. Sum the distance decrease: sum (t_k^2 + 2 gamma_k gap_{k+1}) <= D_0^2 with gap nonincreasing. gamma_k >= t / G_0 by the
monotonicity of aligned subgradients. If f is L-smooth, <g, u - x*> >= gap_{k+1} + |g|^2 / (2 L) >= |g| s_{k+1} with
s_k = sqrt(2 gap_k / L) nonincreasing, so D_{k+1}^2 = D_k^2 - t^2 - 2 gamma_k <g, u - x*> <= D_k^2 - t^2 - 2 t s_{k+1}. Sum, and
use s_K <= D_K: s_K^2 + 2 K t s_K <= D_0^2 - K t^2, which is solved for s_K. The product is the star form with
D_k^2 <= D_0^2 - sum t_i^2. QED

For K t much larger than D_0 the last three are loose and the product is the one to use. The first step attains the product
for f(z) = |z - x*|_2 and the smooth form for f = L |z|_2^2 / 2.
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import NormDistance
from broximal.theory import Case, EachHorizon, EachStep, Source, Terminates, Theorem
from broximal.theory.columns.points import D0, G0, K, L, d0, distance, gap, i, k, mu, radius, slope, t
from broximal.theory.hypotheses.functions import ConstantRadius, Convex, Euclidean, HasMinimiser, Positive
from broximal.theory.language.source import EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, STRONGLY_CONVEX, isotropic, of_distance, only, varied
from broximal.theory.papers.bpm.strong_convexity import just_above


def cone(seed: int) -> NormDistance:
    """f(z) = |z - c|_2."""
    return NormDistance.example(6, seed, norm=L2())


_CONE = Case(cone, L2(), sharp=0.9, note="attained by the first step")
_NEARLY_THERE = Case(
    cone,
    L2(),
    of_distance(0.96),
    sharp=0.97,
    note="attained as t -> D_0",
)
_ROUND = Case(isotropic, L2(), sharp=0.999, note="attained")

euclid_product = Theorem(
    name="bpm.euclid_product",
    title="Euclidean rate from the initial distance alone",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        EachHorizon(
            gap[K] <= d0 * sp.Product(sp.Max(0, 1 - t / sp.sqrt(D0**2 - i * t**2)), (i, 0, K - 1)),
            "last iterate",
            where=gap[K] > 0,
            trivial=gap[0],
        ),
    ),
    cases=(_CONE, *only(CONVEX, L2)),
)

euclid_prox = Theorem(
    name="bpm.euclid_prox",
    title="Euclidean rate in the form of the proximal point method",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean()),
    method=BroximalPoint(),
    claims=(
        EachHorizon(
            gap[K]
            <= (D0**2 - sp.Sum(radius[i] ** 2, (i, 0, K - 1))) / sp.Sum(2 * radius[i] / slope[i + 1], (i, 0, K - 1)),
            "last iterate",
            where=gap[K] > 0,
            trivial=gap[0],
        ),
    ),
    cases=varied(_NEARLY_THERE, *only(CONVEX, L2)),
)

euclid_lipschitz = Theorem(
    name="bpm.euclid_lipschitz",
    title="Euclidean rate from the first subgradient",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        EachHorizon(gap[K] <= G0 * (D0**2 - K * t**2) / (2 * K * t), "last iterate", where=gap[K] > 0, trivial=gap[0]),
    ),
    cases=(_NEARLY_THERE, *only(CONVEX, L2)),
)

euclid_smooth = Theorem(
    name="bpm.euclid_smooth",
    title="Euclidean rate of smooth convex f",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), ConstantRadius(), Positive("L")),
    method=BroximalPoint(),
    claims=(
        EachHorizon(
            gap[K] <= L / 2 * sp.Max(0, sp.sqrt(D0**2 + K * (K - 1) * t**2) - K * t) ** 2,
            "last iterate",
            where=gap[K] > 0,
            trivial=gap[0],
        ),
    ),
    cases=(_ROUND, *only(STRONGLY_CONVEX, L2)),
)

euclid_strong = Theorem(
    name="bpm.euclid_strong",
    title="Euclidean distance decrease under strong convexity",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), Positive("mu")),
    method=BroximalPoint(),
    claims=(
        EachStep(
            distance[k + 1] ** 2 <= (distance[k] ** 2 - radius[k] ** 2) / (1 + 2 * mu * radius[k] / slope[k + 1]),
            "per step",
            where=gap[k + 1] > 0,
            trivial=distance[k] ** 2,
        ),
    ),
    cases=varied(_ROUND, *only(STRONGLY_CONVEX, L2)),
    notes="<g, u - x*> >= mu |u - x*|^2 in the expansion of the distance decrease.",
)

euclid_condition = Theorem(
    name="bpm.euclid_condition",
    title="Euclidean distance falls by (mu / L) t",
    source=Source(EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Euclidean(), Positive("mu"), Positive("L"), ConstantRadius()),
    method=BroximalPoint(),
    claims=(
        EachStep(
            distance[k + 1] <= distance[k] - mu / L * radius[k], "per step", where=gap[k + 1] > 0, trivial=distance[k]
        ),
        Terminates(L / mu * D0 / t, "finite"),
    ),
    cases=(
        Case(isotropic, L2(), just_above, 60, sharp=0.999, note="both attained"),
        *(Case(c.problem, c.norm, c.radius, 400) for c in only(STRONGLY_CONVEX, L2)),
    ),
    notes=(
        "gamma >= t / (L |u - x*|), so (D_{k+1} + t mu / L)^2 <= D_k^2. The count is dominated by the root of the "
        "condition number in bpm.condition_number_termination."
    ),
)
