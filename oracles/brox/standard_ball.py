"""Balls that are a Euclidean ball, a cube or a cross-polytope after a linear change of variable.

Scaling a norm by c divides the radius by c; weighted l1 is l1 of the weighted entries; the ball of weighted l_inf is a
box; the ellipsoidal norm sqrt(y'Py) is the Euclidean norm of P^(1/2) y. On these balls a convex quadratic is minimised
exactly (`minimise`), and with it, by Newton's method, every smooth convex function.
"""

from typing import Any, NamedTuple

import numpy as np

from broximal.oracles.brox.faces import box, cross_polytope, onto_cross_polytope
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.secular import secular
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Ellipsoid, LInf, WeightedL1, WeightedLInf


class StandardBall(NamedTuple):
    """|y| = factor |map y|_kind: `weights` are the diagonal of the map, `axes` = (Q, d) stand for diag(d) Q'."""

    kind: str  # "l2", "l1" or "linf"
    factor: Any = 1.0
    weights: Any = None
    axes: Any = None


def standard_ball(norm: Norm) -> StandardBall | None:
    """The ball of this norm in standard form, or None if it has none."""
    norm, unit = plain(norm)  # the ball of radius t of the given norm is that of radius unit t of the plain one
    match norm:
        case L2():
            return StandardBall("l2", 1 / unit)
        case L1():
            return StandardBall("l1", 1 / unit)
        case LInf():
            return StandardBall("linf", 1 / unit)
        case WeightedL1():
            return StandardBall("l1", 1 / unit, weights=norm.weights)
        case WeightedLInf():
            return StandardBall("linf", 1 / unit, weights=norm.weights)
        case Ellipsoid():
            return StandardBall("l2", 1 / unit, axes=(norm.basis, norm.spectrum**0.5))
    return None


def minimise(ball: StandardBall, H, c, radius: float, start=None, spectrum=None) -> tuple[np.ndarray, int]:
    """argmin y'Hy/2 + c'y over the ball of this radius, H convex, float64 numpy vectors; and the iterations made.

    start need not be feasible; spectrum = (w, Q) of H spares a decomposition where it is known.
    """
    radius = float(radius) / float(ball.factor)
    if ball.kind == "linf":
        bounds = np.full(c.shape, radius) if ball.weights is None else radius / np.asarray(ball.weights)
        return box(H, c, bounds, np.zeros_like(c) if start is None else start, spectrum)
    if ball.kind == "l1":
        if ball.weights is not None:
            d = 1 / np.asarray(ball.weights)
            H, c, spectrum, start = d[:, None] * H * d, d * c, None, None if start is None else start / d
        start = np.zeros_like(c) if start is None else onto_cross_polytope(start, radius)
        y, count = cross_polytope(H, c, radius, start, spectrum)
        return (y if ball.weights is None else d * y), count
    back = None
    if ball.axes is not None:
        Q, d = (np.asarray(a, dtype=np.float64) for a in ball.axes)
        back = Q / d
        H, c, spectrum = back.T @ H @ back, back.T @ c, None
    w, V = np.linalg.eigh(H) if spectrum is None else spectrum
    noise = 4 * np.finfo(np.float64).eps * np.linalg.norm(c)
    root = secular(w, V.T @ c, radius, noise)
    y = V @ root.point
    return (y if back is None else back @ y), int(root.iterations)
