"""A profile of one linear function: phi(<a, z> - offset). Solved in closed form over the ball of any norm."""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, inner, namespace, scale
from broximal.oracles.brox.radial import descend
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems._data import dimension, finite, like_tree
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.profiles.families import Softplus, as_profile
from broximal.problems.profiles.profile import Profile


class RidgeFunction(Problem):
    """f(z) = phi(<a, z> - offset), phi a unimodal profile, on arrays of any shape or trees of layers.

    One logistic sample, one squared residual, one hinge, |<a, z> - b|. Over a ball <a, z> takes exactly the values within
    t |a|_* of <a, x>, so the best one is the minimiser of phi clipped to that interval: no root is looked for, whatever
    phi. Where phi has minimisers [m, M], X* is the slab m <= <a, z> - offset <= M, known in every norm.
    """

    alias: ClassVar[str] = "ridge"

    a: Tree
    profile: Profile
    offset: Any
    start: Tree

    def __init__(self, a: Tree, profile: Profile | None = None, offset: float = 0.0, x0: Tree | None = None):
        """profile defaults to Softplus, x0 to 0. Raises InvalidArgument, also for a = 0 and profiles with two wells."""
        self.profile = as_profile(Softplus() if profile is None else profile, "profile")
        if self.profile.two_wells:
            raise InvalidArgument("profile must be unimodal, but a double well is not.")
        self.a = jax.tree.map(lambda leaf: np.array(leaf, dtype=np.float64), arrays.as_point(a, "a"))
        if not any(leaf.any() for leaf in arrays.leaves(self.a)):
            raise InvalidArgument("a is zero, so f is constant.")
        self.offset = finite(offset, "offset")
        x0 = scale(0.0, self.a) if x0 is None else arrays.as_point(x0, "x0")
        if arrays.shapes(x0) != arrays.shapes(self.a):
            raise InvalidArgument("x0 and a must have the same shape and be float64.")
        self.start = x0

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "RidgeFunction":
        """One logistic sample."""
        return cls(np.random.default_rng(seed).standard_normal(dimension(dim)))

    @property
    def name(self) -> str:
        return f"{self.profile.label} of <a,z>({sum(leaf.size for leaf in arrays.leaves(self.a))})"

    def _facts(self):
        return Facts(
            convex=lambda: self.profile.convex,
            smooth=lambda: self.profile.smooth,
            star_convex=lambda: self.profile.star and self.minimiser is not None,
            minimiser=self._minimiser,
            unique=lambda: (
                self.profile.lowest[0] == self.profile.lowest[1] and sum(v.size for v in arrays.leaves(self.a)) == 1
            ),
            f_star=self._f_star,
            growth=lambda: self.profile.growth.q if self.profile.growth and self.minimiser is not None else None,
        )

    def _inside(self, x):
        return inner(like_tree(self.a, x), x) - self.offset.astype(arrays.leaves(x)[0].dtype)

    def value(self, x):
        return self.profile.value(self._inside(x))

    def gradient(self, x):
        return scale(self.profile.slope(self._inside(x)), like_tree(self.a, x))

    def rounding(self, x):
        a = like_tree(self.a, x)
        sizes = inner(jax.tree.map(abs, a), jax.tree.map(abs, x)) + abs(self.offset)
        slope = abs(self.profile.slope(self._inside(x)))
        return 2 * arrays.eps(arrays.leaves(x)[0]) * sizes * slope, 0.0

    def cvxpy(self, z):
        if not self.convex or not hasattr(self.a, "shape"):
            return None
        return self.profile.cvxpy(cvxpy().sum(cvxpy().multiply(self.a, z)) - float(self.offset))

    def move(self, norm: Norm, x: Tree, radius: Any) -> Move | None:
        xp, a = namespace(x), like_tree(self.a, x)
        low, high = (end + self.offset for end in self.profile.lowest)
        point, level = descend(norm, a, x, low, high, radius)
        s = level - self.offset
        best = self.profile.value(s)
        if not self.convex:
            return Move(point, None, best)
        left, right = self.profile.slopes(s)
        # At a kink any slope is aligned; at a minimum only zero is.
        slope = xp.clip(0.0 * left, left, right)
        within = (level >= low) & (level <= high)
        return Move(point, scale(xp.where(within, 0.0 * slope, slope), a), best)

    @property
    def x0(self):
        return self.start

    def _minimiser(self):
        """The point of X* that is nearest to the origin in the Euclidean norm."""
        low, high = self.profile.lowest
        if not np.isfinite([low, high]).any():
            return None
        level = float(np.clip(-self.offset, low, high)) + float(self.offset)
        return scale(level / float(inner(self.a, self.a)), self.a)

    def _f_star(self) -> Known:
        if not np.isfinite(self.profile.minimum):
            raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")
        return Known(float(self.profile.minimum), 0.0, "the infimum of the profile")

    def _distance(self, x, norm: Norm) -> Known:
        """dist(x, X*) = dist(<a, x> - offset, [m, M]) / |a|_* in every norm."""
        if self.minimiser is None:
            raise MissingConstant(f"{self.name} has no minimiser, so no distance to it.")
        s, dual = float(self._inside(x)), float(norm.dual(self.a))
        away = abs(s - float(np.clip(s, *self.profile.lowest)))
        noise = (
            4 * np.finfo(float).eps * float(inner(jax.tree.map(abs, self.a), jax.tree.map(abs, x)) + abs(self.offset))
        )
        return Known(away / dual, noise / dual, "distance to the slab of minimisers")

    def _dual(self, norm: Norm) -> float:
        return float(norm.dual(self.a))

    def _constant_L(self, norm: Norm) -> Constant | None:
        if self.profile.curvature is None:
            return None
        return Constant("L", self.profile.curvature * self._dual(norm) ** 2, "exact", "sup |phi''| times |a|_*^2")

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return None

    def _constant_G(self, norm: Norm) -> Constant | None:
        if self.profile.lipschitz is None:
            return None
        return Constant("G", self.profile.lipschitz * self._dual(norm), "exact", "sup |phi'| times |a|_*")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        if self.growth_exponent is None:
            return None
        growth: Any = self.profile.growth  # known, as the exponent is
        c, q = growth
        return Constant(
            "kappa", c * self._dual(norm) ** q, "lower bound", f"phi grows like {c:g} s^{q:g}, s = |a|_* dist"
        )
