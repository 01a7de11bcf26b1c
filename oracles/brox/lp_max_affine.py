"""max_i (<a_i, y> + c_i) over a ball around 0: linear programs with their dual weights, and the Euclidean ball.

For any weights w on the simplex, g = A'w satisfies max_i (<a_i, y> + c_i) >= <g, y> + <c, w> >= <c, w> - t |g|_*, so the
weights certify the point; weights supported on the active pieces make g a subgradient there, and where the bound is
attained it is aligned. l1 and l_inf balls are polyhedra: HiGHS ends at a vertex of the primal and of the dual. In the
Euclidean ball the active set is found by projecting on level sets (a least distance problem, solved exactly by
non-negative least squares: Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23), and the point then
follows in closed form from the active set. Everything here runs on the host, in numpy.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, nnls

EPS = float(np.finfo(np.float64).eps)


class Vertex(NamedTuple):
    """step y, simplex weights w supported on its active pieces, the lower bound <c, w> - t |A'w|_*, iterations."""

    step: np.ndarray
    weights: np.ndarray
    lower: float
    iterations: int


def box(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over |y_i| <= reach_i."""
    slope, base, scale = _normalised(A * reach, c)
    m, n = A.shape
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=np.c_[slope, -np.ones(m)],
        b_ub=-base,
        bounds=[(-1, 1)] * n + [(None, None)],
        method="highs-ds",
    )
    step = np.clip(found.x[:n], -1, 1) * reach
    return _certified(A, c, step, -found.ineqlin.marginals, lambda g: float(np.abs(g * reach).sum()), found.nit, scale)


def cross_polytope(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over sum_i |y_i| / reach_i <= 1."""
    slope, base, scale = _normalised(A * reach, c)
    m, n = A.shape
    found = linprog(
        np.r_[np.zeros(2 * n), 1.0],
        A_ub=np.r_[np.c_[slope, -slope, -np.ones(m)], np.r_[np.ones(2 * n), 0.0][None]],
        b_ub=np.r_[-base, 1.0],
        bounds=[(0, None)] * (2 * n) + [(None, None)],
        method="highs-ds",
    )
    step = found.x[:n] - found.x[n : 2 * n]
    step = step / max(float(np.abs(step).sum()), 1.0) * reach
    weights = -found.ineqlin.marginals[:m]
    return _certified(A, c, step, weights, lambda g: float(np.abs(g * reach).max()), found.nit, scale)


def everywhere(A: np.ndarray, c: np.ndarray) -> Vertex | None:
    """Over the whole space; None if it is unbounded below. `lower` holds where A'w = 0 exactly."""
    slope, base, _ = _normalised(A, c)
    m, n = A.shape
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=np.c_[slope, -np.ones(m)],
        b_ub=-base,
        bounds=[(None, None)] * (n + 1),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    weights = np.maximum(-found.ineqlin.marginals, 0)
    weights = weights / weights.sum()
    return Vertex(found.x[:n], weights, float(weights @ c), int(found.nit))


def euclidean_ball(A: np.ndarray, c: np.ndarray, radius: float) -> Vertex:
    """Over |y|_2 <= radius."""
    slope, base, scale = _normalised(A * radius, c)
    # In units where |y| <= 1 and the largest constant is 0.
    high, low = 0.0, -float(np.linalg.norm(slope, axis=1).max()) * (1 + 4 * EPS)
    best, tries = None, 0
    for tries in range(1, 120):
        level = 0.5 * (low + high)
        step, multipliers = _least_distance(slope, level - base)
        for active in _candidates(slope, base, step, multipliers):
            candidate = _from_active_set(slope, base, active)
            if candidate is None:
                continue
            vertex = _certified(slope, base, *candidate, lambda g: float(np.linalg.norm(g)), tries, 1.0)
            gap = _worst(slope, base, vertex.step) - vertex.lower
            if best is None or gap < best[0]:
                best = gap, vertex
        if best is not None and best[0] <= 16 * EPS * max(abs(low), 1e-300):
            break
        if step is None or np.linalg.norm(step) > 1:
            low = level
        else:
            high = level
        if high - low <= 2 * EPS * abs(low):
            break
    if best is None:
        step = np.zeros(A.shape[1]) if step is None else step / max(1.0, float(np.linalg.norm(step)))
        weights = (np.arange(A.shape[0]) == np.argmax(slope @ step + base)).astype(float)
        best = np.inf, Vertex(step, weights, -np.inf, tries)
    step, weights = best[1].step * radius, best[1].weights
    return _certified(A, c, step, weights, lambda g: radius * float(np.linalg.norm(g)), tries, scale)


def _normalised(A: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Slopes of size 1 and constants below 0, so that a solver's absolute tolerances are relative ones."""
    scale = float(np.abs(A).max())
    scale = scale if scale > 0 else 1.0
    return A / scale, (c - c.max()) / scale, scale


def _worst(A, c, y) -> float:
    return float((A @ y + c).max())


def _certified(A, c, step, weights, support, iterations, scale) -> Vertex:
    """Weights restricted to the active pieces, on the simplex, with their bound."""
    values = A @ step + c
    noise = 64 * EPS * (np.abs(A) @ np.abs(step) + np.abs(c) + scale * 1e-3)
    weights = np.where(values >= values.max() - noise, np.maximum(weights, 0), 0.0)
    if not weights.any():
        weights = (np.arange(values.size) == np.argmax(values)).astype(float)
    weights = weights / weights.sum()
    g = A.T @ weights
    return Vertex(step, weights, float(weights @ c) - support(g), int(iterations))


def _least_distance(A, room):
    """(y, multipliers) of min |y| subject to A y <= room, or (None, None) if that is empty."""
    G, h = -A, -room
    E = np.r_[G.T, h[None]]
    try:
        u, size = nnls(E, np.r_[np.zeros(A.shape[1]), 1.0], maxiter=50 * A.shape[0])
    except RuntimeError:
        return None, None
    rest = E @ u - np.r_[np.zeros(A.shape[1]), 1.0]
    if size <= 1e-13 or rest[-1] >= 0:
        return None, None
    return -rest[:-1] / rest[-1], u


def _candidates(A, c, step, multipliers):
    """Guesses of the active set: the pieces the projection pushed against, then those that are nearly the largest."""
    if step is None:
        return
    yield np.flatnonzero(multipliers > 1e-14 * max(float(multipliers.max()), 1e-300))
    values = A @ step + c
    yield np.flatnonzero(values >= values.max() - 1e-9)


def _from_active_set(A, c, active):
    """(y, weights): the minimiser over |y| <= 1 with these pieces equal and active, if that is what they say.

    On the affine set where the active pieces agree their common slope is n, the part of a_1 orthogonal to all
    differences: y is the least-norm point of the set, moved along -n up to the sphere.
    """
    if active.size == 0:
        return None
    B, b = A[active], c[active]
    differences, jumps = B[1:] - B[0], b[0] - b[1:]
    if len(differences):
        u, s, vt = np.linalg.svd(differences, full_matrices=False)
        keep = s > 1e-12 * max(float(s[0]), 1e-300)
        vt, base = vt[keep], vt[keep].T @ ((u.T @ jumps)[keep] / s[keep])
        n = B[0] - vt.T @ (vt @ B[0])
        n = n - vt.T @ (vt @ n)
    else:
        base, n = np.zeros(A.shape[1]), B[0]
    room = 1 - float(base @ base)
    if room < -1e-9:
        return None
    size = float(np.linalg.norm(n))
    flat = size <= 1e-12 * float(np.abs(B).max())
    y = base if flat else base - (np.sqrt(max(room, 0.0)) / size) * n
    y = y / max(1.0, float(np.linalg.norm(y)))
    # weights >= 0, summing to one, with A'w = -alpha y, alpha >= 0.
    columns = B.T if flat else np.c_[B.T, y]
    E = np.r_[columns, np.r_[np.ones(len(active)), np.zeros(columns.shape[1] - len(active))][None]]
    solution, _ = nnls(E, np.r_[np.zeros(A.shape[1]), 1.0], maxiter=200 * E.shape[1])
    weights = np.zeros(len(c))
    weights[active] = solution[: len(active)]
    return y, weights
