"""Gradient descent with step 1/L sees the same gradient g at n points, on the least possible way down.

f on the line with f'(x) = L x up to x = g / L, then n - 1 teeth of width g / L, in each of which f' falls with slope -L to
g / 2 and rises back to g, and f' = g from x_0 = n g / L on. f' is L-Lipschitz, f is least at 0, and the steps of length g / L
from x_0 land on the tips: |f'| = g at x_0, ..., x_{n-1}, while a tooth is only 3 g^2 / (4 L) high. In all
f(x_0) - f* = (n - 1) 3 g^2 / (4 L) + g^2 / (2 L).
"""

from typing import ClassVar

import numpy as np

from broximal.oracles.arrays import as_number, namespace
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class SawTooth(Problem):
    """SawTooth(n=2, g=1.0, L=1.0) on vectors of length 1; starts at n g / L. Raises InvalidArgument."""

    alias: ClassVar[str] = "saw_tooth"
    g: float
    L: float
    teeth: int

    def __init__(self, n: int = 2, g: float = 1.0, L: float = 1.0):
        self.teeth = dimension(n, "n")
        self.g = float(as_number(g, "g", low=0, open_low=True))
        self.L = float(as_number(L, "L", low=0, open_low=True))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "SawTooth":
        return cls(dimension(dim), 1.0 + np.random.default_rng(seed).uniform())

    @property
    def name(self) -> str:
        return f"saw-tooth({self.teeth})"

    def _facts(self):
        return Facts(
            convex=lambda: self.teeth == 1,
            smooth=True,
            minimiser=lambda: np.zeros(1),
            unique=True,
            f_star=Known(0.0, 0.0, "f' has the sign of x"),
        )

    @property
    def x0(self):
        return np.array([self.teeth * self.g / self.L])

    def _place(self, x):
        """x in units of g / L, the whole teeth below it, and the place in the tooth."""
        xp = namespace(x)
        s = x[0] * self.L / self.g
        tooth = xp.clip(xp.floor(s), 1, self.teeth)
        return xp, s, tooth, s - tooth

    def value(self, x):
        xp, s, tooth, r = self._place(x)
        inside = xp.where(r <= 0.5, r - r * r / 2, 0.25 + r * r / 2)
        beyond = 0.5 + 0.75 * (tooth - 1) + xp.where(s >= self.teeth, r, inside)
        return self.g**2 / self.L * xp.where(s <= 1, s * s / 2, beyond)

    def gradient(self, x):
        xp, s, _, r = self._place(x)
        beyond = xp.where(s >= self.teeth, xp.ones_like(s), 0.5 + xp.abs(r - 0.5))
        return (self.g * xp.where(s <= 1, s, beyond)).reshape(1)

    def _l2_constant(self, name):
        return Constant("L", self.L, "exact", "the largest |f''|") if name == "L" else None
