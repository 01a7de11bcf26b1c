"""Methods: how the points of a run are made."""

from broximal.theory.methods.broximal_point import BroximalPoint
from broximal.theory.methods.inexact import HalfspaceProjection, InexactBroximal
from broximal.theory.methods.lmo_step import LmoStep
from broximal.theory.methods.method import Method, Record
from broximal.theory.methods.probe import Probe
from broximal.theory.methods.stochastic import AllPaths, AveragedBroximal, StochasticBroximal

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
