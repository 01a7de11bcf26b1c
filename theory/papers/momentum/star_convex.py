"""Momentum with decoupled decay on star-convex functions: x_{k+1} = (1 - theta) x_k + theta R LMO(m_k), the last iterate.

Assumed: f L-smooth, f(x) - f* <= <grad f(x), x - x*>, |x*| <= R, |x_0| <= R; unbiased stochastic gradients with
E|g - grad f|_2^2 <= sigma^2, theta < a. gap_k = f(x_k) - f*; eta = theta R.

Statements.
  one step  gap_{k+1} <= (1 - theta) gap_k + 2 theta R |e_k|_* + 2 L theta^2 R^2                        on every path
  last      E gap_K <= (1 - theta)^K d_0 + 2 L theta R^2 + 2 R rho sigma sqrt(a / (2-a)) + 4 L theta R^2 (1-a)/a
            + 2 theta R rho sigma Q,   Q = ((1 - theta)^K - (1 - a)^K) / (a - theta)

Proof. |x_k| <= R throughout. With u = LMO(m): <m, R u> <= <m, x*>, so <grad f(x), R u - x> <= <grad f(x), x* - x> +
2 R |e|_* <= -gap + 2 R |e|_*, and |R u - x| <= 2 R: one step. Steps are no longer than 2 theta R, so E|e_k|_* <= 2 L theta R
(1-a)/a + rho sigma ((1-a)^k + sqrt(a / (2-a))) as in `momentum.average`; unroll, with theta sum_j (1 - theta)^j <= 1 and
Q = sum_{j<K} (1 - theta)^{K-1-j} (1-a)^j. QED

Ceiling. If the noise is surely at most s, its part of |e_k|_* is at most rho s, and the one-step inequalities unroll on the
path to (1 - theta)^K d_0 + 2 L theta R^2 + 4 L theta R^2 (1-a)/a + 2 R rho s.
Nearly attained where f is nearly linear on the way from -x* to x*: Huber's function far from its minimiser.
"""

import math

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import OneDimensional, Quadratic, profiles
from broximal.theory import Case, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import noisy_cases
from broximal.theory.cases.remarks import LOOSE, ROOM, VARIANCE
from broximal.theory.cases.terms import Instance, shown
from broximal.theory.columns.layers import a, parameter
from broximal.theory.columns.points import K, L, d0, gap, k
from broximal.theory.columns.whole import E, eta, rho, sigma, size, sure, theta
from broximal.theory.hypotheses.functions import BoundedBelow, HasMinimiser, Positive, StarConvex
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import Expected
from broximal.theory.language.source import KOVALEV
from broximal.theory.methods.lmo import Ema, LmoMethod, Whole

R = parameter("reach", "R", "radius of the ball that holds the start and the minimiser", "x")
EXACT = (1 - theta) ** K * d0 + 2 * L * theta * R**2 + 4 * L * theta * R**2 * (1 - a) / a
Q = ((1 - theta) ** K - (1 - a) ** K) / (a - theta)


def far(seed: int) -> OneDimensional:
    """Huber's function with x_0 = -x*, at a distance of 60: nearly linear on the way."""
    return OneDimensional(profiles.Huber(), shift=30.0, x0=-30.0)


def nearby(seed: int) -> Quadratic:
    """(x - 0.8)^2 / 2 from 1: steps towards 0 cross the minimum at once."""
    return Quadratic(np.eye(1), about=np.array([0.8]), x0=np.array([1.0]))


def _reach(own: Instance) -> float:
    """Where the steps of the default share are as long as the instance has them, and the start is within reach."""
    return max(1.001 * own.start, own.length * (own.steps + 1) / math.log(own.steps + 1))


star_convex = Theorem(
    name="momentum.star_convex",
    title="Momentum with decoupled decay on star-convex functions: the last iterate",
    source=Source(KOVALEV, "proved here"),
    assumes=(BoundedBelow(), StarConvex(), HasMinimiser(), Positive("L"), BoundedVariance()),
    method=LmoMethod(Whole(), Ema("a"), decay="theta", title="LMO method with momentum and decay"),
    parameters=(
        Rule(theta, sp.log(K + 1) / (K + 1), theta < 1, free=True, why="any decay; this one leaves d_0 / (K + 1)"),
        Rule(a, theta ** sp.Rational(2, 3), theta < a, free=True, why="balances noise and drift"),
        Rule(R, size, size <= R, free=True, why="at least |x_0| and |x*|"),
        Rule(eta, theta * R, sp.Eq(eta, theta * R), why="the ball of radius R around the decay's centre"),
    ),
    claims=(
        EachStep(gap[k + 1] <= (1 - theta) * gap[k] + 2 * eta * E(k) + 2 * L * eta**2, "one step"),
        Expected(
            gap[K] <= EXACT + 2 * R * rho * sigma * sp.sqrt(a / (2 - a)) + 2 * theta * R * rho * sigma * Q,
            "last iterate",
            unseen={
                (
                    "2*reach*rho_n*sigma_n*theta*(-(1 - a)**K + (1 - theta)**K)/(a - theta)",
                    "a",
                    "-theta (#2)",
                    "(1 - theta)**K",
                ): ROOM,
                ("-a", "-a (#3)"): VARIANCE,
            },
            trivial=2 * L * R**2,
            ceiling=EXACT + 2 * R * rho * sure,
            sharpness=LOOSE,
        ),
    ),
    cases=(
        *shown("across", "remembered", "friction", length="reach", scale=_reach),
        *shown("lost", "many lost", length="reach", scale=lambda own: own.end),
        Case(
            far,
            L2(),
            parameters={"theta": 1e-3, "a": 0.9},
            steps=20,
            sharp=0.99,
            note="nearly linear: the one-step inequality is nearly attained",
        ),
        Case(
            nearby,
            L2(),
            parameters={"theta": 0.005, "a": 0.015, "reach": 1.0},
            steps=64,
            fixed=True,
            note="momentum carries far beyond the minimum",
        ),
        *noisy_cases(400, 0.1),
    ),
)
