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

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.problems.constant import Known

EPS = float(np.finfo(np.float64).eps)
DENSE = 2048  # unknowns up to which a matrix over them is kept and decomposed
NEWTON = 512  # unknowns up to which a step in a ball is Newton's: with more, gradients are as exact and much faster
LARGEST = 2048  # rows of a matrix that is decomposed once


def newton_minimum(f: Any, start: np.ndarray, moving: np.ndarray, range_: float, limit: int = 200):
    """(minimiser, f*) of f certified as above, or (last iterate, None) if the certificate fails.

    moving  orthonormal basis (size, r) of the directions along which f changes, over the flattened entries
    range_  R above
    """
    z, before = start.copy(), np.inf
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
        if nu >= 0.5 * before and nu * nu <= EPS * abs(float(value)):  # rounding keeps it from the bound above
            break
        before = nu
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


def minimum_of_loss(f: Any, moving: Callable[[np.ndarray], np.ndarray], range_: float):
    """`newton_minimum` of a loss that is being built, of the scores <a_i, z> of its `samples` (N, d) with a `ridge`.

    moving  the directions along which f changes, from the samples

    Where d > N it is looked for on the span of the samples, with N unknowns: the loss does not change orthogonal to it, and
    the ridge is least there.
    """
    samples, shape = f.samples, f.start.shape
    if samples.shape[0] >= samples.shape[1]:
        return newton_minimum(f, np.zeros(shape), moving(samples), range_)
    basis = np.linalg.svd(samples, full_matrices=False)[2].T if f.ridge > 0 else directions(samples)
    start = np.zeros((basis.shape[1], *shape[1:]))
    reduced = copy.copy(f)  # f in the coordinates of the basis
    for name, value in (("samples", samples @ basis), ("start", start)):
        object.__setattr__(reduced, name, value)
    z, known = newton_minimum(reduced, start, moving(reduced.samples), range_)
    z = basis @ z
    if known is not None:  # the basis changes the scores by its rounding, and the loss by no more
        turned = 16 * EPS * basis.shape[1] * range_ * float(np.linalg.norm(z))
        known = Known(known.value, known.error + turned, known.why)
    return z, known


def check_size(rows: np.ndarray, unknowns: int = 1) -> None:
    """Raise InvalidArgument for data whose decomposition, N or d wide, would take minutes or the memory.

    unknowns  how many numbers a feature has
    """
    size = min(rows.shape) * unknowns
    if size > LARGEST:
        of_each = f" and {number_of(unknowns, 'class')}" * (unknowns > 1)
        raise InvalidArgument(
            f"the data have {rows.shape[0]} x {rows.shape[1]} entries{of_each}, so that a matrix of {size} x {size} numbers is to be "
            f"decomposed; up to {LARGEST} are: take fewer samples or features."
        )


def directions(rows: np.ndarray) -> np.ndarray:
    """Orthonormal basis (d, r) of the span of the rows."""
    _, s, Vt = np.linalg.svd(rows, full_matrices=False)
    return Vt[s > max(rows.shape) * EPS * max(float(s.max()), 1e-300)].T
