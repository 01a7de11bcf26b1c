"""|z| on the grid w Z and plus infinity elsewhere: the decrease of the squared distance needs points on the boundary.

With w = 0.51, t = 1, x = 2 w the step is u = w, inside the ball. f(y) >= f(u) + c (x - u)(y - u) holds for all y with c > 0
(c w = 1), but D^2 decreases by 4 w^2 - w^2 = 3 w^2 = 0.78 t^2 only, less than t^2: the inequality of ball-convexity without
alignment, differentiability or a boundary point does not give the rates of convex functions.
"""

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems._data import positive
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Lattice(Problem):
    """Lattice(width=0.51): |z| if z / width is an integer, else infinity, on R^1; x0 = 2 width."""

    alias: ClassVar[str] = "lattice"

    width: Any

    def __init__(self, width: float = 0.51):
        """Raises InvalidArgument unless width is positive."""
        self.width = positive(width, "width")

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Lattice":
        return cls()

    @property
    def exact_decrease(self) -> Fraction:
        """The decrease of the squared distance in the first step of radius 1, for 1/2 < width < 1."""
        return 3 * Fraction(float(self.width)) ** 2

    @property
    def name(self) -> str:
        return f"|z| on {self.width:g} Z"

    def _facts(self):
        return Facts(
            convex=False,
            minimiser=lambda: np.zeros(1),
            unique=True,
            f_star=Known(0.0, 0.0, "|z| is zero at zero"),
            growth=1.0,
        )

    def value(self, x):
        xp = namespace(x)
        index = x[0] / self.width
        on_grid = xp.abs(index - xp.round(index)) <= 1e-9
        return xp.where(on_grid, xp.abs(x[0]), xp.inf)

    def gradient(self, x):
        return namespace(x).sign(x)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        """The smallest grid point in the interval; the centre itself if the ball holds no grid point."""
        xp = namespace(x)
        reach = radius / norm._value(xp.ones_like(x))
        low, high = (x[0] - reach) / self.width, (x[0] + reach) / self.width
        index = xp.where(low > 0, xp.ceil(low - 1e-12), xp.where(high < 0, xp.floor(high + 1e-12), 0.0))
        reached = (index >= low - 1e-12) & (index <= high + 1e-12)
        point = xp.where(reached, self.width * index, x[0])
        return Move(point.reshape(1).astype(x.dtype), None, xp.where(reached, xp.abs(point), xp.inf))

    @property
    def x0(self):
        return np.array([2 * self.width])

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        return Constant("kappa", 1 / float(norm(np.ones(1))), "exact", "f is |z| where it is finite")
