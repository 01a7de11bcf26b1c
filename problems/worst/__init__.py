"""Extremal instances: problems on which a bound is attained, or on which a plausible statement is false.

Each carries its construction and proof in its module, chooses broximal points as the proof does, and has its data in
rational numbers where they are rational. The one-dimensional negative controls (sqrt|z|, the plateau, the double well) are
profiles: `OneDimensional(profiles.SquareRoot())`.
"""

from broximal.problems.worst.cycle import Cycle
from broximal.problems.worst.distance_growth import DistanceGrowth
from broximal.problems.worst.doubling import Doubling
from broximal.problems.worst.exponential_bend import ExponentialBend
from broximal.problems.worst.flipping import Flipping
from broximal.problems.worst.harmonic import Harmonic
from broximal.problems.worst.lattice import Lattice
from broximal.problems.worst.one_sided import OneSided
from broximal.problems.worst.polyhedral_packing import PolyhedralPacking
from broximal.problems.worst.ripples import Ripples
from broximal.problems.worst.saw_tooth import SawTooth
from broximal.problems.worst.staircase import Staircase
from broximal.problems.worst.unaligned import Unaligned

__all__ = [
    "Cycle",
    "DistanceGrowth",
    "Doubling",
    "ExponentialBend",
    "Flipping",
    "Harmonic",
    "Lattice",
    "OneSided",
    "PolyhedralPacking",
    "Ripples",
    "SawTooth",
    "Staircase",
    "Unaligned",
]
