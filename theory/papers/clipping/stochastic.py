"""Stochastic clipping with momentum: x_{k+1} = x_k + gamma min{varrho, |d_k|_*} LMO(d_k), d_k = (1-a) d_{k-1} + a g(x_k; xi_k).

Assumed: (L0, L1)-smoothness within 1 / L1, gamma <= 1 / L0, gamma varrho <= 1 / (2 L1); for the two means also unbiased
stochastic gradients with E|g - grad f|_2^2 <= sigma^2, and 13 theta <= 1 with theta = (1-a) gamma varrho L1 / a (no condition for
a = 1 or L1 = 0). e_k = d_k - grad f(x_k), m_k = min{varrho, |d_k|_*}.

Statements (delta = (1-a) L0 gamma varrho / a + rho sigma (1 / (a K) + sqrt(a / (2-a)))).
  one step  f(x_{k+1}) <= f(x_k) - gamma m_k (|d_k|_* - |e_k|_*) + gamma^2 m_k^2 (L0 + L1 G_k) / 2       on every path
  errors    (1/K) sum G_k <= sqrt(H) + H / varrho with H = 4 d_0 / (gamma K) + 7 varrho (1/K) sum |e_k|_*, on every path, for any a
  average   (1/K) sum E G_k <= sqrt(H) + H / varrho with H = (4 (1 + theta) d_0 / (gamma K) + 7 varrho delta) / (1 - 6 theta)
  printed   (Theorem 4.9) with eps = (7/4) varrho delta: (1/K) sum E G_k <= 4 sqrt(d_0 / (gamma K)) + 8 d_0 / (gamma varrho K) +
            4 sqrt(eps) + 8 eps / varrho
  false     average and printed without 13 theta <= 1, the first for theta = 0 in H: FALSE for a < 1 and L1 > 0
The paper's eps is made of the mean errors, with a further term that is not needed; a bound of them by delta is not in it.

Proof. One step: <grad f, u> <= -|d|_* + |e|_* for u = LMO(d). With gamma L0 <= 1, gamma m L1 <= 1/2, m <= |d| and G <= |d| + |e|
the decrease over gamma is at least m |d| - m |e| - m^2 / 2 - m (|d| + |e|) / 4 >= m |d| / 4 - (5/4) varrho |e|. With S = sum m |d| and
R = varrho sum |e| that is S <= 4 d_0 / gamma + 5 R. h(s) = min{s^2, varrho s} has slopes at most 2 varrho, so m |d| = h(|d|) >=
h(G) - 2 varrho |e|, and sum h(G_k) <= S + 2 R <= 4 d_0 / gamma + 7 R. As s <= sqrt(h) + h / varrho, Jensen's inequality gives
errors. average: the noise in e_k as in `momentum.average`; its drift adds at most ((1-a) / a) gamma sum m (L0 + L1 G), and
m G <= m |d| + varrho |e|. So E R <= K varrho delta + theta (E S + E R), a linear system with the solution E S + 2 E R <= K H, since
((1 + theta) (4 (1 - theta) D + 5 V) / (1 - 6 theta) + 2 V) / (1 - theta) = (4 (1 + theta) D + 7 V) / (1 - 6 theta). printed: for
13 theta <= 1, H is at most twice 4 d_0 / (gamma K) + 4 eps, whose root is at most twice the sum of the roots of its halves. QED

The a priori bound needs theta: with little friction cosh(x) is climbed again on the other side, to a gradient that is about
1 / a times the first, as the momentum is turned round only by as much as it has gathered. From x_0 = 8 with a = 1/100, gamma = 1 / L0
and gamma varrho = 1 / (2 L1), without any noise, the average over 57 steps is more than five times
what average would allow with theta = 0 in H.

Ceiling. The same on every path: if the noise is surely at most s, it adds at most rho s to |e_k|_*, in the place of its part of
delta. One step is attained by c |x|_2^2 / 2 without noise.
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import SMOOTH, bowl, noisy, ridges
from broximal.theory.cases.remarks import LOOSE, ROOM
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import ROUNDING, a
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.columns.whole import E, G, cap, gam, rho, sigma, sure
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.hypotheses.whole import LocalSmooth, OneLayer
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import GGNC
from broximal.theory.methods.lmo import Clipped, Ema, LmoMethod
from broximal.theory.papers.clipping.conditional_gradient import M0, M1, MEAN


@column("estimate", r"\|d_{#}\|_\ast", "dual norm of the estimate that the step moves along", "f/x")
def estimate(now, after):
    size = now.layers.dual_sizes(now.layers.split(after.state.m)).sum()
    return Entry(size, ROUNDING * (size + now.start.dual_sizes.sum()))


DRIFT = (1 - a) * M0 * gam * cap / a
DELTA = DRIFT + rho * sigma * (1 / (a * K) + sp.sqrt(a / (2 - a)))
EPS = sp.Rational(7, 4) * cap * DELTA
THETA = (1 - a) * gam * cap * M1 / a
M = sp.Min(cap, estimate[k])
ASSUMES = (BoundedBelow(), OneLayer(), LocalSmooth(accepts=("A1",), within=0.5))
METHOD = LmoMethod(Clipped(), Ema("a"), title="stochastic clipping with momentum")
CAP = Rule(cap, sp.sqrt(M0 * d0 / 8), cap > 0, free=True, why="any cap")


def hill(seed: int) -> Ridges:
    """cosh(x) - 1 from x = 8."""
    return Ridges(RidgeLayer("cosh", np.ones(1), np.ones(1), np.zeros(1), np.array([8.0])))


def stepsize(inverse, why: str) -> Rule:
    return Rule(gam, 1 / inverse, gam * inverse <= 1, free=True, why=why)


def bound(delta, theta=THETA):
    H = (4 * (1 + theta) * d0 / (gam * K) + 7 * cap * delta) / (1 - 6 * theta)
    return sp.sqrt(H) + H / cap


PRINTED = 4 * sp.sqrt(d0 / (gam * K)) + 8 * d0 / (gam * cap * K) + 4 * sp.sqrt(EPS) + 8 * EPS / cap
FRICTIONLESS = {"a": 0.01, "cap": 0.5}
HALVES = "it needs clipped steps at gradients just above the cap, where the halves of its inequalities are all attained"
ANY_SHARE = stepsize(sp.Max(M0, 2 * M1 * cap), "as assumed")

stochastic = Theorem(
    name="clipping.stochastic",
    title="Stochastic clipping with momentum: the average gradient",
    source=Source(
        GGNC, "as published", "Theorem 4.9 in its claim 'printed'; its proof was done anew, with half the constants"
    ),
    assumes=(*ASSUMES, BoundedVariance()),
    method=METHOD,
    parameters=(
        Rule(a, sp.sympify(1), a <= 1, free=True, why="any share"),
        CAP,
        stepsize(
            sp.Max(M0, 2 * M1 * cap, 13 * (1 - a) * M1 * cap / a),
            "as assumed, and so short that the drift of the momentum is absorbed",
        ),
    ),
    claims=(
        EachStep(
            gam * M * (estimate[k] - E(k)) - gam**2 * M**2 * (M0 + M1 * G(k)) / 2 <= value[k] - value[k + 1],
            "one step",
        ),
        Expected(
            MEAN <= bound(DELTA), "average", unseen={...: ROOM}, ceiling=bound(DRIFT + rho * sure), sharpness=LOOSE
        ),
        Expected(MEAN <= PRINTED, "printed", unseen={...: ROOM}, ceiling=bound(DRIFT + rho * sure), sharpness=LOOSE),
    ),
    cases=(
        Case(bowl, L2(), parameters={"cap": 1.0}, steps=5, sharp=0.999, note="one step attained without noise"),
        *shown("noise", "straight", "friction", length="", family="layers"),
        *shown("straight", length="", family="layers", cap=0.1, gam=1.0),
        *shown("bent", length="", family="layers", cap=0.2, gam=0.1),
        *shown("once", length="", family="layers", cap=10.0, gam=1.0),
        *shown("steep", length="", family="layers", cap=1.0, gam=0.1),
        dataclasses.replace(*shown("stuck", length="", family="layers", cap=0.02, gam=1.0), steps=1600),
        *(
            Case(noisy(problem, 0.1), norm, parameters={"a": 0.1, "gam": 0.1, "cap": 0.1}, steps=400)
            for problem, norm in SMOOTH[:3]
        ),
        *(
            Case(noisy(ridges("psi", shape), 0.02), norm, parameters=share, steps=200, note="non-convex, not L-smooth")
            for shape, norm, share in ((4, L2(), {"a": 0.3}), (3, LInf(), None), ((2, 3), Spectral(), {"a": 0.5}))
        ),
    ),
)

errors = Theorem(
    name="clipping.stochastic_errors",
    title="Stochastic clipping with momentum: the average gradient by the errors of the run",
    source=Source(GGNC, "proved here", "on the errors in Theorem 4.9"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=(Rule(a, sp.Rational(1, 5), a <= 1, free=True, why="any share"), CAP, ANY_SHARE),
    claims=(
        EachHorizon(
            MEAN <= bound(sp.Sum(E(i), (i, 0, K - 1)) / K, theta=0),
            "errors",
            unseen={"7*cap*Sum(SumOver(el[i, l], (l, 0, p - 1)), (i, 0, K - 1))/K": ROOM},
            sharpness=HALVES,
        ),
    ),
    cases=(
        Case(hill, L2(), parameters=FRICTIONLESS, steps=100, note="over the valley and up again, without noise"),
        *shown("once", length="", family="layers", cap=10.0, gam=1.0),
        *shown("slope", length="", family="layers", cap=0.05, gam=1.0),
        *(
            Case(noisy(ridges(kind, shape), 0.1), norm, steps=100, note="L1 > 0 and small shares")
            for kind, shape, norm in (("psi", 4, L2()), ("cosh", 3, LInf()), ("psi", (2, 3), Spectral()))
        ),
    ),
)

false_share = Theorem(
    name="clipping.false_share",
    title="Stochastic clipping with momentum of any share, by its drift beforehand",
    source=Source(GGNC, "false as commonly read", "Theorem 4.9 with the errors bounded as for L1 = 0"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=errors.parameters,
    claims=(
        EachHorizon(MEAN <= bound(DRIFT, theta=0), "average"),
        EachHorizon(MEAN <= PRINTED, "printed"),
    ),
    cases=(Case(hill, L2(), parameters=FRICTIONLESS, steps=100, note="over the valley and up again, without noise"),),
    truth=False,
    repair="clipping.stochastic",
)
