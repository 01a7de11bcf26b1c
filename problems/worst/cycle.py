"""((z - 1)^2 + (z + 1)^2) / 2, sampled one term at a time: without interpolation a constant radius does not converge.

The terms have the minimisers 1 and -1, the sum 0. With radius t <= 1 and the terms in turn, the stochastic method from
x_0 = t / 2 goes x -> x - t -> x -> ..: |x_k| = t / 2 for ever. With exact steps on the sum itself it ends in one step.
"""

from fractions import Fraction
from typing import Any, ClassVar

from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems.constant import Constant
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.profiles.profile import Growth, Profile
from broximal.problems.smooth.one_dimensional import OneDimensional


class _Square(Profile):
    """s^2 + level."""

    level: float = 0.0
    smooth = even = True
    curvature = strong = 2.0
    growth = Growth(1.0, 2.0)
    label = "s^2+1"

    @property
    def minimum(self):
        return self.level

    def value(self, s):
        return s * s + self.level

    def slopes(self, s):
        return 2 * s, 2 * s

    def cvxpy(self, s):
        return s**2 + self.level


class Cycle(Problem):
    """Cycle(): f as above on R^1, x0 = 1/4; `components` are the two terms, each weighted one half."""

    alias: ClassVar[str] = "cycle"

    whole: OneDimensional
    components: tuple

    def __init__(self):
        self.whole = OneDimensional(_Square(1.0), 0.0, 0.25)
        self.components = (OneDimensional(_Square(), -1.0, 0.25), OneDimensional(_Square(), 1.0, 0.25))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Cycle":
        return cls()

    @staticmethod
    def exact_cycle(radius: Fraction) -> list[Fraction]:
        """x_0, x_1, x_2 of the stochastic method for radius <= 1: it is back where it was."""
        x0 = radius / 2
        x1 = max(x0 - radius, Fraction(-1))
        return [x0, x1, min(x1 + radius, Fraction(1))]

    @property
    def name(self) -> str:
        return "mean of (z-1)^2 and (z+1)^2"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=lambda: self.whole.minimiser,
            unique=True,
            f_star=lambda: self.whole.f_star,
        )

    def value(self, x):
        return self.whole.value(x)

    def gradient(self, x):
        return self.whole.gradient(x)

    def cvxpy(self, z):
        return self.whole.cvxpy(z)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        return self.whole.move(norm, x, radius)

    @property
    def x0(self):
        return self.whole.x0

    def _constant_L(self, norm: Norm) -> Constant | None:
        return self.whole._constant_L(norm)

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return self.whole._constant_mu(norm)
