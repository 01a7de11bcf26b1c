"""Keeping a part of the entries: the k largest in absolute value, or k random ones.

Let r = 1 - k/d. top-k in lp: the d - k smallest of |x_i|^p sum to at most r |x|_p^p, with equality at a constant x, so
1 - alpha = r^(2/p), exactly (l1: r^2, l2: r, l_inf: 1, not contractive). rand-k: every entry is lost with probability
r, so E |C(x) - x|_p^p = r |x|_p^p. For p >= 2 Jensen's inequality gives 1 - alpha = r^(2/p), attained at a constant x,
where the error has one length. For p <= 2 Minkowski's inequality in L^(2/p) gives

    E |e|_p^2 = E (sum |e_i|^p)^(2/p) <= (sum (E |e_i|^2)^(p/2))^(2/p) = r |x|_p^2,    attained at one nonzero entry.
"""

import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction, exponent
from broximal.oracles.compressors.counterexamples import refuted
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms._arguments import count
from broximal.oracles.numerals import number_of


class _Part(Compressor):
    k: int = eqx.field(static=True)
    orthogonal = coordinate = keeps_zeros = True

    def __init__(self, k: int):
        self.k = count(k, "k")

    def _check_shape(self, shape, name):
        super()._check_shape(shape, name)
        if self.k > math.prod(shape):
            raise InvalidArgument(f"k = {self.k} exceeds the {number_of(math.prod(shape), 'entry')} of {name}.")

    def _gain(self, norm, shape, q):
        return 1.0 if norm.absolute else 1 + q

    def _lost(self, shape) -> float:
        return 1 - self.k / math.prod(shape)

    def _keep(self, x, chosen):
        flat, xp = x.ravel(), namespace(x)
        if xp is np:
            mask = np.zeros(flat.shape, bool)
            mask[np.asarray(chosen)] = True
        else:
            mask = jnp.zeros(flat.shape, bool).at[chosen].set(True)
        return xp.where(mask, flat, 0).astype(x.dtype).reshape(x.shape)

    def _refute_by_ones(self, norm, shape):
        raise refuted(self, norm, np.ones(shape), "the array of ones", 1.0)


class TopK(_Part):
    """TopK(k): the k entries largest in absolute value (the first ones at ties), zero elsewhere.

    Raises InvalidArgument unless k is a positive integer, at most the number of entries.
    """

    alias: ClassVar[str] = "top_k"

    @classmethod
    def examples(cls):
        return ((cls(2), (5,)), (cls(1), (4,)), (cls(3), (3,)), (cls(3), (2, 3)))

    @property
    def name(self):
        return f"top-k({self.k})"

    @property
    def latex(self):
        return rf"\mathrm{{top}}_{{{self.k}}}(x)"

    def _apply(self, key, x):
        size = namespace(x).abs(x).ravel()
        if namespace(x) is np:
            return self._keep(x, np.argsort(-size, kind="stable")[: self.k])
        return self._keep(x, jax.lax.top_k(size, self.k)[1])

    def _proved(self, norm, shape):
        if self.k == math.prod(shape):
            return Contraction(1.0, True, "every entry is kept")
        p = exponent(norm)
        if p == math.inf:
            self._refute_by_ones(norm, shape)
        if p is not None:
            return Contraction(1 - self._lost(shape) ** (2 / p), True, "the smallest entries; attained at constant x")
        if norm.unitary and self.k < min(shape):  # the error at a diagonal matrix needs no SVD
            ratio = _diagonal_ratio(norm.gauge, min(shape), self.k)
            if ratio >= 1:
                raise refuted(self, norm, np.eye(*shape), "ones on the diagonal, zero elsewhere", ratio)
        return None

    def _bits(self, shape, value):
        return self.k * (value + math.ceil(math.log2(math.prod(shape))))


def _diagonal_ratio(gauge, rank: int, k: int) -> float:
    ones = np.ones(rank)
    return float(gauge(np.where(np.arange(rank) < k, 0.0, ones)) / gauge(ones)) ** 2


class RandK(_Part):
    """RandK(k): k entries drawn without replacement, unscaled, zero elsewhere.

    Raises InvalidArgument unless k is a positive integer, at most the number of entries.
    """

    alias: ClassVar[str] = "rand_k"
    random: ClassVar[Any] = True

    @classmethod
    def examples(cls):
        return ((cls(2), (5,)), (cls(1), (3,)), (cls(3), (3,)), (cls(4), (2, 3)))

    @property
    def name(self):
        return f"rand-k({self.k})"

    @property
    def latex(self):
        return rf"\mathrm{{rand}}_{{{self.k}}}(x)"

    def _apply(self, key, x):
        return self._keep(x, jax.random.permutation(key, jnp.arange(x.size))[: self.k])

    def _proved(self, norm, shape):
        if self.k == math.prod(shape):
            return Contraction(1.0, True, "every entry is kept")
        p = exponent(norm)
        if p == math.inf:
            self._refute_by_ones(norm, shape)
        if p is None:
            return None
        if p <= 2:
            return Contraction(1 - self._lost(shape), True, "Minkowski's inequality; attained at one nonzero entry")
        return Contraction(1 - self._lost(shape) ** (2 / p), True, "Jensen's inequality; attained at constant x")

    def _bits(self, shape, value):
        return self.k * value  # the places follow from the key
