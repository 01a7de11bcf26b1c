"""Columns and constants of compressed methods with workers: f = mean f_j, the whole space one layer in the setting's norm.

Columns come from the trace of the run, see `theory.methods.lmo.ef21`. Constants are those of the hypotheses in
`theory.worker_hypotheses`, which must have accepted the setting.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from broximal.oracles.compressors import Compressor, Identity
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm
from broximal.problems.one_layer import as_one_layer
from broximal.problems.smoothness import Smoothness, as_local
from broximal.theory.columns.layers import ROUNDING, parameter
from broximal.theory.language.quantity import Measured, column, constant
from broximal.theory.language.setting import Run, Setting


def gradient_like(run: Run, name: str) -> Measured:
    """A dual norm of differences of gradients (of every layer, layer-wise), rounded on the scale of the gradients."""
    sizes, scale = run.trace[name], run.trace["own"].mean(axis=1) + run.trace["G"]
    return Measured.of(sizes, ROUNDING * (sizes + scale + scale[0]))


def length_like(run: Run, name: str) -> Measured:
    """A length (of every layer, layer-wise), rounded on the scale of the points."""
    lengths = run.trace[name]
    return Measured.of(lengths, ROUNDING * (lengths + run.trace["size"][-len(lengths) :]))


@column("gw", r"\|\nabla f(x_{#})\|_\ast", "dual norm of the gradient of the mean")
def grad(run: Run) -> Measured:
    return gradient_like(run, "g")


@column("lag", r"\|x_{#} - w_{#}\|", "how far the workers' point is behind the server's")
def lag(run: Run) -> Measured:
    return length_like(run, "lag")


@column("moved_w", r"\|x_{#+1} - x_{#}\|", "length of the server's step")
def moved(run: Run) -> Measured:
    return length_like(run, "moved")


@column("sent", r"\|w_{#+1} - w_{#}\|", "length of the workers' step")
def sent(run: Run) -> Measured:
    return length_like(run, "sent")


@column("off", r"\overline{\|\nabla f_j(x_{#}) - G^j_{#}\|_\ast}", "mean error of the workers' estimates")
def off(run: Run) -> Measured:
    return gradient_like(run, "off")


@column("off2", r"{\bigl(\overline{\|\nabla f_j(x_{#}) - G^j_{#}\|_\ast^2}\bigr)^{1/2}}", "their quadratic mean")
def off2(run: Run) -> Measured:
    return gradient_like(run, "off2")


@column("behind", r"\overline{\|m^j_{#} - G^j_{#}\|_\ast}", "mean distance of the estimates from the momenta")
def behind(run: Run) -> Measured:
    return gradient_like(run, "behind")


@column("server_off", r"\|\nabla f(x_{#}) - G_{#}\|_\ast", "error of the server's estimate")
def server_off(run: Run) -> Measured:
    return gradient_like(run, "server_off")


@column("bend", r"\overline{L^0_j + L^1_j \|\nabla f_j(x_{#})\|_\ast}", "mean of the workers' local smoothness")
def bend(run: Run) -> Measured:
    L0, L1 = worker_constants(run.setting)
    sizes = run.trace["own"]
    return Measured.of((L0 + L1 * sizes).mean(axis=-1), ROUNDING * (L1 * (sizes + sizes[:1])).mean(axis=-1))


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


def compressor(setting: Setting, side: str) -> Any:
    """The compressor of the server or of the workers. Raises InvalidArgument for a number."""
    found = setting.parameters.get(side, Identity())
    if not isinstance(found, Compressor):
        raise InvalidArgument(f"parameter {side} must be a compressor or the name of one, not {found!r}.")
    return found


def whole(setting: Setting, side: str) -> Piece:
    """The compressor of the server or of the workers, on the whole space."""
    return Piece.of(compressor(setting, side), setting.norm, setting.x0, side)


def local(s: Smoothness) -> Smoothness:
    """As differences of gradients, for the second-derivative kind within 1 / L1 of its own constants."""
    return s if s.kind == "A1" else as_local(s, 1.0)


def whole_constants(setting: Setting) -> tuple[float, float]:
    """(L0, L1) of f."""
    s = local(as_one_layer(setting.problem, setting.norm))
    return s.L0[0], s.L1[0]


def worker_constants(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """(L0, L1) of every f_j."""
    found = [local(as_one_layer(part, setting.norm)) for part in setting.problem.parts]  # type: ignore[attr-defined]
    return np.array([s.L0[0] for s in found]), np.array([s.L1[0] for s in found])


@constant("alpha_P", r"\alpha_P", "contraction of the server's compressor in the norm")
def alpha_P(run: Run) -> Measured:
    return Measured.of(whole(run.setting, "server").alpha)


@constant("alpha_D", r"\alpha_D", "contraction of the workers' compressor in the dual norm")
def alpha_D(run: Run) -> Measured:
    return Measured.of(whole(run.setting, "worker").alpha)


@constant("L_w", "L^0", "L0 of f in the norm of the space (L where L1 = 0)")
def L(run: Run) -> Measured:
    return Measured.of(whole_constants(run.setting)[0])


@constant("L1_w", "L^1", "L1 of f in the norm of the space", nonnegative=True)
def L1(run: Run) -> Measured:
    return Measured.of(whole_constants(run.setting)[1])


@constant("L_mean", r"\bar L", "mean of the workers' L0")
def L_mean(run: Run) -> Measured:
    return Measured.of(worker_constants(run.setting)[0].mean())


@constant("L_rms", r"\tilde L", "quadratic mean of the workers' L")
def L_rms(run: Run) -> Measured:
    return Measured.of(math.sqrt((worker_constants(run.setting)[0] ** 2).mean()))


@constant("L1_top", r"L^1_{\max}", "largest L1 of a worker", nonnegative=True)
def L1_top(run: Run) -> Measured:
    return Measured.of(worker_constants(run.setting)[1].max())


@constant("spread", "H", "heterogeneity: inf f - mean inf f_j", nonnegative=True)
def spread(run: Run) -> Measured:
    own, parts = run.problem.f_star, [part.f_star for part in run.problem.parts]  # type: ignore[attr-defined]
    value = own.value - float(np.mean([part.value for part in parts]))
    return Measured.of(max(value, 0.0), own.error + max(part.error for part in parts))


@constant(
    "s_w", r"\rho \sigma", "rho times the Euclidean deviation of a worker's stochastic gradient", nonnegative=True
)
def noise(run: Run) -> Measured:
    rho = run.norm.l2_bounds(shape_of(run.setting.x0)).rho
    return Measured.of(rho * run.problem.worker_sigma())  # type: ignore[attr-defined]


@constant("n_w", "n", "number of workers")
def n(run: Run) -> Measured:
    return Measured.of(run.problem.count, 0.0)  # type: ignore[attr-defined]


@constant("g_0", r"\|\nabla f(x_0)\|_\ast", "dual norm of the gradient at the start", nonnegative=True)
def g0(run: Run) -> Measured:
    size = float(run.norm.dual(run.problem.gradient(run.setting.x0)))
    return Measured.of(size, ROUNDING * size)


stepsize = parameter("stepsize", r"\gamma", "stepsize on the sharp operator of the whole space")
length = parameter("length", "t", "radius of the whole space's ball")
