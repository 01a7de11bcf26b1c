"""Induced a -> b operator norms |A| = max { |A u|_b : |u|_a <= 1 } that have a closed LMO, A being d_out x d_in.

one_to_two    max over columns of |A e_j|_2               one_to_inf   max |A_ij|
two_to_inf    max over rows of |row|_2                    rms_to_rms   sqrt(d_in / d_out) |A|_op
one_to_rms    max over columns of |A e_j|_2 / sqrt(d_out)  rms_to_inf   sqrt(d_in) max over rows of |row|_2

where |u|_rms = |u|_2 / sqrt(size). The LMOs are: every column (row) normalised, -sign, or -sqrt(d_out / d_in) U V'.
The last three scale with the shape of A, which is taken from A when the norm is called. A zero row or column moves
along its first entry.
"""

import abc
from typing import ClassVar

import equinox as eqx

from broximal.oracles.arrays import namespace
from broximal.oracles.norm import L2Bounds, Norm, as_norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.lp import L1, L2, LInf
from broximal.oracles.norms.mixed import Mixed
from broximal.oracles.norms.schatten import Spectral


class Induced(Norm):
    """d_out^a d_in^b times a base norm of matrices."""

    matrix: ClassVar[bool] = True

    @property
    @abc.abstractmethod
    def base(self) -> Norm:
        """The norm without the factor."""

    @property
    def powers(self) -> tuple[float, float]:
        """The powers of d_out and d_in in the factor."""
        return 0.0, 0.0

    @property
    def absolute(self):
        return self.base.absolute

    @property
    def unitary(self):
        return self.base.unitary

    @property
    def dual(self) -> Norm:
        a, b = self.powers
        if (a, b) == (0, 0) and self.base.matrix:
            return self.base.dual
        return SizeScaled(self.base.dual, 0 - a, 0 - b)

    def _factor(self, shape) -> float:
        a, b = self.powers
        return shape[0] ** a * shape[1] ** b

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        self.base._check_shape(shape, name)

    def _value(self, x):
        return self._factor(x.shape) * self.base._value(x)

    def _lmo(self, g):
        return self.base._lmo(g) / self._factor(g.shape)

    def _certified_lmo(self, g):
        point, dual, size = self.base._certified_lmo(g)
        return point / self._factor(g.shape), dual / self._factor(g.shape), size

    def _project(self, x, radius):
        return self.base._project(x, namespace(x).asarray(radius / self._factor(x.shape), dtype=x.dtype))

    def cvxpy(self, expr):
        return self._factor(expr.shape) * self.base.cvxpy(expr)

    def l2_bounds(self, shape):
        rho, theta, exact = self.base.l2_bounds(shape)
        return L2Bounds(rho / self._factor(shape), theta * self._factor(shape), exact)


class SizeScaled(Induced):
    """SizeScaled(norm, a, b): d_out^a d_in^b |A| for a norm of matrices; the duals of the norms below."""

    _base: Norm
    _powers: tuple = eqx.field(static=True)
    alias: ClassVar[str] = "size_scaled"

    def __init__(self, norm: Norm, a: float, b: float):
        self._base = as_norm(norm, "norm")
        self._powers = (_arguments.finite(a, "a"), _arguments.finite(b, "b"))

    @classmethod
    def examples(cls):
        return ((cls(L1(), 0.5, -0.5), (2, 3)),)

    @property
    def base(self):
        return self._base

    @property
    def powers(self):
        return self._powers

    @property
    def dual(self):
        found = [kind() for kind in (OneToTwo, TwoToInf, OneToInf, OneToRms, RmsToInf, RmsToRms)]
        plain = super().dual
        named = [norm for norm in found if norm.powers == plain.powers and norm.base.name == plain.base.name]
        return named[0] if named else plain

    @property
    def name(self):
        a, b = map(_arguments.number, self._powers)
        return f"size_scaled({self.base.name}, {a}, {b})"

    @property
    def latex(self):
        a, b = map(_arguments.number, self._powers)
        return rf"d_{{\mathrm{{out}}}}^{{{a}}} d_{{\mathrm{{in}}}}^{{{b}}} {self.base.latex}"


class OneToTwo(Induced):
    """The largest Euclidean length of a column, |A|_{1 -> 2}."""

    alias: ClassVar[str] = "one_to_two"
    name = "one_to_two"
    latex = r"\|\cdot\|_{1\to 2}"
    base = Mixed(LInf(), L2(), "columns")  # pyright: ignore[reportAssignmentType]


class TwoToInf(Induced):
    """The largest Euclidean length of a row, |A|_{2 -> inf}."""

    alias: ClassVar[str] = "two_to_inf"
    name = "two_to_inf"
    latex = r"\|\cdot\|_{2\to\infty}"
    base = Mixed(LInf(), L2(), "rows")  # pyright: ignore[reportAssignmentType]


class OneToInf(Induced):
    """The largest entry in absolute value, |A|_{1 -> inf}."""

    alias: ClassVar[str] = "one_to_inf"
    name = "one_to_inf"
    latex = r"\|\cdot\|_{1\to\infty}"
    base = LInf()  # pyright: ignore[reportAssignmentType]


class OneToRms(Induced):
    """|A|_{1 -> rms}: columns of root mean square at most 1."""

    alias: ClassVar[str] = "one_to_rms"
    name = "one_to_rms"
    latex = r"\|\cdot\|_{1\to\mathrm{RMS}}"
    base = OneToTwo.base  # pyright: ignore[reportAssignmentType]
    powers = (-0.5, 0.0)  # pyright: ignore[reportAssignmentType]


class RmsToInf(Induced):
    """|A|_{rms -> inf}: rows of Euclidean length at most 1 / sqrt(d_in)."""

    alias: ClassVar[str] = "rms_to_inf"
    name = "rms_to_inf"
    latex = r"\|\cdot\|_{\mathrm{RMS}\to\infty}"
    base = TwoToInf.base  # pyright: ignore[reportAssignmentType]
    powers = (0.0, 0.5)  # pyright: ignore[reportAssignmentType]


class RmsToRms(Induced):
    """|A|_{rms -> rms} = sqrt(d_in / d_out) |A|_op."""

    alias: ClassVar[str] = "rms_to_rms"
    name = "rms_to_rms"
    latex = r"\|\cdot\|_{\mathrm{RMS}\to\mathrm{RMS}}"
    base = Spectral()  # pyright: ignore[reportAssignmentType]
    powers = (-0.5, 0.5)  # pyright: ignore[reportAssignmentType]
