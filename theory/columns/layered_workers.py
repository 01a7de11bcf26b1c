"""Columns and constants of layer-wise compressed methods with workers: one entry a layer of a separable f = mean f_j.

The counterparts of `columns.workers`. Constants are those of `LayerwiseContractive` and `SeparableWorkers` in
`theory.hypotheses.workers`, which must have accepted the experiment.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import subtract
from broximal.oracles.compressors import LayerWise
from broximal.oracles.compressors.scalar_multiples import Damped, Dropout, Identity
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.norms import Product
from broximal.problems.one_layer import as_one_layer
from broximal.problems.problem import Problem
from broximal.theory.columns.layers import ROUNDING, SHARE
from broximal.theory.columns.workers import Piece, at_gradients, at_points, compressor, dual_sizes, own
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import Measured, column, layer, of_layers


@column(
    "gwl",
    r"\|\nabla_{@} f(x_{#})\|_{(@)\ast}",
    "dual norm of a layer of the gradient of the mean",
    "f/x",
    axis=layer,
    nonnegative=True,
)
def grad(now):
    return at_gradients(now, now.dual_sizes, layerwise=True)


@column(
    "lag_l",
    r"\|x^{(@)}_{#} - w^{(@)}_{#}\|_{(@)}",
    "how far a layer of the workers' point is behind the server's",
    "x",
    axis=layer,
)
def lag(now):
    split = now.layers.split
    return at_points(now, now.layers.sizes(split(subtract(now.x, now.state.w))), layerwise=True)


@column("moved_wl", r"\|x^{(@)}_{#+1} - x^{(@)}_{#}\|_{(@)}", "length of a layer of the server's step", "x", axis=layer)
def moved(now, after):
    split = now.layers.split
    return at_points(after, now.layers.sizes(split(subtract(after.x, now.x))), layerwise=True)


@column(
    "off2_l",
    r"{\bigl(\overline{\|\nabla_{@} f_j(x_{#}) - G^{j,(@)}_{#}\|_{(@)\ast}^2}\bigr)^{1/2}}",
    "quadratic mean of the errors of the workers' estimates in a layer",
    "f/x",
    axis=layer,
)
def off2(now):
    errors = dual_sizes(now, subtract(own(now), now.state.g), True)
    return at_gradients(now, jnp.sqrt((errors**2).mean(axis=0)), layerwise=True)


# ---- constants, one a layer ----------------------------------------------------------------------------------------


def pieces(experiment: Experiment, side: str) -> list[Piece]:
    """The compressor of every layer. Raises InvalidArgument for one that mixes the layers."""
    return _pieces(compressor(experiment.parameters, side), experiment.norm, experiment.x0, side)


def _pieces(own: Any, norm: Norm, x: Any, side: str) -> list[Piece]:
    if not isinstance(norm, Product):
        return [Piece.of(own, norm, x, side)]
    if isinstance(own, LayerWise) and own._structure == norm._structure:
        each = own.parts
    elif isinstance(own, Identity | Damped | Dropout):  # a multiple that does not depend on its argument
        each = [own] * len(norm._norms)
    else:
        raise InvalidArgument(f"{own.name} is no compressor of every layer by itself; use a LayerWise one.")
    parts = zip(each, norm._norms, norm._split(x), strict=True)
    return [piece for part, layer, at in parts for piece in _pieces(part, layer, at, side)]


def contractions(experiment: Experiment, side: str) -> np.ndarray:
    """alpha of every layer's compressor: the server's in the layer norms, the workers' in their duals."""
    return np.array([piece.alpha for piece in pieces(experiment, side)])


def separable_constants(problem: Problem, norm: Norm) -> np.ndarray:
    """L of every layer of a sum over the layers. Raises MissingConstant where f is not known to be one, or L1 > 0.

    A1 with L1 = 0 makes f such a sum, as grad_i f then depends on X_i only; so does A2 with a diagonal matrix.
    """
    stated = (as_one_layer(problem, norm),) if Layers(norm).count == 1 else problem.smoothness(norm)
    for s in stated:
        M = np.diag(s.L0) if s.coupling is None else np.asarray(s.coupling)
        separable = s.kind == "A1" or (s.kind == "A2" and not np.any(M != np.diag(np.diag(M))))
        if separable and not any(s.L1):
            return np.diag(M).astype(float)
    kinds = {s.kind for s in stated}
    why = "has a layer with L1 > 0" if "A1" in kinds else "is not known to be a sum of smooth functions of its layers"
    if "A2" in kinds:
        why = "has coupled layers"
    raise MissingConstant(f"{problem.name} {why}, and the theorem needs a sum over the layers with L1 = 0")


def worker_constants(experiment: Experiment) -> np.ndarray:
    """L of every layer (last axis) of every f_j (first axis)."""
    parts = experiment.problem.parts
    return np.stack([separable_constants(part, experiment.norm) for part in parts])


@of_layers(
    "aP_l",
    r"\alpha_{P,#}",
    "contraction of the server's compressor of a layer in its norm",
    "1",
    option="alpha_P",
    range=SHARE,
)
def alpha_P(run):
    return Measured.of(contractions(run.experiment, "server"))


@of_layers(
    "aD_l",
    r"\alpha_{D,#}",
    "contraction of the workers' compressor of a layer in its dual norm",
    "1",
    option="alpha_D",
    range=SHARE,
)
def alpha_D(run):
    return Measured.of(contractions(run.experiment, "worker"))


@of_layers("Lw_l", "L_{#}", "L of a layer of f", "f/x^2", option="L_w", safe="larger")
def L(run):
    return Measured.of(separable_constants(run.problem, run.norm))


@of_layers("L_mean_l", r"\bar L_{#}", "mean of the workers' L of a layer", "f/x^2", option="L_mean", safe="larger")
def L_mean(run):
    return Measured.of(worker_constants(run.experiment).mean(axis=0))


@of_layers(
    "L_rms_l", r"\tilde L_{#}", "quadratic mean of the workers' L of a layer", "f/x^2", option="L_rms", safe="larger"
)
def L_rms(run):
    return Measured.of(np.sqrt((worker_constants(run.experiment) ** 2).mean(axis=0)))


@of_layers(
    "g0_l",
    r"\|\nabla_{#} f(x_0)\|_{(#)\ast}",
    "dual norm of a layer of the gradient at the start",
    "f/x",
    option="g_0",
    safe="larger",
)
def g0(run):
    sizes = run.layers.dual_sizes(run.layers.split(run.start.gradient))
    return Measured.of(sizes, ROUNDING * np.asarray(sizes))
