"""Matrix games: min over mu, max over lam of lam' M mu, both on simplices, to rounding.

Every mu has max_i (M mu)_i >= value >= min_j (lam' M)_j for every lam, so a pair certifies itself. HiGHS ends at a vertex
up to its tolerances; where these show, the game is solved again around the best mu under a magnifying glass (iterative
refinement: Gleixner, Steffy, Wolter, INFORMS J. Computing 28, 2016). Host, numpy.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

ROUNDS = 4
OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class Game(NamedTuple):
    """Simplex weights mu (k,) of the columns and lam (m,) of the rows; lower <= the value of the game <= upper."""

    mu: np.ndarray
    lam: np.ndarray
    upper: float
    lower: float


def solve_game(M: np.ndarray) -> Game:
    """The best pair found for M (m, k), finite."""
    m, k = M.shape
    column = np.argmin(M.max(axis=0))
    mu = np.eye(k)[column]
    lam = np.eye(m)[np.argmax(M[:, column])]
    best = Game(mu, lam, float((M @ mu).max()), float((lam @ M).min()))
    scale = float(np.abs(M - best.upper).max())
    if scale == 0:
        return best
    zoom = 1.0
    for _ in range(ROUNDS):
        found = _around(M, best.mu, scale, zoom)
        if found is not None:
            best = _better(M, best, *found)
        if best.upper - best.lower <= 4 * np.finfo(float).eps * scale:
            break
        zoom = max(min(10 * (best.upper - best.lower) / scale, 0.1 * zoom), 1e-15)
    return best


def _around(M, mu, scale, zoom):
    """(mu + zoom d, lam) with d of size 4 at most, by one linear program; rows that cannot be reached are left out."""
    values = M @ mu
    room = (values.max() - values) / (zoom * scale)
    kept = np.flatnonzero(room <= 16)
    low, high = np.maximum(-mu / zoom, -4.0), np.minimum((1 - mu) / zoom, 4.0)
    found = linprog(
        np.r_[np.zeros(mu.size), 1.0],
        A_ub=np.c_[(M[kept] - values.max()) / scale, -np.ones(kept.size)],
        b_ub=room[kept],
        A_eq=np.r_[np.ones(mu.size), 0.0][None],
        b_eq=[0.0],
        bounds=[*zip(low, high, strict=True), (None, None)],
        method="highs-ds",
        options=OPTIONS,
    )
    if found.status != 0:
        return None
    lam = np.zeros(len(M))
    lam[kept] = np.maximum(-found.ineqlin.marginals, 0)
    return mu + zoom * found.x[:-1], lam


def _better(M, best: Game, mu, lam) -> Game:
    """Put back on the simplices, each player's better weights."""
    mu, lam = (np.maximum(w, 0) / max(float(np.maximum(w, 0).sum()), 1e-300) for w in (mu, lam))
    upper, lower = float((M @ mu).max()), float((lam @ M).min()) if lam.any() else -np.inf
    if upper < best.upper:
        best = best._replace(mu=mu, upper=upper)
    if lower > best.lower:
        best = best._replace(lam=lam, lower=lower)
    return best
