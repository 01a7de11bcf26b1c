"""Convex quadratics over the cube and the cross-polytope, exactly: a primal method that walks over faces in blocks.

    min  y'Hy/2 + c'y    over   |y_i| <= bounds_i     (`box`)      or    |y|_1 <= t     (`cross_polytope`)

Each round minimises over the affine hull of the current face (one Cholesky factorisation of the free block). If that
minimiser leaves the face, it is pulled back onto it, which changes many coordinates at once, if that decreases the
objective; else the segment towards it is followed to the first coordinate that hits, which leaves the free set. At the
minimiser over a face every coordinate whose multiplier has the wrong sign is freed at once, or only the worst one if
that led nowhere. Proved here: each face minimum is below the previous one, so no face occurs twice and, with H
definite, the method ends after finitely many rounds with the exact minimiser; ties (many coordinates with equal
|gradient|, which is where every broximal step over the cross-polytope starts) only decide which face is tried first.
In practice 3 to 20 factorisations are made, mostly small ones.

This is host code (numpy, float64): the free block changes its size, which no jitted program can.
"""

from typing import Any

import numpy as np
from scipy.linalg import lapack

EPS = float(np.finfo(np.float64).eps)
_solve_positive: Any = getattr(lapack, "dposv")  # noqa: B009 - f2py makes it at run time, unseen by type checkers
LIMIT = 1000  # rounds; the finiteness proof allows exponentially many, practice some ten


def _solve(H: np.ndarray, free: np.ndarray, right: np.ndarray, spectrum=None) -> np.ndarray:
    """Solve with the free block of H, shifted up just enough to be definite (a proximal step then, still descent).

    With the spectrum (w, Q) of a well conditioned H and few coordinates held, the inverse of the free block is the
    inverse of H minus a correction of the size of the held block: nothing large is factorised.
    """
    if spectrum is not None and 3 * free.size > 2 * H.shape[0]:
        return _solve_from_inverse(spectrum, free, right)
    block = np.ascontiguousarray(H[free[:, None], free]).T  # symmetric; Fortran order spares LAPACK a copy
    shift = 0.0
    for _ in range(12):
        _, solution, failed = _solve_positive(block, right)
        if not failed and np.isfinite(solution).all():
            return solution
        new = 100 * shift if shift else 4 * free.size * EPS * max(float(np.diag(H).max()), 1e-300)
        block = block + (new - shift) * np.eye(free.size)
        shift = new
    return right / max(float(np.abs(H).sum(axis=1).max()), 1e-300)


def _solve_from_inverse(spectrum, free: np.ndarray, right: np.ndarray) -> np.ndarray:
    w, Q = spectrum
    w = w if right.ndim == 1 else w[:, None]
    solution = Q @ ((Q[free].T @ right) / w)
    held = np.ones(Q.shape[0], bool)
    held[free] = False
    if held.any():
        rows = Q[held]
        block = (rows / spectrum[0]) @ rows.T
        solution = solution - Q @ ((rows.T @ np.linalg.solve(block, solution[held])) / w)
    return solution[free]


def _well_conditioned(spectrum):
    return spectrum if spectrum is not None and spectrum[0].min() > 1e-7 * spectrum[0].max() else None


def box(H, c, bounds, y, spectrum=None, tol=4 * EPS) -> tuple[np.ndarray, int]:
    """The minimiser over |y_i| <= bounds_i (a vector) from the start y, and the number of factorisations."""
    spectrum = _well_conditioned(spectrum)
    y = np.clip(y, -bounds, bounds)
    bent, solves, one_by_one = H @ y, 0, False
    fixed = np.abs(y) >= bounds
    while solves < LIMIT:
        r = bent + c
        value = 0.5 * (y @ (r + c))
        wrong = fixed & (r * np.sign(y) > 0)
        gap = r @ y + bounds @ np.abs(r)
        if gap <= tol * (abs(value) + np.abs(c) @ np.abs(y)):
            break
        if one_by_one and wrong.any():
            wrong = np.arange(y.size) == np.argmax(np.where(wrong, np.abs(r) * bounds, -1.0))
        fixed, before, moved = fixed & ~wrong, value, False
        while not fixed.all():
            free = np.flatnonzero(~fixed)
            r = bent + c
            step = _solve(H, free, -r[free], spectrum)
            solves += 1
            target, limit = y[free] + step, bounds[free]
            outside = np.abs(target) > limit
            trial = y.copy()
            trial[free] = np.clip(target, -limit, limit)
            trial_bent = H @ trial
            lower = 0.5 * (trial @ (trial_bent + 2 * c))
            if not outside.any() or lower < value:
                moved = moved or lower < value
                y, bent, value = trial, trial_bent, lower
                fixed = np.abs(y) >= bounds
                if not outside.any():
                    break
                continue
            # The pulled back point is no better: follow the segment to the first bound.
            room = np.where(outside, (np.sign(step) * limit - y[free]) / np.where(step == 0, 1.0, step), np.inf)
            hit = room <= room.min() * (1 + 4 * EPS)
            y = y.copy()
            y[free] = np.where(hit, np.sign(step) * limit, y[free] + max(room.min(), 0.0) * step)
            fixed[free[hit]] = True
            bent = H @ y
            value = 0.5 * (y @ (bent + 2 * c))
            if solves >= LIMIT:
                break
        if not (moved or value < before):
            if one_by_one or not wrong.any():
                break
            one_by_one = True
        else:
            one_by_one = False
    return y, solves


def cross_polytope(H, c, t: float, y, spectrum=None, tol=4 * EPS) -> tuple[np.ndarray, int]:
    """The minimiser over |y|_1 <= t from the start y in that ball, and the number of factorisations."""
    spectrum = _well_conditioned(spectrum)
    bent, solves, one_by_one, level = H @ y, 0, False, None
    sign = np.sign(y)
    while solves < LIMIT:
        r = bent + c
        value = 0.5 * (y @ (r + c))
        top = float(np.abs(r).max())
        if r @ y + t * top <= tol * (abs(value) + np.abs(c) @ np.abs(y)):
            break
        # Coordinates outside the support enter where |r_i| exceeds the multiplier of the face, against the gradient.
        if not sign.any():
            enter = np.abs(r) >= top * (1 - 8 * EPS)
        elif level is None:
            enter = np.zeros(y.shape, bool)
        else:
            enter = (sign == 0) & (np.abs(r) > level)
            if one_by_one and enter.any():
                enter = np.arange(y.size) == np.argmax(np.where(enter, np.abs(r), -1.0))
        sign = np.where(enter, -np.sign(r), sign)
        fresh = level is None
        before, moved = value, False
        while sign.any():
            free = np.flatnonzero(sign)
            r, s = bent + c, sign[free]
            step, level = _simplex_step(H, free, r[free], s, t - s @ y[free], spectrum)
            solves += 1
            target = y[free] + step
            outside = s * target < 0
            trial = np.zeros_like(y)
            trial[free] = s * _onto_simplex(np.maximum(s * target, 0.0), t)
            trial_bent = H @ trial
            lower = 0.5 * (trial @ (trial_bent + 2 * c))
            if not outside.any() or lower < value:
                moved = moved or lower < value
                y, bent, value = trial, trial_bent, lower
                sign = np.where(trial != 0, sign, 0.0)
                if not outside.any():
                    break
                continue
            room = np.where(outside, np.abs(y[free]) / np.where(step == 0, 1.0, np.abs(step)), np.inf)
            hit = room <= room.min() * (1 + 4 * EPS)
            y = y.copy()
            y[free] = np.where(hit, 0.0, y[free] + room.min() * step)
            sign[free[hit]] = 0.0
            bent = H @ y
            value = 0.5 * (y @ (bent + 2 * c))
            if solves >= LIMIT:
                break
        if not (moved or value < before or fresh):
            if one_by_one or not enter.any():
                break
            one_by_one = True
        else:
            one_by_one = False
    return y, solves


def _simplex_step(H, free, r, s, room, spectrum):
    """The step d with H d + level s = -r, s'd = room on the free block; level = 0 if that stays below the face.

    Solved for the correction of a first guess of the level: at the solution both right sides are then small, and no
    long step against the gradient has to cancel.
    """
    guess = max(-float(s @ r) / free.size, 0.0)
    both = _solve(H, free, np.stack([r + guess * s, s], axis=1), spectrum)
    a, b = both[:, 0], both[:, 1]
    change = max(-float(room + s @ a) / float(s @ b), -guess)
    return -(a + change * b), guess + change


def _onto_simplex(a: np.ndarray, t: float) -> np.ndarray:
    """The Euclidean projection of a >= 0 onto sum = t, or a itself if its sum is smaller. Newton, no sort."""
    total = a.sum()
    if total <= t:
        return a
    if total <= t * (1 + 8 * EPS):
        return a * (t / total)
    level = (total - t) / a.size
    for _ in range(a.size + 1):
        left = a - level
        above = left > 0
        step = (left[above].sum() - t) / max(int(above.sum()), 1)
        if step <= 0 or level + step == level:
            break
        level += step
    left = np.maximum(a - level, 0.0)
    total = left.sum()
    return left * min(1.0, t / total) if total > 0 else left  # where a is long, differences carry the rounding of a


def onto_cross_polytope(y: np.ndarray, t: float) -> np.ndarray:
    """The Euclidean projection onto |y|_1 <= t."""
    return np.sign(y) * _onto_simplex(np.abs(y), t)
