"""The catalogue of norms."""

from broximal.oracles.norms.ellipsoid import Ellipsoid
from broximal.oracles.norms.flattened import Flattened
from broximal.oracles.norms.general_lp import Lp
from broximal.oracles.norms.group import Group
from broximal.oracles.norms.induced import OneToInf, OneToRms, OneToTwo, RmsToInf, RmsToRms, SizeScaled, TwoToInf
from broximal.oracles.norms.ksupport import KSupport, TopKL2
from broximal.oracles.norms.kyfan import KyFan, KyFanDual
from broximal.oracles.norms.linear_image import LinearImage
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.mixed import Mixed
from broximal.oracles.norms.ordered import OWL, OWLDual, TopK, TopKDual
from broximal.oracles.norms.polyhedral import AtomHull, MaxAbsLinear
from broximal.oracles.norms.product import L2Product, Product, SumProduct
from broximal.oracles.norms.registry import Entry, catalogue, parse
from broximal.oracles.norms.scaled import Scaled
from broximal.oracles.norms.schatten import Frobenius, Nuclear, Schatten, Spectral, UnitarilyInvariant
from broximal.oracles.norms.user import CvxpyDual, CvxpyNorm
from broximal.oracles.norms.weighted import WeightedL1, WeightedLInf

__all__ = [
    "L1",
    "L2",
    "OWL",
    "AtomHull",
    "CvxpyDual",
    "CvxpyNorm",
    "Ellipsoid",
    "Entry",
    "Flattened",
    "Frobenius",
    "Group",
    "KSupport",
    "KyFan",
    "KyFanDual",
    "L2Product",
    "LInf",
    "LinearImage",
    "Lp",
    "MaxAbsLinear",
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
    "catalogue",
    "parse",
]
