"""The ball of a norm around a centre, as an object: membership, projection, LMO, support function, samples."""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, as_radius, combine, inner, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm, as_norm


class Ball(Module):
    """{ x : |x - center| <= radius }. Raises InvalidArgument for a bad centre or a negative or infinite radius."""

    norm: Norm
    center: Any
    radius: Any

    def __init__(self, norm: Norm, center: Tree, radius: Any = 1.0):
        self.norm = as_norm(norm)
        self.center = norm.prepare(center, "center")
        self.radius = as_radius(radius)

    def _point(self, x: Tree, name: str) -> Tree:
        x = self.norm.prepare(x, name)
        if _sizes(x) != _sizes(self.center):
            raise InvalidArgument(f"{name} has shape {_sizes(x)}, but the ball lives in shape {_sizes(self.center)}.")
        return x

    def contains(self, x: Tree, tol: float = 0.0) -> Any:
        """Is |x - center| <= radius (1 + tol)?"""
        x = self._point(x, "x")
        return self.norm(subtract(x, self.center)) <= self.radius * (1 + tol)

    def project(self, x: Tree) -> Tree:
        """The point of the ball nearest to x in the Euclidean norm."""
        x = self._point(x, "x")
        return combine(1.0, self.center, 1.0, self.norm.project(subtract(x, self.center), self.radius))

    def lmo(self, g: Tree) -> Tree:
        """A minimiser of <g, x> over the ball, an extreme point."""
        return combine(1.0, self.center, 1.0, self.norm.lmo(self._point(g, "g"), self.radius))

    def support(self, g: Tree) -> Any:
        """max { <g, x> : x in the ball } = <g, center> + radius |g|_*."""
        g = self._point(g, "g")
        return inner(g, self.center) + self.radius * self.norm.dual(g)

    def sample(self, rng: np.random.Generator) -> Tree:
        """A random point of the ball: Gaussian direction u, centre + radius s^(1/d) u / |u| with s uniform in [0, 1].

        The distance from the centre is distributed as for the uniform law on the ball; the direction is uniform on the
        Euclidean sphere, which is the uniform law for l2 and favours the faces over the corners for other norms.
        """
        direction = jax.tree.map(lambda c: np.asarray(rng.standard_normal(c.shape), dtype=c.dtype), self.center)
        dimension = sum(leaf.size for leaf in arrays.leaves(self.center))
        stretch = float(self.radius) * rng.uniform() ** (1 / dimension) / float(self.norm(direction))
        if arrays.namespace(self.center) is not np:
            direction = jax.tree.map(jax.numpy.asarray, direction)
        point = combine(1.0, self.center, stretch, direction)
        return jax.tree.map(lambda p, c: p.astype(c.dtype), point, self.center)

    def __repr__(self) -> str:
        shown = (
            "" if not np.ndim(self.radius) == 0 or not arrays.is_concrete(self.radius) else f"{float(self.radius):g}"
        )
        return f"Ball<{self.norm.name}, radius {shown}, shape {_sizes(self.center)}>"


def _sizes(x: Tree) -> Any:
    """The shape of x, or the tree of the shapes of its leaves."""
    return jax.tree.map(lambda leaf: tuple(leaf.shape), x)
