"""Curvature as large as (L0, L1)-smoothness in l_inf allows: the gradient grows while its part along the step shrinks.

f(z) = phi(z_2) - g z_1 with phi'' = L0 + L1 (g + |phi'|) where |phi'| < cap, and phi'' = 0 beyond: with a = L0 + L1 g
phi(s) = a psi(L1 |s|) / L1^2, psi(y) = e^y - 1 - y, continued by a line. As |grad f|_1 = g + |phi'|,

    |grad f(x) - grad f(y)|_1 = |phi'(x_2) - phi'(y_2)| <= (L0 + L1 sup over the segment of |grad f|_1) |x - y|_inf.

From z_2 = 0+ the LMO step of l_inf is (t, -t), so that f falls by t g - a psi(L1 t) / L1^2: the descent inequality is an
equality. With g = 0 and a cap f is bounded below, and far from the minimum steps of length t reduce it by t cap each,
while it is little more than cap |z_2|: the bound on the best gradient is attained in the limit of many short steps.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._data import as_start, finite, positive
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class ExponentialBend(Problem):
    """ExponentialBend(L0, L1, tilt=0, cap=inf, x0=None): f as above on R^2, g = tilt; x0 defaults to (0, 2^-30).

    Raises InvalidArgument unless L1 > 0, L0, tilt >= 0, L0 + L1 tilt > 0 and cap > 0.
    """

    alias: ClassVar[str] = "exponential_bend"

    L0: Any
    L1: Any
    tilt: Any
    cap: float
    start: Any

    def __init__(self, L0: float, L1: float, tilt: float = 0.0, cap: float = np.inf, x0=None):
        self.L0, self.tilt = finite(L0, "L0", low=0.0), finite(tilt, "tilt", low=0.0)
        self.L1 = positive(L1, "L1")
        if not self._bend > 0:
            raise InvalidArgument("L0 + L1 tilt must be positive.")
        self.cap = np.inf if cap == np.inf else float(positive(cap, "cap"))
        self.start = as_start(x0, np.array([0.0, 2.0**-30]))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "ExponentialBend":
        rng = np.random.default_rng(seed)
        return cls(*rng.uniform(0.5, 1.5, 2), cap=2.0, x0=3 * rng.standard_normal(2))

    @property
    def name(self) -> str:
        return f"exponential bend({float(self.L0):g}, {float(self.L1):g})"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=lambda: None if self.tilt > 0 else np.array([self.start[0], 0.0]),
            f_star=self._f_star,
        )

    @property
    def _bend(self):
        """a, the curvature of phi at 0."""
        return self.L0 + self.L1 * self.tilt

    @property
    def _knee(self) -> float:
        """Where the slope of phi reaches the cap."""
        return float(np.log1p(self.L1 * self.cap / self._bend) / self.L1)

    def _phi(self, s):
        xp = namespace(s)
        inside = xp.minimum(xp.abs(s), self._knee)
        line = 0.0 if self.cap == np.inf else self.cap * (xp.abs(s) - inside)
        return self._bend / self.L1**2 * _psi(self.L1 * inside, xp) + line

    def value(self, x):
        return self._phi(x[1]) - self.tilt * x[0]

    def gradient(self, x):
        xp = namespace(x)
        size = self._bend / self.L1 * xp.expm1(self.L1 * xp.minimum(xp.abs(x[1]), self._knee))
        return xp.stack([-self.tilt + 0.0 * x[0], xp.sign(x[1]) * size]).astype((0.0 * x).dtype)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return None
        xp = namespace(x)
        second = xp.sign(x[1]) * xp.maximum(xp.abs(x[1]) - t, 0)
        point = xp.stack([x[0] + t * xp.sign(self.tilt), second]).astype(x.dtype)
        return Move(point, self.gradient(point))

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        if self.tilt > 0:
            raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")
        return Known(0.0, 0.0, "phi >= 0 with equality at 0")

    def _distance(self, x, norm: Norm) -> Known:
        """To the nearest minimiser: they are the line z_2 = 0."""
        if self.tilt > 0:
            return super()._distance(x, norm)
        unit = 1 / float(norm.dual(np.array([0.0, 1.0])))
        return Known(unit * abs(float(x[1])), 8 * np.finfo(float).eps * unit * abs(float(x[1])), "distance to a line")

    def _constant_L0(self, norm: Norm) -> Constant | None:
        found = isinstance(norm, LInf)
        return Constant("L0", float(self.L0), "exact", "phi'' = L0 + L1 |grad f|_1 near 0") if found else None

    def _constant_L1(self, norm: Norm) -> Constant | None:
        found = isinstance(norm, LInf)
        return Constant("L1", float(self.L1), "exact", "phi'' = L0 + L1 |grad f|_1 near 0") if found else None


def _psi(y, xp):
    """e^y - 1 - y without cancellation."""
    series = 1.0
    for n in range(14, 2, -1):
        series = 1 + y / n * series
    return xp.where(y < 0.3, y**2 / 2 * series, xp.expm1(y) - y)
