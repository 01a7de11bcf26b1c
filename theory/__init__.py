"""Theorems as data: hypotheses, methods, parameter rules, claims, sources; and the words in which one is written."""

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
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import (
    Best,
    Entry,
    K,
    Largest,
    LayerSum,
    Measured,
    Range,
    SumOver,
    arm,
    arms,
    column,
    constant,
    i,
    k,
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
    "find",
    "i",
    "k",
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
