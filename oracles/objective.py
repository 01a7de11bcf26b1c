"""What a broximal oracle needs to know about f: value, a subgradient, a cvxpy form, and structured solvers if any."""

import abc
from typing import Any, NamedTuple

from broximal.oracles.arrays import Tree
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm


class Move(NamedTuple):
    """The raw answer of a structured solver, before it is certified.

    point        u in the ball around x
    subgradient  an element g of df(u), if possible the aligned one with <g, x - u> = t |g|_*: a proposal, which the
                 certificate believes as far as `Objective.minorant` proves it; None if there is none
    lower        a lower bound of f on the ball (up to rounding) that is proved without the point, or None
    path         `closed form`, `secular`, `active set`, `newton`, `first order`, `lp`, `cvxpy`, ...
    iterations   how many iterations were made (an integer array under jit), 0 for a closed form
    start        f(x) where the solver has it anyway, else None
    """

    point: Any
    subgradient: Any = None
    lower: Any = None
    path: str = "closed form"
    iterations: Any = 0
    start: Any = None


class Objective(Module):
    """A function f on arrays (or pytrees), immutable and itself a pytree.

    `value` and `gradient` are written against `arrays.namespace(x)`, so that they run in numpy and under jit.
    """

    # Plain methods, not the pytrees that equinox makes of them: a look-up is ten times cheaper, and a step makes dozens.
    __getattribute__ = object.__getattribute__

    @property
    @abc.abstractmethod
    def convex(self) -> bool:
        """Is f convex? Then any subgradient at any point certifies (see `broximal.oracles.brox`)."""

    @property
    def smooth(self) -> bool:
        """Is f differentiable everywhere, with a locally Lipschitz gradient?"""
        return False

    @abc.abstractmethod
    def value(self, x: Tree) -> Any:
        """f(x), a scalar array."""

    @abc.abstractmethod
    def gradient(self, x: Tree) -> Tree:
        """The gradient at x; where f is convex and not differentiable, an element of df(x)."""

    def value_and_gradient(self, x: Tree) -> tuple[Any, Tree]:
        """Both at once, for families where they share the work."""
        return self.value(x), self.gradient(x)

    def rounding(self, x: Tree) -> tuple[Any, Any]:
        """Estimates of the rounding errors of value(x), absolute, and of gradient(x), in Euclidean length.

        The certificate adds a few units in the last place of the results themselves anyway; a family whose value or
        gradient is a small difference of large terms says so here.
        """
        return 0.0, 0.0

    def cvxpy(self, z: Any) -> Any:
        """f(z) as a convex cvxpy expression of a cvxpy variable (or tree of them), or None if there is none."""
        return None

    def minorant(self, u: Tree, g: Tree) -> tuple[Tree, Any] | None:
        """(h, slack) with h near g and f(z) >= f(u) + <h, z - u> - slack for all z, or None if nothing proves such an h.

        For convex nonsmooth f only. g is what a solver believes to be in df(u); the slack, zero if it is, is computed
        from u and the data of f alone. Then min over the ball >= f(u) - slack - (t |h|_* - <h, x - u>), whatever g was.
        """
        return None

    def move(self, norm: Norm, x: Tree, radius: Any) -> Move | None:
        """Minimise f over |z - x| <= radius by structure, or None if f has no structured solver for this norm."""
        return None
