"""Theorems as data: hypotheses, methods, parameter rules, claims, sources."""

from broximal.theory.claims import EachHorizon, EachStep, Terminates
from broximal.theory.registry import catalogue, find
from broximal.theory.setting import Run, Setting
from broximal.theory.source import Source
from broximal.theory.stepsize import parameters
from broximal.theory.theorem import Case, Rule, Theorem

__all__ = [
    "Case",
    "EachHorizon",
    "EachStep",
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
