"""Functions of one real variable, solved exactly over every interval; every norm on R^1 is a multiple of |.|."""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems._data import finite
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.profiles.families import Huber, as_profile
from broximal.problems.profiles.profile import Profile


class OneDimensional(Problem):
    """f(z) = phi(z_1 - shift) on vectors of length 1, phi any profile: convex, star-convex, unimodal, a double well."""

    alias: ClassVar[str] = "one_dimensional"

    profile: Profile
    shift: Any
    start: Any

    def __init__(self, profile: Profile, shift: float = 0.0, x0: float = 3.0):
        """x0 a number. Raises InvalidArgument."""
        self.profile = as_profile(profile, "profile")
        self.shift = finite(shift, "shift")
        self.start = np.array([finite(np.squeeze(x0)[()], "x0")])

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "OneDimensional":
        """Huber, whatever dim says."""
        return cls(Huber(), 0.0, 3.0 + np.random.default_rng(seed).uniform())

    @property
    def name(self) -> str:
        return self.profile.label

    def _facts(self):
        return Facts(
            convex=lambda: self.profile.convex,
            smooth=lambda: self.profile.smooth,
            star_convex=lambda: self.profile.star and self.minimiser is not None,
            minimiser=self._minimiser,
            unique=lambda: self.profile.lowest[0] == self.profile.lowest[1] and self.minimiser is not None,
            f_star=self._f_star,
            growth=lambda: self.profile.growth.q if self.profile.growth and self.minimiser is not None else None,
        )

    def _inside(self, x):
        return x[0] - self.shift.astype(x.dtype)

    def value(self, x):
        return self.profile.value(self._inside(x))

    def gradient(self, x):
        return self.profile.slope(self._inside(x)).reshape(1)

    def cvxpy(self, z):
        return self.profile.cvxpy(z[0] - float(self.shift)) if self.convex else None

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        xp = namespace(x)
        s, reach = self._inside(x), radius / norm._value(xp.ones_like(x))
        best = self.profile.best(s - reach, s + reach)
        # From x, not from the shift, so that the step has the length of the radius to the last digit.
        end = xp.where(best >= s + reach, x[0] + reach, xp.where(best <= s - reach, x[0] - reach, best + self.shift))
        gradient = None
        if self.convex:
            left, right = self.profile.slopes(best)
            gradient = xp.clip(0.0 * left, left, right).reshape(1)
        return Move(end.reshape(1).astype(x.dtype), gradient, self.profile.value(best))

    @property
    def x0(self):
        return self.start

    def _minimiser(self):
        """The minimiser nearest to the shift, the lower end at ties; None if f decreases for ever."""
        low, high = self.profile.lowest
        if not np.isfinite([low, high]).any():
            return None
        inside = low if low == -high else float(np.clip(0.0, low, high))
        inside = 0.0 if self.profile.value(np.float64(0.0)) == self.profile.minimum else inside
        return np.array([inside + self.shift])

    def _f_star(self) -> Known:
        if not np.isfinite(self.profile.minimum):
            raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")
        return Known(float(self.profile.minimum), 0.0, "the infimum of the profile")

    def _distance(self, x, norm: Norm) -> Known:
        if self.minimiser is None:
            raise MissingConstant(f"{self.name} has no minimiser, so no distance to it.")
        s, (low, high) = float(self._inside(x)), self.profile.lowest
        ends = (low, high) if self.profile.two_wells else (np.clip(s, low, high),)
        away = min(abs(s - end) for end in ends) * float(norm(np.ones(1)))
        return Known(
            away, 4 * np.finfo(float).eps * (away + abs(float(x[0]))), "distance to the minimisers of the profile"
        )

    def _scaled(self, name: str, value, power: float, norm: Norm, kind, why: str) -> Constant | None:
        return None if value is None else Constant(name, value / float(norm(np.ones(1))) ** power, kind, why)

    def _constant_L(self, norm: Norm) -> Constant | None:
        return self._scaled("L", self.profile.curvature, 2, norm, "exact", "sup |phi''|")

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return self._scaled("mu", self.profile.strong, 2, norm, "exact", "inf phi''") if self.convex else None

    def _constant_G(self, norm: Norm) -> Constant | None:
        return self._scaled("G", self.profile.lipschitz, 1, norm, "exact", "sup |phi'|")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        if self.growth_exponent is None:
            return None
        growth: Any = self.profile.growth  # known, as the exponent is
        return self._scaled("kappa", growth.c, growth.q, norm, "lower bound", "growth of phi")
