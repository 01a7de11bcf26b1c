"""Columns of stochastic and Drop-Muon runs that have one entry a layer, besides those of `theory.layered`."""

import math

import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import shape_of
from broximal.theory.columns.layers import rho
from broximal.theory.language.quantity import Measured, column, known
from broximal.theory.language.setting import Run


@column("nul", r"\nu_{#}", "what the dual norm of the noise in a layer never exceeds")
def nu(run: Run) -> Measured:
    noise = getattr(run.problem, "noise", None)
    if noise is None:
        return Measured.of(np.zeros(run.layers.count))
    parts = run.layers.split(run.setting.x0)
    bounds = [noise.bounds(shape_of(part)) for part in parts]
    sure = np.array([math.inf if bound is None else math.hypot(*bound) for bound in bounds])
    return Measured.of(sure * run.measure(known(str(rho.label))).values, 0.0)


@column("drawn", r"1[@ \in S^{#}]", "1 if a layer moves, else 0")
def drawn(run: Run) -> Measured:
    return Measured.of(run.trace["mask"], 0.0)


@column("coupled_t", r"\sum_j L_{# j} P_j t_j", "expected drift of a layer's gradient from the moves of all layers")
def coupled_drift(run: Run) -> Measured:
    found = run.setting.smoothness
    if found is None or found.coupling is None:
        raise MissingConstant("no matrix of coupled smoothness was accepted for this run.")
    radii, marginals = (run.measure(known(key)).values for key in ("tau", "Pl"))
    return Measured.of(np.asarray(found.coupling) @ (marginals * radii))
