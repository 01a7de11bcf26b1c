"""A certified first-order solver: convex smooth f over any ball that can be projected on, arrays or trees of them.

Accelerated projected gradient with backtracking on the local curvature and restart when the momentum points uphill
(Beck and Teboulle 2009; O'Donoghue and Candes 2015). It stops when the Frank-Wolfe gap <g, u - x> + t |g|_* is below
the tolerance relative to the decrease, so the answer is certified and feasible at every moment, whatever the
conditioning did to the speed. Jittable.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import combine, inner, namespace, subtract, while_loop
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective

PATIENCE = 1000  # iterations in which the best gap must fall by a tenth


def first_order(
    objective: Objective, norm: Norm, x: Any, radius: Any, tol: float, *, warm: Any = None, limit: int = 20_000
) -> Move | None:
    """Minimise f over |z - x| <= radius to a relative gap tol, or as far as `limit` iterations go."""
    if not (objective.convex and objective.smooth):
        return None
    xp = namespace(x)
    start, slope = objective.value_and_gradient(x)
    start = xp.asarray(start)
    floor = 2 * arrays.eps(start)
    z = x if warm is None else warm.point

    def project(point):
        return combine(1.0, x, 1.0, norm._project(subtract(point, x), radius))

    def fw_gap(point, gradient):
        return inner(gradient, subtract(point, x)) + radius * norm.dual._value(gradient)

    def attempt(y, fy, gy, curvature):
        """The gradient step from y with this curvature, and whether the quadratic model held from above.

        f(p) <= f(y) + <g(y), s> + c |s|^2 / 2 follows by convexity from <g(p) - g(y), s> <= c |s|^2 / 2 too, which
        still has digits when f no longer changes in the last one.
        """
        point = project(combine(1.0, y, -1 / curvature, gy))
        step = subtract(point, y)
        value, gradient = objective.value_and_gradient(point)
        half = 0.5 * curvature * inner(step, step)
        held = (value <= fy + inner(gy, step) + half) | (inner(subtract(gradient, gy), step) <= half)
        return point, value, gradient, held

    def cond(state):
        gap, value, recent, k = state[5], state[6], state[8], state[9]
        slack = tol * xp.maximum(start - value, 0.0) + floor * xp.abs(value)
        return (gap > 0.5 * slack) & (k < limit) & (k - recent[1] < PATIENCE)

    def body(state):
        z, previous, momentum, curvature, best, gap, value, best_gradient, recent, k = state
        new_momentum = 0.5 * (1 + xp.sqrt(1 + 4 * momentum**2))
        push = (momentum - 1) / new_momentum
        y = combine(1 + push, z, -push, previous)
        fy, gy = objective.value_and_gradient(y)

        def flat(inner_state):
            return ~inner_state[4] & (inner_state[5] < 100)

        def steepen(inner_state):
            curvature, tries = 2 * inner_state[0], inner_state[5]
            return (curvature, *attempt(y, fy, gy, curvature), tries + 1)

        trial = (curvature, *attempt(y, fy, gy, curvature), xp.asarray(0))
        curvature, point, new_value, gradient, _, _ = while_loop(flat, steepen, trial, xp)
        uphill = inner(subtract(y, point), subtract(point, z)) > 0
        new_gap = fw_gap(point, gradient)
        better = new_gap < gap
        best, best_gradient = _select(better, (point, gradient), (best, best_gradient), xp)
        gap, value = xp.where(better, new_gap, gap), xp.where(better, new_value, value)
        mark = gap < 0.9 * recent[0]
        recent = xp.where(mark, xp.stack([gap, xp.asarray(k, dtype=gap.dtype)]), recent)
        momentum = xp.where(uphill, xp.ones_like(momentum), new_momentum)
        return point, z, momentum, 0.95 * curvature, best, gap, value, best_gradient, recent, k + 1

    value, gradient = (start, slope) if warm is None else objective.value_and_gradient(z)
    value, gap = xp.asarray(value), xp.asarray(fw_gap(z, gradient))
    first = xp.asarray(_curvature(objective, z, gradient, radius, norm), dtype=start.dtype)
    recent = xp.stack([gap, xp.zeros_like(gap)])
    state = (z, z, xp.ones_like(start), first, z, gap, value, gradient, recent, xp.asarray(0))
    with np.errstate(all="ignore"):  # a first trial step may be absurdly long; it is rejected
        _, _, _, _, best, _, _, gradient, _, iterations = while_loop(cond, body, state, xp)
    return Move(best, gradient, None, "first order", iterations, start)


def _select(condition, a, b, xp):
    return jax.tree.map(lambda u, v: xp.where(condition, u, v), a, b)


def _curvature(objective, z, g, radius, norm) -> Any:
    """A starting guess of the curvature: along a steepest descent step, small enough to stay finite."""
    xp = namespace(z)
    step = arrays.scale(0.1 * radius, norm._lmo(g))
    bent = subtract(objective.gradient(combine(1.0, z, 1.0, step)), g)
    length = inner(step, step)
    guess = arrays.l2(bent) / xp.sqrt(xp.where(length > 0, length, 1.0))
    return xp.where((guess > 0) & xp.isfinite(guess), guess, xp.ones_like(guess))
