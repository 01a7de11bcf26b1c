"""The linearised step x_{k+1} = x_k + t_k LMO(grad f(x_k)), seen as an inexact broximal step.

Statements (L in the norm; g_k = |grad f(x_k)|_*).
  descent     any L-smooth f: f(x_k) - f(x_{k+1}) >= t_k g_k - L t_k^2 / 2
  best        t_k = g_k / L: f(x_{k+1}) <= f(x_k) - g_k^2 / (2 L)
  stationary  constant t: min_{k<K} g_k <= d_0 / (K t) + L t / 2
  rate        convex f: gap_{k+1} <= (1 - t_k / D_k)_+ gap_k + L t_k^2 / 2
  inexact     convex f: f(x_{k+1}) - N_t f(x_k) <= L t^2 / 2: the step is an inexact broximal step

Proof. Smoothness along the step, <grad f(x), x_{k+1} - x_k> = -t g; minimise over t; sum. Inexact: for z in the ball
f(z) >= f(x) + <grad f(x), z - x> >= f(x) - t g. Rate: for D_k > t compare with x + (t / D)(x* - x) in the linear model
(convex); star-convexity gives <grad f(x), x* - x> <= -gap. QED

Attained by f = L |z|_2^2 / 2 in the Euclidean norm.
"""

import numpy as np
import sympy as sp

from broximal.oracles.brox import brox
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import OneDimensional, Quadratic, RidgeFunction, profiles
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.columns.points import EPS, K, L, d0, distance, gap, grad, i, k, radius, t, value
from broximal.theory.hypotheses.functions import BoundedBelow, ConstantRadius, Convex, HasMinimiser, Positive
from broximal.theory.language.quantity import Best, Entry, column
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.language.theorem import Rule
from broximal.theory.methods.lmo import LmoMethod, OverSmoothness
from broximal.theory.papers.bpm._cases import STRONGLY_CONVEX, isotropic, of_distance, varied

STEP = LmoMethod(title="LMO step")
_ROUND = Case(isotropic, L2(), sharp=0.999, note="attained")
_ONE_STEP = Case(
    isotropic,
    L2(),
    of_distance(0.99),
    steps=1,
    sharp=0.999,
    note="stationarity: attained by K = 1, t = D_0",
)
_SMOOTH = STRONGLY_CONVEX
_RIDGE = tuple(Case(lambda seed: RidgeFunction.example(4, seed), norm) for norm in (L1(), L2(), LInf()))


@column(
    "lmo_excess", r"(f(x_{#+1}) - N_{t} f(x_{#}))", "how far the LMO step is above the ball's minimum", "f", host=True
)
def excess(now, after):
    answer = brox(now.problem, now.norm, now.x, float(after.state.radius), tol=now.world.tol)
    return Entry(float(after.value) - float(answer.value), float(answer.gap) + 16 * EPS * float(after.scale))


lmo_descent = Theorem(
    name="bpm.lmo_descent",
    title="LMO step: descent and stationarity",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(BoundedBelow(), Positive("L"), ConstantRadius()),
    method=STEP,
    claims=(
        EachStep(radius[k] * grad[k] - L * radius[k] ** 2 / 2 <= value[k] - value[k + 1], "descent"),
        EachHorizon(Best(grad[i], (i, 0, K - 1)) <= d0 / (K * t) + L * t / 2, "best gradient"),
    ),
    cases=(_ONE_STEP, _ROUND, *_SMOOTH, *_RIDGE),
    parameters=(Rule(t, sp.sqrt(2 * d0 / (L * K)), t > 0, why="minimises the bound after K steps"),),
)

lmo_best = Theorem(
    name="bpm.lmo_best",
    title="LMO step with the best radius",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Positive("L"),),
    method=LmoMethod(OverSmoothness(), title="LMO step"),
    claims=(EachStep(grad[k] ** 2 / (2 * L) <= value[k] - value[k + 1], "descent"),),
    cases=(_ROUND, *_SMOOTH, *_RIDGE),
)


def _near_the_minimum(seed):
    """The LMO overshoots: from almost the minimiser it lands at distance t, where f is L t^2 / 2 above the minimum."""
    centre = np.random.default_rng(seed).standard_normal(5)
    return Quadratic.with_spectrum(np.full(5, 2.0), seed=seed, about=centre, x0=centre + 1e-3)


lmo_rate = Theorem(
    name="bpm.lmo_rate",
    title="LMO step: rate of convex f",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), HasMinimiser(), Positive("L")),
    method=STEP,
    claims=(EachStep(gap[k + 1] <= sp.Max(0, 1 - radius[k] / distance[k]) * gap[k] + L * radius[k] ** 2 / 2, "rate"),),
    cases=varied(
        Case(
            lambda seed: OneDimensional(profiles.Huber(), x0=30.0 + seed),
            L2(),
            radius=0.2,
            steps=20,
            sharp=0.99,
            note="rate: nearly attained where f is nearly linear and the minimiser is far",
        ),
        Case(
            _near_the_minimum, L2(), radius=1.0, steps=3, fixed=True, note="the step past the minimum is all curvature"
        ),
        *(Case(c.problem, c.norm, c.radius, 15) for c in _SMOOTH),
    ),
)


lmo_inexact = Theorem(
    name="bpm.lmo_inexact",
    title="LMO step as an inexact broximal step",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(), Positive("L")),
    method=STEP,
    claims=(EachStep(excess[k] <= L * radius[k] ** 2 / 2, "inexactness"),),
    cases=varied(
        Case(_near_the_minimum, L2(), radius=1.0, steps=3, sharp=0.99, note="nearly attained from near the minimum"),
        *(Case(c.problem, c.norm, c.radius, 15) for c in _SMOOTH),
    ),
)
