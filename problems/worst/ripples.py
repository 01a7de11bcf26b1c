"""|z_1| + sin^2(pi z_2 / (2 t)): infinitely many minimisers, yet ball-convex in l_inf for the radius t.

Every interval of length 2 t contains a zero of the sine, so the step of radius t is (soft(x_1, t), the nearest multiple of
2 t to x_2), and g = (sign u_1, 0) satisfies f(y) >= f(u) + <g, y - u> for all y with <g, x - u> = t |g|_1 while u_1 != 0: the
convex inequality at the broximal point holds without convexity. The closed convex hull is |z_1|, and the method is
that of |z_1|.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._data import as_start, positive
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Ripples(Problem):
    """Ripples(radius=1, x0=None): f as above on R^2, exact over l_inf for every radius; x0 defaults to (5, 0.7)."""

    alias: ClassVar[str] = "ripples"

    period: Any
    start: Any

    def __init__(self, radius: float = 1.0, x0=None):
        """Raises InvalidArgument."""
        self.period = 2 * positive(radius, "radius")
        self.start = as_start(x0, np.array([5.0, 0.7]))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Ripples":
        return cls(x0=4 * np.random.default_rng(seed).standard_normal(2))

    @property
    def name(self) -> str:
        return f"|z_1|+sin^2(pi z_2/{self.period:g})"

    def _facts(self):
        return Facts(
            convex=False,
            minimiser=self._minimiser,
            f_star=Known(0.0, 0.0, "both terms are non-negative and vanish together"),
        )

    def _wave(self, s):
        xp = namespace(s)
        away = s - self.period * xp.round(s / self.period)  # exact near the zeros
        return xp.sin(xp.pi * away / self.period) ** 2

    def value(self, x):
        return namespace(x).abs(x[0]) + self._wave(x[1])

    def gradient(self, x):
        xp = namespace(x)
        around = (xp.pi / self.period) * xp.sin(2 * xp.pi * x[1] / self.period)
        return xp.stack([xp.sign(x[0]), around]).astype((0.0 * x).dtype)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        """Coordinate by coordinate; without a zero in reach the wave is lowest at an end of the interval."""
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return None
        xp = namespace(x)
        first = xp.sign(x[0]) * xp.maximum(xp.abs(x[0]) - t, 0)
        zero = self.period * xp.round(x[1] / self.period)
        ends = xp.where(self._wave(x[1] - t) < self._wave(x[1] + t), x[1] - t, x[1] + t)
        second = xp.where(xp.abs(zero - x[1]) <= t, zero, ends)
        point = xp.stack([first, second]).astype(x.dtype)
        wave = xp.where(xp.abs(zero - x[1]) <= t, 0.0, self._wave(ends))
        return Move(point, None, xp.abs(first) + wave)

    @property
    def x0(self):
        return self.start

    def _minimiser(self):
        """The minimiser nearest to the start."""
        return np.array([0.0, self.period * np.round(self.start[1] / self.period)])

    def _distance(self, x, norm: Norm) -> Known:
        """To the nearest zero: the minimisers differ in the second coordinate only (absolute norms)."""
        value = float(norm(x - np.array([0.0, self.period * np.round(float(x[1]) / self.period)])))
        why = "distance to the nearest minimiser" if norm.absolute else "distance to one minimiser"
        return Known(value, 8 * np.finfo(float).eps * (value + float(norm(x))), why)
