"""max_i (<a_i, y> + c_i) over a ball around 0: linear programs with their dual weights, and the Euclidean ball.

For any weights w on the simplex, g = A'w satisfies max_i (<a_i, y> + c_i) >= <g, y> + <c, w> >= <c, w> - t |g|_*, so the
weights certify the point; weights supported on the active pieces make g a subgradient there, and where the bound is
attained it is aligned. l1 and l_inf balls are polyhedra: HiGHS ends at a vertex, up to its tolerance, and where that is
not enough it solves again around the point under a magnifying glass (iterative refinement: Gleixner, Steffy, Wolter,
INFORMS J. Computing 28, 2016). The Euclidean ball is in `active_set`. Everything here runs on
the host, in numpy.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import linprog

from broximal.oracles.brox.active_set import euclidean
from broximal.oracles.brox.simplex_weights import EPS, Vertex, certified, gap

ROUNDS = 8


def box(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over |y_i| <= reach_i."""
    return _solve(A, c, reach, lambda g: np.abs(g).sum(axis=-1), _near_in_box)


def cross_polytope(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over sum_i |y_i| / reach_i <= 1."""
    return _solve(A, c, reach, lambda g: np.abs(g).max(axis=-1), _near_in_cross_polytope)


def euclidean_ball(A: np.ndarray, c: np.ndarray, radius: float) -> Vertex:
    """Over |y|_2 <= radius."""
    reach = np.full(A.shape[1], float(radius))
    return _solve(A, c, reach, _lengths, None)


def _lengths(g: np.ndarray) -> np.ndarray:
    """Euclidean lengths along the last axis, whose squares may overflow."""
    top = np.maximum(np.abs(g).max(axis=-1, keepdims=True), 1e-300)
    return top[..., 0] * np.sqrt(((g / top) ** 2).sum(axis=-1))


def everywhere(A: np.ndarray, c: np.ndarray) -> Vertex | None:
    """Over the whole space; None if it is unbounded below. `lower` holds where A'w = 0 exactly.

    Pieces that a linear program does not tell apart are told apart in ever smaller neighbourhoods of its solution.
    """
    n = A.shape[1]
    scale = max(float(np.abs(A).max()), 1e-300)
    slope, none = A / scale, (np.zeros((0, n)), np.zeros(0))
    base = c / scale
    y, weights, total = _program(slope, base - base.max(), 0, *none, [(None, None)] * n)
    if y is None:
        return None
    best, zoom, floor = _minimum(A, c, y, weights, total), 1e-4, EPS * EPS
    for _ in range(4 * ROUNDS):
        if best is None or gap(A, c, best) <= 4 * EPS * float(np.abs(A @ best.step + c).max()) or zoom < floor:
            break
        y = best.step
        values = slope @ y + base
        d, weights, iterations = _program(slope, (values - values.max()) / zoom, 0, *none, [(-1, 1)] * n)
        total += iterations
        new = None if d is None else _minimum(A, c, y + zoom * d, weights, total)
        if new is None or not gap(A, c, new) < 0.9 * gap(A, c, best):
            zoom *= 1e-2
        else:
            best = new
    return best


def _minimum(A, c, y, weights, iterations) -> Vertex | None:
    """The bound of these weights at y, where A'w counts as zero."""
    weights = np.maximum(weights, 0)
    if not weights.sum() > 0:
        return None
    weights = weights / weights.sum()
    return Vertex(y, weights, float(weights @ (A @ y + c)), iterations, weights)


def _solve(A, c, reach, support: Callable, near: Callable | None) -> Vertex:
    """In units where the ball is |y| <= 1, the steepest piece has slope 1 and the largest constant is 0.

    Pieces that stay below another one all over the ball are left out: they would spoil a solver's tolerances.
    """
    slope = A * reach
    steep = support(slope)
    scale = float(steep.max())
    if scale == 0:
        weights = (c == c.max()).astype(float)
        return certified(A, c, np.zeros(A.shape[1]), weights, lambda g: 0.0, 0)
    slope, base, steep = slope / scale, (c - c.max()) / scale, steep / scale
    kept = np.flatnonzero(base + steep >= (base - steep).max() - 64 * EPS)
    found = euclidean(slope[kept], base[kept]) if near is None else _refined(slope[kept], base[kept], support, near)
    weights = np.zeros(len(c))
    weights[kept] = found.proof
    return certified(A, c, found.step * reach, weights, lambda g: float(support(g * reach)), found.iterations)


# ---- polyhedral balls ------------------------------------------------------------------------------------------------


def _refined(A, c, support, near) -> Vertex:
    """Linear programs around the best point so far, in ever smaller neighbourhoods, until the gap is rounding."""
    y, zoom, best, total = np.zeros(A.shape[1]), 1.0, None, 0
    for _ in range(ROUNDS):
        values = A @ y + c
        local = (values - values.max()) / zoom
        kept = np.flatnonzero(local >= -4.0 * A.shape[1])
        d, w, iterations = near(A[kept], local[kept], y, zoom)
        total += iterations
        if d is not None:
            y = y + zoom * d
            y = y / max(1.0, float(np.abs(y).max() if near is _near_in_box else np.abs(y).sum()))
            weights = np.zeros(len(c))
            weights[kept] = w
            vertex = certified(A, c, y, weights, lambda g: float(support(g)), total)
            if best is None or gap(A, c, vertex) < gap(A, c, best):
                best = vertex
            if gap(A, c, best) <= 32 * EPS:
                return best
            if np.abs(d).max() > 0.5 and zoom < 1:  # the neighbourhood was too small
                continue
        zoom = max(zoom * 1e-4, 1e-15)
    weights = (np.arange(len(c)) == np.argmax(A @ y + c)).astype(float)
    return best or certified(A, c, y, weights, lambda g: float(support(g)), total)


def _program(A, c, extra, rows, right, bounds):
    """min v over (d, .., v) with A d + c <= v and rows (d, ..) <= right: (d, weights, iterations)."""
    m, n = A.shape
    width = n + extra
    pieces = np.c_[A, np.zeros((m, extra)), -np.ones(m)]
    found = linprog(
        np.r_[np.zeros(width), 1.0],
        A_ub=np.r_[pieces, np.c_[rows, np.zeros(len(rows))]] if len(rows) else pieces,
        b_ub=np.r_[-c, right],
        bounds=[*bounds, (None, None)],
        method="highs-ds",
    )
    if found.status != 0:
        return None, None, 0
    return found.x[:n], -found.ineqlin.marginals[:m], int(found.nit)


def _near_in_box(A, c, y, zoom):
    low, high = np.maximum((-1 - y) / zoom, -1), np.minimum((1 - y) / zoom, 1)
    return _program(A, c, 0, np.zeros((0, A.shape[1])), np.zeros(0), list(zip(low, high, strict=True)))


def _near_in_cross_polytope(A, c, y, zoom):
    """e_i >= (|y_i + zoom d_i| - |y_i|) / zoom, sum e_i <= (1 - |y|_1) / zoom."""
    n = A.shape[1]
    eye, sign, size = np.eye(n), np.where(y >= 0, 1.0, -1.0), np.abs(y)
    rows = np.r_[
        np.c_[sign[:, None] * eye, -eye], np.c_[-sign[:, None] * eye, -eye], np.r_[np.zeros(n), np.ones(n)][None]
    ]
    right = np.r_[np.zeros(n), np.minimum(2 * size / zoom, 4.0), max(1 - size.sum(), 0.0) / zoom]
    return _program(A, c, n, rows, right, [(-1, 1)] * n + [(None, None)] * n)
