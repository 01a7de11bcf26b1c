"""Theorems as data: hypotheses, methods, parameter rules, claims, sources."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOME = {
    "Case": "language.theorem",
    "EachHorizon": "language.claims",
    "EachStep": "language.claims",
    "Experiment": "language.experiment",
    "Holds": "language.claims",
    "Reaches": "language.claims",
    "Rule": "language.theorem",
    "Run": "language.run",
    "Source": "language.source",
    "Terminates": "language.claims",
    "Theorem": "language.theorem",
    "catalogue": "language.catalogue",
    "find": "language.catalogue",
    "parameters": "prescriptions.stepsize",
}


def __getattr__(name: str) -> Any:
    # On first use only: the command line answers from what it has kept without JAX and the catalogue.
    if name == "clocks":
        return importlib.import_module("broximal.theory.columns.clocks")
    if name in _HOME:
        return getattr(importlib.import_module(f"broximal.theory.{_HOME[name]}"), name)
    raise AttributeError(f"module 'broximal.theory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
