"""Structured solvers of convex quadratics <X - M, A (X - M) C> / 2 of matrices, over matrix and entrywise balls."""

from typing import Any

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.secular import secular
from broximal.oracles.brox.standard_ball import minimise, standard_ball
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, Nuclear, Spectral
from broximal.oracles.objective import Move
from broximal.oracles.simplex import soft_threshold_level
from broximal.oracles.splitting import splitting

TOL = 5e-10  # relative gap of the iterative solver
SMALL = 600  # entries up to which a cube or cross-polytope is solved exactly by faces


def matrix_move(f: Any, norm: Norm, x: Any, radius: Any) -> Move | None:
    """Minimise f over the ball.

    f has eigendecompositions `left` = (a, U) of A and `right` = (c, V) of C, `solution`, `isotropic`,
    `value_and_gradient` and `rounding`. In the rotated variable U'XV the quadratic is diagonal with weights a_i c_j,
    and unitarily invariant balls keep their shape.

    Frobenius: secular equation, jittable. Isotropic f (all weights equal): the projection of the minimiser onto the
    ball, in every norm, jittable. Others on the host: faces for small cubes and cross-polytopes, else splitting.
    """
    simple, scaled = plain(norm, radius)
    if isinstance(simple, L2):
        return _frobenius(f, x, scaled)
    if f.isotropic:
        step = norm._project(namespace(x, f.solution).asarray(f.solution, dtype=x.dtype) - x, radius)
        point = x + step
        return Move(point, path="closed form")
    if not (is_concrete(x) and is_concrete(radius) and is_concrete(f.solution)):
        return None
    center, radius, scaled = np.asarray(x, dtype=np.float64), float(radius), float(scaled)
    ball = standard_ball(norm)
    if ball is not None and x.size <= SMALL:
        step, count, path = *_faces(f, ball, center, radius), "active set"
    else:
        step, count, path = *_split(f, simple, center, scaled), "splitting"
    size = float(norm._value(step))
    if size > radius:
        step = step * (radius / size)
    point = namespace(x).asarray(center + step, dtype=x.dtype)
    return Move(point, None, None, path, count)


def _frobenius(f: Any, x: Any, radius: Any) -> Move:
    xp = namespace(x, f.solution)
    (a, U), (c, V) = (tuple(xp.asarray(part, dtype=x.dtype) for part in side) for side in (f.left, f.right))
    start, gradient = f.value_and_gradient(x)
    root = secular(a[:, None] * c, U.T @ gradient @ V, radius, f.rounding(x)[1])
    step = U @ root.point @ V.T
    size = arrays.l2(step)
    point = x + step * xp.where(size > radius, radius / xp.where(size > 0, size, 1.0), 1.0).astype(x.dtype)
    return Move(point, None, start + root.dual, "secular", root.iterations, start)


def _faces(f, ball, center, radius):
    (a, U), (c, V) = f.left, f.right
    hessian = np.kron((U * a) @ U.T, (V * c) @ V.T)
    spectrum = np.outer(a, c).ravel(), np.kron(U, V)
    towards = (f.solution - center).ravel()
    gradient = np.asarray(f.gradient(center)).ravel()
    step, count = minimise(ball, hessian, gradient, radius, towards, spectrum)
    return step.reshape(center.shape), count


def _split(f, norm, center, radius):
    (a, U), (c, V) = f.left, f.right

    def rotate(y):
        return U.T @ y @ V

    def back(y):
        return U @ y @ V.T

    dual = norm.dual
    if isinstance(norm, (Spectral, Nuclear)):
        project, size = _fast_projection(norm, radius), dual._value
    elif norm.unitary:
        project, size = (lambda y: norm._project(y, radius)), dual._value
    else:
        project, size = (lambda y: rotate(norm._project(back(y), radius))), (lambda g: dual._value(back(g)))

    def gap(y, gradient):
        return float((gradient * y).sum() + radius * size(gradient))

    linear = rotate(np.asarray(f.gradient(center)))
    step, count = splitting(np.outer(a, c), linear, project, gap, TOL, rotate(f.solution - center))
    return back(step), count


def _fast_projection(norm, radius: float):
    """Clip or threshold singular values through the smaller Gram matrix, half the price of an SVD.

    Squaring costs digits of small singular values only, and those are kept (spectral) or removed (nuclear).
    """
    clip = isinstance(norm, Spectral)

    def project(y):
        if y.shape[0] < y.shape[1]:
            return project(y.T).T
        squares, W = np.linalg.eigh(y.T @ y)
        s = np.sqrt(np.maximum(squares, 0.0))
        if clip:
            cut = s > radius
            if not cut.any():
                return y
            return y - ((y @ W[:, cut]) * (1 - radius / s[cut])) @ W[:, cut].T
        level = float(soft_threshold_level(s, radius))
        keep = s > level
        return ((y @ W[:, keep]) * (1 - level / s[keep])) @ W[:, keep].T

    return project
