"""max_i (<a_i, y> + c_i) over a polyhedral ball around 0 that cvxpy can state: one linear program.

The program is posed in steps d = y / t and in units of the slope at 0; a simplex method ends at a vertex, so that the pieces
that are active there are so up to rounding. What is returned is proved by the multipliers w of the pieces, as in
`lp_max_affine`: the minimum over the ball is at least <c, w> - t |A'w|_*, with the dual norm computed by us.
"""

import numpy as np

from broximal.oracles.brox.simplex_weights import Vertex, certified
from broximal.oracles.cvxpy_bridge import cvxpy, solve
from broximal.oracles.errors import BroximalError
from broximal.oracles.norm import Norm

SIMPLEX = (("HIGHS", {}), ("SCIPY", {"scipy_options": {"method": "highs-ds"}}))


def polyhedral(A: np.ndarray, c: np.ndarray, norm: Norm, radius: float) -> Vertex | None:
    """Over |y| <= radius, in float64; None if the ball is not a polyhedron for cvxpy, or no solver ends."""
    try:
        return _polyhedral(A, c, norm, radius)
    except BroximalError:  # a solver gave up, of the program or inside the norm
        return None


def _polyhedral(A: np.ndarray, c: np.ndarray, norm: Norm, radius: float) -> Vertex | None:
    cp, steep = cvxpy(), radius * A
    unit = float(norm.dual._value(steep[np.argmax(c)])) or 1.0
    d, top = cp.Variable(A.shape[1]), cp.Variable()
    pieces = steep / unit @ d + (c - c.max()) / unit <= top
    problem = cp.Problem(cp.Minimize(top), [pieces, norm.cvxpy(d) <= 1])
    if not problem.is_lp():
        return None
    solve(problem, SIMPLEX)
    step = d.value / max(1.0, float(norm._value(d.value)))  # solvers are feasible up to their tolerance; we are not
    rounds = problem.solver_stats.num_iters or 0
    return certified(A, c, radius * step, pieces.dual_value, lambda g: radius * float(norm.dual._value(g)), rounds)
