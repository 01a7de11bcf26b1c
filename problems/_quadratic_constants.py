"""Smoothness and strong convexity of z'Az/2 in any norm.

L = max { |A d|_* : |d| = 1 } by definition. Proved here:
* l1: |A d|_inf is convex in d, so its maximum over the cross-polytope is at a vertex: L = max_ij |A_ij|, which for
  semidefinite A is max_i A_ii (2 x 2 minors).
* l_inf: |A d|_1 is convex, so its maximum over the cube is at a sign vector: L = max_s |A s|_1, the maximum of s'As for
  semidefinite A (Cauchy-Schwarz in the A-product). Enumerated up to 2^16 signs; beyond, |A s|_1 <= sum |A_ij| and, with
  |A s|_1 <= sqrt(n) |A s|_2, L <= n |A|_2.
* strong convexity by duality: for definite A, d'Ad >= mu |d|^2 for all d if and only if g'A^-1 g <= |g|_*^2 / mu for all
  g (conjugate both sides). So mu in a norm is 1 / L of A^-1 in the dual norm, exact where that is:
  l_inf: mu = 1 / max_i (A^-1)_ii.  l1: mu = 1 / max_s s'A^-1 s.
* scaled, weighted and ellipsoidal norms by the change of variable that makes them l1, l2 or l_inf.
* every other norm through |d|_2 <= rho |d| and |d| <= theta |d|_2.
"""

import numpy as np

from broximal.oracles.brox.standard_ball import standard_ball
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.problems.constant import Constant, Kind

SIGNS = 16  # enumerate sign vectors up to this dimension


def smoothness(A: np.ndarray, w: np.ndarray, norm: Norm) -> Constant:
    """L of z'Az/2 for symmetric A with eigenvalues w."""
    ball = standard_ball(norm)
    if ball is None:
        rho = norm.l2_bounds(A.shape[:1]).rho
        return Constant("L", float(np.abs(w).max()) * rho**2, "upper bound", "rho^2 times the largest |eigenvalue|")
    if ball.weights is not None or ball.axes is not None:
        back = np.diag(1 / np.asarray(ball.weights)) if ball.axes is None else ball.axes[0] / ball.axes[1]
        A = back.T @ A @ back
        w = np.linalg.eigvalsh(0.5 * (A + A.T))
    value, kind, why = _standard(A, w, ball.kind)
    return Constant("L", value / float(ball.factor) ** 2, kind, why)


def smoothness_of_rows(B: np.ndarray, ridge: float, norm: Norm) -> Constant:
    """L of |Bz|^2 / 2 + ridge |z|^2 / 2 for B (N, d) with too many columns for a matrix over them.

    The largest eigenvalue is that of BB' where N < d; in l1 the largest entry of B'B is on its diagonal; every other norm
    is bounded by rho^2 times the largest eigenvalue.
    """
    top = float(np.linalg.eigvalsh(B @ B.T if B.shape[0] < B.shape[1] else B.T @ B)[-1]) + ridge
    ball = standard_ball(norm)
    if ball is not None and ball.weights is None and ball.axes is None and ball.kind in ("l2", "l1"):
        value = top if ball.kind == "l2" else float((B**2).sum(axis=0).max()) + ridge
        why = "largest eigenvalue" if ball.kind == "l2" else "largest entry of the diagonal"
        return Constant("L", value / float(ball.factor) ** 2, "exact", why)
    return Constant(
        "L", top * norm.l2_bounds(B.shape[1:]).rho ** 2, "upper bound", "rho^2 times the largest eigenvalue"
    )


def _standard(A: np.ndarray, w: np.ndarray, kind: str) -> tuple[float, Kind, str]:
    top = float(np.abs(w).max())
    if kind == "l2":
        return top, "exact", "largest |eigenvalue|"
    if kind == "l1":
        return float(np.abs(A).max()), "exact", "largest |entry|: a convex function at the vertices"
    if A.shape[0] <= SIGNS:
        return _largest_sign_sum(A), "exact", "max |A s|_1 over all sign vectors"
    entries, length = float(np.abs(A).sum()), A.shape[0] * top
    why = "sum |A_ij|" if entries <= length else "n times the largest |eigenvalue|"
    return min(entries, length), "upper bound", why


def convexity(A: np.ndarray, w: np.ndarray, Q: np.ndarray, norm: Norm) -> Constant:
    """mu of z'Az/2 for definite A = Q diag(w) Q'."""
    if isinstance(norm, L2):
        return Constant("mu", float(w.min()), "exact", "least eigenvalue")
    inverse = (Q / w) @ Q.T
    dual = smoothness(0.5 * (inverse + inverse.T), 1 / w, norm.dual)
    kind = "exact" if dual.kind == "exact" else "lower bound"
    return Constant("mu", 1 / dual.value, kind, f"1 / L of the inverse in the dual norm ({dual.why})")


def _largest_sign_sum(A: np.ndarray) -> float:
    n = A.shape[0]
    signs = 1.0 - 2.0 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)  # the last sign is +1 by symmetry
    best = 0.0
    for block in np.array_split(signs, max(1, len(signs) // 4096)):
        best = max(best, float(np.abs(block @ A).sum(axis=1).max()))
    return best
