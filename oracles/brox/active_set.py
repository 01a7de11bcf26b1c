"""max_i (<a_i, y> + c_i) over the Euclidean unit ball, by its active set.

The active set is found by projecting on level sets: least distance problems, solved exactly by non-negative least squares
(Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23). The point and the weights then follow in closed
form, and the first active set whose weights certify is the answer.
"""

import numpy as np
from scipy.optimize import nnls

from broximal.oracles.brox.simplex_weights import EPS, Vertex, certified, gap


def euclidean(A, c) -> Vertex:
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
            vertex = certified(A, c, *candidate, lambda g: float(np.linalg.norm(g)), tries)
            if best is None or gap(A, c, vertex) < gap(A, c, best):
                best = vertex
        if best is not None and gap(A, c, best) <= 16 * EPS:
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
    return certified(A, c, step, weights, lambda g: float(np.linalg.norm(g)), tries)


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
