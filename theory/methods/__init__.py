"""Methods: how the points of a run are made."""

from broximal.theory.language.method import Method, Record
from broximal.theory.methods.broximal.inexact import HalfspaceProjection, InexactBroximal
from broximal.theory.methods.broximal.point import BroximalPoint
from broximal.theory.methods.broximal.stochastic import AllPaths, AveragedBroximal, StochasticBroximal
from broximal.theory.methods.lmo.single import LmoStep
from broximal.theory.methods.probes.points import Probe

__all__ = [
    "AllPaths",
    "AveragedBroximal",
    "BroximalPoint",
    "HalfspaceProjection",
    "InexactBroximal",
    "LmoStep",
    "Method",
    "Probe",
    "Record",
    "StochasticBroximal",
]
