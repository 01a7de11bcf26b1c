"""Accelerated projected gradient with restart, to the end of the floating-point numbers.

The plain loop behind projections that have no closed form and no single multiplier.
"""

from collections.abc import Callable
from typing import Any

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace, while_loop


def accelerated(gradient: Callable, project: Callable, start: Any, curvature: Any, limit: int = 2_000) -> Any:
    """argmin f over a convex set: gradient of f (Lipschitz with constant `curvature`) and the set's projection.

    Stops when three steps in a row moved by rounding only.
    """
    xp = namespace(start)
    unit = 16 * arrays.eps(start)

    def cond(state):
        return (state[3] < 3) & (state[4] < limit)

    def body(state):
        z, previous, momentum, still, k = state
        grown = 0.5 * (1 + xp.sqrt(1 + 4 * momentum**2))
        y = z + (momentum - 1) / grown * (z - previous)
        new = project(y - gradient(y) / curvature)
        # Gradient scheme of O'Donoghue and Candes: drop the momentum when the step opposes it.
        uphill = ((y - new) * (new - z)).sum() > 0
        moved = xp.abs(new - z).max() > unit * xp.abs(new).max()
        return new, z, xp.where(uphill, xp.ones_like(momentum), grown), xp.where(moved, 0, still + 1), k + 1

    one = xp.ones_like(xp.abs(start).max())
    z, *_ = while_loop(cond, body, (start, start, one, xp.asarray(0), xp.asarray(0)), xp)
    return z
