"""One draw of a random objective: itself an objective, so that one sample can be asked at several points."""

import contextlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import Tree, is_concrete, namespace, scope
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.objective import Objective


class Sample(Objective):
    """f(.; xi) for one xi: `value` and `gradient` at any point, and Hessian-vector products.

    A family says `convex` or `smooth` only where every sample is. A sample that was drawn with a concrete key holds
    float64 numpy arrays and is computed by numpy at numpy points; one drawn under jit or vmap is traced.
    """

    @property
    def convex(self) -> bool:
        return False

    def hvp(self, x: Tree, v: Tree) -> Tree:
        """The Hessian of this sample at x times v, by forward differentiation of its gradient; numpy in, numpy out.

        x and v are trees of one structure and shapes. Raises InvalidArgument where they are not.
        """
        if jax.tree.map(np.shape, x) != jax.tree.map(np.shape, v):
            raise InvalidArgument(f"v has shape {jax.tree.map(np.shape, v)}, but x has {jax.tree.map(np.shape, x)}.")
        if namespace(x, v) is not np:
            with scope(x, v):
                return jax.jvp(self.gradient, (x,), (v,))[1]
        with jax.enable_x64(True):
            there, along = (jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=float), tree) for tree in (x, v))
            return jax.tree.map(np.asarray, jax.jvp(self.gradient, (there,), (along,))[1])


class Mean(Sample):
    """The mean of a few samples."""

    samples: tuple[Objective, ...]

    @property
    def convex(self) -> bool:
        return all(sample.convex for sample in self.samples)

    @property
    def smooth(self) -> bool:
        return all(sample.smooth for sample in self.samples)

    def value(self, x):
        return sum(sample.value(x) for sample in self.samples) / len(self.samples)

    def gradient(self, x):
        terms = [sample.gradient(x) for sample in self.samples]
        return jax.tree.map(lambda *g: sum(g) / len(g), *terms)


def on_host(*trees: Tree) -> bool:
    """Is nothing here traced, the key included? Then draws are numpy arrays in double precision."""
    return all(is_concrete(leaf) for leaf in jax.tree.leaves(trees))


@contextlib.contextmanager
def eagerly():
    """Double precision, and concrete results even where a concrete key is closed over by a traced function."""
    with jax.ensure_compile_time_eval(), jax.enable_x64(True):
        yield


def mean_draw(draw: Callable, key: Any, owner: Any, x0: Tree, batch: int) -> Tree:
    """The mean of `batch` independent draws draw(key, like), one float array for each leaf of x0.

    owner   what the law depends on; if it or the key is traced, so is the answer, in the precision that JAX is in
    like    a tree of `jax.ShapeDtypeStruct`
    """
    host = on_host(key, owner)
    with eagerly() if host else contextlib.nullcontext():
        dtype = jnp.result_type(float)
        like = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(np.shape(leaf), dtype), x0)
        if batch == 1:
            found = draw(key, like)
        else:
            many = jax.vmap(lambda own: draw(own, like))(jax.random.split(key, batch))
            found = jax.tree.map(lambda leaf: leaf.mean(axis=0), many)
        return jax.tree.map(np.asarray, found) if host else found
