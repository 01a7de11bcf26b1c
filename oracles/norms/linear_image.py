"""A norm after an invertible linear change of variable: |x| = |L x R|_base; the dual is |L^-T y R^-T|_base*.

Vectors are multiplied by L from the left; matrices by L from the left and, if given, R from the right. The unit ball is
the image of the base ball under x -> L^-1 x R^-1, and so is the LMO. The projection is the secular equation of an
ellipsoid if the base is Euclidean, and that of a polytope over l_inf and l1. Over other bases it is splitting in the
singular bases of L (and R), whose speed hangs little on their condition; under jit accelerated projected gradient with
restarts, whose speed does.
"""

import contextlib
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import is_concrete, namespace, scope
from broximal.oracles.cvxpy_bridge import as_constant
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms._accelerated import accelerated
from broximal.oracles.norms._arguments import like
from broximal.oracles.norms.ellipsoid import shrink_to_ellipsoid
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.polyhedral import AtomHull, MaxAbsLinear
from broximal.oracles.norms.schatten import Frobenius
from broximal.oracles.splitting import splitting

LIMIT = 300  # iterations of splitting
TOL = 1e-13  # of the gap, relative to |x|^2 or to the decrease


class LinearImage(Norm):
    """LinearImage(base, left, right=None): |left x right|_base.

    Raises InvalidArgument unless left (and right) are square and invertible and the base is a norm on one array.
    """

    base: Norm
    left: Any
    right: Any
    _inverses: tuple
    alias: ClassVar[str] = "linear_image"

    def __init__(self, base: Norm, left: Any, right: Any = None, *, _inverses: tuple | None = None):
        self.base = as_norm(base, "base")
        self.left = _square(left, "left")
        self.right = None if right is None else _square(right, "right")
        self._inverses = _inverses or (_inverse(self.left, "left"), _inverse(self.right, "right"))

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.schatten import Spectral

        shear = [[2.0, 1.0, 0.0], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]]
        tilt = [[1.0, 0.5], [0.0, 2.0]]
        return (
            (cls(L1(), shear), (3,)),
            (cls(LInf(), tilt), (2,)),
            (cls(L2(), shear), (3,)),
            (cls(Spectral(), shear, tilt), (3, 2)),
            (cls(Frobenius(), shear, tilt), (3, 2)),
        )

    @property
    def matrix(self):
        return self.base.matrix or self.right is not None

    @property
    def iterative(self):
        return not isinstance(self.base, L2 | Frobenius)

    @property
    def name(self):
        right = "" if self.right is None else f", {_arguments.listing(self.right)}"
        return f"linear_image({self.base.name}, {_arguments.listing(self.left)}{right})"

    @property
    def latex(self):
        return self.base.latex.replace(r"\cdot", r"L \cdot" if self.right is None else r"L \cdot R")

    @property
    def dual(self):
        left, right = self._inverses
        transposes = (self.left.T, None if self.right is None else self.right.T)
        return LinearImage(self.base.dual, left.T, None if right is None else right.T, _inverses=transposes)

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        wanted = self.left.shape[:1] if self.right is None else (self.left.shape[0], self.right.shape[0])
        if len(shape) > 2 or shape[: len(wanted)] != wanted:
            raise InvalidArgument(f"{name} has shape {shape}, which left and right of the {self.name} norm do not fit.")
        self.base._check_shape(shape, name)

    # ---- the change of variable ------------------------------------------------------------------------------------

    def _apply(self, left, x, right):
        x = like(left, x) @ x
        return x if right is None else x @ like(right, x)

    def _forward(self, x):
        """L x R."""
        return self._apply(self.left, x, self.right)

    def _back(self, u):
        """L^-1 u R^-1."""
        return self._apply(self._inverses[0], u, self._inverses[1])

    def _back_adjoint(self, g):
        """L^-T g R^-T."""
        left, right = self._inverses
        return self._apply(left.T, g, None if right is None else right.T)

    # ---- the norm --------------------------------------------------------------------------------------------------

    def _value(self, x):
        return self.base._value(self._forward(x))

    def _lmo(self, g):
        return self._back(self.base._lmo(self._back_adjoint(g)))

    def _certified_lmo(self, g):
        point, dual, size = self.base._certified_lmo(self._back_adjoint(g))
        return self._back(point), dual, size

    def _project(self, x, radius):
        xp = namespace(x)
        outside = self._value(x) > radius
        if xp is np and not outside:
            return x
        radius = xp.asarray(radius, dtype=x.dtype)
        if isinstance(self.base, L2 | Frobenius):
            point = self._project_ellipsoid(x, radius)
        elif xp is np and x.dtype == np.float64:
            point = self._project_on_host(x, float(radius))
        else:
            point = self._project_generic(x, radius)
        return _arguments.into_ball(self, xp.where(outside, point, x), radius)

    def _project_ellipsoid(self, x, radius):
        xp = namespace(x)
        _, s, v = xp.linalg.svd(like(self.left, x))
        if self.right is None:
            spectrum = s**2 if x.ndim == 1 else (s**2)[:, None] * xp.ones_like(x)
            return v.T @ shrink_to_ellipsoid(v @ x, spectrum, radius)
        u, t, _ = xp.linalg.svd(like(self.right, x))
        return v.T @ shrink_to_ellipsoid(v @ x @ u, (s**2)[:, None] * t**2, radius) @ u.T

    def _project_on_host(self, x, radius):
        """The best of the polytope's exact projection and splitting, by the gap of the projection."""
        unit = float(np.abs(x).max())  # squares of what is huge or tiny are no numbers
        x, radius = x / unit, radius / unit

        def gap(point):
            rest = x - point
            return radius * float(self.dual._value(rest)) - float((rest * point).sum())

        points = []
        if x.ndim == 1 and isinstance(self.base, LInf | L1):
            twin = MaxAbsLinear if isinstance(self.base, LInf) else AtomHull
            rows = self.left if isinstance(self.base, LInf) else np.asarray(self._inverses[0]).T
            with contextlib.suppress(BroximalError):  # the solver gave up
                points.append(_arguments.into_ball(self, twin(rows)._project(x, radius), radius))
        if not points or not gap(points[0]) <= TOL * float((x * x).sum()):
            points.append(_arguments.into_ball(self, self._split(x, radius), radius))
        return unit * min(points, key=gap)

    def _split(self, x, radius):
        """min |L^-1 u R^-1 - x|^2 / 2 over the base ball, diagonal in the singular bases: u = U v W'."""
        U, s, Vt = np.linalg.svd(np.asarray(self.left, dtype=np.float64))
        W, r, Z = (None, np.ones(1), None) if self.right is None else np.linalg.svd(np.asarray(self.right, float).T)
        sizes = s.reshape(-1, *(1,) * (x.ndim - 1)) * (r if x.ndim == 2 and W is not None else 1.0)

        def back(v):
            return U @ v if W is None else U @ v @ W.T

        def rotate(u):
            return U.T @ u if W is None else U.T @ u @ W

        def misfit(v, gradient):
            return float((gradient * v).sum() + radius * self.base.dual._value(back(gradient)))

        goal = Vt @ x if Z is None else Vt @ x @ Z.T
        weights = np.broadcast_to(sizes**-2.0, x.shape)
        scale = float(weights.max())
        v, _ = splitting(
            weights / scale,
            -goal / sizes / scale,
            lambda v: rotate(self.base._project(back(v), radius)),
            misfit,
            TOL,
            sizes * goal,
            LIMIT,
        )
        return (Vt.T @ (v / sizes)) if Z is None else Vt.T @ (v / sizes) @ Z

    def _project_generic(self, x, radius):
        xp = namespace(x)

        def gradient(u):
            return self._back_adjoint(self._back(u) - x)

        norms = [xp.linalg.norm(like(m, x), 2) for m in self._inverses if m is not None]
        curvature = norms[0] ** 2 * (norms[1] ** 2 if len(norms) > 1 else 1)
        start = self.base._project(self._forward(x), radius)
        return self._back(accelerated(gradient, lambda u: self.base._project(u, radius), start, curvature))

    def cvxpy(self, expr):
        image = as_constant(self.left) @ expr
        return self.base.cvxpy(image if self.right is None else image @ as_constant(self.right))

    def l2_bounds(self, shape):
        xp = namespace(self.left)
        largest = smallest = 1.0
        for m in (self.left, self.right):
            if m is not None:
                s = xp.linalg.svd(m, compute_uv=False)
                largest, smallest = largest * float(s[0]), smallest * float(s[-1])
        rho, theta, _ = self.base.l2_bounds(shape)
        exact = isinstance(self.base, L2 | Frobenius)
        return L2Bounds(rho / smallest, theta * largest, exact)


def _square(m: Any, name: str) -> Any:
    m = _arguments.array(m, name, 2)
    if m.shape[0] != m.shape[1]:
        raise InvalidArgument(f"{name} must be square, but has shape {m.shape}.")
    return m


def _inverse(m: Any, name: str) -> Any:
    if m is None:
        return None
    xp = namespace(m)
    with scope(m):
        if is_concrete(m):
            s = xp.linalg.svd(m, compute_uv=False)
            if not float(s[-1]) > float(s[0]) * m.shape[0] * float(xp.finfo(m.dtype).eps):
                raise InvalidArgument(f"{name} is singular (condition number above 1 / rounding error).")
        return xp.linalg.inv(m)
