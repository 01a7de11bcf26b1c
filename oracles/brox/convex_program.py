"""The last resort and the reference twin: brox of a convex f with a cvxpy form, over any norm with a cvxpy form.

The solver's point is pulled back into the ball and certified by us, so a solver's "optimal" is never taken on trust:

* smooth f: by the Frank-Wolfe gap of the gradient at the point;
* nonsmooth f: the program is split, f(w) with w = z and |z - x| <= t, and the multiplier g of w = z is, up to the
  solver's accuracy, the subgradient at the solution that is aligned with the ball. Proved here: for any g, f(z) >=
  <g, z> - conj f(g) >= <g, x> - t |g|_* - conj f(g) on the ball, so if the objective knows its conjugate that g
  certifies whether or not the solver was right.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import inner, namespace
from broximal.oracles.cvxpy_bridge import SolverFailed, cvxpy, solve
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective


def convex_program(objective: Objective, norm: Norm, x: Any, radius: Any) -> Move | None:
    """Minimise f over |z - x| <= radius by cvxpy; None if f is not convex, has no cvxpy form, or no solver ends."""
    if not objective.convex:
        return None
    cp = cvxpy()
    center = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float64), x)
    w = jax.tree.map(lambda leaf: cp.Variable(leaf.shape), center)
    f = objective.cvxpy(w)
    if f is None:
        return None
    z = w if objective.smooth else jax.tree.map(lambda leaf: cp.Variable(leaf.shape), center)
    moved = jax.tree.map(lambda variable, leaf: variable - leaf, z, center)
    split = [] if objective.smooth else [a == b for a, b in zip(jax.tree.leaves(w), jax.tree.leaves(z), strict=True)]
    try:
        solve(cp.Problem(cp.Minimize(f), [norm.cvxpy(moved) <= float(radius), *split]))
    except SolverFailed:
        return None
    step = jax.tree.map(lambda variable, leaf: np.asarray(variable.value).reshape(leaf.shape) - leaf, z, center)
    length = float(norm._value(step))
    if length > radius:  # solvers are feasible only up to their tolerance; we are, up to rounding
        step = arrays.scale(float(radius) / length, step)
    point = jax.tree.map(lambda leaf, s: namespace(leaf).asarray(leaf + s, dtype=leaf.dtype), x, step)
    if objective.smooth:
        return Move(point, objective.gradient(point), path="cvxpy")
    return _by_conjugate(objective, norm, x, radius, point, split)


def _by_conjugate(objective, norm, x, radius, point, split) -> Move:
    own = objective.gradient(point)
    duals = [constraint.dual_value for constraint in split]
    if any(dual is None for dual in duals):
        return Move(point, own, path="cvxpy")
    leaves, structure = jax.tree.flatten(x)
    g = [
        namespace(x).asarray(-np.reshape(d, leaf.shape), dtype=leaf.dtype)
        for d, leaf in zip(duals, leaves, strict=True)
    ]
    g = jax.tree.unflatten(structure, g)
    conjugate = objective.conjugate(g)
    if conjugate is None:
        return Move(point, own, path="cvxpy")
    lower = inner(g, x) - radius * norm.dual._value(g) - conjugate
    # g is a subgradient at the point only as far as the Fenchel gap is zero, so it is not handed out as one.
    return Move(point, own, lower, "cvxpy")
