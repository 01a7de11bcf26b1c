"""Keeping whole columns, those of largest Euclidean length.

In a norm that depends on a matrix through the Euclidean lengths of its columns, |X| = outer(|X_1|_2, ..., |X_n|_2), the
error is top-k applied to the lengths, so alpha is that of top-k in the outer norm: k/n in the Frobenius norm and
1 - (1 - k/n)^2 in the sum of the lengths, exactly; not contractive in their maximum.
"""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import exponent
from broximal.oracles.compressors.counterexamples import NotContractive, refuted
from broximal.oracles.compressors.top_k import TopK
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, Mixed
from broximal.oracles.norms._arguments import count
from broximal.oracles.numerals import number_of


class TopKColumns(Compressor):
    """TopKColumns(k): the k columns of largest Euclidean length (the first ones at ties), zero elsewhere.

    Raises InvalidArgument unless k is a positive integer, at most the number of columns.
    """

    k: int = eqx.field(static=True)
    alias: ClassVar[str] = "top_k_columns"
    matrix: ClassVar[Any] = True
    orthogonal = coordinate = keeps_zeros = True

    def __init__(self, k: int):
        self.k = count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(1), (2, 3)), (cls(2), (3, 4)), (cls(2), (1, 3)), (cls(1), (3, 1)), (cls(3), (2, 3)))

    @property
    def name(self):
        return f"top-k-columns({self.k})"

    @property
    def latex(self):
        return rf"\mathrm{{top}}_{{{self.k}}}^{{\mathrm{{columns}}}}(X)"

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        if self.k > shape[1]:
            raise InvalidArgument(f"k = {self.k} exceeds the {number_of(shape[1], 'column')} of {name}.")

    def _apply(self, key, x):
        xp = namespace(x)
        top = xp.abs(x).max()
        lengths = ((x / xp.where(top > 0, top, 1)) ** 2).sum(axis=0)
        if xp is np:
            mask = np.zeros(x.shape[1], bool)
            mask[np.argsort(-lengths, kind="stable")[: self.k]] = True
        else:
            mask = jnp.zeros(x.shape[1], bool).at[jax.lax.top_k(lengths, self.k)[1]].set(True)
        return xp.where(mask, x, 0).astype(x.dtype)

    def _outer(self, norm):
        if exponent(norm) == 2:
            return L2()
        euclidean = isinstance(norm, Mixed) and norm.by == "columns" and exponent(norm.inner) == 2
        return norm.outer if euclidean else None

    def _proved(self, norm, shape):
        outer = self._outer(norm)
        lengths = TopK(self.k)
        if outer is None and self.k < shape[1]:
            return None
        try:
            return lengths._proved(outer or L2(), (shape[1],))
        except NotContractive as found:
            x = np.zeros(shape)
            x[0] = found.counterexample
            raise refuted(self, norm, x, "ones in the first row, zero elsewhere", 1.0) from None

    def _gain(self, norm, shape, q):
        return 1.0 if norm.absolute or self._outer(norm) is not None else 1 + q

    def _bits(self, shape, value):
        return self.k * (shape[0] * value + int(np.ceil(np.log2(shape[1]))))
