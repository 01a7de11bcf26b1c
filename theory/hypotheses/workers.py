"""What compressed methods with workers assume: contractive compressors, smooth workers (or layers), a bounded variance."""

import dataclasses
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.compressors import Identity, LayerWise
from broximal.oracles.errors import InvalidArgument
from broximal.problems.distributed.workers import Workers
from broximal.theory.columns.layered_workers import pieces, separable_constants, worker_constants as layered_constants
from broximal.theory.columns.workers import (
    Piece,
    WorkerSmoothness,
    compressor,
    whole,
    whole_constants,
    worker_constants,
)
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Hypothesis


def _workers(experiment: Experiment) -> tuple[bool, str]:
    if isinstance(experiment.problem, Workers):
        return True, ""
    return False, f"{experiment.problem.name} is no mean over workers"


@dataclasses.dataclass(frozen=True)
class Contractive(Hypothesis):
    """Both compressors contract: the server's in the norm, the workers' in its dual norm.

    uplink_only    the server's must be the identity
    deterministic  neither may be random, nor leave its argument as it is: a statement about its errors would be 0 <= 0
    sure           the error of neither may be longer than its argument on any path
    """

    uplink_only: bool = False
    deterministic: bool = False
    sure: bool = False
    name: ClassVar[str] = "contractive compressors"
    latex: ClassVar[str] = (
        r"\mathbb{E} \|\mathcal{C}(x) - x\|^2 \le (1 - \alpha_P) \|x\|^2, \; "
        r"\mathbb{E} \|\mathcal{C}_j(g) - g\|_\ast^2 \le (1 - \alpha_D) \|g\|_\ast^2"
    )

    def look(self, experiment):
        shown = []
        for side in ("server", "worker"):
            own = compressor(experiment.parameters, side)
            if side == "server" and self.uplink_only and not isinstance(own, Identity):
                return False, f"the server compresses by {own.name}, and the theorem needs the identity"
            if self.deterministic and own.random:
                return False, f"{own.name} is random, and the theorem is about every path"
            try:
                each = self._pieces(experiment, side)
                alphas = [piece.alpha for piece in each]
            except InvalidArgument as refused:  # not contractive, with the counterexample in words, or not defined
                return False, f"{side}: {refused}"
            if self.deterministic and min(alphas) == 1 and not (side == "server" and self.uplink_only):
                return False, f"{side}: {own.name} makes no error, and the theorem is about the errors of every step"
            for part, norm, _ in each:
                if self.sure and not never_longer(part, norm):
                    return (
                        False,
                        f"{side}: the error of {part.name} may be longer than its argument in the {norm.name} norm",
                    )
            pairs = zip(each, alphas, strict=True)
            shown.append(
                ", ".join(f"{p.compressor.name} with alpha = {a:.4g} in the {p.norm.name} norm" for p, a in pairs)
            )
        return True, f"server {shown[0]}, workers {shown[1]}"

    def _pieces(self, experiment: Experiment, side: str) -> list[Piece]:
        """The one layer of the whole space."""
        return [whole(experiment, side)]


@dataclasses.dataclass(frozen=True)
class LayerwiseContractive(Contractive):
    """The same of every layer by itself: random compressors of the layers need no shared coin."""

    name = "contractive compressors of every layer"
    latex = (
        r"\mathbb{E} \|\mathcal{C}^l(x) - x\|_{(l)}^2 \le (1 - \alpha_{P,l}) \|x\|_{(l)}^2, \; "
        r"\mathbb{E} \|\mathcal{C}^l_j(g) - g\|_{(l)\ast}^2 \le (1 - \alpha_{D,l}) \|g\|_{(l)\ast}^2"
    )

    def _pieces(self, experiment, side):
        return pieces(experiment, side)


def never_longer(own: Any, norm: Any) -> bool:
    """|C(x) - x| <= |x| surely: contractive and not random, a multiple in [0, 1] of x, or fewer entries of x."""
    if isinstance(own, LayerWise):
        return all(never_longer(*pair) for pair in zip(own.parts, norm._norms, strict=True))
    return not own.random or own.radial or (own.coordinate and norm.absolute)


@dataclasses.dataclass(frozen=True)
class SmoothWorkers(Hypothesis):
    """f and all f_j are smooth in the norm of the space; with `general` (L0, L1)-smooth between points within 1 / L1."""

    general: bool = False

    @property
    def name(self):
        return "generalised smooth workers" if self.general else "smooth workers"

    latex: ClassVar[str] = (
        r"\|\nabla f_j(x) - \nabla f_j(y)\|_\ast \le (L^0_j + L^1_j \|\nabla f_j(x)\|_\ast) \|x - y\|, \; f = \overline{f_j}"
    )

    def look(self, experiment):
        found, why = _workers(experiment)
        if not found:
            return found, why
        (L0, L1), (own0, own1) = self.establish(experiment)
        if not self.general and (L1 > 0 or np.any(own1 > 0)):
            return False, f"{experiment.problem.name} has L1 > 0, and the theorem needs L1 = 0"
        shown = ", ".join(f"({a:.4g}, {b:.4g})" for a, b in zip(own0, own1, strict=True))
        return True, f"f has (L0, L1) = ({L0:.4g}, {L1:.4g}), the workers {shown}"

    def establish(self, experiment):
        return WorkerSmoothness(whole_constants(experiment), worker_constants(experiment))


@dataclasses.dataclass(frozen=True)
class SeparableWorkers(Hypothesis):
    """f and all f_j are sums over the layers of smooth functions."""

    name: ClassVar[str] = "smooth workers, separable over the layers"
    latex: ClassVar[str] = (
        r"\|\nabla_l f_j(x) - \nabla_l f_j(y)\|_{(l)\ast} \le L_{j,l} \|x^{(l)} - y^{(l)}\|_{(l)}, \; f = \overline{f_j}"
    )

    def look(self, experiment):
        found, why = _workers(experiment)
        if not found:
            return found, why
        own, parts = separable_constants(experiment.problem, experiment.norm), layered_constants(experiment)
        shown = "; ".join(", ".join(f"{value:.4g}" for value in row) for row in parts)
        return True, f"f has L = [{', '.join(f'{value:.4g}' for value in own)}], the workers [{shown}]"


@dataclasses.dataclass(frozen=True)
class WorkerVariance(Hypothesis):
    """The stochastic gradients of the workers are unbiased and independent, with a known Euclidean deviation."""

    name: ClassVar[str] = "bounded variance of the workers"
    latex: ClassVar[str] = r"\mathbb{E} \|\nabla f_j(x; \xi) - \nabla f_j(x)\|_2^2 \le \sigma^2"

    def look(self, experiment):
        found, why = _workers(experiment)
        if not found:
            return found, why
        sigma = experiment.problem.worker_sigma()
        return bool(np.isfinite(sigma)), f"{experiment.problem.name} with standard deviation {sigma:.4g}"
