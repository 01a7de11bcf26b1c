"""The only file that imports cvxpy: four seconds that are paid when a solver is first needed.

cvxpy is the reference twin and the fallback, so what it returns is always certified by us afterwards.
"""

import functools
import warnings
from typing import Any

import numpy as np

from broximal.oracles.errors import BroximalError


class SolverFailed(BroximalError, RuntimeError):
    """No installed solver returned a point."""


@functools.cache
def cvxpy() -> Any:
    """The cvxpy module."""
    import cvxpy as cp

    return cp


# Tightest settings first that each solver still reaches in practice.
_SOLVERS = (
    ("CLARABEL", {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}),
    ("CLARABEL", {}),
    ("SCS", {"eps_abs": 1e-9, "eps_rel": 1e-9, "max_iters": 50_000}),
)


def solve(problem: Any, solvers=_SOLVERS) -> float:
    """Solve a cvxpy problem with the first solver that returns a point; the optimal value as a float.

    Raises SolverFailed with the reasons if none does. "inaccurate" answers are accepted: certificates decide.
    """
    reasons = []
    for solver, options in solvers:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = problem.solve(solver=solver, **options)
        except Exception as error:  # solvers raise whatever they like; the next one gets its turn
            reasons.append(f"{solver}: {error}")
            continue
        if problem.status in ("optimal", "optimal_inaccurate"):
            return float(np.asarray(value))
        reasons.append(f"{solver}: {problem.status}")
    raise SolverFailed("no convex solver returned a point (" + "; ".join(dict.fromkeys(reasons)) + ").")


def largest_sum(expr: Any, k: int) -> Any:
    """The sum of the k largest entries of a vector, a convex expression.

    cvxpy 1.9 starts its `sum_largest` from the values of an earlier solve, which fails where k takes all entries: the second
    solver of a program would never run.
    """
    return cvxpy().sum(expr) if k >= expr.size else cvxpy().sum_largest(expr, k)


def minimum(objective: Any, constraints: list, expr: Any) -> Any:
    """min { objective : constraints } over all variables but those of expr, as a convex expression of the latter."""
    from cvxpy.transforms.partial_optimize import partial_optimize

    problem = cvxpy().Problem(cvxpy().Minimize(objective), constraints)
    outer = expr.variables()
    known = {variable.id for variable in outer}
    inside = [variable for variable in problem.variables() if variable.id not in known]
    return partial_optimize(problem, opt_vars=inside, dont_opt_vars=outer, solver="CLARABEL")


def maximum(z: Any, constraints: list, expr: Any) -> Any:
    """max { <z, expr> : constraints on z }, the support function of a convex set, as a convex expression of expr."""
    return cvxpy().suppfunc(z, constraints)(expr)


def as_constant(matrix: Any) -> Any:
    """A (possibly JAX) matrix as numpy, which is what cvxpy takes."""
    return np.asarray(matrix)
