"""Objectives that own what is known about them: minimisers, noise, and constants in any norm."""

from broximal.problems import profiles, worst
from broximal.problems.bandits import rewards
from broximal.problems.bandits.arms import Arms
from broximal.problems.catalogue import families, make
from broximal.problems.constant import Constant, Known
from broximal.problems.distributed.workers import Workers
from broximal.problems.facts import Facts
from broximal.problems.instance import Instance
from broximal.problems.nonsmooth.combination import Combination
from broximal.problems.nonsmooth.convex_sets import Affine, Box, HalfSpace, NormBall
from broximal.problems.nonsmooth.distance import NormDistance
from broximal.problems.nonsmooth.homogeneous import Homogeneous
from broximal.problems.nonsmooth.max_affine import MaxAffine
from broximal.problems.nonsmooth.monotone import Largest, SoftMaximum, TopSum
from broximal.problems.nonsmooth.set_distance import SetDistance
from broximal.problems.nonsmooth.sizes import PolynomialOfSizes, QuasiNorm
from broximal.problems.problem import CONSTANTS, Problem
from broximal.problems.regression import data
from broximal.problems.regression.least_squares import LeastSquares
from broximal.problems.regression.logistic import Logistic
from broximal.problems.regression.matrix_least_squares import MatrixLeastSquares, MatrixQuadratic
from broximal.problems.regression.multinomial import Multinomial
from broximal.problems.regression.separable_logistic import SeparableLogistic
from broximal.problems.regression.two_block_logistic import TwoBlockLogistic
from broximal.problems.regression.two_layer_network import TwoLayerNetwork
from broximal.problems.smooth.cosh import Cosh
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.factorisation import Factorisation
from broximal.problems.smooth.linear import Linear
from broximal.problems.smooth.log_sum_exp import LogSumExp
from broximal.problems.smooth.one_dimensional import OneDimensional
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.quadratic_cosine import QuadraticCosine
from broximal.problems.smooth.ridge_function import RidgeFunction
from broximal.problems.smooth.ridges import Ridges
from broximal.problems.smooth.separable import Separable
from broximal.problems.smooth.spectral_function import SpectralFunction
from broximal.problems.stochastic import heavy_tails, noise
from broximal.problems.stochastic.contract import Stochastic, VarianceGrowth
from broximal.problems.stochastic.cosh_sum import CoshSum
from broximal.problems.stochastic.finite_sum import FiniteSum
from broximal.problems.stochastic.growing import DistanceNoise, GradientNoise
from broximal.problems.stochastic.kaczmarz import Kaczmarz
from broximal.problems.stochastic.logistic_sum import LogisticSum
from broximal.problems.stochastic.noisy import Noisy
from broximal.problems.stochastic.quadratic_sum import QuadraticSum
from broximal.problems.stochastic.random_curvature import RandomCurvature
from broximal.problems.wrappers.composite import Composite
from broximal.problems.wrappers.regularised import Regularised
from broximal.problems.wrappers.rotated import Rotated
from broximal.problems.wrappers.smallest import Smallest

__all__ = [
    "CONSTANTS",
    "Affine",
    "Arms",
    "Box",
    "Combination",
    "Composite",
    "Constant",
    "Cosh",
    "CoshSum",
    "CoupledQuadratic",
    "DistanceNoise",
    "Factorisation",
    "Facts",
    "FiniteSum",
    "GradientNoise",
    "HalfSpace",
    "Homogeneous",
    "Instance",
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
    "RandomCurvature",
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
    "Stochastic",
    "TopSum",
    "TwoBlockLogistic",
    "TwoLayerNetwork",
    "VarianceGrowth",
    "Workers",
    "data",
    "families",
    "heavy_tails",
    "make",
    "noise",
    "profiles",
    "rewards",
    "worst",
]
