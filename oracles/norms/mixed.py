"""Mixed norms: |X| = outer(inner(row_1), ..., inner(row_m)) of a matrix, over its columns, or over the slices of a stack.

The dual mixes the dual norms. The LMO takes the inner LMO of every row, times the outer LMO at the rows' dual norms.
Projection: every row on its own for outer = l_inf; by the vector of row norms for inner = l2; by one multiplier for
outer = l1 or l2. Otherwise the row radii solve a smooth convex problem over the outer ball, which accelerated projected
gradient with restarts solves to rounding (linear rate, condition at most the row length).
"""

from typing import ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms import _arguments, _rowwise
from broximal.oracles.norms._accelerated import accelerated
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.roots import decreasing_root


def _spread(values, rows):
    """One number for each row, beside the rows."""
    return values.reshape(-1, *(1,) * (rows.ndim - 1))


class Mixed(Norm):
    """Mixed(outer, inner, by="rows"): the outer norm of the inner norms of the rows (or by="columns").

    By "slices" X is a stack of arrays along its first axis, and inner a norm of these: `Mixed(LInf(), Spectral(), "slices")` is the
    largest spectral norm of a batch of matrices, whose LMO is that of every matrix.

    Raises InvalidArgument if outer does not depend on absolute values only, or `by` is another word.
    """

    outer: Norm
    inner: Norm
    by: str = eqx.field(static=True)
    alias: ClassVar[str] = "mixed"

    def __init__(self, outer: Norm, inner: Norm, by: str = "rows"):
        self.outer = _arguments.gauge_norm(outer, "outer")
        self.inner = as_norm(inner, "inner")
        if by not in ("rows", "columns", "slices"):
            raise InvalidArgument(f'by must be "rows", "columns" or "slices", not {by!r}.')
        self.by = by

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.ordered import TopK
        from broximal.oracles.norms.schatten import Spectral

        return (
            (cls(L1(), L2()), (3, 2)),
            (cls(LInf(), L1(), "columns"), (2, 3)),
            (cls(L1(), LInf()), (3, 2)),
            (cls(L2(), L1(), "columns"), (2, 3)),
            (cls(TopK(2), L1()), (3, 2)),
            (cls(LInf(), Spectral(), "slices"), (2, 3, 2)),
            (cls(L1(), Spectral(), "slices"), (2, 2, 3)),
        )

    @property
    def matrix(self):
        return self.by != "slices"

    @property
    def absolute(self):
        return self.inner.absolute

    @property
    def iterative(self):
        closed = isinstance(self.outer, LInf | L1 | L2) or isinstance(self.inner, L2)
        return not closed or self.outer.iterative or self.inner.iterative

    @property
    def name(self):
        return f"mixed({self.outer.name}, {self.inner.name}, {self.by})"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{\mathrm{{{self.by}}}}}"

    @property
    def dual(self):
        return Mixed(self.outer.dual, self.inner.dual, self.by)

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        if len(shape) < 2:
            raise InvalidArgument(
                f"{name} has shape {shape}; the {self.name} norm is defined on stacks (2 axes or more)."
            )
        count, *part = self._layout(shape)
        self.outer._check_shape((count,), f"the vector of norms of the {self.by} of {name}")
        self.inner._check_shape(tuple(part), f"each of the {self.by} of {name}")

    def _layout(self, shape):
        return tuple(shape)[::-1] if self.by == "columns" else tuple(shape)

    def _rows(self, x):
        """The parts as rows; also turns them back."""
        return x.T if self.by == "columns" else x

    def _value(self, x):
        return self.outer._value(_rowwise.values(self.inner, self._rows(x)))

    def _lmo(self, g):
        rows = self._rows(g)
        shares = namespace(g).abs(self.outer._lmo(_rowwise.values(self.inner.dual, rows)))
        return self._rows(_spread(shares, rows) * _rowwise.lmos(self.inner, rows))

    def _project(self, x, radius):
        rows = self._rows(x)
        return _arguments.into_ball(self, self._rows(self._project_rows(rows, radius)), radius)

    def _project_rows(self, rows, radius):
        xp = namespace(rows)
        sizes = _rowwise.values(self.inner, rows)
        radius = xp.asarray(radius, dtype=rows.dtype)
        if isinstance(self.outer, LInf):
            return _rowwise.projections(self.inner, rows, radius)
        if isinstance(self.inner, L2):
            ratio = self.outer._project(sizes, radius) / xp.where(sizes > 0, sizes, 1)
            return rows * _spread(ratio, rows)
        outside = self.outer._value(sizes) > radius
        if xp is np and not outside:
            return rows
        if isinstance(self.outer, L1 | L2):
            point = self._by_multiplier(rows, sizes, radius)
        else:
            point = self._by_radii(rows, sizes, radius)
        return xp.where(outside, point, rows)

    def _by_multiplier(self, rows, sizes, radius):
        """Row i is the prox of s |.| (outer = l1) or of s |.|^2 / (2 radius), with the one s that brings X to the radius.

        s is at most the dual norm of X.
        """
        xp = namespace(rows)
        high = self.outer.dual._value(_rowwise.values(self.inner.dual, rows))

        def at(s):
            if isinstance(self.outer, L2):
                return _rowwise.prox_squares(self.inner, rows, s / radius)
            return rows - _rowwise.projections(self.inner.dual, rows, s)

        def excess(s):
            return self.outer._value(_rowwise.values(self.inner, at(s))) - radius

        s = decreasing_root(excess, xp.zeros_like(high), high, self.outer._value(sizes) - radius, -radius)
        return xp.where(s > 0, at(xp.where(s > 0, s, xp.ones_like(s))), rows)

    def _by_radii(self, rows, sizes, radius):
        """Minimise the squared distance of the rows from their balls over radii t in the outer ball.

        Its derivative in t_i is -|x_i - P(x_i)|_*, Lipschitz with constant rho^2 by monotonicity of the prox.
        """
        xp = namespace(rows)

        def at(t):
            return _rowwise.projections(self.inner, rows, xp.maximum(t, 0))

        def gradient(t):
            return -_rowwise.values(self.inner.dual, rows - at(t))

        # A radius above the row's norm changes nothing, so the radii stay below.
        def project(t):
            return xp.clip(self.outer._project(t, radius), 0, sizes)

        rho = self.inner.l2_bounds(tuple(rows.shape[1:])).rho
        start = self.outer._project(sizes, radius)
        return at(accelerated(gradient, project, start, rho**2))

    def cvxpy(self, expr):
        cp = cvxpy()
        if self.by == "columns":
            parts = [expr[:, j] for j in range(expr.shape[1])]
        else:
            parts = [expr[i] for i in range(expr.shape[0])]
        return self.outer.cvxpy(cp.hstack([self.inner.cvxpy(part) for part in parts]))

    def l2_bounds(self, shape):
        count, *part = self._layout(shape)
        outer, inner = self.outer.l2_bounds((count,)), self.inner.l2_bounds(tuple(part))
        # Rows that are extreme for inner, with lengths that are extreme for outer, attain both products.
        return L2Bounds(outer.rho * inner.rho, outer.theta * inner.theta, outer.exact and inner.exact)
