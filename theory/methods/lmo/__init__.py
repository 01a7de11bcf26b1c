"""LMO methods, composed: estimator of the gradient x stepsize x active layers x direction, with decay."""

from broximal.theory.methods.lmo.active import Active, Drawn, Full
from broximal.theory.methods.lmo.directions import Approximate, AverageOfLmos, Direction, Lmo
from broximal.theory.methods.lmo.estimators import Ema, Estimator, Exact, Sample
from broximal.theory.methods.lmo.method import LmoMethod, LmoState
from broximal.theory.methods.lmo.short_step import ClippedShortStep
from broximal.theory.methods.lmo.stepsizes import (
    Adaptive,
    Clipped,
    Given,
    Logarithmic,
    OverSmoothness,
    PerLayer,
    Sharp,
    Stepsize,
    Whole,
)

__all__ = [
    "Active",
    "Adaptive",
    "Approximate",
    "AverageOfLmos",
    "Clipped",
    "ClippedShortStep",
    "Direction",
    "Drawn",
    "Ema",
    "Estimator",
    "Exact",
    "Full",
    "Given",
    "Lmo",
    "LmoMethod",
    "LmoState",
    "Logarithmic",
    "OverSmoothness",
    "PerLayer",
    "Sample",
    "Sharp",
    "Stepsize",
    "Whole",
]
