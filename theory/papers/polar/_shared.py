"""What the statements about approximate polar factors measure and set."""

import numpy as np

from broximal.oracles.norms import Spectral
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.theory.columns.layers import parameter
from broximal.theory.columns.points import EPS
from broximal.theory.language.quantity import Measured, column
from broximal.theory.language.theorem import Case

low = parameter("low", r"\ell", "least singular value of the normalised matrix")
rounds = parameter("rounds", "T", "number of polynomials that are composed")
order = parameter("order", "q", "a polynomial has degree 2 q + 1")
ROUNDING = 512 * EPS


@column("polar_error", r"\|X_{(#)} - \operatorname{polar}(M_{(#)})\|", "spectral norm of the polar error")
def error(run):
    return Measured.of([record.extra["error"] for record in run.records], ROUNDING)


@column(
    "polar_defect", r"\|\Pi - X_{(#)} X_{(#)}^\top\|", "spectral norm of the defect from orthogonality on the range"
)
def defect(run):
    return Measured.of([record.extra["defect"] for record in run.records], ROUNDING)


def space(seed: int) -> MatrixQuadratic:
    """Gives the probes their shape."""
    return MatrixQuadratic(np.eye(3), np.eye(4), np.zeros((3, 4)))


def case(sharp: float | None = None, note: str = "", steps: int = 20, **parameters: float) -> Case:
    return Case(space, Spectral(), parameters=parameters, steps=steps, sharp=sharp, note=note)
