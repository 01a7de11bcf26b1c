"""Sums of one-dimensional functions: exact over boxes without convexity, over l1, l2 and lp with it."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox import separable as solvers
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.secular import secular
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, LInf, Lp, WeightedLInf
from broximal.oracles.objective import Move
from broximal.problems._checks import as_array, like
from broximal.problems._data import as_center, as_start, dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.profiles.families import Absolute, HalfSquare, Huber, as_profile
from broximal.problems.profiles.profile import Profile


class Separable(Problem):
    """f(z) = sum_i w_i phi(z_i - c_i), phi a profile with a minimum, w > 0, on arrays of any shape.

    Over (weighted) l_inf each coordinate for itself, for every profile. Over l1, l2 and lp convex profiles by one
    multiplier; sums of squares and of absolute values by their breakpoints. Star-convex profiles give star-convex sums.
    """

    alias: ClassVar[str] = "separable"

    center: Any
    weights: Any
    profile: Profile
    start: Any

    def __init__(self, profile: Profile, center, weights=None, x0=None):
        """center an array, weights of its shape (default 1), x0 default center + 1. Raises InvalidArgument."""
        self.profile = as_profile(profile, "profile")
        if not np.isfinite(self.profile.minimum):
            raise InvalidArgument(f"profile {self.profile.label} is unbounded below.")
        self.center = as_center(center, "center")
        self.weights = (
            np.ones(self.center.shape) if weights is None else as_array(weights, "weights", self.center.shape)
        )
        if not (self.weights > 0).all():
            raise InvalidArgument("weights must all be positive.")
        self.start = as_start(x0, self.center + 1.0)

    @classmethod
    def example(cls, dim: int, seed: int = 0, profile: Profile | None = None) -> "Separable":
        """Huber functions with weights between 0.1 and 1."""
        rng = np.random.default_rng(seed)
        center, weights = rng.standard_normal(dimension(dim)), np.geomspace(0.1, 1.0, dim)
        return cls(Huber() if profile is None else profile, center, weights, 3 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"sum of {self.profile.label}({self.center.size})"

    def _facts(self):
        return Facts(
            convex=lambda: self.profile.convex,
            smooth=lambda: self.profile.smooth,
            star_convex=lambda: self.profile.star and self.minimiser is not None,
            minimiser=self._minimiser,
            unique=lambda: self.profile.lowest[0] == self.profile.lowest[1] and self.minimiser is not None,
            f_star=self._f_star,
            growth=lambda: self.profile.growth.q if self.profile.growth and self.unique_minimiser else None,
        )

    @property
    def sizes_center(self):
        """f is a coordinatewise nondecreasing function of |z - this|, or None."""
        return self.center if self.profile.even and self.profile.rising else None

    def _inside(self, x):
        return x - like(self.center, x)

    def _total(self, s):
        return (like(self.weights, s) * self.profile.value(s)).sum()

    def value(self, x):
        return self._total(self._inside(x))

    def gradient(self, x):
        return like(self.weights, x) * self.profile.slope(self._inside(x))

    def rounding(self, x):
        xp = namespace(x)
        unit, slope = arrays.eps(x), abs(self.gradient(x))
        size = (slope * (xp.abs(x) + xp.abs(like(self.center, x)))).sum()
        return unit * (size + (like(self.weights, x) * abs(self.profile.value(self._inside(x)))).sum()), 0.0

    def minorant(self, u, g):
        """Entry by entry a slope between those left and right of u, where a kink within the rounding of u counts as hit."""
        xp, s, w = namespace(u), self._inside(u), like(self.weights, u)
        near = 2 * arrays.eps(u) * (xp.abs(u) + xp.abs(like(self.center, u)))
        left, right = w * self.profile.slopes(s - near)[0], w * self.profile.slopes(s + near)[1]
        return xp.clip(g, left, right), (near * (right - left)).sum()

    def cvxpy(self, z):
        if not self.convex:
            return None
        return cvxpy().sum(cvxpy().multiply(self.weights, self.profile.cvxpy(z - self.center)))

    # ---- broximal steps --------------------------------------------------------------------------------------------

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if isinstance(ball, LInf | WeightedLInf):
            return self._box(x, t / like(getattr(ball, "weights", np.float64(1.0)), x))
        if not (self.convex and isinstance(ball, L1 | L2 | Lp)):
            return None
        if isinstance(self.profile, HalfSquare) and isinstance(ball, L1 | L2):
            return self._squares(ball, x, t)
        if isinstance(self.profile, Absolute) and isinstance(ball, L1 | L2):
            return self._absolute(ball, x, t)
        return self._multiplier(ball, x, t)

    def _box(self, x, t):
        xp, s = namespace(x), self._inside(x)
        best = self.profile.best(s - t, s + t)
        low, high = x - t, x + t
        point = xp.where(best <= s - t, low, xp.where(best >= s + t, high, like(self.center, x) + best))
        value = self._total(best)
        return Move(point, like(self.weights, x) * self.profile.slope(best) if self.convex else None, value)

    def _squares(self, ball, x, t):
        w, r = like(self.weights, x), -self._inside(x)
        if isinstance(ball, L1):
            step = solvers.weighted_squares_l1(w.ravel(), r.ravel(), t).reshape(x.shape)
            size = ball._value(step)  # far from the minimiser the level has fewer digits than the radius
            step = step * namespace(x).where(size > t, t / namespace(x).where(size > 0, size, 1.0), 1.0).astype(x.dtype)
            return Move(x + step, w * (step - r), path="breakpoints")
        found = secular(w, -w * r, t)
        return Move(x + found.point, w * (found.point - r), self.value(x) + found.dual, "secular", found.iterations)

    def _absolute(self, ball, x, t):
        xp, w, r = namespace(x), like(self.weights, x), -self._inside(x)
        solve = solvers.weighted_absolute_l1 if isinstance(ball, L1) else solvers.weighted_absolute_l2
        y, s = solve(w.ravel(), r.ravel(), t)
        y = y.reshape(x.shape)
        reached = y == r
        size = xp.minimum(w, s if isinstance(ball, L1) else s * xp.abs(y))
        g = -xp.sign(r) * xp.where(reached, size, w)
        return Move(xp.where(reached, like(self.center, x), x + y), g.astype(x.dtype), path="breakpoints")

    def _multiplier(self, ball, x, t):
        xp, w, s = namespace(x), like(self.weights, x), self._inside(x)

        def slopes(u):
            left, right = self.profile.slopes(u)
            return w * left, w * right

        low, high = self.profile.lowest
        # A profile that falls for ever has its target beyond the ball.
        target = xp.clip(s, max(low, -1e300), min(high, 1e300)) if np.isfinite([low, high]).any() else s - 4 * t
        p = {L1: 1.0, L2: 2.0}.get(type(ball)) or ball.p
        found = solvers.convex_ball(slopes, self.profile.kinks, s, target.astype(x.dtype), p, t)
        point = xp.where(found.resting, like(self.center, x) + found.point, x + found.step)
        return Move(point, found.subgradient, path="multiplier")

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return self.start

    def _minimiser(self):
        low, high = self.profile.lowest
        if not np.isfinite([low, high]).any():
            return None
        inside = np.clip(0.0, low, high) if not self.profile.two_wells else low
        return self.center + inside

    def _f_star(self) -> Known:
        value = float(self.weights.sum() * self.profile.minimum)
        return Known(value, 4 * np.finfo(float).eps * abs(value), "the sum of the infima of the terms")

    def _distance(self, x, norm: Norm) -> Known:
        if self.minimiser is None or self.unique_minimiser:
            return super()._distance(x, norm)
        if not norm.absolute:
            raise MissingConstant(f"{self.name} does not know the {norm.name} distance to its minimisers.")
        s, (low, high) = self._inside(x), self.profile.lowest
        rest = np.minimum(abs(s - low), abs(s - high)) if self.profile.two_wells else s - np.clip(s, low, high)
        value = float(norm(rest))
        return Known(value, 4 * np.finfo(float).eps * (value + float(norm(x))), "distance to a box of minimisers")

    def _constant_G(self, norm: Norm) -> Constant | None:
        if self.profile.lipschitz is None or not norm.absolute:
            return None
        value = self.profile.lipschitz * float(norm.dual(self.weights))
        return Constant("G", value, "exact", "sup |phi'| times the dual norm of the weights")

    def _constant_L(self, norm: Norm) -> Constant | None:
        """sup phi'' = c in each term: d' W d <= L |d|^2 is max w in l1 and l2, sum w in l_inf."""
        if self.profile.curvature is None:
            return None
        ball, c = plain(norm)[0], self.profile.curvature
        if not isinstance(ball, L1 | L2 | LInf) or (ball is not norm and float(plain(norm)[1]) != 1.0):
            return self._from_l2("L", norm)
        value = self.weights.sum() if isinstance(ball, LInf) else self.weights.max()
        return Constant(
            "L", c * float(value), "exact", "sup phi'' times the sum (l_inf) or maximum (l1, l2) of the weights"
        )

    def _constant_mu(self, norm: Norm) -> Constant | None:
        """min of d' W d over |d| = 1: 1 / sum(1 / w) in l1, min w in l2 and l_inf."""
        if not self.convex:
            return None
        ball, c = plain(norm)[0], float(self.profile.strong)
        if not isinstance(ball, L1 | L2 | LInf) or (ball is not norm and float(plain(norm)[1]) != 1.0):
            return self._from_l2("mu", norm)
        value = 1 / (1 / self.weights).sum() if isinstance(ball, L1) else self.weights.min()
        return Constant(
            "mu", c * float(value), "exact", "inf phi'' times the least value of d' diag(w) d on the sphere"
        )

    def _l2_constant(self, name: str) -> Constant | None:
        """Used for the norms without a formula of their own."""
        value = self.profile.curvature if name == "L" else self.profile.strong if self.convex else None
        if value is None:
            return None
        weight = self.weights.max() if name == "L" else self.weights.min()
        return Constant(name, value * float(weight), "exact", "extreme second derivative times the extreme weight")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """sum w |d|^q c: for q = 1 min w_i / |e_i|; for q >= 2 through the Euclidean norm, (sum |d|^q) >= n^(1-q/2) |d|_2^q."""
        if self.growth_exponent is None:
            return None
        growth: Any = self.profile.growth  # known, as the exponent is
        c, q = growth
        units = np.eye(self.center.size).reshape(-1, *self.center.shape)
        if q == 1:
            value = min(w / float(norm(e)) for w, e in zip(self.weights.ravel(), units, strict=True))
            kind = "exact" if isinstance(self.profile, Absolute) else "lower bound"
            return Constant("kappa", c * float(value), kind, "the smallest of w_i / |e_i|")
        theta = norm.l2_bounds(tuple(self.center.shape)).theta
        shrink = self.center.size ** (1 - max(q, 2) / 2)
        value = c * float(self.weights.min()) * shrink / theta**q
        return Constant("kappa", value, "lower bound", f"growth {c:g} s^{q:g} of the terms, through the Euclidean norm")
