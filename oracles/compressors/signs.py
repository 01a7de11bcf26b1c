"""One bit per entry and one number: s sign(x) with sign(0) = +1.

scaled-sign, s = |x|_inf / 2. In every absolute norm |C(x) - x| <= s |1| entry by entry, and |x| >= 2 s min_i |e_i|, so
1 - alpha = |1|^2 / (4 min_i |e_i|^2), attained at the e_i where the minimum is: l_inf 3/4, lp 1 - d^(2/p) / 4.

mean-sign, s = |x|_1 / d. In l2, |C(x) - x|^2 = |x|^2 - |x|_1^2 / d and |x|_1 >= |x|_2, so alpha = 1/d, attained at one
nonzero entry. In l_inf with |x|_inf = 1, 1/d <= s, and s <= (d - 1)/d + min/d, so ||x_i| - s| <= 1 - 1/d, attained there
too: alpha = 1 - (1 - 1/d)^2.
"""

import math
from typing import ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction, exponent
from broximal.oracles.compressors.counterexamples import refuted

MANY = 512  # entries up to which the smallest |e_i| of a norm is looked for


class _Sign(Compressor):
    @classmethod
    def examples(cls):
        return ((cls(), (5,)), (cls(), (3,)), (cls(), (2, 3)), (cls(), (1,)))

    def _bits(self, shape, value):
        return math.prod(shape) + value


def signed(scale, x):
    xp = namespace(x)
    return xp.where(x >= 0, scale, -scale).astype(x.dtype)


class ScaledSign(_Sign):
    """ScaledSign(): (|x|_inf / 2) sign(x), sign(0) = +1."""

    alias: ClassVar[str] = "scaled_sign"
    name = "scaled-sign"
    latex = r"\tfrac12\|x\|_\infty\,\mathrm{sign}(x)"

    def _apply(self, key, x):
        return signed(namespace(x).abs(x).max() / 2, x)

    def _proved(self, norm, shape):
        smallest = self._smallest_unit(norm, shape)
        if smallest is None:
            return None
        unit, length = smallest
        ratio = (float(norm(np.ones(shape))) / (2 * length)) ** 2
        if ratio >= 1 - 1e-14:
            raise refuted(self, norm, unit, "one nonzero entry", ratio)
        return Contraction(1 - ratio, True, "|1|^2 = 4 (1 - alpha) min |e_i|^2; attained at that e_i")

    def _smallest_unit(self, norm, shape):
        """The shortest e_i and its length, or nothing if it is not known."""
        size = math.prod(shape)
        if not norm.absolute or (size > MANY and not norm.symmetric):
            return None
        units = np.eye(1 if norm.symmetric else size, size).reshape(-1, *shape)
        lengths = [float(norm(unit)) for unit in units]
        best = int(np.argmin(lengths))
        return units[best], lengths[best]

    def _gain(self, norm, shape, q):
        return q if self._smallest_unit(norm, shape) is not None else 1 + q  # |C(x)| = s |1| as well


class MeanSign(_Sign):
    """MeanSign(): (|x|_1 / d) sign(x), sign(0) = +1, for x of d entries."""

    alias: ClassVar[str] = "mean_sign"
    name = "mean-sign"
    latex = r"\tfrac1d\|x\|_1\,\mathrm{sign}(x)"
    orthogonal = True

    def _apply(self, key, x):
        return signed(namespace(x).abs(x).mean(), x)

    def _proved(self, norm, shape):
        d, p = math.prod(shape), exponent(norm)
        if d == 1:
            return Contraction(1.0, True, "a number is sent as it is")
        if p == 2:
            return Contraction(1 / d, True, "|x|_1 >= |x|_2; attained at one nonzero entry")
        if p == math.inf:
            return Contraction(1 - (1 - 1 / d) ** 2, True, "the mean lies between; attained at one nonzero entry")
        return None

    def _gain(self, norm, shape, q):
        return 1.0 if exponent(norm) is not None else 1 + q  # the power mean inequality
