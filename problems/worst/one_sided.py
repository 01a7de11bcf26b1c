"""Where a bound on the second derivative gives less than a bound on gradient differences.

f(x) = g x_1 + h(x_2) with h(y) = (g / l)(e^{l |y|} - l |y| - 1), so that h'' = l (g + |h'|): the second derivative of f in
l_inf is exactly l |grad f|_1, which is A1H with L0 = 0 and L1 = l. f is unbounded below, and has to be: where h'' = g l the
gradient must be at least g. For a matrix, with x_1 and x_2 at the places (1, 1) and (2, 2), the spectral norm does the same.

From (0, 0+) the step of radius 1 / l decreases f by g / l - h(1 / l) = (3 - e) g / l, and the step of radius log(2) / l by
(2 log 2 - 1) g / l.
"""

import equinox as eqx
import numpy as np

from broximal.oracles.arrays import as_number, eps, namespace
from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import shape_of, unscaled
from broximal.oracles.norms import LInf, Spectral
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.smoothness import Smoothness


class OneSided(Problem):
    """The function above with slope g and scale l, on vectors (2,) or matrices (2, 2); starts at x_2 = 1e-9 / l."""

    alias = "one_sided"
    g: float
    l: float
    matrix: bool = eqx.field(static=True)

    def __init__(self, g=1.0, l=1.0, matrix=False):
        """Raises InvalidArgument unless g and l are positive."""
        self.g = float(as_number(g, "g", low=0, open_low=True))
        self.l = float(as_number(l, "l", low=0, open_low=True))
        self.matrix = bool(matrix)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "OneSided":
        rng = np.random.default_rng(seed)
        return cls(*rng.uniform(0.5, 2.0, 2))

    @property
    def name(self) -> str:
        return "one-sided(2x2)" if self.matrix else "one-sided(2)"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            f_star=self._f_star,
        )

    @property
    def x0(self):
        start = np.array([0.0, 1e-9 / self.l])
        return np.diag(start) if self.matrix else start

    def _f_star(self) -> Known:
        raise MissingConstant(f"{self.name} is unbounded below.")

    def _pair(self, x):
        return (x[0, 0], x[1, 1]) if self.matrix else (x[0], x[1])

    def value(self, x):
        first, second = self._pair(x)
        xp = namespace(x)
        s = self.l * xp.abs(second)
        return self.g * first + self.g / self.l * (xp.expm1(s) - s)

    def gradient(self, x):
        xp = namespace(x)
        first, second = self._pair(x)
        slopes = xp.stack([self.g + 0 * first, self.g * xp.sign(second) * xp.expm1(self.l * xp.abs(second))])
        return xp.diag(slopes) if self.matrix else slopes

    def rounding(self, x):
        """The difference of expm1 and its argument is as wrong as the larger of them; each slope is a few units off."""
        xp, unit = namespace(x), eps(x)
        first, second = map(xp.abs, self._pair(x))
        grown = xp.expm1(self.l * second)
        value = self.g * (first + (grown + self.l * second) / self.l)
        return 4 * unit * value, 4 * unit * self.g * (1 + grown * (1 + self.l * second))

    def smoothness(self, norm):
        base, factor = unscaled(norm, shape_of(self.x0))
        if not isinstance(base, Spectral if self.matrix else LInf):
            return ()
        return (Smoothness("A1H", (0.0,), (self.l / factor,), "h'' = l (g + |h'|)", exact=True),)
