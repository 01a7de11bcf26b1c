"""Unitarily invariant matrix norms: a symmetric gauge of the singular values, |X| = gauge(sigma(X)).

Value, dual, LMO and projection are those of the gauge, carried over by one reduced SVD X = U diag(sigma) V'. The LMO
is U diag(gauge LMO at sigma) V'; singular vectors that belong to zero or to tied singular values are whichever the SVD
completes the basis with, so at rank loss and at G = 0 an extreme point is returned all the same. In particular

    spectral   gauge l_inf   LMO = -U V', the full partial isometry (rank min(m, n)), also for singular G
    nuclear    gauge l1      LMO = -u_1 v_1'
    frobenius  gauge l2      LMO = -G / |G|_F
    ky fan k   gauge top-k   sum of the k largest singular values (kyfan.py)
    schatten p gauge lp
"""

import abc
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.cvxpy_bridge import cvxpy, minimum
from broximal.oracles.norm import Norm
from broximal.oracles.norms import _arguments, _polar, _top_pair
from broximal.oracles.norms.general_lp import Lp
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.ordered import TopK, TopKDual


def singular_values(x):
    return namespace(x).linalg.svd(x, compute_uv=False)


def reduced_svd(x):
    return namespace(x).linalg.svd(x, full_matrices=False)


class UnitarilyInvariant(Norm):
    """The lift of `gauge`, a symmetric norm on vectors of length min(m, n), to m x n matrices."""

    matrix: ClassVar[bool] = True
    unitary = True

    @property
    @abc.abstractmethod
    def gauge(self) -> Norm:
        """The symmetric gauge of the singular values."""

    @property
    def dual(self) -> Norm:
        return lift(self.gauge.dual)

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        self.gauge._check_shape((min(shape),), f"the vector of singular values of {name}")

    def _value(self, x):
        return self.gauge._value(singular_values(x))

    def _lmo(self, g):
        u, s, vt = reduced_svd(g)
        return (u * self.gauge._lmo(s)) @ vt

    def _certified_lmo(self, g):
        xp = namespace(g)
        u, s, vt = reduced_svd(g)
        c = self.gauge._lmo(s)
        # |U diag(c) V'| <= |U|_2 gauge(c) |V|_2, and |U|_2^2 <= 1 + |U'U - I|: a second SVD is not needed.
        stretch = xp.sqrt((1 + _defect(u)) * (1 + _defect(vt.T)))
        # Nor is the decomposition believed: what it leaves of g has at most rho times its length in the dual norm.
        rest = self.gauge.l2_bounds(s.shape).rho * arrays.l2(g - (u * s) @ vt)
        return (u * c) @ vt, self.gauge.dual._value(s) * stretch + rest, self.gauge._value(c) * stretch

    def _project(self, x, radius):
        if is_concrete(x):
            u, s, vt = reduced_svd(x)
            return (u * self.gauge._project(s, radius)) @ vt
        return spectral_map(self.gauge._project, x, radius)

    def _prox_square(self, x, mu):
        u, s, vt = reduced_svd(x)
        return (u * self.gauge._prox_square(s, mu)) @ vt

    def cvxpy(self, expr):
        """gauge(s), minimised over s whose partial sums dominate the Ky Fan norms of the matrix.

        By Ky Fan's dominance theorem that minimum is the lifted gauge. The sums of singular values are those of the
        eigenvalues of the dilation [[0, X], [X', 0]].
        """
        cp = cvxpy()
        r = min(expr.shape)
        wide = dilation(expr)
        s = cp.Variable(r, nonneg=True)
        constraints = [s[:-1] >= s[1:]] if r > 1 else []
        constraints += [cp.lambda_sum_largest(wide, k) <= cp.sum(s[:k]) for k in range(1, r + 1)]
        return minimum(self.gauge.cvxpy(s), constraints, expr)

    def l2_bounds(self, shape):
        return self.gauge.l2_bounds((min(shape),))


def spectral_map(fn, x, radius):
    """U diag(fn(sigma, radius)) V' for fn that goes with permutations and signs, with its derivative for JAX.

    In the basis of U and V the derivative takes the symmetric part of dx times (f_i - f_j) / (s_i - s_j), the skew part
    times (f_i + f_j) / (s_i + s_j), and the diagonal to that of fn (Daleckii and Krein); at ties and at 0 these
    quotients are derivatives of fn, where those of U and V are not there.
    """

    @jax.custom_jvp
    def mapped(x, radius):
        u, s, vt = reduced_svd(x)
        return (u * fn(s, radius)) @ vt

    @mapped.defjvp
    def rule(primals, tangents):
        x, radius = primals
        dx, dr = tangents
        u, s, vt = reduced_svd(x)
        f, df = jax.jvp(fn, (s, radius), (jnp.diagonal(u.T @ dx @ vt.T), dr))
        slopes = jax.jacfwd(fn)(s, radius)
        own = jnp.diagonal(slopes)
        near = 64 * arrays.eps(s) * s[0]
        below, above = s[:, None] - s, s[:, None] + s
        tie, zero = jnp.abs(below) <= near, above <= near
        minus = jnp.where(tie, own[:, None] - slopes, (f[:, None] - f) / jnp.where(tie, 1, below))
        plus = jnp.where(zero, own[:, None], (f[:, None] + f) / jnp.where(zero, 1, above))
        ratio = jnp.diagonal(plus)
        inside = u.T @ dx @ vt.T
        turned = 0.5 * (minus * (inside + inside.T) + plus * (inside - inside.T))
        turned = jnp.where(jnp.eye(s.size, dtype=bool), jnp.diag(df), turned)
        beside = (dx - u @ (u.T @ dx)) @ (vt.T * ratio) @ vt + (u * ratio) @ (u.T @ (dx - dx @ vt.T @ vt))
        return (u * f) @ vt, u @ turned @ vt + beside

    return mapped(x, jnp.asarray(radius, dtype=x.dtype))


def dilation(expr):
    """[[0, X], [X', 0]], whose positive eigenvalues are the singular values of X."""
    m, n = expr.shape
    return cvxpy().bmat([[np.zeros((m, m)), expr], [expr.T, np.zeros((n, n))]])


def _defect(q):
    """How far the columns of q are from orthonormal, in a norm that bounds the spectral one."""
    xp = namespace(q)
    rest = q.T @ q - xp.eye(q.shape[1], dtype=q.dtype)
    return xp.minimum(xp.sqrt((rest * rest).sum()), xp.abs(rest).sum(axis=0).max())


class Schatten(UnitarilyInvariant):
    """Schatten(gauge): the lift of any symmetric norm; a number p stands for the gauge lp.

    Raises InvalidArgument if the gauge is not invariant under signs and permutations, or for p < 1.
    """

    _gauge: Norm
    alias: ClassVar[str] = "schatten"

    def __init__(self, gauge: Norm | float):
        self._gauge = _arguments.symmetric_norm(gauge, "gauge") if isinstance(gauge, Norm) else Lp(gauge)

    @classmethod
    def examples(cls):
        return ((cls(1.5), (3, 2)), (cls(3), (3, 4)), (cls(TopK(2)), (2, 3)), (cls(L1()), (2, 2)))

    @property
    def gauge(self):
        return self._gauge

    @property
    def name(self):
        inside = _arguments.number(self.gauge.p) if isinstance(self.gauge, Lp) else self.gauge.name
        return f"schatten({inside})"

    @property
    def latex(self):
        if isinstance(self.gauge, Lp):
            return rf"\|\cdot\|_{{S_{{{_arguments.latex_number(self.gauge.p)}}}}}"
        return self.gauge.latex + r"\circ\sigma"


class Spectral(UnitarilyInvariant):
    """The largest singular value, |X|_{2->2}."""

    alias: ClassVar[str] = "spectral"
    name = "spectral"
    latex = r"\|\cdot\|_{\mathrm{op}}"
    gauge = LInf()  # pyright: ignore[reportAssignmentType]

    def _lmo(self, g):
        """-U V'; for large float32 matrices by matrix products, exact to a measured few roundings (see _polar.py)."""
        return -_polar.certified_polar(g)[0] if _polar.worthwhile(g) else super()._lmo(g)

    def _certified_lmo(self, g):
        if not _polar.worthwhile(g):
            return super()._certified_lmo(g)
        point, dual, size = _polar.certified_polar(g)
        return -point, dual, size

    def cvxpy(self, expr):
        return cvxpy().sigma_max(expr)


class Nuclear(UnitarilyInvariant):
    """The sum of the singular values."""

    alias: ClassVar[str] = "nuclear"
    name = "nuclear"
    latex = r"\|\cdot\|_{\mathrm{nuc}}"
    gauge = L1()  # pyright: ignore[reportAssignmentType]

    def _lmo(self, g):
        """-u_1 v_1'; for large JAX matrices by Lanczos, exact to a measured few roundings (see _top_pair.py)."""
        return -_top_pair.certified_pair(g)[0] if _top_pair.worthwhile(g) else super()._lmo(g)

    def _certified_lmo(self, g):
        if not _top_pair.worthwhile(g):
            return super()._certified_lmo(g)
        point, dual, size = _top_pair.certified_pair(g)
        return -point, dual, size

    def cvxpy(self, expr):
        return cvxpy().normNuc(expr)


class Frobenius(UnitarilyInvariant):
    """The Euclidean length of a matrix; no SVD is ever taken."""

    alias: ClassVar[str] = "frobenius"
    name = "frobenius"
    latex = r"\|\cdot\|_F"
    gauge = L2()  # pyright: ignore[reportAssignmentType]

    def _value(self, x):
        return arrays.l2(x)

    def _lmo(self, g):
        return L2()._lmo(g)

    def _certified_lmo(self, g):
        point = L2()._lmo(g)
        return point, arrays.l2(g), arrays.l2(point)

    def _project(self, x, radius):
        return L2()._project(x, radius)

    def _prox_square(self, x, mu):
        return L2()._prox_square(x, mu)

    def cvxpy(self, expr):
        return L2().cvxpy(expr)


def lift(gauge: Norm) -> UnitarilyInvariant:
    """The unitarily invariant norm of a symmetric gauge, by its own name if it has one."""
    from broximal.oracles.norms.kyfan import KyFan, KyFanDual

    if isinstance(gauge, TopK | TopKDual):
        return (KyFan if isinstance(gauge, TopK) else KyFanDual)(gauge.k)
    named = {L1: Nuclear, L2: Frobenius, LInf: Spectral}.get(type(gauge))
    return named() if named else Schatten(gauge)
