"""phi(q): a rising profile of a convex function. The same broximal steps as q, and star-convex non-convex families."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import scale
from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant, NotCertified
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.objective import Move
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.nonsmooth.distance import NormDistance
from broximal.problems.problem import Problem
from broximal.problems.profiles.families import HalfSquare, Sigmoidal, as_profile
from broximal.problems.profiles.profile import Profile


class Composite(Problem):
    """f(z) = phi(q(z) - q*), phi nondecreasing on [0, inf), q a problem with a minimum.

    The minimisers of q over a ball minimise f over it, and a lower bound l of q over the ball gives phi(l - q*). If phi
    and q are convex, f is, and a subgradient g of q gives phi'(q) g, aligned if g is. If q is convex and phi star-convex
    at 0, f is star-convex: q((1-l) y + l x*) - q* <= (1-l) (q(y) - q*), and phi((1-l) s) <= (1-l) phi(s) + l phi(0).
    """

    alias: ClassVar[str] = "composite"

    inside: Problem
    profile: Profile

    def __init__(self, profile: Profile, inside: Problem):
        """Raises InvalidArgument unless the profile rises on [0, inf) and the problem has a known minimum."""
        as_profile(profile, "profile")
        if not isinstance(inside, Problem):
            raise InvalidArgument(f"inside must be a broximal Problem, not {type(inside).__name__}.")
        if not profile.rising:
            raise InvalidArgument(f"profile {profile.label} does not rise on [0, inf).")
        try:
            inside.f_star  # noqa: B018
        except MissingConstant as missing:
            raise InvalidArgument(f"inside has no known minimum: {missing}") from None
        self.profile, self.inside = profile, inside

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Composite":
        """A sigmoidal function of an l_inf distance: star-convex, not convex."""
        return cls(Sigmoidal(), NormDistance.example(dim, seed))

    @property
    def name(self) -> str:
        return f"{self.profile.label} of {self.inside.name}"

    def _facts(self):
        return Facts(
            convex=lambda: self.profile.convex and self.inside.convex,
            smooth=lambda: self.profile.smooth and (self.inside.smooth or self._half_square_of_l2),
            star_convex=self._star_convex,
            minimiser=lambda: self.inside.minimiser,
            unique=lambda: self.inside.unique_minimiser and self._pointed,
            f_star=self._f_star,
            growth=self._growth_exponent,
        )

    def _star_convex(self) -> bool:
        """With respect to the minimiser of q."""
        return self.profile.star and self.inside.star_convex and self._strict

    @property
    def _strict(self) -> bool:
        """phi(0) = min phi over [0, inf)."""
        return float(self.profile.slopes(np.float64(0.0))[1]) >= 0

    @property
    def _half_square_of_l2(self) -> bool:
        from broximal.oracles.brox.kinds import plain

        if not (isinstance(self.profile, HalfSquare) and isinstance(self.inside, NormDistance)):
            return False
        return isinstance(plain(self.inside.norm)[0], L2)

    @property
    def sizes_center(self):
        """f is a coordinatewise nondecreasing function of |z - this|, or None."""
        return getattr(self.inside, "sizes_center", None)

    def value(self, x):
        return self.profile.value(self.inside.gap(x))

    def gradient(self, x):
        return scale(self.profile.slope(self.inside.gap(x)), self.inside.gradient(x))

    def rounding(self, x):
        noise, slope_noise = self.inside.rounding(x)
        slope = abs(self.profile.slope(self.inside.gap(x)))
        return slope * noise, slope * slope_noise if not isinstance(slope_noise, float) else 0.0

    def cvxpy(self, z):
        if not self.convex or (q := self.inside.cvxpy(z)) is None:
            return None
        from broximal.oracles.cvxpy_bridge import cvxpy

        # At or above its minimum: the composition rule must see a nonnegative argument of the rising branch.
        return self.profile.cvxpy(cvxpy().pos(q - self.inside.f_star.value))

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        try:
            answer = brox(self.inside, norm, x, radius, tol=1e-12)
        except NotCertified as failed:
            answer = failed.answer
        except InvalidArgument:
            return None
        base = self.inside.f_star.value
        low = self.profile.value((answer.value - answer.gap - base).clip(0.0))
        gradient = None
        if answer.subgradient is not None and self.profile.convex:
            gradient = scale(self.profile.slope((answer.value - base).clip(0.0)), answer.subgradient)
        return Move(answer.point, gradient, low, answer.path, answer.iterations)

    @property
    def x0(self):
        return self.inside.x0

    @property
    def _pointed(self) -> bool:
        """0 is the only minimiser of phi on [0, inf), so X* is that of q."""
        return self.profile.lowest == (0.0, 0.0) or (self._strict and self.profile.lowest[1] < 0)

    def _f_star(self) -> Known:
        inner_star = self.inside.f_star
        zero = np.float64(0.0)
        error = float(abs(self.profile.value(np.float64(inner_star.error)) - self.profile.value(zero)))
        return Known(float(self.profile.value(zero)), error, f"phi at the minimum of q ({inner_star.why})")

    def _distance(self, x, norm: Norm) -> Known:
        return self.inside.distance(x, norm) if self._pointed else super()._distance(x, norm)

    def _growth_exponent(self):
        if self.profile.growth is None or self.inside.growth_exponent is None:
            return None
        return self.profile.growth.q * self.inside.growth_exponent

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        if self.growth_exponent is None:
            return None
        inner_kappa = self.inside._constant_kappa(norm)
        if inner_kappa is None:
            return None
        growth: Any = self.profile.growth  # known, as the exponent is
        c, q = growth
        why = f"phi(s) >= {c:g} s^{q:g} of q >= kappa dist ({inner_kappa.why})"
        return Constant("kappa", c * inner_kappa.value**q, "lower bound", why)

    def _constant_G(self, norm: Norm) -> Constant | None:
        inner_G = self.inside._constant_G(norm) if hasattr(self.inside, "_constant_G") else None
        if self.profile.lipschitz is None or inner_G is None:
            return None
        value = self.profile.lipschitz * inner_G.value
        return Constant("G", value, "upper bound", f"Lipschitz constant of phi times {inner_G.why}")

    def _l2_constant(self, name: str) -> Constant | None:
        if not self._half_square_of_l2:
            return None
        ratio = float(self.inside._constant_G(L2()).value) ** 2
        return Constant(name, ratio, "exact", "half a squared Euclidean distance")
