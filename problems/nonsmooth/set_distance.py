"""The distance to a closed convex set: a sharp minimum with many minimisers."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.brox.radial import towards
from broximal.oracles.cvxpy_bridge import cvxpy, minimum
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.objective import Move
from broximal.problems._data import as_start, dimension
from broximal.problems._equivalence import ratio
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.nonsmooth.convex_sets import Box, ConvexSet
from broximal.problems.problem import Problem


class SetDistance(Problem):
    """f(z) = min { |z - c| : c in C } in a norm in which C knows a nearest point; X* = C, f* = 0.

    Structured over the ball of the same norm: the distance is 1-Lipschitz, and the point at distance t on the way to
    the nearest point attains dist(x, C) - t.
    """

    alias: ClassVar[str] = "set_distance"

    target: ConvexSet
    norm: Norm
    start: Any
    member: Any

    def __init__(self, target: ConvexSet, norm: Norm | None = None, x0=None):
        """x0 defaults to a point of C plus (1, .., 1). Raises InvalidArgument if C knows no nearest point in the norm."""
        norm = L2() if norm is None else norm
        if not isinstance(target, ConvexSet):
            raise InvalidArgument(f"target must be a convex set such as Box(low, high), not {type(target).__name__}.")
        if not isinstance(norm, Norm) or not target.knows(norm):
            raise InvalidArgument(f"norm {norm!r} has no nearest point of a {target.label} known.")
        self.target, self.norm = target, norm
        self.member = norm.prepare(target.member(), "target")
        self.start = as_start(x0, self.member + 1.0)

    @classmethod
    def example(cls, dim: int, seed: int = 0, norm: Norm | None = None) -> "SetDistance":
        """A random box and a start outside."""
        rng = np.random.default_rng(seed)
        low = rng.standard_normal(dimension(dim))
        return cls(Box(low, low + rng.uniform(0.1, 1, dim)), norm, 3 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"{self.norm.name} distance to a {self.target.label}({self.member.size})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=self.member,
            f_star=Known(0.0, 0.0, "the distance is zero on the set"),
            growth=1.0,
        )

    def value(self, x):
        return self.norm._value(x - self.target.nearest(x, self.norm))

    def gradient(self, x):
        """A subgradient; zero in C."""
        xp, d = namespace(x), x - self.target.nearest(x, self.norm)
        return xp.where(xp.any(d != 0), self.target.normal(x, self.norm), 0.0 * d)

    def rounding(self, x):
        return 2 * arrays.eps(x) * (self.norm._value(x) + self.value(x)), 0.0

    def cvxpy(self, z):
        w = cvxpy().Variable(z.shape)
        return minimum(self.norm.cvxpy(z - w), self.target.cvxpy(w), z)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        (own, shrink), (ball, reach) = plain(self.norm), plain(norm, radius)
        if not same(own, ball):
            return None
        xp, nearest = namespace(x), self.target.nearest(x, own)
        distance = own._value(x - nearest)
        gradient = xp.where(distance > reach, self.target.normal(x, own), 0.0 * x).astype(x.dtype) / shrink
        return Move(towards(x, nearest, distance, reach), gradient, xp.maximum(distance - reach, 0) / shrink)

    @property
    def x0(self):
        return self.start

    def _distance(self, x, norm: Norm) -> Known:
        """dist(x, C) wherever C knows a nearest point."""
        if not self.target.knows(norm):
            raise MissingConstant(f"{self.name} does not know the {norm.name} distance to its minimisers.")
        value = float(norm(x - self.target.nearest(x, norm)))
        return Known(value, 4 * arrays.eps(x) * (value + float(norm(x))), "distance to the nearest point of the set")

    def _constant_G(self, norm: Norm) -> Constant | None:
        found = ratio(self.norm, norm, self.member.shape)
        exact = same(plain(self.norm)[0], plain(norm)[0])
        return Constant("G", found.value, "exact" if exact else "upper bound", f"ratio of the norms, {found.why}")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        found = ratio(norm, self.norm, self.member.shape)
        exact = same(plain(self.norm)[0], plain(norm)[0])
        kind = "exact" if exact else "lower bound"
        return Constant("kappa", 1 / found.value, kind, f"one over the ratio of the norms, {found.why}")
