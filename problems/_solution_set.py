"""The distance to an affine set of minimisers in any norm, with its error."""

import numpy as np

from broximal.oracles.cvxpy_bridge import cvxpy, solve
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Frobenius
from broximal.problems.constant import Known

EPS = float(np.finfo(np.float64).eps)


def distance_to_affine(d: np.ndarray, N: np.ndarray, norm: Norm) -> Known:
    """min_v |d - N v| for orthonormal columns N (d.size x k), the distance of d to the range of N, entries row-major.

    Euclidean: the length of the component orthogonal to N. Else a convex program, whose point gives an upper bound and
    whose dual a lower one: <y, d> <= |d - N v| for every v whenever N'y = 0 and |y|_* <= 1.
    """

    def orthogonal(y):
        return y - (N @ (N.T @ y.ravel())).reshape(d.shape)

    rest = orthogonal(d)
    noise = 8 * EPS * float(norm(d)) if np.any(d) else 0.0
    if isinstance(norm, (L2, Frobenius)):
        return Known(float(norm(rest)), noise, "Euclidean projection onto the affine set of minimisers")
    if not np.any(rest):
        return Known(0.0, noise, "a minimiser itself")
    cp = cvxpy()
    v, z = cp.Variable(N.shape[1]), cp.Variable(d.shape)
    split = cp.vec(z, order="C") == d.ravel() - N @ v
    solve(cp.Problem(cp.Minimize(norm.cvxpy(z)), [split]))
    shortest = d - (N @ v.value).reshape(d.shape)
    upper = min(float(norm(shortest)), float(norm(rest)))
    lower = 0.0
    for y in (np.reshape(split.dual_value, d.shape), norm.subgradient(shortest), rest):
        y = orthogonal(y)
        size = float(norm.dual(y)) if np.any(y) else 0.0
        lower = max(lower, abs(float((y * d).sum())) / size) if size > 0 else lower
    return Known(upper, upper - min(lower, upper) + noise, "convex program, bracketed by its dual")
