"""Gluon with constant radii on star-convex functions: exact gradients, and stochastic ones with momentum.

Radii t_l = theta R_l with R_l = 2 |X_l - X*_l|_(l) at the start and 2 K theta <= 1: then |X_l - X*_l|_(l) <= R_l for K steps,
whatever the directions are. Assumed: f* >= f(X) + <grad f(X), X* - X>; B = sum_l R_l^2 L0_l.

Statements
  per step    L1_l t_l <= 1:  gap_{k+1} <= (1 - theta/2) gap_k + theta^2/2 B
  last        L1_l t_l <= 1:  gap_K <= (1 - theta/2)^K d_0 + theta B
  stochastic  L1 = 0, m_k = (1 - a) m_{k-1} + a g(X_k; xi_k): E gap_K <= (1 - theta)^K d_0 + sum_l [2 R_l rho_l sigma_l sqrt a +
              2 theta L0_l R_l^2 (1 - a)/a + theta L0_l R_l^2 / 2] + 2 theta K max(1 - theta, 1 - a)^{K-1} sum_l R_l rho_l sigma_l

Proof. gap <= sum_l R_l g_l. A step decreases f by at least sum_l t_l g_l - (L0_l + L1_l g_l) t_l^2 / 2 >= sum_l t_l g_l / 2 -
L0_l t_l^2 / 2, as L1_l t_l <= 1; sum the geometric series. stochastic: the decrease is at least sum_l t_l g_l - 2 t_l e_l - L0_l
t_l^2 / 2 >= theta gap - 2 sum_l t_l e_l - theta^2 B / 2, and E e_l at step k is at most rho_l sigma_l ((1 - a)^k + sqrt a) +
L0_l t_l (1 - a) / a (A2: summed with weights t_l); sum with weights (1 - theta)^{K-1-k}. QED

Ceiling. At X* the gradient is zero, so gap <= sum_l L0_l |X_l - X*_l|_(l)^2 / 2, and after K steps |X_l - X*_l|_(l) <=
(1/2 + K theta) R_l.
"""

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.gluon import AHEAD, COUPLED, MIXED, PAIR, layers, noisy, round_bowl, straight
from broximal.theory.cases.remarks import LOOSE, ROOM
from broximal.theory.columns.layers import L0, L1, a, parameter
from broximal.theory.columns.points import K, d0, gap, k
from broximal.theory.hypotheses.functions import HasMinimiser, StarConvex
from broximal.theory.hypotheses.smoothness import BoundedVariance, LayerSmooth
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import LayerSum, Measured, known, layer, of_layers
from broximal.theory.language.run import entry
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Ema, LmoMethod, PerLayer
from broximal.theory.papers.gluon.stochastic import NOISE, t

theta = parameter("part", r"\theta", "step as a fraction of the distance bound", "1")


@of_layers(
    "R0l", r"R_{#}", "twice the distance of a layer of the start to its minimiser", "x", option="R", safe="larger"
)
def reach(run):
    found = entry(known("Dl"), run.start)
    return Measured.of(2 * np.asarray(found.value), 2 * np.asarray(found.noise))


R = reach[layer]
B = LayerSum(R**2 * L0[layer])
_STAR = (StarConvex(), HasMinimiser())
THETA = Rule(theta, 1 / (2 * K), 2 * K * theta <= 1, free=True, why="so that the distances stay below R for K steps")


def narrow(seed: int) -> Quadratic:
    """A valley 100 times as long as wide, and a start that is far away but not high up."""
    return Quadratic(np.diag([1e-4, 1.0]), about=np.zeros(2), x0=np.array([1.0, 0.01]))


star_constant = Theorem(
    name="gluon.star_constant",
    title="Constant radii on star-convex functions",
    source=Source(GLUON, "proved here"),
    assumes=(*_STAR, LayerSmooth(as_descent=True)),
    method=LmoMethod(PerLayer("tau"), title="Gluon with constant radii"),
    parameters=(THETA, Rule(t, theta * R, L1[layer] * t <= 1, why="theta R_l")),
    claims=(
        EachStep(gap[k + 1] <= (1 - theta / 2) * gap[k] + theta**2 / 2 * B, "per step", trivial=gap[k]),
        EachHorizon(
            gap[K] <= (1 - theta / 2) ** K * d0 + theta * B,
            "last",
            trivial=d0,
        ),
    ),
    cases=(
        Case(round_bowl, L2(), steps=600, sharp=0.99, note="nearly attained by many short steps"),
        Case(layers("square"), MIXED, steps=100),
        *(Case(c.problem, c.norm, steps=100, note=c.note) for c in COUPLED),
        Case(layers("cosh"), MIXED, steps=100),
        Case(narrow, L2(), steps=5, fixed=True, note="the steps cross the valley, and f rises"),
    ),
)

star_stochastic = Theorem(
    name="gluon.star_stochastic",
    title="Constant radii on star-convex functions, stochastic gradients",
    source=Source(GLUON, "proved here"),
    assumes=(*_STAR, LayerSmooth(accepts=("A1", "A2"), zero_L1=True), BoundedVariance()),
    method=LmoMethod(PerLayer("tau"), Ema("a"), title="Gluon with constant radii"),
    parameters=(
        THETA,
        Rule(t, theta * R, L1[layer] * t <= 0, why="theta R_l"),
        Rule(a, theta ** sp.Rational(2, 3), a <= 1, free=True, why="any share; this one balances noise and drift"),
    ),
    claims=(
        Expected(
            gap[K]
            <= (1 - theta) ** K * d0
            + LayerSum(
                2 * R * NOISE * sp.sqrt(a) + 2 * theta * L0[layer] * R**2 * (1 - a) / a + theta * L0[layer] * R**2 / 2
            )
            + 2 * theta * K * sp.Max(1 - theta, 1 - a) ** (K - 1) * LayerSum(R * NOISE),
            "last",
            unseen={...: ROOM},
            trivial=d0,
            ceiling=B / 2 * (sp.Rational(1, 2) + theta * K) ** 2,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        Case(noisy(straight, 0.01), PAIR, steps=200, parameters={"part": 5e-4, "a": 1.0}, note=AHEAD),
        *(
            Case(noisy(problem, 0.002), norm, steps=400, parameters={"part": 2.5e-4, "a": 1.0})
            for problem, norm in ((layers("square"), MIXED), *((c.problem, c.norm) for c in COUPLED))
        ),
    ),
)
