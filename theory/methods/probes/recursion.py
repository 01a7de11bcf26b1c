"""Scalar sequences that satisfy a recursion with equality, for statements about u_k <= (1 - b_k) u_{k-1} + e_k."""

from typing import Any

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.problems.instance import Instance
from broximal.theory.language.algorithm import Algorithm, State


class Scalar(Instance):
    """A sequence of numbers; its recursion is given by the parameters."""

    name = "a scalar sequence"


class Recursion(Algorithm):
    """u_{k+1} = (1 - b) u_k + e, or with `vanishing` u_{k+1} = (1 - 1 / (2 sqrt(k+2))) u_k + e / (k+2); u_0 given.

    Right sides increase in u_k, so the sequence with equality dominates every other one. x is u.
    """

    vanishing: bool = False
    name = "scalar recursion"

    @property
    def update(self) -> str:
        if self.vanishing:
            return r"u_{k+1} = \bigl(1 - \tfrac{1}{2 \sqrt{k+2}}\bigr) u_k + \tfrac{e}{k+2}"
        return r"u_{k+1} = (1 - b) u_k + e"

    def init(self, world, x0, key):
        if not isinstance(world.instance, Scalar):
            raise InvalidArgument(f"{self.name} makes {Scalar.name}; {world.instance.name} has none.")
        return ScalarState(1.0 * world["first"])

    def step(self, world, state, k, key):
        n = k + 2.0
        share = 1 / (2 * namespace(n).sqrt(n)) if self.vanishing else world["shrink"]
        return ScalarState((1 - share) * state.x + world["input"] / (n if self.vanishing else 1.0))


class ScalarState(State):
    x: Any
