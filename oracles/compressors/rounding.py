"""Natural compression: random rounding of every entry to one of the two powers of two around it, without bias.

For |x| = t 2^e with 1 <= t < 2 the answer is 2^(e+1) with probability t - 1, else 2^e, times scale sign(x). Proof of
alpha for 0 < scale = c <= 1. The unscaled rounding has variance (t - 1)(2 - t) <= t^2 / 8, with equality at t = 4/3. So

    E (c Q - x)^2 = (c^2 (1 + v) - 2 c + 1) x^2 with v <= 1/8:    alpha_2 = 2 c - 9 c^2 / 8,

exactly, in l2: 7/8 at c = 1 and the largest, 8/9, at c = 8/9 (Q of Horváth et al., arXiv:1905.10988, who prove v <= 1/8).
lp with p < 2: Minkowski's inequality in L^(2/p), as for rand-k, gives alpha_2; one entry 4/3 attains it. p > 2: since
|c Q / x - 1| <= 1, E |c Q - x|^p <= (1 - alpha_2) |x|^p per entry, and by Jensen 1 - alpha = (1 - alpha_2)^(2/p). In
l_inf nothing is left of this but norm equivalence, for fewer than 1 / (1 - alpha_2) entries.
"""

import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from broximal.oracles.arrays import as_number, namespace
from broximal.oracles.compressors.compressor import EXPONENT_BITS, Compressor
from broximal.oracles.compressors.contraction import Contraction, exponent
from broximal.oracles.norms._arguments import number

BEST = 8 / 9


class Natural(Compressor):
    """Natural(scale=8/9): scale times unbiased random rounding to powers of two; 9 bits a number instead of 32.

    Entries above half of the largest float overflow. Raises InvalidArgument unless 0 < scale <= 1.
    """

    scale: Any
    alias: ClassVar[str] = "natural"
    random: ClassVar[Any] = True
    keeps_zeros = True

    def __init__(self, scale: float = BEST):
        self.scale = as_number(scale, "scale", low=0, high=1, open_low=True)

    @classmethod
    def examples(cls):
        return ((cls(), (4,)), (cls(1.0), (3,)), (cls(0.5), (2, 2)))

    @property
    def unbiased(self):
        return self.scale == 1

    @property
    def name(self):
        return "natural" if self.scale == BEST else f"natural({number(self.scale)})"

    @property
    def latex(self):
        return rf"{number(self.scale)}\,\mathcal{{C}}_{{\mathrm{{nat}}}}(x)"

    def _apply(self, key, x):
        xp = namespace(x)
        size = xp.abs(x)
        low = xp.ldexp(xp.ones_like(x), xp.frexp(size)[1] - 1)
        # single precision draws: a probability off by 1e-7 at most
        up = xp.asarray(jax.random.uniform(key, x.shape, jnp.float32)) < size / low - 1
        rounded = xp.where(up, 2 * low, low) * xp.asarray(self.scale, dtype=x.dtype)
        return xp.where(size > 0, xp.sign(x) * rounded, 0).astype(x.dtype)

    def _proved(self, norm, shape):
        p, c = exponent(norm), float(self.scale)
        alpha = c * (2 - 9 * c / 8)
        if p is None or p == math.inf:
            return None
        if p <= 2:
            return Contraction(alpha, True, "variance at most x^2 / 8; attained at one entry 4/3")
        return Contraction(1 - (1 - alpha) ** (2 / p), False, "relative errors at most 1, and Jensen's inequality")

    def _value_bits(self, value):
        return 1 + EXPONENT_BITS.get(value, value)

    def _bits(self, shape, value):
        return math.prod(shape) * self._value_bits(value)
