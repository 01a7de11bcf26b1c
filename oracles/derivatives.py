"""First derivatives of norms, projections and proximal points for JAX, by rules instead of through the iterations that find them.

    norm         <y, dx> with y the subgradient that `norm.subgradient` gives, and 0 at 0
    projection   Its Jacobian in x is symmetric, being the second derivative of a convex function, so one forward derivative
                 serves both modes. Where it jumps (on the sphere, at ties) it is that of the branch that is taken.
    prox         the identity less the projection onto the dual ball: the same

What jumps has no derivative that is of use, and what is not offered is refused in a sentence: LMOs, sharp operators,
subgradients, and second derivatives.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from broximal.oracles.arrays import Tree, inner, is_concrete, scale
from broximal.oracles.errors import InvalidArgument


def refused(x: Tree, what: str) -> Tree:
    """x, of which no derivative may be taken."""

    @jax.custom_jvp
    def same(x: Tree) -> Tree:
        return x

    @same.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        raise InvalidArgument(f"{what} not offered; jax.lax.stop_gradient around the argument takes it for a constant.")

    return same(x)


def of_value(verb: Callable, norm: Any) -> Callable:
    """The derivative of a norm."""
    if not all(map(is_concrete, jax.tree.leaves(norm))):  # parameters of the norm may be asked for as well
        return lambda x: verb(norm, x)

    @jax.custom_jvp
    def value(x: Tree) -> Any:
        return verb(norm, x)

    @value.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (x,), (dx,) = primals, tangents
        size = value(x)
        y = scale(-1.0, norm.dual._lmo(refused(x, f"second derivatives of the {norm.name} norm are")))
        return size, jnp.where(size > 0, inner(y, dx), 0).astype(size.dtype)

    return value


def of_projection(verb: Callable, norm: Any) -> Callable:
    """The derivatives of a projection or proximal point, in the point and in the radius or weight."""
    if not all(map(is_concrete, jax.tree.leaves(norm))):
        return lambda x, *number: verb(norm, x, *number)

    kept = verb.__name__ == "project"
    ball = norm if kept else norm.dual

    def asked(x: Tree, *number: Any) -> Tree:
        traced = [value for value in number if not is_concrete(value)]

        def point(x: Tree, *radius: Any) -> Tree:
            return verb(norm, x, *(radius or number))

        @jax.custom_jvp
        def nearest(x: Tree, *radius: Any) -> Tree:
            return point(x, *radius)

        @nearest.defjvp
        def rule(primals: Any, tangents: Any) -> Any:
            x, *radius = refused(primals, f"second derivatives of {verb.__name__} in the {norm.name} norm are")
            dx, *dr = tangents
            moved = _symmetric(lambda t: jax.jvp(lambda x: point(x, *radius), (x,), (t,))[1], dx)
            if radius:
                one = jnp.ones_like(radius[0])
                slope = jax.jvp(lambda r: point(x, r), (radius[0],), (one,))[1]
                moved = jax.tree.map(lambda m, s: m + (s * dr[0]).astype(m.dtype), moved, slope)
            inside = (
                ball._value(x) < (radius or number or (1.0,))[0]
            )  # where the branch at an entry of 0 is not the only one
            moved = jax.tree.map(lambda m, d: jnp.where(inside, d if kept else 0 * d, m), moved, dx)
            return nearest(*primals), moved

        return nearest(x, *traced)

    return asked


def of_jumps(verb: Callable, norm: Any) -> Callable:
    """No derivative."""
    what = f"derivatives of {verb.__name__} in the {norm.name} norm, which jumps, are"
    return lambda x, *number: verb(norm, refused(x, what), *number)


def _symmetric(fn: Callable, t: Tree) -> Tree:
    """fn(t) for a symmetric linear map, which JAX may transpose: the map is its own transpose."""
    return jax.lax.custom_linear_solve(lambda v: v, t, lambda _, b: fn(b), symmetric=True)
