"""Methods: pure pairs (init, step), put together from parts where they share them."""

from broximal.theory.methods.broximal.inexact import HalfspaceProjection, InexactBroximal
from broximal.theory.methods.broximal.point import BroximalPoint
from broximal.theory.methods.broximal.stochastic import AllPaths, AveragedBroximal, StochasticBroximal
from broximal.theory.methods.lmo import ClippedShortStep, LmoMethod
from broximal.theory.methods.probes.points import Probe
from broximal.theory.methods.servers.ef21 import Ef21

__all__ = [
    "AllPaths",
    "AveragedBroximal",
    "BroximalPoint",
    "ClippedShortStep",
    "Ef21",
    "HalfspaceProjection",
    "InexactBroximal",
    "LmoMethod",
    "Probe",
    "StochasticBroximal",
]
