"""The last resort and the reference twin: brox of a convex f with a cvxpy form, over any norm with a cvxpy form.

The solver's point is pulled back into the ball, and the dual variable of the split w = z gives the subgradient that
certifies it, so a solver's "optimal" is never taken on trust.
"""

from typing import Any

import numpy as np

from broximal.oracles.arrays import subtract
from broximal.oracles.cvxpy_bridge import cvxpy, solve
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective


def convex_program(objective: Objective, norm: Norm, x: Any, radius: Any) -> Move | None:
    """Minimise f over |z - x| <= radius by cvxpy; None if f has no cvxpy form or is a tree of layers."""
    if not hasattr(x, "shape"):
        return None
    cp = cvxpy()
    z = cp.Variable(x.shape)
    f = objective.cvxpy(z)
    if f is None:
        return None
    solve(cp.Problem(cp.Minimize(f), [norm.cvxpy(z - np.asarray(x)) <= float(radius)]))
    step = subtract(z.value, x)
    length = float(norm._value(step))
    if length > radius:  # solvers are feasible only up to their tolerance; we are, up to rounding
        step = step * (float(radius) / length)
    point = x + step
    return Move(point, objective.gradient(point) if objective.convex else None, path="cvxpy")
