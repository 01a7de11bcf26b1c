"""Smoothness and strong convexity of <X, A X C> / 2, A and C positive semidefinite, in any norm.

With eigenvalues a_1 >= a_2 >= .. of A (m x m) and c_1 >= c_2 >= .. of C (n x n). Proved here:
* Frobenius: the eigenvalues of the form are a_i c_j.
* spectral: a convex form is largest at extreme points of the ball, the D with all singular values 1; there
  <D, A D C> = tr(C^(1/2) D'AD C^(1/2)) <= sum_k lambda_k(D'AD) c_k <= sum_k a_k c_k (von Neumann's trace inequality and
  interlacing), k up to min(m, n), attained where D carries the eigenvectors of C onto those of A.
* nuclear: extreme points are u v', so L = max u'Au v'Cv = a_1 c_1.
* entrywise l1: extreme points are unit matrices, so L = max A_ii C_jj.
* strong convexity by duality: mu in a norm is 1 / L of <G, A^-1 G C^-1> in the dual norm.
* every other norm by its equivalence constants with the Euclidean one.
"""

import numpy as np

from broximal.oracles.brox.kinds import plain
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Nuclear, Spectral
from broximal.problems.constant import Constant


def smoothness(A: np.ndarray, C: np.ndarray, norm: Norm) -> Constant:
    """L of <X, A X C> / 2."""
    a, c = (_spectrum(M) for M in (A, C))
    return _smoothness(a, c, float(np.diag(A).max()) * float(np.diag(C).max()), (A.shape[0], C.shape[0]), norm)


def smoothness_of_rows(B: np.ndarray, C: np.ndarray, norm: Norm) -> Constant:
    """L of <X, B'B X C> / 2, through the smaller of B'B and BB': their eigenvalues but for zeros are the same."""
    a = _spectrum(B @ B.T if B.shape[0] < B.shape[1] else B.T @ B)
    corner = float((B**2).sum(axis=0).max()) * float(np.diag(C).max())
    return _smoothness(a, _spectrum(C), corner, (B.shape[1], C.shape[0]), norm)


def of_identity(rows: int, columns: int, norm: Norm) -> float:
    """L of |X|_F^2 / 2 on matrices of this shape."""
    return _smoothness(np.ones(rows), np.ones(columns), 1.0, (rows, columns), norm).value


def _spectrum(M: np.ndarray) -> np.ndarray:
    return np.sort(np.maximum(np.linalg.eigvalsh(M), 0.0))[::-1]


def _smoothness(a: np.ndarray, c: np.ndarray, corner: float, shape: tuple[int, int], norm: Norm) -> Constant:
    """a, c the ordered eigenvalues (without some zeros), corner the largest A_ii C_jj."""
    simple, unit = plain(norm)  # the unit ball of the norm is the ball of radius `unit` of the plain one
    value, why, kind = a[0] * c[0], None, "exact"
    match simple:
        case L2():
            why = "largest product of eigenvalues"
        case Nuclear():
            why = "largest product of eigenvalues, at rank one"
        case Spectral():
            k = min(a.size, c.size)
            value, why = float(a[:k] @ c[:k]), "sum of products of ordered eigenvalues, at a partial isometry"
        case L1():
            value, why = corner, "largest diagonal entry, at a unit matrix"
        case _:
            bounds = simple.l2_bounds(shape)
            value, why, kind = value * bounds.rho**2, "rho^2 times the largest product of eigenvalues", "upper bound"
    return Constant("L", float(value) * float(unit) ** 2, kind, why)


def convexity(A: np.ndarray, C: np.ndarray, norm: Norm) -> Constant:
    """mu of <X, A X C> / 2, A and C definite."""
    dual = smoothness(np.linalg.inv(A), np.linalg.inv(C), norm.dual)
    kind = "exact" if dual.kind == "exact" else "lower bound"
    return Constant("mu", 1 / dual.value, kind, f"1 / L of the inverse in the dual norm ({dual.why})")
