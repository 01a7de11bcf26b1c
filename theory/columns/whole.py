"""One norm on the whole space: what is measured, assumed and set in statements that do not look at single layers.

A product norm counts as one norm: its dual norm is the sum of the layers' dual norms, and its LMO moves every layer.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.norms import L2, L2Product
from broximal.theory.columns.layers import ROUNDING, error, g, parameter
from broximal.theory.language.quantity import LayerSum, Measured, column, constant, layer
from broximal.theory.language.setting import Run


def G(step: Any) -> Any:
    """|grad f(x_k)|_* in the whole norm."""
    return LayerSum(g[step, layer])


def E(step: Any) -> Any:
    """|m_k - grad f(x_k)|_* in the whole norm."""
    return LayerSum(error[step, layer])


eta = parameter("eta", r"\eta", "length of a step")
theta = parameter("theta", r"\theta", "decoupled weight decay of a step")
gam = parameter("gam", r"\gamma", "stepsize")
cap = parameter("cap", r"\varrho", "the dual norm from which on a step is clipped")
target = parameter("target", r"\varepsilon", "the accuracy that is asked for")


@constant("rho_n", r"\rho", "largest dual norm of a Euclidean unit vector")
def rho(run: Run) -> Measured:
    return Measured.of(run.norm.l2_bounds(shape_of(run.setting.x0)).rho)


@constant("sigma_n", r"\sigma", "Euclidean standard deviation of the stochastic gradient", nonnegative=True)
def sigma(run: Run) -> Measured:
    if getattr(run.problem, "noise", None) is None:
        return Measured.of(0.0)
    return Measured.of(np.linalg.norm(run.problem.sigma(run.norm)))


@constant("sure_n", r"\bar\sigma", "what the Euclidean length of the noise surely does not exceed", nonnegative=True)
def sure(run: Run) -> Measured:
    noise = getattr(run.problem, "noise", None)
    if noise is None:
        return Measured.of(0.0)
    bounds = noise.bounds(shape_of(run.setting.x0))
    return Measured.of(np.inf if bounds is None else np.linalg.norm(bounds), 0.0)


@constant("L_two", "L_2", "Euclidean Lipschitz constant of the gradient")
def L2_smooth(run: Run) -> Measured:
    x0 = run.setting.x0
    norm = L2() if isinstance(x0, np.ndarray) else L2Product(jax.tree.map(lambda leaf: L2(), x0))
    return Measured.of(run.problem.constant("L", norm, x0).value)


@column("e2", r"\|m_{#} - \nabla f(x_{#})\|_2^2", "squared Euclidean length of the estimator's error")
def error_squared(run: Run) -> Measured:
    sizes = run.trace["e2"]
    return Measured.of(sizes, ROUNDING * (sizes + run.trace["m"].sum(axis=1) ** 2))


@constant("size_0", r"\|x_0\|", "length of the start", nonnegative=True)
def start(run: Run) -> Measured:
    return Measured.of(float(run.norm(run.setting.x0)))


@constant("size_n", r"\max\{\|x_0\|, \|x^\star\|\}", "length of the start or of the minimiser, whichever is larger")
def size(run: Run) -> Measured:
    if run.problem.minimiser is None:
        raise MissingConstant(f"{run.problem.name} has no known minimiser to find a ball for.")
    return Measured.of(max(float(run.norm(run.setting.x0)), float(run.norm(run.problem.minimiser))))
