"""The instances that statements about momentum in one norm are checked on."""

import numpy as np

from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.noise import Rare, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.cases.terms import LEVEL
from broximal.theory.language.theorem import Case


def bowl(seed: int) -> Quadratic:
    """c |x - b|_2^2 / 2 with |x_0 - b|_2 = 1."""
    b = np.random.default_rng(seed).standard_normal(3)
    return Quadratic(2.0 * np.eye(3), about=b, x0=b + np.array([0.6, 0.8, 0.0]), offset=LEVEL)


def quadratic(seed: int) -> Quadratic:
    return Quadratic.with_spectrum(np.geomspace(0.2, 1.0, 4), seed=seed, offset=LEVEL)


def matrix(seed: int) -> MatrixQuadratic:
    return MatrixQuadratic.example(2, seed)


def coupled(seed: int) -> CoupledQuadratic:
    return CoupledQuadratic.example(6, seed)


def ridges(kind: str, shape: int | tuple[int, int]):
    """One layer of ridge functions."""
    return lambda seed: Ridges(random_layer(kind, shape, seed))


def noisy(problem, size: float = 0.02):
    """The same problem seen through independent signs of this size in every entry of its gradient: bounded noise."""
    return lambda seed: Noisy(problem(seed), Signs(size))


def straight(d: int, start: float, end: float, size: float, chance: float = 0.005):
    """|x - end 1|_2^2 / 2 from start 1, where LMO steps in l_inf go straight to the minimiser, with noise that is rare.

    Bounds on average gradients add up what such a run really does, and rare noise may be far larger than its deviation.
    """

    def make(seed: int) -> Noisy:
        bowl = Quadratic(np.eye(d), about=np.full(d, end), x0=np.full(d, start))
        return Noisy(bowl, Rare(size, chance))

    return make


# (problem, norm): vectors, a matrix, and two layers in a product norm
SMOOTH = ((quadratic, L2()), (quadratic, LInf()), (matrix, Spectral()), (coupled, Product([L2(), LInf()])))


def noisy_cases(steps: int, size: float = 0.02, **options) -> tuple[Case, ...]:
    return tuple(Case(noisy(problem, size), norm, steps=steps, **options) for problem, norm in SMOOTH)
