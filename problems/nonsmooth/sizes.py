"""Nondecreasing functions of the sizes |z_i - c_i|, convex or not: exact over l_inf by one soft threshold.

QuasiNorm            (sum |z_i - c_i|^p)^(1/p), 0 < p < 1
PolynomialOfSizes    sum_k b_k prod_i |z_i - c_i|^(e_ki), b >= 0, every total degree at least 1

(and `combination.Combination`: sums, maxima, products of such)

All are star-convex at c: a nondecreasing F with F(0) = 0 and F(l a) <= l F(a) gives F(|(1-l) d|) <= (1-l) F(|d|). The
quasi-norm is homogeneous of degree 1, a polynomial has degrees >= 1; sums and maxima keep the property, and so do products
of non-negative ones: l^2 <= l.
"""

import abc
from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.monotone import shrink
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems._data import as_center, as_start, dimension, finite
from broximal.problems._equivalence import ratio
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class OfSizes(Problem):
    """F(|z - c|), F coordinatewise nondecreasing with F(0) = 0: f* = 0 at c."""

    center: Any
    start: Any

    @abc.abstractmethod
    def of_sizes(self, s: Any) -> Any:
        """F at the sizes s = |z - c| >= 0."""

    def _facts(self):
        return Facts(
            convex=False,
            star_convex=True,
            minimiser=self.center,
            f_star=Known(0.0, 0.0, "F is zero at zero and nondecreasing"),
        )

    @property
    def sizes_center(self):
        return self.center

    def value(self, x):
        return self.of_sizes(namespace(x).abs(x - like(self.center, x)))

    def gradient(self, x):
        """The derivative in z where it exists, by automatic differentiation of F."""
        import jax
        import jax.numpy as jnp

        def fn(z):
            return self.of_sizes(jnp.abs(z - like(self.center, z)))

        if namespace(x) is not np:
            return jax.grad(fn)(x)
        with jax.enable_x64(True):
            return np.asarray(jax.grad(fn)(jnp.asarray(1.0 * x)))

    def rounding(self, x):
        """F is nondecreasing: what it gains when all sizes grow by their rounding error."""
        xp, center = namespace(x), like(self.center, x)
        s, unit = xp.abs(x - center), arrays.eps(x)
        value = self.of_sizes(s)
        return self.of_sizes(s + unit * (xp.abs(x) + xp.abs(center))) - value + 4 * unit * value, 0.0

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return None
        xp, center = namespace(x), like(self.center, x)
        lowest = self.of_sizes(xp.maximum(xp.abs(x - center) - t, 0))
        return Move(shrink(x, center, t), None, lowest)

    @property
    def x0(self):
        return self.start


class QuasiNorm(OfSizes):
    """QuasiNorm(p, center): (sum |z_i - c_i|^p)^(1/p) for 0 < p < 1, not convex; a sharp minimum at the center."""

    alias: ClassVar[str] = "quasi_norm"

    p: float = eqx.field(static=True)

    def __init__(self, p: float, center, x0=None):
        """Raises InvalidArgument unless 0 < p < 1."""
        self.p = float(finite(p, "p", low=0, high=1, open_low=True))
        if self.p == 1:
            raise InvalidArgument("p must be below 1; for p = 1 use NormDistance with L1().")
        self.center = as_center(center, "center")
        self.start = as_start(x0, self.center + 1.0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "QuasiNorm":
        rng = np.random.default_rng(seed)
        return cls(0.5, rng.standard_normal(dimension(dim)), 3 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"l{self.p:g} quasi-norm({self.center.size})"

    def _facts(self):
        return (
            super()
            ._facts()
            .but(
                convex=lambda: self.center.size == 1,
                unique=True,
                growth=1.0,
            )
        )

    def of_sizes(self, s):
        xp, top = namespace(s), s.max()
        safe = xp.where(top > 0, top, 1.0)
        return top * ((s / safe) ** self.p).sum() ** (1 / self.p)

    def gradient(self, x):
        """sign(d_i) (|d_i| / f)^(p - 1), and 0 where d_i = 0 (the slope is infinite on both sides)."""
        xp, d = namespace(x), x - like(self.center, x)
        size = xp.abs(d)
        total = self.of_sizes(size)
        relative = xp.where(size > 0, size, 1.0) / xp.where(total > 0, total, 1.0)
        return xp.where(size > 0, xp.sign(d) * relative ** (self.p - 1), 0.0 * d)

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """The quasi-norm is at least the l1 norm, with equality at unit vectors, where a norm is largest on the l1 ball."""
        from broximal.oracles.norms import L1

        found = ratio(norm, L1(), tuple(self.center.shape))
        kind = "exact" if found.exact else "lower bound"
        return Constant("kappa", 1 / found.value, kind, "the quasi-norm is at least the l1 norm, equal at unit vectors")


class PolynomialOfSizes(OfSizes):
    """PolynomialOfSizes(exponents, coefficients, center): sum_k b_k prod_i |z_i - c_i|^e_ki.

    exponents (terms, n) >= 0 with every row sum >= 1, coefficients (terms,) > 0, center (n,).
    """

    alias: ClassVar[str] = "polynomial"

    exponents: Any
    coefficients: Any

    def __init__(self, exponents, coefficients, center, x0=None):
        """Raises InvalidArgument."""
        self.exponents = as_matrix(exponents, "exponents")
        self.coefficients = as_array(coefficients, "coefficients", (len(self.exponents),))
        self.center = as_array(center, "center", (self.exponents.shape[1],))
        self.start = as_start(x0, self.center + 1.0)
        if (self.exponents < 0).any() or (self.exponents.sum(axis=1) < 1).any():
            raise InvalidArgument("exponents must be non-negative with a total degree of at least 1 in every term.")
        if not (self.coefficients > 0).all():
            raise InvalidArgument("coefficients must all be positive.")

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "PolynomialOfSizes":
        """sum |d_i| + products of the squares of neighbours."""
        rng = np.random.default_rng(seed)
        eye = np.eye(dimension(dim))
        products = 2 * (eye + np.roll(eye, 1, axis=1)) if dim > 1 else np.zeros((0, 1))
        exponents = np.r_[eye, products]
        center = rng.standard_normal(dim)
        return cls(exponents, rng.uniform(0.5, 2, len(exponents)), center, center + 2 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"polynomial in |z_i|({self.center.size})"

    def of_sizes(self, s):
        return like(self.coefficients, s) @ (s ** like(self.exponents, s)).prod(axis=1)

    def _linear(self) -> np.ndarray:
        """The coefficient of each |d_i| alone."""
        units = np.eye(self.center.size)
        alone = [(self.coefficients * (self.exponents == unit).all(axis=1)).sum() for unit in units]
        return np.array(alone)

    def _facts(self):
        return (
            super()
            ._facts()
            .but(
                unique=self._unique_minimiser,
                growth=lambda: 1.0 if (self._linear() > 0).all() else None,
            )
        )

    def _unique_minimiser(self) -> bool:
        alone = (self.exponents > 0).sum(axis=1) == 1
        return bool((self.exponents[alone] > 0).any(axis=0).all())

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """f >= sum w_i |d_i| with w the linear coefficients, and |d| <= sum |d_i| |e_i|."""
        if self.growth_exponent is None:
            return None
        value = min(w / float(norm(e)) for w, e in zip(self._linear(), np.eye(self.center.size), strict=True))
        return Constant("kappa", float(value), "lower bound", "the smallest of w_i / |e_i|, w the linear coefficients")
