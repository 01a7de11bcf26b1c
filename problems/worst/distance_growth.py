"""A strictly convex quadratic in the plane on which the l_inf method moves away from the minimiser.

f(z) = ((z_1 - z_2 / 2)^2 + (z_1^2 + z_2^2) / 100) / 2, x_0 = (2, 2), t = 1/2: the step ends at u = (3/2, 5/2), at l_inf
distance 5/2 instead of 2, and at Euclidean distance sqrt(17/2) instead of sqrt(8).

Proof. grad f(u) = (u_1 - u_2/2) (1, -1/2) + u / 100 = (1/4)(1, -1/2) + (3/200, 5/200) = (53/200, -20/200) has the signs
(+, -) and u = x_0 - t (1, -1), so it is aligned and u is the unique minimiser over the ball. QED

For convex f in the plane the l_inf distance can at most double along a run: |x_k - x*|_1 does not increase.
"""

from fractions import Fraction
from itertools import product
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.brox.kinds import plain
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems.smooth.quadratic import Quadratic


class DistanceGrowth(Quadratic):
    """DistanceGrowth(): the quadratic above; its l_inf steps are found by enumerating the faces of the square."""

    alias: ClassVar[str] = "distance_growth"

    def __init__(self):
        super().__init__([[1.01, -0.5], [-0.5, 0.26]], about=[0.0, 0.0], x0=[2.0, 2.0])

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "DistanceGrowth":
        return cls()

    exact_radius: ClassVar[Fraction] = Fraction(1, 2)
    exact_step: ClassVar[tuple[Fraction, Fraction]] = (Fraction(3, 2), Fraction(5, 2))

    @staticmethod
    def exact_gradient(z: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        """grad f(z) in rational numbers."""
        bent = z[0] - z[1] / 2
        return bent + z[0] / 100, -bent / 2 + z[1] / 100

    @property
    def name(self) -> str:
        return "distance growth(2)"

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return super().move(norm, x, radius)
        from broximal.oracles.arrays import namespace

        xp, A = namespace(x), like(self.A, x)
        candidates = []
        for face in product((-1, 0, 1), repeat=2):
            fixed, free = np.array(face, dtype=float), np.array([f == 0 for f in face])
            y = x + t * like(fixed, x)
            if free.all():
                y = like(self.about, x)
            elif free.any():
                i = int(np.flatnonzero(free)[0])
                best = -A[i, 1 - i] * y[1 - i] / A[i, i]
                y = xp.where(xp.arange(2) == i, best, y)
            candidates.append(xp.clip(y, x - t, x + t))
        values = xp.stack([self.value(y) for y in candidates])
        point = xp.stack(candidates)[xp.argmin(values)]
        return Move(point, self.gradient(point), path="faces")
