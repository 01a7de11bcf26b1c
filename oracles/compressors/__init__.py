"""Compressors, each with the norms in which it contracts, the factor, and what refutes it in the others."""

from broximal.oracles.compressors.columns import TopKColumns
from broximal.oracles.compressors.composition import Compose
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction
from broximal.oracles.compressors.counterexamples import NotContractive
from broximal.oracles.compressors.layers import LayerWise
from broximal.oracles.compressors.registry import Entry, catalogue, parse
from broximal.oracles.compressors.rounding import Natural
from broximal.oracles.compressors.scalar_multiples import Damped, Dropout, Identity
from broximal.oracles.compressors.signs import MeanSign, ScaledSign
from broximal.oracles.compressors.spectral import HalfPolar, MeanPolar, RankK
from broximal.oracles.compressors.top_k import RandK, TopK

__all__ = [
    "Compose",
    "Compressor",
    "Contraction",
    "Damped",
    "Dropout",
    "Entry",
    "HalfPolar",
    "Identity",
    "LayerWise",
    "MeanPolar",
    "MeanSign",
    "Natural",
    "NotContractive",
    "RandK",
    "RankK",
    "ScaledSign",
    "TopK",
    "TopKColumns",
    "catalogue",
    "parse",
]
