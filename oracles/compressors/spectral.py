"""Compressors of the singular values: C(U diag(s) V') = U diag(c(s)) V' with c a compressor of vectors.

For s >= 0 the compressors below keep order and signs, so the error has singular values |s - c(s)|, and alpha in a
unitarily invariant norm is the alpha of c in its gauge. Counterexamples and points of equality carry over as diag(s).

rank-k      c = top-k         Frobenius k/R, nuclear 1 - (1 - k/R)^2 with R = min(m, n); not contractive in spectral
half-polar  c = scaled-sign   spectral 3/4; the message is (|X|_op / 2) U V' with the full factor, of rank R
mean-polar  c = mean-sign     Frobenius 1/R; the message is (|X|_nuc / R) U V'
"""

import abc
from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles.arrays import at_least_single
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import exponent
from broximal.oracles.compressors.counterexamples import NotContractive, refuted
from broximal.oracles.compressors.signs import MeanSign, ScaledSign
from broximal.oracles.compressors.top_k import TopK
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.oracles.norms._arguments import count
from broximal.oracles.norms.schatten import reduced_svd
from broximal.oracles.numerals import number_of


class _OnSingularValues(Compressor):
    matrix: ClassVar[Any] = True

    @property
    @abc.abstractmethod
    def vector(self) -> Compressor:
        """The compressor of the singular values."""

    @property
    def orthogonal(self):
        return self.vector.orthogonal

    def _apply(self, key, x):
        u, s, vt = reduced_svd(at_least_single(x))
        return ((u * self.vector._apply(None, s)) @ vt).astype(x.dtype)

    def _gauge(self, norm):
        if norm.unitary:
            return norm.gauge
        return L2() if exponent(norm) == 2 else None

    def _proved(self, norm, shape):
        gauge = self._gauge(norm)
        if gauge is None:
            return None
        try:
            return self.vector._proved(gauge, (min(shape),))
        except NotContractive as found:
            x = np.zeros(shape)
            np.fill_diagonal(x, found.counterexample)
            error = self(None, x) - x if x.size <= 2**16 else None
            ratio = 1.0 if error is None else float(norm(error) / norm(x)) ** 2
            words = "ones on the diagonal" if x.trace() > 1 else "one at the first entry"
            raise refuted(self, norm, x, f"{words}, zero elsewhere", ratio) from None

    def _gain(self, norm, shape, q):
        gauge = self._gauge(norm)
        return 1 + q if gauge is None else self.vector._gain(gauge, (min(shape),), q)

    def _bits(self, shape, value):
        return shape[0] * shape[1] * value


class RankK(_OnSingularValues):
    """RankK(k): the best approximation of rank k, by SVD.

    Raises InvalidArgument unless k is a positive integer, at most min(m, n).
    """

    k: int = eqx.field(static=True)
    alias: ClassVar[str] = "rank_k"

    def __init__(self, k: int):
        self.k = count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(1), (2, 3)), (cls(2), (4, 3)), (cls(1), (1, 4)), (cls(1), (4, 1)), (cls(3), (3, 3)))

    @property
    def vector(self):
        return TopK(self.k)

    @property
    def name(self):
        return f"rank-k({self.k})"

    @property
    def latex(self):
        return rf"\mathrm{{rank}}_{{{self.k}}}(X)"

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        if self.k > min(shape):
            raise InvalidArgument(f"k = {self.k} exceeds the {number_of(min(shape), 'singular value')} of {name}.")

    def _bits(self, shape, value):
        return min(self.k * sum(shape) * value, super()._bits(shape, value))


class HalfPolar(_OnSingularValues):
    """HalfPolar(): (|X|_op / 2) U V' for X = U diag(s) V', with the full-rank factor also for singular X."""

    alias: ClassVar[str] = "half_polar"
    name = "half-polar"
    latex = r"\tfrac12\|X\|_{\mathrm{op}}\,UV^\top"
    vector = ScaledSign()  # pyright: ignore[reportAssignmentType]

    @classmethod
    def examples(cls):
        return ((cls(), (2, 3)), (cls(), (4, 3)), (cls(), (1, 4)), (cls(), (3, 1)))


class MeanPolar(_OnSingularValues):
    """MeanPolar(): (|X|_nuc / R) U V' for X = U diag(s) V' and R = min(m, n), with the full-rank factor."""

    alias: ClassVar[str] = "mean_polar"
    name = "mean-polar"
    latex = r"\tfrac1R\|X\|_{\mathrm{nuc}}\,UV^\top"
    vector = MeanSign()  # pyright: ignore[reportAssignmentType]

    @classmethod
    def examples(cls):
        return ((cls(), (2, 3)), (cls(), (4, 3)), (cls(), (1, 4)))
