"""Objectives that own what is known about them: minimisers, noise, and constants in any norm."""

from broximal.problems import noise, profiles, worst
from broximal.problems.catalogue import families, make
from broximal.problems.combination import Combination
from broximal.problems.composite import Composite
from broximal.problems.constant import Constant, Known
from broximal.problems.convex_sets import Affine, Box, HalfSpace, NormBall
from broximal.problems.cosh import Cosh
from broximal.problems.cosh_sum import CoshSum
from broximal.problems.coupled import CoupledQuadratic
from broximal.problems.distance import NormDistance
from broximal.problems.factorisation import Factorisation
from broximal.problems.finite_sum import FiniteSum
from broximal.problems.homogeneous import Homogeneous
from broximal.problems.kaczmarz import Kaczmarz
from broximal.problems.least_squares import LeastSquares
from broximal.problems.linear import Linear
from broximal.problems.log_sum_exp import LogSumExp
from broximal.problems.logistic import Logistic
from broximal.problems.logistic_sum import LogisticSum
from broximal.problems.matrix_least_squares import MatrixLeastSquares, MatrixQuadratic
from broximal.problems.max_affine import MaxAffine
from broximal.problems.monotone import Largest, SoftMaximum, TopSum
from broximal.problems.multinomial import Multinomial
from broximal.problems.noisy import Noisy
from broximal.problems.one_dimensional import OneDimensional
from broximal.problems.problem import CONSTANTS, Problem
from broximal.problems.quadratic import Quadratic
from broximal.problems.quadratic_cosine import QuadraticCosine
from broximal.problems.quadratic_sum import QuadraticSum
from broximal.problems.regularised import Regularised
from broximal.problems.ridge_function import RidgeFunction
from broximal.problems.ridges import Ridges
from broximal.problems.rotated import Rotated
from broximal.problems.separable import Separable
from broximal.problems.separable_logistic import SeparableLogistic
from broximal.problems.set_distance import SetDistance
from broximal.problems.sizes import PolynomialOfSizes, QuasiNorm
from broximal.problems.smallest import Smallest
from broximal.problems.spectral_function import SpectralFunction
from broximal.problems.two_block_logistic import TwoBlockLogistic
from broximal.problems.two_layer_network import TwoLayerNetwork

__all__ = [
    "CONSTANTS",
    "Affine",
    "Box",
    "Combination",
    "Composite",
    "Constant",
    "Cosh",
    "CoshSum",
    "CoupledQuadratic",
    "Factorisation",
    "FiniteSum",
    "HalfSpace",
    "Homogeneous",
    "Kaczmarz",
    "Known",
    "Largest",
    "LeastSquares",
    "Linear",
    "LogSumExp",
    "Logistic",
    "LogisticSum",
    "MatrixLeastSquares",
    "MatrixQuadratic",
    "MaxAffine",
    "Multinomial",
    "Noisy",
    "NormBall",
    "NormDistance",
    "OneDimensional",
    "PolynomialOfSizes",
    "Problem",
    "Quadratic",
    "QuadraticCosine",
    "QuadraticSum",
    "QuasiNorm",
    "Regularised",
    "RidgeFunction",
    "Ridges",
    "Rotated",
    "Separable",
    "SeparableLogistic",
    "SetDistance",
    "Smallest",
    "SoftMaximum",
    "SpectralFunction",
    "TopSum",
    "TwoBlockLogistic",
    "TwoLayerNetwork",
    "families",
    "make",
    "noise",
    "profiles",
    "worst",
]
