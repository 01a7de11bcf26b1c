"""The last resort and the reference twin: brox of a convex f with a cvxpy form, over any norm with a cvxpy form.

The program is posed in steps d = (z - x) / t, with f in units of its slope at x, so that a solver's absolute tolerances
are relative to what a step can gain. Its point is pulled back into the ball and certified by us: a solver's "optimal" is
never taken on trust.

* smooth f: by the Frank-Wolfe gap of the gradient at the point;
* nonsmooth f: the program is split, f(w) with w = z and |z - x| <= t, and the multiplier g of w = z is, up to the
  solver's accuracy, the subgradient at the solution that is aligned with the ball. If the objective proves a minorant
  with a slope near g (`Objective.minorant`), that certifies whether or not the solver was right.
"""

from typing import Any, NamedTuple

import jax
import numpy as np

from broximal.oracles.arrays import combine, namespace, scale
from broximal.oracles.cvxpy_bridge import SolverFailed, cvxpy, solve
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective


class Solution(NamedTuple):
    """What a solver returned: a step d = (u - x) / t, |d| <= 1, and the multiplier g (None for smooth f or without one)."""

    step: Any
    slope: Any


def convex_program(objective: Objective, norm: Norm, x: Any, radius: Any) -> Solution | None:
    """Minimise f over |z - x| <= radius by cvxpy; None if f is not convex, has no cvxpy form, or no solver ends."""
    if not objective.convex:
        return None
    cp, t = cvxpy(), float(radius)
    center = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float64), x)
    w = jax.tree.map(lambda leaf: cp.Variable(leaf.shape), center)
    f = objective.cvxpy(jax.tree.map(lambda leaf, variable: leaf + t * variable, center, w))
    if f is None:
        return None
    unit = t * float(norm.dual._value(objective.gradient(x))) or 1.0
    z = w if objective.smooth else jax.tree.map(lambda leaf: cp.Variable(leaf.shape), center)
    split = [] if objective.smooth else [a == b for a, b in zip(jax.tree.leaves(w), jax.tree.leaves(z), strict=True)]
    try:
        solve(cp.Problem(cp.Minimize(f / unit), [norm.cvxpy(z) <= 1, *split]))
    except SolverFailed:
        return None

    def like(values):
        leaves, structure = jax.tree.flatten(x)
        own = [namespace(a).asarray(np.reshape(v, a.shape), dtype=a.dtype) for a, v in zip(leaves, values, strict=True)]
        return jax.tree.unflatten(structure, own)

    step = like([variable.value for variable in jax.tree.leaves(z)])
    step = scale(1 / max(1.0, float(norm._value(step))), step)  # solvers are feasible up to their tolerance; we are not
    duals = [constraint.dual_value for constraint in split]
    known = bool(duals) and all(dual is not None for dual in duals)
    return Solution(step, like([-unit / t * dual for dual in duals]) if known else None)


def solved_move(objective: Objective, x: Any, radius: Any, found: Solution) -> Move:
    """The solver's point with its multiplier."""
    point = combine(1.0, x, radius, found.step)
    return Move(point, objective.gradient(point) if found.slope is None else found.slope, None, "cvxpy")
