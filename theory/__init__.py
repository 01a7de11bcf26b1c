"""Theorems as data: hypotheses, methods, parameter rules, claims, sources."""

from broximal.theory.language.catalogue import catalogue, find
from broximal.theory.language.claims import EachHorizon, EachStep, Holds, Reaches, Terminates
from broximal.theory.language.setting import Run, Setting
from broximal.theory.language.source import Source
from broximal.theory.language.theorem import Case, Rule, Theorem
from broximal.theory.prescriptions.stepsize import parameters

__all__ = [
    "Case",
    "EachHorizon",
    "EachStep",
    "Holds",
    "Reaches",
    "Rule",
    "Run",
    "Setting",
    "Source",
    "Terminates",
    "Theorem",
    "catalogue",
    "find",
    "parameters",
]
