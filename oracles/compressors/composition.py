"""One compressor after another: C(x) = C2(C1(x)), with independent randomness. Put y = C1(x), q_i^2 = 1 - alpha_i.

* C1 or C2 is dropout: alpha = p alpha of the other, exact if that is, since 0 is sent with probability 1 - p.
* C1 or C2 is damped by theta: q = theta q of the other + 1 - theta (triangle inequality).
* l2, <y, x - y> = 0, and E <x - y, y - C2(y)> = 0 (C1 keeps a part of the entries and C2 keeps zeros; or C2 is unbiased;
  or C2 multiplies): E |C2(y) - x|^2 <= |x - y|^2 + q_2^2 |y|^2 = q_2^2 |x|^2 + alpha_2 |x - y|^2: alpha = alpha_1 alpha_2.
* Always, with E |y|^2 <= s^2 |x|^2: by Minkowski's inequality in L^2, q = q_1 + s q_2, which says something below one.
"""

from typing import ClassVar

import jax

from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction, exponent
from broximal.oracles.compressors.counterexamples import NotContractive, refuted
from broximal.oracles.compressors.rounding import Natural
from broximal.oracles.compressors.scalar_multiples import Damped, Dropout, Identity
from broximal.oracles.compressors.spectral import HalfPolar
from broximal.oracles.compressors.top_k import TopK
from broximal.oracles.errors import InvalidArgument, MissingConstant


class Compose(Compressor):
    """Compose(first, second): second(key, first(key, x)). Raises InvalidArgument unless both are compressors."""

    first: Compressor
    second: Compressor
    alias: ClassVar[str] = "compose"

    def __init__(self, first: Compressor, second: Compressor):
        for value, name in ((first, "first"), (second, "second")):
            if not isinstance(value, Compressor):
                raise InvalidArgument(f"{name} must be a compressor, not {value!r}.")
        self.first, self.second = first, second

    @classmethod
    def examples(cls):
        return (
            (cls(TopK(2), Natural()), (4,)),
            (cls(TopK(3), Dropout(0.5)), (4,)),
            (cls(HalfPolar(), TopK(5)), (2, 3)),
            (cls(Damped(0.5), TopK(2)), (3,)),
        )

    @property
    def parts(self) -> tuple[Compressor, Compressor]:
        return self.first, self.second

    @property
    def random(self):
        return self.first.random or self.second.random

    @property
    def matrix(self):
        return self.first.matrix or self.second.matrix

    @property
    def tree(self):
        return self.first.tree and self.second.tree

    @property
    def keeps_zeros(self):
        return self.first.keeps_zeros and self.second.keeps_zeros

    @property
    def name(self):
        return f"compose({self.first.name}, {self.second.name})"

    @property
    def latex(self):
        return rf"y = {self.first.latex},\ y \mapsto {self.second.latex}"

    def _check_shape(self, shape, name):
        self.first._check_shape(shape, name)
        self.second._check_shape(shape, name)

    def _apply(self, key, x):
        one, two = jax.random.split(key) if self.random else (None, None)
        return self.second._apply(two, self.first._apply(one, x))

    def _proved(self, norm, shape):
        for part, other in (self.parts, self.parts[::-1]):
            if isinstance(part, Identity | Dropout):
                return self._with_coin(float(getattr(part, "p", 1)), other, norm, shape)
        try:
            one, two = (part.contraction(norm, shape) for part in self.parts)
        except (NotContractive, MissingConstant):
            return None
        found = [_from_root(_root(one) + self.first._gain(norm, shape, _root(one)) * _root(two))]
        for part, other in ((self.first, two), (self.second, one)):
            if isinstance(part, Damped):
                found.append(_from_root(float(part.theta) * _root(other) + 1 - float(part.theta)))
        if exponent(norm) == 2 and self.first.orthogonal and self._error_is_orthogonal():
            found.append(Contraction(one.alpha * two.alpha, False, "orthogonal errors: alpha = alpha_1 alpha_2"))
        return max((f for f in found if f is not None), key=lambda f: f.alpha, default=None)

    def _with_coin(self, p, other, norm, shape):
        """`other` with probability p, else 0: E |C(x) - x|^2 = p |other(x) - x|^2 + (1 - p) |x|^2."""
        try:
            alpha, exact, why = other.contraction(norm, shape)
        except MissingConstant:
            return None
        except NotContractive as error:
            ratio = p * error.ratio + 1 - p
            raise refuted(self, norm, error.counterexample, f"the point that refutes {other.name}", ratio) from None
        return Contraction(p * alpha, exact, why if p == 1 else f"0 with probability 1 - p, else: {why}")

    def _error_is_orthogonal(self):
        return self.second.unbiased or (self.first.coordinate and self.second.keeps_zeros)

    def _bits(self, shape, value):
        if self.first.coordinate and self.second.keeps_zeros:  # the first one's places, the second one's numbers
            return min(self.second._bits(shape, value), self.first._bits(shape, self.second._value_bits(value)))
        return self.second._bits(shape, value)


def _root(found: Contraction) -> float:
    return max(1 - found.alpha, 0.0) ** 0.5


def _from_root(q: float) -> Contraction | None:
    return Contraction((1 - q) * (1 + q), False, f"triangle inequality: sqrt(1 - alpha) = {q:.6g}") if q < 1 else None
