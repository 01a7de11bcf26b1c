"""Theorems as data: hypotheses, methods, parameter rules, claims, sources."""

from broximal.theory.columns import clocks
from broximal.theory.language.catalogue import catalogue, find
from broximal.theory.language.claims import EachHorizon, EachStep, Holds, Reaches, Terminates
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.run import Run
from broximal.theory.language.source import Source
from broximal.theory.language.theorem import Case, Rule, Theorem
from broximal.theory.prescriptions.stepsize import parameters

__all__ = [
    "Case",
    "EachHorizon",
    "EachStep",
    "Experiment",
    "Holds",
    "Reaches",
    "Rule",
    "Run",
    "Source",
    "Terminates",
    "Theorem",
    "catalogue",
    "clocks",
    "find",
    "parameters",
]
