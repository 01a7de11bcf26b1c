"""A norm of matrices or vectors on arrays with more axes: those before `axis` become rows, the others columns.

Muon takes the kernel of a convolution, (out, in, height, width), as the matrix (out, in * height * width), which is
`Flattened(Spectral())`; `Flattened(norm, 0)` is the norm of all entries as one vector. For one norm of each matrix of a stack see
`Mixed(.., "slices")`.
"""

import math
from typing import Any, ClassVar

import equinox as eqx

from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import _arguments


class Flattened(Norm):
    """Flattened(norm, axis=1): |x| = norm(x as a matrix), axes before `axis` joined to rows and the others to columns.

    Raises InvalidArgument for an axis that is no whole number, and at call for an array with fewer axes than it takes.

    >>> import numpy as np
    >>> from broximal.oracles import norms
    >>> kernel = np.ones((4, 3, 2, 2))
    >>> float(norms.Flattened(norms.Spectral())(kernel)) == float(norms.Spectral()(kernel.reshape(4, 12)))
    True
    """

    base: Norm
    axis: int = eqx.field(static=True)
    alias: ClassVar[str] = "flattened"

    def __init__(self, norm: Norm, axis: int = 1):
        self.base = as_norm(norm, "norm")
        self.axis = _arguments.count(axis, "axis") if axis != 0 else 0

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.lp import LInf
        from broximal.oracles.norms.schatten import Spectral

        return ((cls(Spectral()), (3, 2, 2)), (cls(LInf(), 0), (2, 2)))

    @property
    def absolute(self):
        return self.base.absolute

    @property
    def symmetric(self):
        return self.base.symmetric

    @property
    def name(self):
        return f"flattened({self.base.name}, {self.axis})"

    @property
    def latex(self):
        return self.base.latex

    @property
    def dual(self):
        return Flattened(self.base.dual, self.axis)

    def _flat(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if self.axis == 0:
            return (math.prod(shape),)
        return math.prod(shape[: self.axis]), math.prod(shape[self.axis :])

    def _check_shape(self, shape, name):
        if len(shape) <= self.axis:
            raise InvalidArgument(f"{name} has shape {shape}; the {self.name} norm needs more than {self.axis} axes.")
        self.base._check_shape(self._flat(shape), f"the flattened {name}")

    def _as_flat(self, x: Any) -> Any:
        return x.reshape(self._flat(x.shape))

    def _value(self, x):
        return self.base._value(self._as_flat(x))

    def _lmo(self, g):
        return self.base._lmo(self._as_flat(g)).reshape(g.shape)

    def _certified_lmo(self, g):
        point, dual, size = self.base._certified_lmo(self._as_flat(g))
        return point.reshape(g.shape), dual, size

    def _project(self, x, radius):
        return self.base._project(self._as_flat(x), radius).reshape(x.shape)

    def cvxpy(self, expr):
        return self.base.cvxpy(cvxpy().reshape(expr, self._flat(expr.shape), order="C"))

    def l2_bounds(self, shape):
        return self.base.l2_bounds(self._flat(tuple(shape)))
