"""Columns and constants of stochastic and Drop-Muon runs that have one entry a layer, besides those of `columns.layers`."""

import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.problems.smoothness import Smoothness
from broximal.theory.columns.layers import P, rho, tau
from broximal.theory.language.quantity import Entry, Measured, column, layer, of_layers


@of_layers("nul", r"\nu_{#}", "what the dual norm of the noise in a layer never exceeds", "f/x", uses=[rho])
def nu(run):
    if not run.experiment.noisy:
        return Measured.of(np.zeros(run.layers.count))
    return Measured.of(np.asarray(run.problem.sure(run.norm)) * run.column("rho").values, 0.0)


@column("drawn", r"1[@ \in S^{#}]", "1 if a layer moves, else 0", "1", axis=layer, nonnegative=True)
def drawn(now, after):
    return Entry(after.state.mask, 0.0)


@of_layers(
    "coupled_t",
    r"\sum_j L_{# j} P_j t_j",
    "expected drift of a layer's gradient from the moves of all layers",
    "f/x",
    uses=[tau, P],
)
def coupled_drift(run):
    found = run.experiment.fact(Smoothness)
    if found.coupling is None:
        raise MissingConstant("no matrix of coupled smoothness was accepted for this run")
    radii, marginals = (run.column(key).values for key in ("tau", "Pl"))
    return Measured.of(np.asarray(found.coupling) @ (marginals * radii))
