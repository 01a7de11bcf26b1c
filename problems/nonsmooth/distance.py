"""The distance to a point, measured in any norm: sharp minima, and the functions for which the rates are attained."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.brox.norm_distance import nearest
from broximal.oracles.brox.radial import towards
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import as_center, as_start, dimension
from broximal.problems._equivalence import ratio
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class NormDistance(Problem):
    """f(z) = |z - center| in a norm of its own, on vectors or matrices; the unique minimiser is the center, f* = 0.

    Structured over the ball of the same norm (radially), and over every pair of norms in
    `broximal.oracles.brox.norm_distance`: any absolute norm over l_inf, any symmetric one over l1, l_inf over any
    absolute norm, l1 over any symmetric one, l2 over any, any over l2, and the unitarily invariant lifts of these.
    """

    alias: ClassVar[str] = "norm_distance"

    center: Any
    norm: Norm
    start: Any

    def __init__(self, center, norm: Norm | None = None, x0=None):
        """center an array, norm (default l_inf) a norm on its shape, x0 default center + 1. Raises InvalidArgument."""
        norm = LInf() if norm is None else norm
        as_norm(norm)
        self.center = norm.prepare(as_center(center, "center"), "center")
        self.norm = norm
        self.start = as_start(x0, self.center + 1.0)

    @classmethod
    def example(cls, dim: int, seed: int = 0, norm: Norm | None = None) -> "NormDistance":
        """A Gaussian center and start."""
        rng = np.random.default_rng(seed)
        return cls(rng.standard_normal(dimension(dim)), norm, rng.standard_normal(dim) * 2)

    @property
    def name(self) -> str:
        return f"{self.norm.name} distance({self.center.size})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=self.center,
            unique=True,
            f_star=Known(0.0, 0.0, "a norm is zero at zero"),
            growth=1.0,
        )

    @property
    def sizes_center(self):
        """f is a coordinatewise nondecreasing function of |z - this|, or None."""
        return self.center if self.norm.absolute else None

    def value(self, x):
        return self.norm._value(x - like(self.center, x))

    def gradient(self, x):
        """A subgradient; zero at the center."""
        d = x - like(self.center, x)
        xp = namespace(x)
        return xp.where(xp.any(d != 0), self.norm.subgradient(d), xp.zeros_like(d))

    def rounding(self, x):
        size = self.norm._value(x) + self.norm._value(like(self.center, x))
        return arrays.eps(x) * size, 0.0

    def minorant(self, u, g):
        """f is the support function of the dual ball at u - center: any h in that ball will do."""
        xp, size = namespace(u), self.norm.dual._value(g)
        h = g / xp.where(size > 1, size, 1.0).astype(u.dtype)
        return h, self.value(u) - (h * (u - like(self.center, u))).sum()

    def cvxpy(self, z):
        return self.norm.cvxpy(z - self.center)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        center = like(self.center, x)
        r = center - x
        (own, shrink), (ball, reach) = plain(self.norm), plain(norm, radius)
        if same(own, ball):
            xp, distance = namespace(x), own._value(r)
            point = towards(x, center, distance, reach)
            gradient = xp.where(distance > reach, -own.subgradient(r), 0.0 * r).astype(x.dtype) / shrink
            return Move(point, gradient, xp.maximum(distance - reach, 0) / shrink)
        found = nearest(self.norm, norm, r, radius)
        if found is None:
            return None
        path = "closed form" if ball.absolute else "projection"
        point = namespace(x).where(found.dual.any(), x + found.step, center)
        return Move(point, -found.dual, found.lower, path)

    @property
    def x0(self):
        return self.start

    def _constant_G(self, norm: Norm) -> Constant | None:
        found = ratio(self.norm, norm, self.center.shape)
        return Constant("G", found.value, "exact" if found.exact else "upper bound", f"ratio of the norms, {found.why}")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        found = ratio(norm, self.norm, self.center.shape)
        kind = "exact" if found.exact else "lower bound"
        return Constant("kappa", 1 / found.value, kind, f"one over the ratio of the norms, {found.why}")

    def _sublevel_radius(self, norm: Norm, x0) -> Constant | None:
        found = ratio(norm, self.norm, self.center.shape)
        value = float(self.value(x0)) * found.value
        return Constant("R0", value, "exact" if found.exact else "upper bound", f"ratio of the norms, {found.why}")
