"""The structured solvers of a quadratic objective z'Az/2 - b'z, by norm."""

from typing import Any

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.brox.secular import secular
from broximal.oracles.brox.standard_ball import StandardBall, minimise, standard_ball
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move
from broximal.oracles.splitting import splitting

TOL = 5e-10  # relative gap of the iterative solver


def quadratic_move(f: Any, norm: Norm, x: Any, radius: Any) -> Move | None:
    """Minimise f over the ball.

    f has `A`, `eigenvalues`, `eigenvectors`, `solution`, `inertia`, `value_and_gradient` and `rounding`. Ellipsoidal
    balls: any inertia, jittable. Cubes and cross-polytopes, and by splitting every other ball: convex f, on the host;
    None under jit.
    """
    ball = standard_ball(norm)
    if ball is not None and ball.kind == "l2":
        return _euclidean(f, ball, x, radius)
    if f.inertia == "indefinite" or not (is_concrete(x) and is_concrete(radius) and is_concrete(f.A)):
        return None
    if ball is None:
        return _split(f, norm, x, float(radius))
    return _polyhedral(f, norm, ball, x, radius)


def _euclidean(f: Any, ball: StandardBall, x: Any, radius: Any) -> Move:
    """The secular equation in the eigenbasis: hard case included, globally optimal for every inertia."""
    xp = namespace(x, f.eigenvalues)
    start, gradient = f.value_and_gradient(x)
    noise = f.rounding(x)[1]
    if ball.axes is None:
        w, back = (xp.asarray(a, dtype=x.dtype) for a in (f.eigenvalues, f.eigenvectors))
    else:  # |y| = |d Q'y|_2: minimise in w = d Q'y, one decomposition per call
        Q, d = (xp.asarray(a, dtype=x.dtype) for a in ball.axes)
        back = Q / d
        inner = back.T @ xp.asarray(f.A, dtype=x.dtype) @ back
        w, V = xp.linalg.eigh(0.5 * (inner + inner.T))
        back, noise = back @ V, noise / d.min()
    radius = xp.asarray(radius / ball.factor, dtype=x.dtype)
    root = secular(w, back.T @ gradient, radius, noise)
    step = back @ root.point
    if ball.axes is None:
        size = arrays.l2(step)
        step = step * xp.where(size > radius, radius / xp.where(size > 0, size, 1.0), 1.0).astype(x.dtype)
    point = x + step
    if f.inertia == "definite":  # a hit ends at the minimiser itself, to the last digit
        point = xp.where(root.multiplier > 0, point, xp.asarray(f.solution, dtype=x.dtype))
    return Move(point, gradient, start + root.dual, "secular", root.iterations, start)


def _polyhedral(f: Any, norm: Norm, ball: StandardBall, x: Any, radius: Any) -> Move:
    """The face walk, started from the global minimiser pulled back into the ball."""
    xp, center = namespace(x), np.asarray(x, dtype=np.float64)
    towards = None if f.solution is None else np.asarray(f.solution) - center
    if towards is not None and norm._value(towards) <= float(radius):
        point = xp.asarray(f.solution, dtype=x.dtype)
        return Move(point, path="closed form")
    spectrum = (np.asarray(f.eigenvalues), np.asarray(f.eigenvectors))
    start, gradient = f.value_and_gradient(center)
    step, count = minimise(ball, np.asarray(f.A), np.asarray(gradient), radius, towards, spectrum)
    point = xp.asarray(center + step, dtype=x.dtype)
    return Move(point, None, None, "active set", count, xp.asarray(start, dtype=x.dtype))


def _split(f: Any, norm: Norm, x: Any, radius: float) -> Move:
    center, Q = np.asarray(x, dtype=np.float64), np.asarray(f.eigenvectors)

    def gap(y, gradient):
        return float(y @ gradient + radius * norm.dual._value(Q @ gradient))

    start = None if f.solution is None else Q.T @ (np.asarray(f.solution) - center)
    linear = Q.T @ np.asarray(f.gradient(center))
    step, count = splitting(
        np.asarray(f.eigenvalues), linear, lambda y: Q.T @ norm._project(Q @ y, radius), gap, TOL, start
    )
    step = Q @ step
    size = float(norm._value(step))
    point = namespace(x).asarray(center + (step * (radius / size) if size > radius else step), dtype=x.dtype)
    return Move(point, None, None, "splitting", count)
