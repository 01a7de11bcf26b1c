"""The catalogue of norms."""

from broximal.oracles.norms.ellipsoid import Ellipsoid
from broximal.oracles.norms.general_lp import Lp
from broximal.oracles.norms.group import Group
from broximal.oracles.norms.induced import OneToInf, OneToRms, OneToTwo, RmsToInf, RmsToRms, SizeScaled, TwoToInf
from broximal.oracles.norms.ksupport import KSupport, TopKL2
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.mixed import Mixed
from broximal.oracles.norms.ordered import OWL, OWLDual, TopK, TopKDual
from broximal.oracles.norms.product import L2Product, Product, SumProduct
from broximal.oracles.norms.scaled import Scaled
from broximal.oracles.norms.schatten import Frobenius, KyFan, KyFanDual, Nuclear, Schatten, Spectral, UnitarilyInvariant
from broximal.oracles.norms.weighted import WeightedL1, WeightedLInf

__all__ = [
    "L1",
    "L2",
    "OWL",
    "Ellipsoid",
    "Frobenius",
    "Group",
    "KSupport",
    "KyFan",
    "KyFanDual",
    "L2Product",
    "LInf",
    "Lp",
    "Mixed",
    "Nuclear",
    "OWLDual",
    "OneToInf",
    "OneToRms",
    "OneToTwo",
    "Product",
    "RmsToInf",
    "RmsToRms",
    "Scaled",
    "Schatten",
    "SizeScaled",
    "Spectral",
    "SumProduct",
    "TopK",
    "TopKDual",
    "TopKL2",
    "TwoToInf",
    "UnitarilyInvariant",
    "WeightedL1",
    "WeightedLInf",
]
