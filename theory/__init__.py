"""Theorems as data: hypotheses, methods, parameter rules, claims, sources."""

from broximal.theory.columns import clocks
from broximal.theory.language.catalogue import catalogue, find
from broximal.theory.language.claims import (
    BestExpected,
    Drift,
    EachExpected,
    EachHorizon,
    EachStep,
    Expected,
    Holds,
    Reaches,
    Terminates,
    WithProbability,
)
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.run import Run
from broximal.theory.language.source import Source
from broximal.theory.language.theorem import Case, Rule, Theorem
from broximal.theory.prescriptions.stepsize import parameters

__all__ = [
    "BestExpected",
    "Case",
    "Drift",
    "EachExpected",
    "EachHorizon",
    "EachStep",
    "Expected",
    "Experiment",
    "Holds",
    "Reaches",
    "Rule",
    "Run",
    "Source",
    "Terminates",
    "Theorem",
    "WithProbability",
    "catalogue",
    "clocks",
    "find",
    "parameters",
]
