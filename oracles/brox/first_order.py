"""A certified first-order solver: convex smooth f over any ball that can be projected on.

Accelerated projected gradient with backtracking on the local curvature and restart when the momentum points uphill.
It stops when the Frank-Wolfe gap <g, u - x> + t |g|_* is below the tolerance relative to the decrease, so the answer is
certified and feasible at every moment, whatever the conditioning did to the speed.
"""

from typing import Any

from broximal.oracles import arrays
from broximal.oracles.arrays import combine, inner, namespace, subtract, while_loop
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective


def first_order(
    objective: Objective, norm: Norm, x: Any, radius: Any, tol: float, *, warm: Any = None, limit: int = 20_000
) -> Move | None:
    """Minimise f over |z - x| <= radius to a relative gap tol, or as far as `limit` iterations go."""
    if not objective.convex:
        return None
    xp = namespace(x)
    start = objective.value(x)
    dtype = start.dtype
    z = x if warm is None else warm.point

    def project(point):
        return combine(1.0, x, 1.0, norm._project(subtract(point, x), radius))

    def fw_gap(point, gradient):
        return inner(gradient, subtract(point, x)) + radius * norm.dual._value(gradient)

    def cond(state):
        _, _, _, _, _, gap, value, k = state
        slack = tol * xp.maximum(start - value, 0.0) + 4 * arrays.eps(start) * xp.abs(value)
        return (gap > 0.5 * slack) & (k < limit)

    def body(state):
        z, best, previous, momentum, curvature, gap, value, k = state
        # Extrapolate, unless the last step went uphill against the momentum.
        new_momentum = 0.5 * (1 + xp.sqrt(1 + 4 * momentum**2))
        y = combine(1 + (momentum - 1) / new_momentum, z, -(momentum - 1) / new_momentum, previous)
        fy, gy = objective.value(y), objective.gradient(y)

        def trial(curvature):
            point = project(combine(1.0, y, -1 / curvature, gy))
            step = subtract(point, y)
            model = fy + inner(gy, step) + 0.5 * curvature * inner(step, step)
            return point, step, objective.value(point) - model

        def too_flat(inner_state):
            curvature, failed, tries = inner_state
            return failed & (tries < 60)

        def steepen(inner_state):
            curvature, _, tries = inner_state
            _, _, violation = trial(2 * curvature)
            return 2 * curvature, violation > 8 * arrays.eps(start) * xp.abs(fy), tries + 1

        _, _, violation = trial(curvature)
        curvature, _, _ = while_loop(
            too_flat, steepen, (curvature, violation > 8 * arrays.eps(start) * xp.abs(fy), xp.asarray(0)), xp
        )
        point, step, _ = trial(curvature)
        uphill = inner(subtract(y, point), subtract(point, z)) > 0
        gradient = objective.gradient(point)
        new_gap, new_value = fw_gap(point, gradient), objective.value(point)
        better = new_gap < gap
        best = _select(better, point, best, xp)
        value = xp.where(better, new_value, value)
        gap = xp.where(better, new_gap, gap)
        return (
            point,
            best,
            z,
            xp.where(uphill, xp.ones_like(momentum), new_momentum),
            0.95 * curvature,
            gap,
            value,
            k + 1,
        )

    g0 = objective.gradient(z)
    first = xp.asarray(_curvature(objective, z, g0, radius, norm), dtype=dtype)
    one = xp.ones_like(start)
    state = (z, z, z, one, first, fw_gap(z, g0), objective.value(z), xp.asarray(0))
    _, best, _, _, _, _, _, iterations = while_loop(cond, body, state, xp)
    return Move(best, objective.gradient(best), path="first order", iterations=iterations)


def _select(condition, a, b, xp):
    import jax

    return jax.tree.map(lambda u, v: xp.where(condition, u, v), a, b)


def _curvature(objective, z, g, radius, norm) -> Any:
    """A starting guess of the curvature along the steepest descent step."""
    xp = namespace(z)
    step = arrays.scale(radius, norm._lmo(g))
    bent = subtract(objective.gradient(combine(1.0, z, 1.0, step)), g)
    length = inner(step, step)
    guess = arrays.l2(bent) / xp.sqrt(xp.where(length > 0, length, 1.0))
    return xp.where(guess > 0, guess, xp.ones_like(guess))
