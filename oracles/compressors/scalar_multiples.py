"""C(x) = a multiple of x. The error is a multiple of x too, so alpha is the same, and exact, in every norm:

identity      C(x) = x                              alpha = 1
damped        C(x) = theta x                        alpha = 1 - (1 - theta)^2
dropout       C(x) = x with probability p, else 0   alpha = p

All three take trees of layers, dropout with one coin for the whole tree.
"""

from typing import Any, ClassVar

import jax

from broximal.oracles.arrays import as_number, namespace
from broximal.oracles.compressors import contraction as facts
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction
from broximal.oracles.norms._arguments import number


class _Multiple(Compressor):
    tree: ClassVar[Any] = True
    keeps_zeros = radial = True

    def _bits(self, shape, value):
        return value * facts.size(shape)


class Identity(_Multiple):
    """Identity(): no compression."""

    alias: ClassVar[str] = "identity"
    orthogonal = coordinate = unbiased = True
    name = "identity"
    latex = "x"

    @classmethod
    def examples(cls):
        return ((cls(), (5,)), (cls(), (2, 3)))

    def _apply(self, key, x):
        return x

    def _proved(self, norm, shape):
        return Contraction(1.0, True, "C(x) = x")

    def _gain(self, norm, shape, q):
        return 1.0


class Damped(_Multiple):
    """Damped(theta): theta x. Raises InvalidArgument unless 0 < theta <= 1."""

    theta: Any
    alias: ClassVar[str] = "damped"

    def __init__(self, theta: float):
        self.theta = as_number(theta, "theta", low=0, high=1, open_low=True)

    @classmethod
    def examples(cls):
        return ((cls(0.25), (5,)), (cls(0.7), (2, 3)), (cls(1.0), (3,)))

    @property
    def name(self):
        return f"damped({number(self.theta)})"

    @property
    def latex(self):
        return rf"{number(self.theta)}\,x"

    def _apply(self, key, x):
        return jax.tree.map(lambda leaf: leaf * namespace(leaf).asarray(self.theta, dtype=leaf.dtype), x)

    def _proved(self, norm, shape):
        theta = float(self.theta)
        return Contraction(theta * (2 - theta), True, "C(x) - x = -(1 - theta) x")  # without cancellation

    def _gain(self, norm, shape, q):
        return float(self.theta)


class Dropout(_Multiple):
    """Dropout(p): x with probability p, else 0. Raises InvalidArgument unless 0 < p <= 1."""

    p: Any
    alias: ClassVar[str] = "dropout"
    random: ClassVar[Any] = True
    orthogonal = coordinate = True

    def __init__(self, p: float):
        self.p = as_number(p, "p", low=0, high=1, open_low=True)

    @classmethod
    def examples(cls):
        return ((cls(0.3), (5,)), (cls(0.5), (2, 3)), (cls(1.0), (3,)))

    @property
    def name(self):
        return f"dropout({number(self.p)})"

    @property
    def latex(self):
        return rf"x\,\mathrm{{Bernoulli}}({number(self.p)})"

    def _apply(self, key, x):
        # u < p with one uniform u: equal keys keep x for p whenever they keep it for a smaller p.
        kept = jax.random.uniform(key) < self.p
        return jax.tree.map(lambda leaf: leaf * namespace(leaf).asarray(kept, dtype=leaf.dtype), x)

    def _proved(self, norm, shape):
        return Contraction(float(self.p), True, "C(x) - x is -x with probability 1 - p, else 0")

    def _gain(self, norm, shape, q):
        return float(self.p) ** 0.5

    def _bits(self, shape, value):
        return float(self.p) * super()._bits(shape, value)  # the coin is known to both ends
