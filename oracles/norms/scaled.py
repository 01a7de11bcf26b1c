"""A norm times a positive number: |x| = c |x|_base, with dual |y|_base* / c and ball of radius 1 / c of the base."""

from typing import Any, ClassVar

from broximal.oracles import arrays
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms import _arguments


class Scaled(Norm):
    """Scaled(c, norm). Raises InvalidArgument unless c is positive and finite."""

    c: Any
    base: Norm
    alias: ClassVar[str] = "scaled"

    def __init__(self, c: float, norm: Norm):
        self.c = _arguments.positive_number(c, "c")
        self.base = as_norm(norm, "norm")

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.lp import L1
        from broximal.oracles.norms.schatten import Spectral

        return ((cls(2.5, L1()), (4,)), (cls(0.5, Spectral()), (3, 2)))

    @property
    def matrix(self):
        return self.base.matrix

    @property
    def absolute(self):
        return self.base.absolute

    @property
    def symmetric(self):
        return self.base.symmetric

    @property
    def unitary(self):
        return self.base.unitary

    @property
    def name(self):
        return f"scaled({_arguments.number(self.c)}, {self.base.name})"

    @property
    def latex(self):
        return rf"{_arguments.number(self.c)}\,{self.base.latex}"

    @property
    def dual(self):
        return Scaled(1 / self.c, self.base.dual)

    def _check_point(self, x, name):
        self.base._check_point(x, name)

    def _check_shape(self, shape, name):
        self.base._check_shape(shape, name)

    def _value(self, x):
        return self.c * self.base._value(x)

    def _lmo(self, g):
        return arrays.scale(1 / self.c, self.base._lmo(g))

    def _certified_lmo(self, g):
        point, dual, size = self.base._certified_lmo(g)
        return arrays.scale(1 / self.c, point), dual / self.c, size

    def _project(self, x, radius):
        return self.base._project(x, radius / self.c)

    def cvxpy(self, expr):
        return self.c * self.base.cvxpy(expr)

    def l2_bounds(self, shape):
        rho, theta, exact = self.base.l2_bounds(shape)
        return L2Bounds(rho / self.c, theta * self.c, exact)
