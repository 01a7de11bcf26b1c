"""The instances that most statements about the method are checked on."""

import dataclasses
from typing import Any

import numpy as np

from broximal.oracles.norms import L1, L2, LInf, Spectral
from broximal.problems import Logistic, MatrixLeastSquares, MaxAffine, Quadratic, Smallest
from broximal.theory.cases.measured import breast_cancer
from broximal.theory.cases.terms import LEVEL
from broximal.theory.language.theorem import Case


def quadratic(seed: int) -> Quadratic:
    return Quadratic.example(6, seed)


def isotropic(seed: int) -> Quadratic:
    """|z - c|_2^2, for which most Euclidean statements are equalities."""
    return Quadratic.with_spectrum(np.full(5, 2.0), seed=seed, offset=LEVEL)


def max_affine(seed: int) -> MaxAffine:
    return MaxAffine.example(5, seed)


STRONGLY_CONVEX = (
    Case(quadratic, L2()),
    Case(quadratic, LInf()),
    Case(quadratic, L1()),
    Case(lambda seed: Logistic.example(5, seed), L2(), steps=25),
)

MATRIX = (Case(lambda seed: MatrixLeastSquares.example(16, seed), Spectral(), steps=15),)

POLYHEDRAL = (
    Case(max_affine, L1()),
    Case(max_affine, LInf()),
    Case(max_affine, L2()),
)

REAL = (
    Case(lambda seed: breast_cancer(), L2(), steps=12, fixed=True, note="569 samples, 30 features"),
    Case(lambda seed: breast_cancer(), LInf(), steps=12, fixed=True, note="569 samples, 30 features"),
)

CONVEX = STRONGLY_CONVEX + MATRIX + POLYHEDRAL + REAL


STAR_CONVEX = (
    Case(lambda seed: Smallest.example(4, seed), L2(), note="non-convex"),
    Case(lambda seed: Smallest.example(4, seed), LInf(), note="non-convex"),
)


def only(cases: tuple[Case, ...], *norms: type) -> tuple[Case, ...]:
    """The cases in one of these norms."""
    return tuple(case for case in cases if isinstance(case.norm, norms))


def of_distance(times: float = 1.0, over: float = 1.0) -> Any:
    """The radius that is this multiple of the distance of the start from the minimisers."""
    return lambda problem, norm, x0: times * problem.distance(x0, norm).value / over


def varied(*cases: Case) -> tuple[Case, ...]:
    """The cases, and the first once more with radii that rise and fall: then another step's radius makes another claim."""
    first = cases[0]

    def radii(problem, norm, x0):
        rule: Any = problem.distance(x0, norm).value / 9.7 if first.radius is None else first.radius
        mean = rule if isinstance(rule, (int, float)) else rule(problem, norm, x0)
        return lambda k: mean * (1.0 if k % 2 else 1 / 3)

    steps = min(first.steps, 8)
    return (
        *cases,
        dataclasses.replace(first, radius=radii, steps=steps, sharp=None, fixed=True, note="radii rise and fall"),
    )
