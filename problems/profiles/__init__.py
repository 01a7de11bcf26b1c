"""Functions of one real variable: the building blocks of radial, ridge and separable functions."""

from broximal.problems.profiles.families import (
    Absolute,
    DoubleWell,
    HalfSquare,
    Huber,
    Identity,
    Plateau,
    PositivePart,
    Power,
    Sigmoidal,
    Sine,
    Softplus,
    SquareRoot,
    as_profile,
    convex_profiles,
    star_profiles,
)
from broximal.problems.profiles.profile import Growth, Profile

__all__ = [
    "Absolute",
    "DoubleWell",
    "Growth",
    "HalfSquare",
    "Huber",
    "Identity",
    "Plateau",
    "PositivePart",
    "Power",
    "Profile",
    "Sigmoidal",
    "Sine",
    "Softplus",
    "SquareRoot",
    "as_profile",
    "convex_profiles",
    "star_profiles",
]
