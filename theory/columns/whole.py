"""One norm on the whole space: what is measured and set in statements that do not look at single layers.

A product norm counts as one norm: its dual norm is the sum of the layers' dual norms, and its LMO moves every layer.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import inner, subtract
from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.norms import L2, L2Product
from broximal.theory.columns.layers import POSITIVE, ROUNDING, error, g, parameter
from broximal.theory.language.quantity import Entry, LayerSum, Measured, column, constant, layer


def G(step: Any) -> Any:
    """|grad f(x_k)|_* in the whole norm."""
    return LayerSum(g[step, layer])


def E(step: Any) -> Any:
    """|m_k - grad f(x_k)|_* in the whole norm."""
    return LayerSum(error[step, layer])


eta = parameter("eta", r"\eta", "length of a step", "x")
theta = parameter("theta", r"\theta", "decoupled weight decay of a step", "1")
gam = parameter("gam", r"\gamma", "stepsize", "x^2/f")
cap = parameter("cap", r"\varrho", "the dual norm from which on a step is clipped", "f/x")
target = parameter("target", r"\varepsilon", "the accuracy that is asked for", "f/x", option="eps", range=POSITIVE)


@constant(
    "rho_n",
    r"\rho",
    "largest dual norm of a Euclidean unit vector",
    "1",
    option="rho",
    safe="larger",
    ratio=True,
)
def rho(run):
    return Measured.of(run.norm.l2_bounds(shape_of(run.experiment.x0)).rho)


@constant(
    "sigma_n",
    r"\sigma",
    "Euclidean standard deviation of the stochastic gradient",
    "f/x",
    option="sigma",
    safe="larger",
    nonnegative=True,
)
def sigma(run):
    return Measured.of(np.linalg.norm(run.problem.sigma(run.norm)) if run.experiment.noisy else 0.0)


@constant(
    "sure_n",
    r"\bar\sigma",
    "what the Euclidean length of the noise surely does not exceed",
    "f/x",
    option="sure",
    safe="larger",
    nonnegative=True,
)
def sure(run):
    return Measured.of(np.linalg.norm(run.problem.sure(run.norm)) if run.experiment.noisy else 0.0, 0.0)


@constant("L_two", "L_2", "Euclidean Lipschitz constant of the gradient", "f/x^2")
def L2_smooth(run):
    x0 = run.experiment.x0
    norm = L2() if isinstance(x0, np.ndarray) else L2Product(jax.tree.map(lambda leaf: L2(), x0))
    return Measured.of(run.problem.constant("L", norm, x0).value)


@column("e2", r"\|m_{#} - \nabla f(x_{#})\|_2^2", "squared Euclidean length of the estimator's error", "f^2/x^2")
def error_squared(now, after):
    off = subtract(after.state.m, now.gradient)
    size, estimate = inner(off, off), now.layers.dual_sizes(now.layers.split(after.state.m)).sum()
    return Entry(size, ROUNDING * (size + estimate**2))


@constant("size_0", r"\|x_0\|", "length of the start", "x", nonnegative=True)
def start(run):
    return Measured.of(float(run.norm(run.experiment.x0)))


@constant(
    "size_n",
    r"\max\{\|x_0\|, \|x^\star\|\}",
    "length of the start or of the minimiser, whichever is larger",
    "x",
    option="size",
)
def size(run):
    if run.problem.minimiser is None:
        raise MissingConstant(f"{run.problem.name} has no known minimiser to find a ball for")
    return Measured.of(max(float(run.norm(run.experiment.x0)), float(run.norm(run.problem.minimiser))))
