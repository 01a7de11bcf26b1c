"""Newton's method for a smooth convex f with a Hessian, over Euclidean balls, ellipsoids, cubes and cross-polytopes.

Each step minimises the second-order model of f over the whole ball, exactly (see `standard_ball`), and moves towards
that minimiser, halving the step until f decreases enough. Every iterate is feasible, the convergence is quadratic (5 to
10 steps), and the answer is certified by the Frank-Wolfe gap of f itself, down to rounding. Host code.
"""

from typing import Any

import numpy as np

from broximal.oracles.arrays import is_concrete, leaves, namespace
from broximal.oracles.brox.standard_ball import minimise, standard_ball
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move

EPS = float(np.finfo(np.float64).eps)
TOL = 1e-13


def newton_move(f: Any, norm: Norm, x: Any, radius: Any, limit: int = 60) -> Move | None:
    """Minimise f over the ball, or None for another ball or under jit.

    f has `value_and_gradient(z)` and `hessian(z)`, the latter a matrix over the flattened entries of z.
    """
    ball = standard_ball(norm)
    if ball is None or not all(is_concrete(leaf) for leaf in leaves((x, radius, f))):
        return None
    center, radius = np.asarray(x, dtype=np.float64), float(radius)
    shape, dual = center.shape, norm.dual
    start = None
    step = np.zeros(center.size)
    best, best_gap, stall, solves = step, np.inf, 0, 0
    value, gradient = f.value_and_gradient(center)
    start = float(value)
    for _ in range(limit):
        g = np.asarray(gradient).ravel()
        gap = float(g @ step + radius * dual._value(np.asarray(gradient)))
        stall = 0 if gap < 0.5 * best_gap else stall + 1
        if gap < best_gap:
            best, best_gap = step, gap
        if gap <= max(TOL * (start - float(value)), EPS * abs(float(value)) * 1e-3) or stall > 3:
            break
        hessian = np.asarray(f.hessian(center + step.reshape(shape)))
        target, count = minimise(ball, hessian, g - hessian @ step, radius, step)
        solves += count
        direction = target - step
        slope, length = float(g @ direction), 1.0
        for _ in range(40):
            trial = step + length * direction
            new_value, new_gradient = f.value_and_gradient(center + trial.reshape(shape))
            # Close to the end f no longer changes in its last digit; there the slope at the trial point decides.
            flatter = abs(float(np.asarray(new_gradient).ravel() @ direction)) <= 0.9 * abs(slope)
            if new_value <= value + 1e-4 * length * slope or (new_value <= value + 4 * EPS * abs(value) and flatter):
                break
            length *= 0.5
        step, value, gradient = trial, new_value, new_gradient
    point = namespace(x).asarray(center + best.reshape(shape), dtype=x.dtype)
    return Move(point, None, None, "newton", solves, namespace(x).asarray(start, dtype=x.dtype))
