"""What is known about a function of one real variable: the building block of radial, ridge and separable functions."""

import abc
from typing import Any, NamedTuple

from broximal.oracles.arrays import namespace
from broximal.oracles.module import Module


class Growth(NamedTuple):
    """phi(s) - min phi >= c dist(s, argmin)^q for every s."""

    c: float
    q: float


class Profile(Module):
    """phi: R -> R, applied entry by entry, written against `arrays.namespace(s)`.

    lowest      the ends of the interval of its minimisers (infinite if phi decreases for ever)
    minimum     inf phi
    convex      convex on R
    smooth      differentiable with a Lipschitz derivative on bounded sets
    even        phi(-s) = phi(s)
    rising      nondecreasing on [0, inf): then phi of a norm or of a distance has the minimiser of the latter
    star        phi((1 - l) s + l m) <= (1 - l) phi(s) + l min phi for the minimiser m nearest to 0
    kinks       where the left and right derivatives differ
    lipschitz, curvature, strong   Lipschitz constants of phi and phi', strong convexity; None / None / 0 if there is none
    growth      see Growth, or None
    two_wells   the minimisers are the two ends of `lowest`, not what lies between
    """

    convex = True
    smooth = False
    even = False
    rising = True
    lowest = (0.0, 0.0)
    minimum = 0.0
    kinks = ()
    lipschitz = None
    curvature = None
    strong = 0.0
    growth = None
    two_wells = False

    @property
    def star(self) -> bool:
        return self.convex

    @property
    @abc.abstractmethod
    def label(self) -> str:
        """A short name with its parameters."""

    @abc.abstractmethod
    def value(self, s: Any) -> Any:
        """phi(s)."""

    @abc.abstractmethod
    def slopes(self, s: Any) -> tuple[Any, Any]:
        """The left and the right derivative at s."""

    def slope(self, s: Any) -> Any:
        """The derivative; at a kink the element of [left, right] nearest to zero."""
        left, right = self.slopes(s)
        return namespace(s).clip(0.0 * left, left, right)

    def best(self, low: Any, high: Any) -> Any:
        """A minimiser over [low, high], entry by entry. Here for phi falling before `lowest` and rising after it."""
        xp = namespace(low, high)
        return xp.clip(xp.clip(0.5 * (low + high), *self.lowest), low, high)

    def cvxpy(self, s: Any) -> Any:
        """phi(s) as a convex expression, or None. For rising phi and a convex s >= 0 it must be convex too."""
        return None
