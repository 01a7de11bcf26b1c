"""Linear functions: unbounded below, exact in every norm by one call of the LMO."""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, combine, inner, namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.problems._data import dimension, finite, like_tree
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Linear(Problem):
    """f(z) = <c, z> + offset on arrays of any shape, or trees of layers; c is not zero.

    The step is u = x + t lmo(c) in any norm: <c, z> >= <c, x> - t |c|_* on the ball, with equality at u.
    """

    alias: ClassVar[str] = "linear"

    c: Tree
    offset: Any
    start: Tree

    def __init__(self, c: Tree, offset: float = 0.0, x0: Tree | None = None):
        """c and x0 (default 0) of one structure. Raises InvalidArgument, also for c = 0."""
        self.c = jax.tree.map(lambda leaf: np.array(leaf, dtype=np.float64), arrays.as_point(c, "c"))
        if not any(leaf.any() for leaf in arrays.leaves(self.c)):
            raise InvalidArgument("c is zero, so f is constant.")
        self.offset = finite(offset, "offset")
        x0 = arrays.scale(0.0, self.c) if x0 is None else arrays.as_point(x0, "x0")
        if arrays.shapes(x0) != arrays.shapes(self.c):
            raise InvalidArgument("x0 and c must have the same shape and be float64.")
        self.start = x0

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Linear":
        """A Gaussian slope."""
        return cls(np.random.default_rng(seed).standard_normal(dimension(dim)))

    @property
    def name(self) -> str:
        return f"linear({sum(leaf.size for leaf in arrays.leaves(self.c))})"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            f_star=self._f_star,
        )

    def value(self, x):
        return inner(like_tree(self.c, x), x) + namespace(x).asarray(self.offset, dtype=arrays.leaves(x)[0].dtype)

    def gradient(self, x):
        return like_tree(self.c, x)

    def rounding(self, x):
        sizes = inner(jax.tree.map(abs, like_tree(self.c, x)), jax.tree.map(abs, x))
        return 2 * arrays.eps(arrays.leaves(x)[0]) * sizes, 0.0

    def cvxpy(self, z):
        if not hasattr(self.c, "shape"):
            return None
        return cvxpy().sum(cvxpy().multiply(self.c, z)) + float(self.offset)

    def move(self, norm: Norm, x: Tree, radius: Any) -> Move | None:
        c = like_tree(self.c, x)
        start = self.value(x)
        return Move(combine(1.0, x, radius, norm._lmo(c)), c, start - radius * norm.dual._value(c), start=start)

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")

    def _constant_L(self, norm: Norm) -> Constant | None:
        return Constant("L", 0.0, "exact", "the gradient is constant")

    def _constant_mu(self, norm: Norm) -> Constant | None:
        return Constant("mu", 0.0, "exact", "the gradient is constant")

    def _constant_G(self, norm: Norm) -> Constant | None:
        return Constant("G", float(norm.dual(self.c)), "exact", "the dual norm of the slope")
