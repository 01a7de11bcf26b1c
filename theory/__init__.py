"""Theorems as data: hypotheses, methods, parameter rules, claims, sources; and the words in which one is written."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from broximal.theory.columns import clocks
    from broximal.theory.columns.layers import parameter
    from broximal.theory.language.algorithm import Algorithm, Clock, State, World
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
    from broximal.theory.language.declaration import Range
    from broximal.theory.language.experiment import Experiment
    from broximal.theory.language.hypothesis import Hypothesis
    from broximal.theory.language.quantity import (
        Best,
        Entry,
        K,
        Largest,
        LayerSum,
        Measured,
        SumOver,
        arm,
        arms,
        column,
        constant,
        i,
        k,
        known,
        layer,
        layers,
        of_arms,
        of_layers,
        of_run,
        of_workers,
        worker,
        workers,
    )
    from broximal.theory.language.run import Run
    from broximal.theory.language.source import Source
    from broximal.theory.language.theorem import Case, Rule, Theorem
    from broximal.theory.prescriptions.stepsize import parameters
    from broximal.theory.vocabulary import describe

__all__ = [
    "Algorithm",
    "Best",
    "BestExpected",
    "Case",
    "Clock",
    "Drift",
    "EachExpected",
    "EachHorizon",
    "EachStep",
    "Entry",
    "Expected",
    "Experiment",
    "Holds",
    "Hypothesis",
    "K",
    "Largest",
    "LayerSum",
    "Measured",
    "Range",
    "Reaches",
    "Rule",
    "Run",
    "Source",
    "State",
    "SumOver",
    "Terminates",
    "Theorem",
    "WithProbability",
    "World",
    "arm",
    "arms",
    "catalogue",
    "clocks",
    "column",
    "constant",
    "describe",
    "find",
    "i",
    "k",
    "known",
    "layer",
    "layers",
    "of_arms",
    "of_layers",
    "of_run",
    "of_workers",
    "parameter",
    "parameters",
    "worker",
    "workers",
]

_HOME = {
    "parameter": "columns.layers",
    "Algorithm": "language.algorithm",
    "Clock": "language.algorithm",
    "State": "language.algorithm",
    "World": "language.algorithm",
    "catalogue": "language.catalogue",
    "find": "language.catalogue",
    "BestExpected": "language.claims",
    "Drift": "language.claims",
    "EachExpected": "language.claims",
    "EachHorizon": "language.claims",
    "EachStep": "language.claims",
    "Expected": "language.claims",
    "Holds": "language.claims",
    "Reaches": "language.claims",
    "Terminates": "language.claims",
    "WithProbability": "language.claims",
    "Range": "language.declaration",
    "Experiment": "language.experiment",
    "Hypothesis": "language.hypothesis",
    "Best": "language.quantity",
    "Entry": "language.quantity",
    "K": "language.quantity",
    "Largest": "language.quantity",
    "LayerSum": "language.quantity",
    "Measured": "language.quantity",
    "SumOver": "language.quantity",
    "arm": "language.quantity",
    "arms": "language.quantity",
    "column": "language.quantity",
    "constant": "language.quantity",
    "i": "language.quantity",
    "k": "language.quantity",
    "known": "language.quantity",
    "layer": "language.quantity",
    "layers": "language.quantity",
    "of_arms": "language.quantity",
    "of_layers": "language.quantity",
    "of_run": "language.quantity",
    "of_workers": "language.quantity",
    "worker": "language.quantity",
    "workers": "language.quantity",
    "Run": "language.run",
    "Source": "language.source",
    "Case": "language.theorem",
    "Rule": "language.theorem",
    "Theorem": "language.theorem",
    "describe": "vocabulary",
    "parameters": "prescriptions.stepsize",
}
_ROOMS = ("cases", "columns", "hypotheses", "language", "methods", "papers", "prescriptions", "vocabulary")


def __getattr__(name: str) -> Any:
    # On first use only: the command line answers from what it has kept without JAX and the catalogue.
    if name == "clocks":
        return importlib.import_module("broximal.theory.columns.clocks")
    if name in _HOME:
        return getattr(importlib.import_module(f"broximal.theory.{_HOME[name]}"), name)
    if name.startswith("_") or name in _ROOMS:
        raise AttributeError(f"module 'broximal.theory' has no attribute {name!r}")
    # Columns, hypotheses, methods and their parts, which have vocabularies of their own.
    return importlib.import_module("broximal.theory.vocabulary").word(name)


def __dir__() -> list[str]:
    return sorted({*__all__, *importlib.import_module("broximal.theory.vocabulary").vocabulary()})
