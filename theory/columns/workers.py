"""Columns and constants of compressed methods with workers: f = mean f_j, the whole space one layer in the norm of the experiment.

They are measured along runs of `theory.methods.servers.ef21`. Constants are those of the hypotheses in
`theory.hypotheses.workers`, which must have accepted the experiment.
"""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import subtract
from broximal.oracles.compressors import Compressor, Identity
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm
from broximal.problems.one_layer import as_one_layer
from broximal.problems.smoothness import Smoothness, as_local
from broximal.theory.columns.layers import ROUNDING, SHARE, parameter
from broximal.theory.language.declaration import Range
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import Entry, Measured, column, constant
from broximal.theory.language.run import View


def own(now: View) -> Any:
    """Gradients of all workers at x, stacked."""
    return now.once("own", lambda: now.problem.worker_gradients(now.x))


def dual_sizes(now: View, gradients: Any, layerwise: bool) -> Any:
    """Dual norms of stacked gradients: one a worker, (n,), or one a worker and layer, (n, p)."""
    if not layerwise:
        return jax.vmap(now.norm.dual._value)(gradients)
    return jax.vmap(lambda g: now.layers.dual_sizes(now.layers.split(g)))(gradients)


def at_gradients(now: View, sizes: Any, layerwise: bool = False) -> Entry:
    """A dual norm of differences of gradients (of every layer, layer-wise), rounded on the scale of the gradients."""

    def scale(view: View) -> Any:
        parts = (own(view), view.state.g)
        return view.once(
            f"scale {layerwise}", lambda: sum(dual_sizes(view, part, layerwise).mean(axis=0) for part in parts)
        )

    return Entry(sizes, ROUNDING * (sizes + scale(now) + scale(now.start)))


def at_points(now: View, lengths: Any, layerwise: bool = False) -> Entry:
    """A length (of every layer, layer-wise), rounded on the scale of the points."""
    size = now.layers.sizes(now.layers.split(now.x)) if layerwise else now.norm._value(now.x)
    return Entry(lengths, ROUNDING * (lengths + size))


@column("gw", r"\|\nabla f(x_{#})\|_\ast", "dual norm of the gradient of the mean", "f/x", nonnegative=True)
def grad(now):
    return at_gradients(now, now.norm.dual._value(now.gradient))


@column("lag", r"\|x_{#} - w_{#}\|", "how far the workers' point is behind the server's", "x")
def lag(now):
    return at_points(now, now.norm._value(subtract(now.x, now.state.w)))


@column("moved_w", r"\|x_{#+1} - x_{#}\|", "length of the server's step", "x")
def moved(now, after):
    return at_points(after, now.norm._value(subtract(after.x, now.x)))


@column("sent", r"\|w_{#+1} - w_{#}\|", "length of the workers' step", "x")
def sent(now, after):
    return at_points(after, now.norm._value(subtract(after.state.w, now.state.w)))


@column("off", r"\overline{\|\nabla f_j(x_{#}) - G^j_{#}\|_\ast}", "mean error of the workers' estimates", "f/x")
def off(now):
    return at_gradients(now, dual_sizes(now, subtract(own(now), now.state.g), False).mean(axis=0))


@column("off2", r"{\bigl(\overline{\|\nabla f_j(x_{#}) - G^j_{#}\|_\ast^2}\bigr)^{1/2}}", "their quadratic mean", "f/x")
def off2(now):
    return at_gradients(now, jnp.sqrt((dual_sizes(now, subtract(own(now), now.state.g), False) ** 2).mean(axis=0)))


@column("behind", r"\overline{\|m^j_{#} - G^j_{#}\|_\ast}", "mean distance of the estimates from the momenta", "f/x")
def behind(now):
    return at_gradients(now, dual_sizes(now, subtract(now.state.m, now.state.g), False).mean(axis=0))


@column("server_off", r"\|\nabla f(x_{#}) - G_{#}\|_\ast", "error of the server's estimate", "f/x")
def server_off(now):
    return at_gradients(now, now.norm.dual._value(subtract(now.gradient, now.state.G)))


@column(
    "bend", r"\overline{L^0_j + L^1_j \|\nabla f_j(x_{#})\|_\ast}", "mean of the workers' local smoothness", "f/x^2"
)
def bend(now):
    L0, L1 = now.world["workers_L0"], now.world["workers_L1"]
    sizes, first = (dual_sizes(view, own(view), False) for view in (now, now.start))
    return Entry((L0 + L1 * sizes).mean(axis=-1), ROUNDING * (L1 * (sizes + first)).mean(axis=-1))


# ---- constants -----------------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """What compresses the whole space or one layer of it, the norm in which it must contract, and the shape."""

    compressor: Any
    norm: Norm
    shape: Any

    @classmethod
    def of(cls, own: Any, norm: Norm, x: Any, side: str) -> "Piece":
        """The server compresses points and contracts in the norm, the workers gradients and do so in its dual."""
        return cls(own, norm if side == "server" else norm.dual, shape_of(x))

    @property
    def alpha(self) -> float:
        """Raises InvalidArgument where the compressor does not contract."""
        return float(self.compressor.contraction(self.norm, self.shape).alpha)


def compressor(given: dict[str, Any], side: str) -> Any:
    """The compressor of the server or of the workers. Raises InvalidArgument for a number."""
    found = given.get(side, Identity())
    if not isinstance(found, Compressor):
        raise InvalidArgument(f"parameter {side} must be a compressor or the name of one, not {found!r}.")
    return found


def whole(experiment: Experiment, side: str) -> Piece:
    """The compressor of the server or of the workers, on the whole space."""
    return Piece.of(compressor(experiment.parameters, side), experiment.norm, experiment.x0, side)


class WorkerSmoothness(NamedTuple):
    """(L0, L1) of f, and those of every worker, (n,) each."""

    whole: tuple[float, float]
    parts: tuple[np.ndarray, np.ndarray]

    @property
    def numbers(self) -> dict[str, np.ndarray]:
        return {"workers_L0": self.parts[0], "workers_L1": self.parts[1]}


def local(s: Smoothness) -> Smoothness:
    """As differences of gradients, for the second-derivative kind within 1 / L1 of its own constants."""
    return s if s.kind == "A1" else as_local(s, 1.0)


def whole_constants(experiment: Experiment) -> tuple[float, float]:
    """(L0, L1) of f."""
    s = local(as_one_layer(experiment.problem, experiment.norm))
    return s.L0[0], s.L1[0]


def worker_constants(experiment: Experiment) -> tuple[np.ndarray, np.ndarray]:
    """(L0, L1) of every f_j."""
    found = [local(as_one_layer(part, experiment.norm)) for part in experiment.problem.parts]
    return np.array([s.L0[0] for s in found]), np.array([s.L1[0] for s in found])


@constant("alpha_P", r"\alpha_P", "contraction of the server's compressor in the norm", "1", range=SHARE)
def alpha_P(run):
    return Measured.of(whole(run.experiment, "server").alpha)


@constant("alpha_D", r"\alpha_D", "contraction of the workers' compressor in the dual norm", "1", range=SHARE)
def alpha_D(run):
    return Measured.of(whole(run.experiment, "worker").alpha)


@constant("L_w", "L^0", "L0 of f in the norm of the space (L where L1 = 0)", "f/x^2", safe="larger")
def L(run):
    return Measured.of(run.experiment.fact(WorkerSmoothness).whole[0])


@constant("L1_w", "L^1", "L1 of f in the norm of the space", "1/x", safe="larger", nonnegative=True)
def L1(run):
    return Measured.of(run.experiment.fact(WorkerSmoothness).whole[1])


@constant("L_mean", r"\bar L", "mean of the workers' L0", "f/x^2", safe="larger")
def L_mean(run):
    return Measured.of(run.experiment.fact(WorkerSmoothness).parts[0].mean())


@constant("L_rms", r"\tilde L", "quadratic mean of the workers' L", "f/x^2", safe="larger")
def L_rms(run):
    return Measured.of(math.sqrt((run.experiment.fact(WorkerSmoothness).parts[0] ** 2).mean()))


@constant("L1_top", r"L^1_{\max}", "largest L1 of a worker", "1/x", safe="larger", nonnegative=True)
def L1_top(run):
    return Measured.of(run.experiment.fact(WorkerSmoothness).parts[1].max())


@constant("spread", "H", "heterogeneity: inf f - mean inf f_j", "f", nonnegative=True)
def spread(run):
    own, parts = run.problem.f_star, [part.f_star for part in run.problem.parts]
    value = own.value - float(np.mean([part.value for part in parts]))
    return Measured.of(max(value, 0.0), own.error + max(part.error for part in parts))


@constant(
    "s_w",
    r"\rho \sigma",
    "rho times the Euclidean deviation of a worker's stochastic gradient",
    "f/x",
    nonnegative=True,
)
def noise(run):
    rho = run.norm.l2_bounds(shape_of(run.experiment.x0)).rho
    return Measured.of(rho * run.problem.worker_sigma())


@constant("n_w", "n", "number of workers", "1", range=Range(1.0, whole=True))
def n(run):
    return Measured.of(run.problem.count, 0.0)


@constant("g_0", r"\|\nabla f(x_0)\|_\ast", "dual norm of the gradient at the start", "f/x", nonnegative=True)
def g0(run):
    size = float(run.norm.dual(run.problem.gradient(run.experiment.x0)))
    return Measured.of(size, ROUNDING * size)


stepsize = parameter("stepsize", r"\gamma", "stepsize on the sharp operator of the whole space", "x^2/f")
length = parameter("length", "t", "radius of the whole space's ball", "x")
