"""The minimum of a smooth convex loss, computed by Newton's method and certified by generalised self-concordance.

A sum of logistic or log-sum-exp losses has |D^3 f(z)[v, v, v]| <= R |v|_2 v'H(z)v with R the largest length (logistic)
or the largest difference (log-sum-exp) of its data vectors: the third central moment of a random variable is at most
its range times its variance. Integrating (Bach, Electronic J. Statistics 4, 2010, lemma 1),

    f(z + v) - f(z) >= g'v + v'Hv (e^-u + u - 1) / u^2 >= g'v + v'Hv / (2 + u),      u = R |v|_2.

Proved here: let s^2 = v'Hv, nu^2 = g'H^-1 g, lambda the least eigenvalue of H, rho = R / sqrt(lambda), so u <= rho s and
the right side is at least s^2/(2 + rho s) - nu s. If nu rho < 1 that is positive once s > 2 nu / (1 - nu rho) =: s0, so
the sublevel set of f(z) is bounded, a minimiser exists with v'Hv <= s0^2, and f(z) - min f <= nu s0. (If f does not
change along a subspace, all this is read on its orthogonal complement.) Without that, f may have no minimum at all:
logistic loss on separable data.
"""

from typing import Any

import numpy as np

from broximal.problems.constant import Known

EPS = float(np.finfo(np.float64).eps)


def newton_minimum(f: Any, start: np.ndarray, moving: np.ndarray, range_: float, limit: int = 200):
    """(minimiser, f*) of f certified as above, or (last iterate, None) if the certificate fails.

    moving  orthonormal basis (size, r) of the directions along which f changes, over the flattened entries
    range_  R above
    """
    z = start.copy()
    for _ in range(limit):
        value, gradient = f.value_and_gradient(z)
        g = moving.T @ gradient.ravel()
        w, Q = np.linalg.eigh(moving.T @ f.hessian(z) @ moving)
        c = Q.T @ g
        floor = max(float(w.max()), 1e-300) * 1e-14
        nu = float(np.sqrt((c * c / np.maximum(w, floor)).sum()))
        step = (moving @ (Q @ (-c / np.maximum(w, floor)))).reshape(z.shape)
        length, slope = 1.0, -nu * nu
        if nu * nu <= 4 * EPS * EPS * max(float(w.max()), EPS) or np.abs(z).max() > 1e8:
            break
        for _ in range(50):
            new_value, new_gradient = f.value_and_gradient(z + length * step)
            flat = abs(float((new_gradient * step).sum())) <= 0.9 * abs(slope)
            if new_value <= value + 1e-4 * length * slope or (new_value <= value + 4 * EPS * abs(value) and flat):
                break
            length *= 0.5
        else:
            break
        z = z + length * step
    lowest = float(w.min())
    if lowest <= floor or nu * range_ >= 0.5 * np.sqrt(lowest):
        return z, None
    error = 2 * nu * nu / (1 - nu * range_ / np.sqrt(lowest)) + 16 * EPS * abs(float(value))
    return z, Known(float(value), error, "Newton's method; decrement, generalised self-concordance and rounding")


def directions(rows: np.ndarray) -> np.ndarray:
    """Orthonormal basis (d, r) of the span of the rows."""
    _, s, Vt = np.linalg.svd(rows, full_matrices=False)
    return Vt[s > max(rows.shape) * EPS * max(float(s.max()), 1e-300)].T
