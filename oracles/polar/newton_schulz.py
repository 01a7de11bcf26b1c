"""-U V' approximately, by matrix products only: X <- p(X) with odd polynomials p acting on the singular values.

X starts at g / (inflation |g|_F + epsilon), whose singular values lie in [0, 1], and is transposed so that the Gram
matrix is the small one. A step of degree 2 q + 1 takes q + 1 products.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import as_number, namespace
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms._arguments import count, finite
from broximal.oracles.polar import coefficients as lists, remez
from broximal.oracles.polar.answer import Guarantee
from broximal.oracles.polar.bounds import guarantee, universal
from broximal.oracles.polar.coefficients import Coefficients
from broximal.oracles.polar.method import InexactMethod

PRECISIONS = ("bfloat16", "float16", "float32")


class NewtonSchulz(InexactMethod):
    """NewtonSchulz(coefficients): one row (c_0, c_1, ...) per step, p(x) = c_0 x + c_1 x^3 + ...

    precision  None (that of g, at least single), or "bfloat16", "float16", "float32": the products are computed in it, by JAX; the
               normalisation is not
    inflation  factor on |g|_F, epsilon added to it (which makes tiny gradients come out small)
    shrink_only  divide by max(1, |g|_F) instead, as Kim and Oh state their method: the answer then depends on the
               scale of g where |g|_F < 1

    Raises InvalidArgument for rows that are not finite numbers, and parameters out of range.
    """

    coefficients: Coefficients = eqx.field(static=True)
    precision: str | None = eqx.field(static=True)
    inflation: float = eqx.field(static=True)
    epsilon: float = eqx.field(static=True)
    shrink_only: bool = eqx.field(static=True)

    def __init__(
        self,
        coefficients: Any,
        *,
        precision: str | None = None,
        inflation: float = 1.0,
        epsilon: float = 0.0,
        shrink_only: bool = False,
    ):
        self.coefficients = _rows(coefficients)
        if precision is not None and precision not in PRECISIONS:
            raise InvalidArgument(f"precision must be None or one of {', '.join(PRECISIONS)}, not {precision!r}.")
        self.precision = precision
        self.inflation = finite(as_number(inflation, "inflation", low=1), "inflation")
        self.epsilon = finite(as_number(epsilon, "epsilon", low=0), "epsilon")
        self.shrink_only = bool(shrink_only)

    @classmethod
    def jordan(cls, steps: int = 5, **options) -> "NewtonSchulz":
        """Muon's quintic with its normalisation |g|_F + 1e-7. It does not converge: its limit is a band around 1."""
        return cls((lists.JORDAN,) * count(steps, "steps"), **{"epsilon": 1e-7, **options})

    @classmethod
    def cubic(cls, steps: int = 8, **options) -> "NewtonSchulz":
        """The classical Newton-Schulz iteration X (3 I - X'X) / 2."""
        return cls((lists.CUBIC,) * count(steps, "steps"), **options)

    @classmethod
    def polar_express(cls, steps: int = 5, safety: float = 1.01, **options) -> "NewtonSchulz":
        """The published list, with the safety factor in all steps but the last and in the normalisation."""
        safety = finite(as_number(safety, "safety", low=1), "safety")
        rows = lists.safer(lists.published(count(steps, "steps")), safety)
        return cls(rows, **{"inflation": safety, "epsilon": 1e-7, **options})

    @classmethod
    def greedy(
        cls, l: float = 1e-3, steps: int = 5, degree: int = 5, cushion: float = 0.0, safety: float = 1.0, **options
    ) -> "NewtonSchulz":
        """Polar Express with coefficients computed for singular values in [l, 1]: the best ones without a cushion."""
        safety = finite(as_number(safety, "safety", low=1), "safety")
        rows, _ = remez.greedy(l, steps, degree=degree, cushion=cushion)
        return cls(lists.safer(rows, safety), **{"inflation": safety, **options})

    @classmethod
    def taylor(cls, kappa: int = 2, steps: int = 5, **options) -> "NewtonSchulz":
        """The Taylor polynomials of Kim and Oh; kappa = 1 is the cubic."""
        return cls((lists.taylor(count(kappa, "kappa")),) * count(steps, "steps"), **options)

    def matmuls(self):
        return sum(len(row) for row in self.coefficients)

    def guarantee(self, l: float) -> Guarantee:
        """lo, hi and polar error in exact arithmetic for all matrices whose nonzero singular values lie in [l, 1] once
        normalised (the smallest is s_min / |g|_F without inflation and epsilon). Raises InvalidArgument unless 0 < l <= 1.
        """
        return guarantee(self.coefficients, l)

    def universal(self, rank: int) -> Guarantee:
        """lo and hi in exact arithmetic for all matrices of at most this rank but zero, whatever their singular values.

        Raises MissingConstant where the answer depends on the size of the matrix (epsilon, shrink_only) or is rounded to
        a low precision, InvalidArgument unless rank is a positive integer.
        """
        if self.epsilon > 0 or self.shrink_only or self.precision is not None:
            raise MissingConstant(
                "a Newton-Schulz iteration with an epsilon, shrink_only or a low precision has no (lo, hi) for all matrices."
            )
        return universal(self.coefficients, rank, 1 / self.inflation)

    def normalised(self, g: Any) -> Any:
        """The matrix the iteration starts from, of Frobenius length at most one; zero stays zero."""
        xp, size = namespace(g), arrays.l2(g)
        size = xp.maximum(size, xp.ones_like(size)) if self.shrink_only else self.inflation * size + self.epsilon
        return g / xp.where(size > 0, size, 1).astype(g.dtype)

    def _point(self, g):
        x = self.normalised(g)
        if self.precision is not None:
            x = jnp.asarray(x, self.precision)
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        for row in self.coefficients:
            x = _step(x, row)
        x = -(x.T if tall else x)
        return x.astype(g.dtype) if isinstance(g, jax.Array) else np.asarray(x)


def _step(x, row):
    """c_0 X + (c_1 A + c_2 A^2 + ...) X with A = X X', by Horner's rule."""
    if len(row) == 1:
        return row[0] * x
    gram = x @ x.T
    eye = namespace(x).eye(len(x), dtype=x.dtype)
    inner = row[-1] * gram
    for c in row[-2:0:-1]:
        inner = (inner + c * eye) @ gram
    return row[0] * x + inner @ x


def _rows(coefficients: Any) -> Coefficients:
    try:
        rows = tuple(tuple(float(c) for c in row) for row in coefficients)
    except (TypeError, ValueError):
        raise InvalidArgument("coefficients must be a sequence of rows of numbers, one row per step.") from None
    if not rows or not all(rows) or not all(np.isfinite(row).all() for row in rows):
        raise InvalidArgument("coefficients must be a non-empty sequence of non-empty rows of finite numbers.")
    return rows
