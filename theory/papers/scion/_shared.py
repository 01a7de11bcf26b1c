"""The vocabulary and the cases of the statements about Scion."""

import math

import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.theory.cases.momentum import bowl, matrix, noisy, quadratic, straight
from broximal.theory.cases.terms import Instance, shown
from broximal.theory.columns.layers import a, parameter
from broximal.theory.columns.points import K, i
from broximal.theory.columns.whole import G, eta, rho
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.theorem import Case, Rule

rad = parameter("rad", r"\varrho", "radius of the ball of the LMO", "x")
fraction = parameter("fraction", r"\gamma", "a step as a share of the radius of the ball", "1")
ASSUMES = (BoundedBelow(), Positive("L"), BoundedVariance())
MEAN = sp.Sum(G(i), (i, 0, K - 1)) / K
Q = sp.sqrt(1 - a / 2)
D2 = 2 * rho * rad  # Euclidean diameter of the ball
RADIUS = Rule(rad, sp.sympify(1), rad > 0, free=True, why="any radius")
SHARE = Rule(a, sp.Rational(1, 5), a <= 1, free=True, why="any share")
MOVE = Rule(eta, fraction * rad, sp.Eq(eta, fraction * rad), why="length of a step")
NEAR = ((quadratic, L2()), (quadratic, LInf()), (matrix, Spectral()))
STRAIGHT = "straight to the minimiser in all its steps, with rare noise"


def root_of_horizon(symbol):
    return Rule(symbol, 1 / sp.sqrt(K), sp.Eq(symbol, 1 / sp.sqrt(K)), why="the stepsize that the bound is stated for")


def three_quarters(symbol):
    """1 / (2 K^{3/4}) < gamma < 1 / K^{3/4}."""
    scaled = symbol * K ** sp.Rational(3, 4)
    middle = sp.Rational(3, 4)
    return Rule(
        symbol,
        middle * K ** (-middle),
        sp.Abs(scaled - middle) < sp.Rational(1, 4),
        free=True,
        why="between half of K^{-3/4} and K^{-3/4}",
    )


def cases(steps: int, size: float, **parameters: float) -> tuple[Case, ...]:
    return tuple(Case(noisy(problem, size), norm, steps=steps, parameters=parameters) for problem, norm in NEAR)


def by_root(instance: Instance) -> float:
    """The radius of the ball whose share 1 / sqrt K is the length of a step."""
    return instance.length * math.sqrt(instance.steps)


def by_three_quarters(instance: Instance) -> float:
    """The same where the share is 3 K^{-3/4} / 4."""
    return instance.length * instance.steps**0.75 / 0.75


def straight_case(
    start: float, end: float, size: float, steps: int, *, chance=0.005, note=STRAIGHT, **parameters
) -> Case:
    """One where the bound is far below what the start has, and is made use of."""
    return Case(straight(3, start, end, size, chance), LInf(), parameters=parameters, steps=steps, note=note)


__all__ = [
    "ASSUMES",
    "D2",
    "MEAN",
    "MOVE",
    "NEAR",
    "RADIUS",
    "SHARE",
    "STRAIGHT",
    "Q",
    "bowl",
    "by_root",
    "by_three_quarters",
    "cases",
    "fraction",
    "rad",
    "root_of_horizon",
    "shown",
    "straight_case",
    "three_quarters",
]
