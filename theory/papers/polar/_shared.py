"""What the statements about approximate polar factors measure and set."""

from broximal.theory.columns.layers import parameter
from broximal.theory.columns.points import EPS
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.theorem import Case
from broximal.theory.methods.probes.polar import Matrices

low = parameter("low", r"\ell", "least singular value of the normalised matrix", "1")
rounds = parameter("composed", "T", "number of polynomials that are composed", "1")
order = parameter("order", "q", "a polynomial has degree 2 q + 1", "1")
ROUNDING = 512 * EPS


@column(
    "polar_error", r"\|X_{(#)} - \operatorname{polar}(M_{(#)})\|", "spectral norm of the polar error", "1", host=True
)
def error(now, after):
    return Entry(after.state.error, ROUNDING)


@column(
    "polar_defect",
    r"\|\Pi - X_{(#)} X_{(#)}^\top\|",
    "spectral norm of the defect from orthogonality on the range",
    "1",
    host=True,
)
def defect(now, after):
    return Entry(after.state.defect, ROUNDING)


def case(sharp: float | None = None, note: str = "", steps: int = 20, **parameters: float) -> Case:
    return Case(lambda seed: Matrices(3, 4), None, parameters=parameters, steps=steps, sharp=sharp, note=note)
