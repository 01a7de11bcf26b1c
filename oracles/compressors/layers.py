"""Layer by layer: each layer of a tree has its own compressor. With alpha_i in the layers' norms:

sum of layer norms, or their l2 product   alpha = min alpha_i, exact if that one is (Minkowski in L^2; other layers zero)
maximum, all layers deterministic         alpha = min alpha_i, the same
maximum, random layers are dropouts(p_i)  alpha = a P exactly, a = min alpha over the deterministic layers (1 without):
                                          P = min p_i with a shared coin, the product of the p_i with independent ones
maximum, random layers of other kinds     1 - alpha = max over deterministic + sum over random of (1 - alpha_i)

The maximum is where randomness costs, because E max is not max E. With x of size one in every layer the largest error is
that of the deterministic layers with probability P, when every coin says keep, and one otherwise: 1 - alpha =
P (1 - a) + 1 - P. A shared coin is one uniform u, layer i kept iff u < p_i, so all are kept with probability min p_i.
"""

import math
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.compressors.contraction import Contraction, is_shape
from broximal.oracles.compressors.counterexamples import NotContractive
from broximal.oracles.compressors.scalar_multiples import Damped, Dropout, Identity
from broximal.oracles.compressors.top_k import TopK
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import Product
from broximal.oracles.norms._layers import Layered, label_of, paths_of


def _is_compressor(node) -> bool:
    return isinstance(node, Compressor)


class LayerWise(Compressor):
    """LayerWise(compressors, shared=True): a dict, list or tuple of compressors, one per layer.

    With shared=True every layer is given the same key, so dropouts toss one coin; else the key is split.
    Raises InvalidArgument unless every leaf is a compressor.
    """

    compressors: Any
    shared: bool = eqx.field(static=True)
    alias: ClassVar[str] = "layer_wise"
    tree: ClassVar[Any] = True

    def __init__(self, compressors: Any, shared: bool = True):
        parts = jax.tree.leaves(compressors, is_leaf=_is_compressor)
        if _is_compressor(compressors) or not parts or not all(map(_is_compressor, parts)):
            raise InvalidArgument("compressors must be a dict, list or tuple of compressors.")
        self.compressors, self.shared = compressors, bool(shared)

    @classmethod
    def examples(cls):
        return (
            (cls([TopK(1), Damped(0.5)]), [(3,), (2, 2)]),
            (cls({"a": Dropout(0.5), "b": Dropout(0.3)}), {"a": (2,), "b": (3,)}),
            (cls([Dropout(0.5), Dropout(0.3), TopK(2)], False), [(2,), (3,), (3,)]),
            (cls((Identity(), Dropout(0.4))), ((2,), (2,))),
        )

    @property
    def parts(self) -> list[Compressor]:
        return jax.tree.leaves(self.compressors, is_leaf=_is_compressor)

    @property
    def _structure(self):
        return jax.tree.structure(self.compressors, is_leaf=_is_compressor)

    @property
    def random(self):
        return any(part.random for part in self.parts)

    @property
    def keeps_zeros(self):
        return all(part.keeps_zeros for part in self.parts)

    @property
    def name(self):
        return f"layer-wise([{', '.join(part.name for part in self.parts)}], {int(self.shared)})"

    @property
    def latex(self):
        return r"\bigl(\mathcal{C}_i(x_i)\bigr)_i"

    def _split(self, tree, name="x"):
        try:
            return list(zip(self.parts, self._structure.flatten_up_to(tree), strict=True))
        except ValueError:
            raise InvalidArgument(f"{name} must have the structure of the compressors, {self._structure}.") from None

    def _check_shape(self, shape, name):
        for i, (part, layer) in enumerate(self._split(shape, name)):
            part._check_shape(layer, f"layer {self._label(i)} of {name}")

    def _label(self, i):
        return label_of(paths_of(self.compressors)[i])

    def _apply(self, key, x):
        layers = self._split(x)
        split = not self.shared and self.random
        keys = jax.random.split(key, len(layers)) if split else [key] * len(layers)
        done = [part._apply(keys[i], layer) for i, (part, layer) in enumerate(layers)]
        return jax.tree.unflatten(self._structure, done)

    def _bits(self, shape, value):
        return sum(part._bits(layer, value) for part, layer in self._split(shape))

    def _proved(self, norm, shape):
        if not isinstance(norm, Layered) or norm._structure != self._structure:
            return None
        found = [self._layer(i, norm, shape) for i in range(len(self.parts))]
        if isinstance(norm, Product) and self.random:
            return self._in_a_maximum(found)
        alpha = min(f.alpha for f in found)
        return Contraction(alpha, any(f.exact for f in found if f.alpha == alpha), "the smallest alpha of a layer")

    def _layer(self, i, norm, shape):
        """The contraction of layer i; its counterexample, with zeros in the other layers, is one of the whole."""
        part, layer = self._split(shape)[i]
        try:
            return part.contraction(norm._norms[i], layer)
        except NotContractive as error:
            zeros = [jax.tree.map(np.zeros, part, is_leaf=is_shape) for _, part in self._split(shape)]
            zeros[i] = error.counterexample
            raise NotContractive(
                f"layer {self._label(i)}: {error}", jax.tree.unflatten(self._structure, zeros), error.ratio
            ) from None

    def _in_a_maximum(self, found):
        pairs = list(zip(self.parts, found, strict=True))
        still = [f for part, f in pairs if not part.random]
        worst = min(still, key=lambda f: f.alpha, default=Contraction(1.0, True, ""))
        moving = [(part, f) for part, f in pairs if part.random]
        if all(isinstance(part, Dropout) for part, _ in moving):
            chances = [f.alpha for _, f in moving]
            kept = min(chances) if self.shared else math.prod(chances)
            coin = "a shared coin" if self.shared else "independent coins"
            return Contraction(worst.alpha * kept, worst.exact, f"{coin}: all layers kept with probability {kept:.6g}")
        alpha = worst.alpha - sum(1 - f.alpha for _, f in moving)
        return Contraction(alpha, False, "E max <= the largest + the sum of the random ones") if alpha > 0 else None
