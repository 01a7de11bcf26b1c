"""The ellipsoidal norm |x| = sqrt(x' P x) of vectors, P symmetric positive definite; its dual has P^-1.

P is decomposed once at construction. The LMO is -P^-1 g / |g|_*, at g = 0 the end of the first axis; the projection
solves the secular equation sum_i lambda_i y_i^2 / (1 + mu lambda_i)^2 = r^2 in the eigenbasis.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms._arguments import like
from broximal.oracles.roots import decreasing_root


def shrink_to_ellipsoid(y, spectrum, radius):
    """The projection of y onto { z : sum spectrum z^2 <= radius^2 }, arrays of one shape."""
    xp = namespace(y)
    axes = xp.sqrt(spectrum)
    size, high = arrays.l2(axes * y), arrays.l2(y / axes)
    radius = xp.asarray(radius, dtype=y.dtype)

    def at(s):  # s = mu r = |y - z|_* at the solution, so it is below |y|_*
        return y * (radius / (radius + s * spectrum))

    s = decreasing_root(lambda s: arrays.l2(axes * at(s)) - radius, 0 * high, high, size - radius, -radius)
    return xp.where(size > radius, at(s), y)


class Ellipsoid(Norm):
    """Ellipsoid(P). Raises InvalidArgument unless P is a symmetric positive definite matrix."""

    matrix_p: Any  # P as it was given
    inverse: Any
    basis: Any
    spectrum: Any
    alias: ClassVar[str] = "ellipsoid"
    latex = r"\|\cdot\|_P"

    def __init__(self, P: Any, *, _known: tuple | None = None):
        self.matrix_p, self.inverse, self.basis, self.spectrum = _known or _decompose(P)

    @classmethod
    def examples(cls):
        return ((cls([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 3.0]]), (3,)), (cls([[4.0]]), (1,)))

    @property
    def name(self):
        return f"ellipsoid({_arguments.listing(self.matrix_p)})"

    @property
    def dual(self):
        return Ellipsoid(None, _known=(self.inverse, self.matrix_p, self.basis, 1 / self.spectrum))

    def _check_shape(self, shape, name):
        _arguments.same_size(shape, name, self, self.spectrum.size)

    def _value(self, x):
        basis, spectrum = like(self.basis, x), like(self.spectrum, x)
        return arrays.l2(namespace(x).sqrt(spectrum) * (basis.T @ x))

    def _lmo(self, g):
        xp = namespace(g)
        basis, spectrum = like(self.basis, g), like(self.spectrum, g)
        y = basis.T @ g / xp.sqrt(spectrum)
        size = arrays.l2(y)
        unit = xp.where(size > 0, -y / xp.where(size > 0, size, 1), (xp.arange(g.size) == 0).astype(g.dtype))
        return basis @ (unit / xp.sqrt(spectrum))

    def _project(self, x, radius):
        xp = namespace(x)
        basis, spectrum = like(self.basis, x), like(self.spectrum, x)
        point = basis @ shrink_to_ellipsoid(basis.T @ x, spectrum, radius)
        return _arguments.into_ball(self, xp.where(self._value(x) > radius, point, x), radius)

    def cvxpy(self, expr):
        root = np.sqrt(np.asarray(self.spectrum))[:, None] * np.asarray(self.basis).T
        return cvxpy().norm2(root @ expr)

    def l2_bounds(self, shape):
        return L2Bounds(float(self.spectrum.min()) ** -0.5, float(self.spectrum.max()) ** 0.5)


def _decompose(P: Any) -> tuple:
    P = _arguments.array(P, "P", 2)
    if P.shape[0] != P.shape[1]:
        raise InvalidArgument(f"P must be square, but has shape {P.shape}.")
    xp = namespace(P)
    if is_concrete(P) and not bool(xp.allclose(P, P.T, rtol=1e-8, atol=1e-12 * float(abs(P).max()))):
        raise InvalidArgument("P is not symmetric.")
    with arrays.scope(P):
        spectrum, basis = xp.linalg.eigh((P + P.T) / 2)
    if is_concrete(P) and not bool(spectrum[0] > arrays.eps(P) * P.shape[0] * abs(spectrum[-1])):
        raise InvalidArgument(f"P is not positive definite (smallest eigenvalue {float(spectrum[0]):.3g}).")
    half = basis / xp.sqrt(spectrum)
    return P, half @ half.T, basis, spectrum
