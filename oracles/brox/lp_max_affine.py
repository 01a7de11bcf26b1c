"""max_i (<a_i, y> + c_i) over a ball around 0: linear programs with their dual weights, and the Euclidean ball.

For any weights w on the simplex, g = A'w satisfies max_i (<a_i, y> + c_i) >= <g, y> + <c, w> >= <c, w> - t |g|_*, so the
weights certify the point; weights supported on the active pieces make g a subgradient there, and where the bound is
attained it is aligned. l1 and l_inf balls are polyhedra: HiGHS ends at a vertex, up to its tolerance, and where that is
not enough it solves again around the point under a magnifying glass (iterative refinement: Gleixner, Steffy, Wolter,
INFORMS J. Computing 28, 2016). In the Euclidean ball the active set is found by projecting on level sets (least distance
problems, solved exactly by non-negative least squares: Lawson and Hanson, Solving Least Squares Problems, 1974, chapter
23), and the point then follows in closed form from the active set. Everything here runs on the host, in numpy.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, nnls

EPS = float(np.finfo(np.float64).eps)
ROUNDS = 8


class Vertex(NamedTuple):
    """step y, simplex weights w on its active pieces (A'w is a subgradient there), a lower bound, iterations.

    `proof` are the simplex weights with lower = <c, proof> - t |A' proof|_*: those of the active pieces or better ones.
    """

    step: np.ndarray
    weights: np.ndarray
    lower: float
    iterations: int
    proof: np.ndarray


def box(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over |y_i| <= reach_i."""
    return _solve(A, c, reach, lambda g: np.abs(g).sum(axis=-1), _near_in_box)


def cross_polytope(A: np.ndarray, c: np.ndarray, reach: np.ndarray) -> Vertex:
    """Over sum_i |y_i| / reach_i <= 1."""
    return _solve(A, c, reach, lambda g: np.abs(g).max(axis=-1), _near_in_cross_polytope)


def euclidean_ball(A: np.ndarray, c: np.ndarray, radius: float) -> Vertex:
    """Over |y|_2 <= radius."""
    reach = np.full(A.shape[1], float(radius))
    return _solve(A, c, reach, lambda g: np.sqrt((g * g).sum(axis=-1)), None)


def everywhere(A: np.ndarray, c: np.ndarray) -> Vertex | None:
    """Over the whole space; None if it is unbounded below. `lower` holds where A'w = 0 exactly."""
    m, n = A.shape
    scale = max(float(np.abs(A).max()), 1e-300)
    found = linprog(
        np.r_[np.zeros(n), 1.0],
        A_ub=np.c_[A / scale, -np.ones(m)],
        b_ub=-(c - c.max()) / scale,
        bounds=[(None, None)] * (n + 1),
        method="highs-ds",
    )
    if found.status != 0:
        return None
    weights = np.maximum(-found.ineqlin.marginals, 0)
    weights = weights / weights.sum()
    return Vertex(found.x[:n], weights, float(weights @ c), int(found.nit), weights)


def _solve(A, c, reach, support: Callable, near: Callable | None) -> Vertex:
    """In units where the ball is |y| <= 1, the steepest piece has slope 1 and the largest constant is 0.

    Pieces that stay below another one all over the ball are left out: they would spoil a solver's tolerances.
    """
    slope = A * reach
    steep = support(slope)
    scale = float(steep.max())
    if scale == 0:
        weights = (c == c.max()).astype(float)
        return _certified(A, c, np.zeros(A.shape[1]), weights, lambda g: 0.0, 0)
    slope, base, steep = slope / scale, (c - c.max()) / scale, steep / scale
    kept = np.flatnonzero(base + steep >= (base - steep).max() - 64 * EPS)
    found = _euclidean(slope[kept], base[kept]) if near is None else _refined(slope[kept], base[kept], support, near)
    weights = np.zeros(len(c))
    weights[kept] = found.proof
    return _certified(A, c, found.step * reach, weights, lambda g: float(support(g * reach)), found.iterations)


def _certified(A, c, step, weights, support, iterations) -> Vertex:
    """The lower bound of these weights, or of their restriction to the active pieces if that is better."""
    values = A @ step + c
    noise = 64 * EPS * (np.abs(A) @ np.abs(step) + np.abs(c) + np.abs(values).max())
    noise = noise + noise[np.argmax(values)]
    weights = np.maximum(weights, 0)
    active = np.where(values >= values.max() - noise, weights, 0.0)
    if not active.any():
        active = (np.arange(values.size) == np.argmax(values)).astype(float)
    active = active / active.sum()
    proofs = [active, weights / weights.sum()] if weights.any() else [active]
    lower = [float(w @ c) - support(A.T @ w) for w in proofs]
    best = int(np.argmax(lower))
    return Vertex(step, active, lower[best], int(iterations), proofs[best])


def _gap(A, c, vertex: Vertex) -> float:
    return float((A @ vertex.step + c).max()) - vertex.lower


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
            vertex = _certified(A, c, y, weights, lambda g: float(support(g)), total)
            if best is None or _gap(A, c, vertex) < _gap(A, c, best):
                best = vertex
            if _gap(A, c, best) <= 32 * EPS:
                return best
            if np.abs(d).max() > 0.5 and zoom < 1:  # the neighbourhood was too small
                continue
        zoom = max(zoom * 1e-4, 1e-15)
    weights = (np.arange(len(c)) == np.argmax(A @ y + c)).astype(float)
    return best or _certified(A, c, y, weights, lambda g: float(support(g)), total)


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


# ---- the Euclidean ball ----------------------------------------------------------------------------------------------


def _euclidean(A, c) -> Vertex:
    """Bisection on the level; every projection proposes an active set, and the first that certifies is the answer."""
    high, low = 0.0, -(1 + 4 * EPS)
    best, tries = None, 0
    feasible = np.zeros(A.shape[1])
    for tries in range(1, 120):
        level = 0.5 * (low + high)
        step, multipliers = _least_distance(A, level - c)
        if step is None:  # the level lies below the minimum of f: it is near the point of a level that does not
            step, multipliers, empty = feasible, np.zeros(len(c)), True
        else:
            feasible, empty = step, False
        for active in _candidates(A, c, step, multipliers, thorough=tries > 6):
            candidate = _from_active_set(A, c, active)
            if candidate is None:
                continue
            vertex = _certified(A, c, *candidate, lambda g: float(np.linalg.norm(g)), tries)
            if best is None or _gap(A, c, vertex) < _gap(A, c, best):
                best = vertex
        if best is not None and _gap(A, c, best) <= 16 * EPS:
            return best
        if empty or np.linalg.norm(step) > 1:
            low = level
        else:
            high = level
        if high - low <= EPS * EPS:
            break
    if best is not None:
        return best
    step = feasible / max(1.0, float(np.linalg.norm(feasible)))
    weights = (np.arange(len(c)) == np.argmax(A @ step + c)).astype(float)
    return _certified(A, c, step, weights, lambda g: float(np.linalg.norm(g)), tries)


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
    y = -rest[:-1] / rest[-1]
    if (A @ y - room).max() > 1e-9 * (
        1 + float(np.linalg.norm(y))
    ):  # next to an empty set nothing is left of the digits
        return None, None
    return y, u


def _candidates(A, c, step, multipliers, thorough: bool):
    """Guesses of the active set: the pieces the projection pushed against, then the largest ones, more and more of them."""
    if multipliers.any():
        yield np.flatnonzero(multipliers > 1e-14 * float(multipliers.max()))
    values = A @ step + c
    for tolerance in (1e-6, 1e-9, 1e-12):
        yield np.flatnonzero(values >= values.max() - tolerance)
    if thorough:
        order = np.argsort(-values, kind="stable")
        for count in range(1, min(len(c), A.shape[1] + 2) + 1):
            yield order[:count]


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
    if not room >= -1e-9:
        return None
    size = float(np.linalg.norm(n))
    flat = size <= 1e-12 * float(np.abs(B).max())
    y = base if flat else base - (np.sqrt(max(room, 0.0)) / size) * n
    y = y / max(1.0, float(np.linalg.norm(y)))
    # weights >= 0, summing to one, with A'w = -alpha y, alpha >= 0.
    columns = B.T if flat else np.c_[B.T, y]
    E = np.r_[columns, np.r_[np.ones(len(active)), np.zeros(columns.shape[1] - len(active))][None]]
    try:
        solution, _ = nnls(E, np.r_[np.zeros(A.shape[1]), 1.0], maxiter=200 * E.shape[1])
    except RuntimeError:
        return None
    weights = np.zeros(len(c))
    weights[active] = solution[: len(active)]
    return y, weights
