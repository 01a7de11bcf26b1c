"""The catalogue of one-dimensional profiles: convex, star-convex, and merely unimodal ones."""

from typing import Any

import equinox as eqx

from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.problems._data import finite, positive
from broximal.problems.profiles.profile import Growth, Profile

INF = float("inf")


def _twice(g):
    return g, g


class Identity(Profile):
    """s: decreasing towards minus infinity on R, but the identity on distances."""

    label = "s"
    smooth, lipschitz, curvature = True, 1.0, 0.0
    lowest, minimum = (-INF, -INF), -INF

    def value(self, s):
        return s

    def slopes(self, s):
        return _twice(namespace(s).ones_like(s))

    def cvxpy(self, s):
        return s


class Absolute(Profile):
    """|s|."""

    label = "|s|"
    even = True
    kinks = (0.0,)
    lipschitz = 1.0
    growth = Growth(1.0, 1.0)

    def value(self, s):
        return namespace(s).abs(s)

    def slopes(self, s):
        xp = namespace(s)
        one = xp.ones_like(s)
        return xp.where(s > 0, one, -one), xp.where(s < 0, -one, one)

    def cvxpy(self, s):
        return cvxpy().abs(s)


class HalfSquare(Profile):
    """s^2 / 2."""

    label = "s^2/2"
    smooth = even = True
    curvature = strong = 1.0
    growth = Growth(0.5, 2.0)

    def value(self, s):
        return 0.5 * s * s

    def slopes(self, s):
        return _twice(s)

    def cvxpy(self, s):
        return cvxpy().square(s) / 2


class Power(Profile):
    """|s|^p for p >= 1."""

    p: float = eqx.field(static=True)
    even = True

    def __init__(self, p: float):
        self.p = float(finite(p, "p", low=1.0))

    @property
    def label(self):
        return f"|s|^{self.p:g}"

    @property
    def smooth(self):
        return self.p >= 2

    @property
    def kinks(self):
        return (0.0,) if self.p == 1 else ()

    @property
    def growth(self):
        return Growth(1.0, self.p)

    def value(self, s):
        return namespace(s).abs(s) ** self.p

    def slopes(self, s):
        if self.p == 1:
            return Absolute().slopes(s)
        xp = namespace(s)
        return _twice(self.p * xp.sign(s) * xp.abs(s) ** (self.p - 1))

    def cvxpy(self, s):
        return cvxpy().power(cvxpy().abs(s), self.p)


class Huber(Profile):
    """s^2 / 2 up to |s| = delta, then delta |s| - delta^2 / 2."""

    delta: Any
    smooth = even = True
    curvature = 1.0

    def __init__(self, delta: float = 1.0):
        self.delta = positive(delta, "delta")

    @property
    def label(self):
        return f"huber({self.delta:g})"

    @property
    def lipschitz(self):
        return float(self.delta)

    def value(self, s):
        xp = namespace(s)
        inside = xp.minimum(xp.abs(s), self.delta)
        return inside * (xp.abs(s) - 0.5 * inside)

    def slopes(self, s):
        return _twice(namespace(s).clip(s, -self.delta, self.delta))

    def cvxpy(self, s):
        return cvxpy().huber(s, float(self.delta)) / 2


class Softplus(Profile):
    """log(1 + exp(s)): the loss of one logistic sample; no minimiser."""

    label = "log(1+e^s)"
    smooth = True
    lipschitz, curvature = 1.0, 0.25
    lowest = (-INF, -INF)

    def value(self, s):
        return namespace(s).logaddexp(s, 0.0 * s)

    def slopes(self, s):
        xp = namespace(s)
        small = xp.exp(-xp.abs(s))
        return _twice(xp.where(s > 0, 1.0, small) / (1 + small))

    def cvxpy(self, s):
        return cvxpy().logistic(s)


class PositivePart(Profile):
    """max(s, 0): the hinge; every s <= 0 is a minimiser."""

    label = "max(s,0)"
    lowest = (-INF, 0.0)
    kinks = (0.0,)
    lipschitz = 1.0
    growth = Growth(1.0, 1.0)

    def value(self, s):
        return namespace(s).maximum(s, 0.0 * s)

    def slopes(self, s):
        xp = namespace(s)
        one, zero = xp.ones_like(s), xp.zeros_like(s)
        return xp.where(s > 0, one, zero), xp.where(s < 0, zero, one)

    def cvxpy(self, s):
        return cvxpy().pos(s)


class Sine(Profile):
    """r^2 + 0.9 r sin r with r = |s|: star-convex at 0 since r + 0.9 sin r is nondecreasing, not convex."""

    label = "r^2+0.9 r sin r"
    convex = False
    smooth = even = star = True
    growth = Growth(0.8, 2.0)  # r + 0.9 sin r >= 0.8 r: sin r / r >= -0.2173

    def value(self, s):
        return s * s + 0.9 * s * namespace(s).sin(s)

    def slopes(self, s):
        xp = namespace(s)
        return _twice(2 * s + 0.9 * (xp.sin(s) + s * xp.cos(s)))


class Sigmoidal(Profile):
    """r (1 + 3 sigmoid(5 (r - 4))) with r = |s|: star-convex at 0 since the factor of r rises, not convex."""

    label = "r(1+3 sigmoid(5(r-4)))"
    convex = False
    even = star = True
    kinks = (0.0,)
    growth = Growth(1.0, 1.0)

    def _factor(self, r):
        xp = namespace(r)
        tail = xp.exp(-xp.abs(5 * (r - 4)))
        return 3 * xp.where(r > 4, 1.0, tail) / (1 + tail), 15 * tail / (1 + tail) ** 2

    def value(self, s):
        r = namespace(s).abs(s)
        return r * (1 + self._factor(r)[0])

    def slopes(self, s):
        xp = namespace(s)
        r = xp.abs(s)
        factor, change = self._factor(r)
        size = 1 + factor + r * change
        return xp.where(s > 0, size, -size), xp.where(s < 0, -size, size)


class SquareRoot(Profile):
    """sqrt|s|: unimodal, so every ball is solved, but not star-convex: the negative control of the rates."""

    label = "sqrt|s|"
    convex = star = False
    even = True
    growth = None

    def value(self, s):
        xp = namespace(s)
        return xp.sqrt(xp.abs(s))

    def slopes(self, s):
        xp = namespace(s)
        r = xp.sqrt(xp.abs(s))
        slope = 0.5 * xp.sign(s) / xp.where(r > 0, r, 1.0)
        return _twice(slope)


class Plateau(Profile):
    """min((|s| - 1)_+, 1): quasi-convex with flat parts, where every point of a ball may be a minimiser over it."""

    label = "min((|s|-1)_+,1)"
    convex = star = False
    even = True
    lowest = (-1.0, 1.0)
    kinks = (-2.0, -1.0, 1.0, 2.0)
    lipschitz = 1.0

    def value(self, s):
        xp = namespace(s)
        return xp.clip(xp.abs(s) - 1, 0.0, 1.0)

    def slopes(self, s):
        xp = namespace(s)
        r = xp.abs(s)
        slope = xp.where((r > 1) & (r < 2), xp.sign(s), 0.0 * s)
        return _twice(slope)

    def best(self, low, high):
        """The centre where it is as good as any: the selection with which the method stalls."""
        xp = namespace(low, high)
        center = 0.5 * (low + high)
        nearest = super().best(low, high)
        return xp.where(self.value(nearest) < self.value(center), nearest, center)


class DoubleWell(Profile):
    """(s^2 - 1)^2: two minimisers and a local maximum between them."""

    label = "(s^2-1)^2"
    convex = star = rising = False
    smooth = even = two_wells = True
    lowest = (-1.0, 1.0)

    def value(self, s):
        return (s * s - 1) ** 2

    def slopes(self, s):
        return _twice(4 * s * (s * s - 1))

    def best(self, low, high):
        """The better of the points of the interval that are nearest to the two wells; phi is monotone outside them."""
        xp = namespace(low, high)
        left, right = xp.clip(-1.0 + 0.0 * low, low, high), xp.clip(1.0 + 0.0 * low, low, high)
        return xp.where(self.value(left) < self.value(right), left, right)


def convex_profiles() -> tuple[Profile, ...]:
    """One of each convex profile with a finite infimum."""
    return (Absolute(), HalfSquare(), Power(1.5), Power(3.0), Huber(0.7), Softplus(), PositivePart())


def star_profiles() -> tuple[Profile, ...]:
    """One of each star-convex profile that is not convex."""
    return (Sine(), Sigmoidal())


def as_profile(profile: Any, name: str) -> Profile:
    """The profile itself, or InvalidArgument."""
    if not isinstance(profile, Profile):
        raise InvalidArgument(f"{name} must be a profile such as profiles.Absolute(), not {profile!r}.")
    return profile
