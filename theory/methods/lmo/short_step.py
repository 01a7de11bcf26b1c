"""Clipped short steps of the conditional gradient method in a ball around 0."""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import combine, inner, is_concrete, namespace, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.algorithm import Algorithm, Clock, Gradients, State, World


class ShortState(State):
    """gap = <g, v> and length = |v| of the step that led here, with v the way to the vertex; radius is the stepsize."""

    x: Any
    gap: Any
    length: Any
    radius: Any


class ClippedShortStep(Algorithm):
    """x+ = x - gamma min{varrho, <g, v> / |v|^2} v with v = x - b LMO(g), in the ball of radius b."""

    needs: ClassVar[Gradients] = "exact"
    name = "clipped short step"
    adaptive = "gam min(cap_v, <g, v> / |v|^2) |v|"
    update = (
        r"x_{k+1} = x_k - \gamma \min\{\varrho, \langle g_k, v_k \rangle / \|v_k\|^2\} v_k,\ "
        r"v_k = x_k - b \operatorname{LMO}(g_k)"
    )

    def init(self, world, x0, key):
        ball = world["ball"]
        known = all(map(is_concrete, jax.tree.leaves((x0, ball))))
        if known and float(world.norm(x0)) > float(ball) * (1 + 1e-12):
            raise InvalidArgument(
                f"x0 has norm {float(world.norm(x0)):g} and lies outside the ball of radius {ball:g}."
            )
        zero = namespace(x0).zeros(())
        return ShortState(x0, zero, zero, zero)

    def step(self, world, state, k, key):
        g = world.problem.gradient(state.x)
        v = _way(world, state.x, g)
        gap, length = inner(g, v), world.norm._value(v)
        xp = namespace(gap, length)
        share = xp.where(length > 0, gap / xp.where(length > 0, length, 1) ** 2, 0.0)
        radius = world["gam"] * xp.minimum(world["cap_v"], share)
        return ShortState(combine(1.0, state.x, -radius, v), gap, length, radius)

    def finished(self, now):
        """The point is the vertex that it would step towards."""
        return not np.any(now.norm._value(_way(now.world, now.x, now.gradient)))

    def clock(self, world, state, k):
        return Clock(k, 0 * k, k, k, k)


def _way(world: World, x: Any, g: Any) -> Any:
    """From x, away from the vertex of the ball that is least along g."""
    return subtract(x, combine(world["ball"], world.norm._lmo(g), 0.0, x))
