"""Extremal instances: problems on which a bound is attained, or on which a plausible statement is false.

Each is named after what it shows, carries its construction and proof in its module, and chooses broximal points as the
proof does.
"""

from broximal.problems.worst.doubling import Doubling
from broximal.problems.worst.flipping import Flipping
from broximal.problems.worst.harmonic import Harmonic
from broximal.problems.worst.staircase import Staircase

__all__ = ["Doubling", "Flipping", "Harmonic", "Staircase"]
