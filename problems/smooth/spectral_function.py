"""h(sigma(Z - C)): functions of singular values over unitarily invariant balls, with no convexity needed.

Let X - C = U diag(s) V', h absolutely symmetric (invariant under signs and permutations), and y a broximal point of h at s
for the gauge b. Then C + U diag(y) V' is one of the matrix function at X for the norm b(sigma(.)): by Mirsky's inequality
(1960) b(sigma(Z - C) - s) <= b(sigma(Z - X)), so every matrix of the ball has its singular values in the ball of s, and
U diag(y) V' attains the best of them. Singular vectors persist along a run.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.answer import certify
from broximal.oracles.brox.kinds import plain
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.norms.schatten import UnitarilyInvariant, lift, reduced_svd, singular_values
from broximal.oracles.objective import Move
from broximal.problems._checks import as_matrix, like
from broximal.problems._data import as_start, dimension
from broximal.problems.constant import Constant
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.profiles.families import Sigmoidal
from broximal.problems.smooth.separable import Separable


class SpectralFunction(Problem):
    """f(Z) = h(sigma(Z - center)) on m x n matrices, h a problem on vectors of length min(m, n), minimal at 0.

    Over the lift of a gauge it is solved wherever h is solved over the ball of that gauge; the Frobenius ball is the lift
    of l2. Convex and smooth if h is (Lewis, SIAM J. Optim. 6, 1996); the constants of h in a gauge are those of f in its
    lift.
    """

    alias: ClassVar[str] = "spectral"

    inside: Problem
    center: Any
    start: Any

    def __init__(self, inside: Problem, center, x0=None):
        """Raises InvalidArgument if h is visibly not absolutely symmetric, not minimal at 0, or of another length."""
        self.center = as_matrix(center, "center")
        size = min(self.center.shape)
        if not isinstance(inside, Problem) or getattr(inside.x0, "shape", None) != (size,):
            raise InvalidArgument(f"inside must be a problem on vectors of length {size}.")
        if inside.minimiser is None or np.any(inside.minimiser != 0):
            raise InvalidArgument("inside must have its minimiser at 0.")
        _refuse_asymmetric(inside, size)
        self.inside, self.start = inside, as_start(x0, self.center + 1.0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "SpectralFunction":
        """dim entries in a nearly square matrix; a sum of sigmoidal functions: star-convex, not convex."""
        rng, rows = np.random.default_rng(seed), max(int(np.sqrt(dimension(dim))), 1)
        shape = (rows, max(dim // rows, 1))
        inside = Separable(Sigmoidal(), np.zeros(min(shape)))
        return cls(inside, rng.standard_normal(shape), 3 * rng.standard_normal(shape))

    @property
    def name(self) -> str:
        return f"{self.inside.name} of singular values {self.center.shape[0]}x{self.center.shape[1]}"

    def _facts(self):
        return Facts(
            convex=lambda: self.inside.convex,
            smooth=lambda: self.inside.smooth,
            star_convex=self._star_convex,
            minimiser=self.center,
            unique=lambda: self.inside.unique_minimiser,
            f_star=lambda: self.inside.f_star,
            growth=lambda: self.inside.growth_exponent,
        )

    def _star_convex(self) -> bool:
        """sigma((1-l) D) = (1-l) sigma(D), so the inequality of h about 0 is that of f about the center."""
        return self.inside.star_convex

    def value(self, x):
        return self.inside.value(singular_values(x - like(self.center, x)))

    def gradient(self, x):
        u, s, vt = reduced_svd(x - like(self.center, x))
        return (u * self.inside.gradient(s)) @ vt

    def rounding(self, x):
        from broximal.oracles import arrays

        s = singular_values(x - like(self.center, x))
        noise = 8 * arrays.eps(x) * (s.max() + arrays.l2(like(self.center, x)))
        if getattr(self.inside, "sizes_center", None) is not None:  # rising in every singular value
            return self.inside.rounding(s)[0] + self.inside.value(s + noise) - self.inside.value(s), 0.0
        return self.inside.rounding(s)[0] + noise * namespace(x).abs(self.inside.gradient(s)).sum(), 0.0

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, UnitarilyInvariant | L2):
            return None
        gauge = ball if isinstance(ball, L2) else ball.gauge
        center = like(self.center, x)
        u, s, vt = reduced_svd(x - center)
        found = self.inside.move(gauge, s, t)
        if found is None:
            return None
        proved = certify(self.inside, gauge, s, t, found)
        # Step by step rather than anew: what does not move in the singular values does not move at all.
        point = x + (u * (found.point - s)) @ vt
        point = namespace(x).where(found.point.any(), point, center)
        gradient = None if proved.subgradient is None else (u * proved.subgradient) @ vt
        return Move(point, gradient, proved.value - proved.gap, found.path, found.iterations)

    @property
    def x0(self):
        return self.start

    def _carried(self, name: str, norm: Norm) -> Constant | None:
        ball, scale = plain(norm)
        fn = getattr(self.inside, f"_constant_{name}", None)
        if fn is None or float(scale) != 1.0 or not isinstance(ball, UnitarilyInvariant | L2):
            return None
        found = fn(ball if isinstance(ball, L2) else ball.gauge)
        return found and Constant(name, found.value, found.kind, f"of the singular values: {found.why}")

    def _constant_G(self, norm: Norm) -> Constant | None:
        return self._carried("G", norm)

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        return self._carried("kappa", norm)

    def _l2_constant(self, name: str) -> Constant | None:
        """Smoothness and strong convexity of h in l2 are those of f in the Frobenius norm (Lewis)."""
        return self._carried(name, lift(L2()))


def _refuse_asymmetric(inside: Problem, size: int) -> None:
    rng = np.random.default_rng(0)
    for _ in range(8):
        s = 3 * rng.standard_normal(size)
        value, other = float(inside.value(s)), float(inside.value(rng.permutation(s) * rng.choice([-1.0, 1.0], size)))
        if abs(value - other) > 1e-9 * (abs(value) + 1e-9):
            raise InvalidArgument("inside is not invariant under signs and permutations of its argument.")
