"""E |C(x) - x|^2 as an exact sum over what C can answer: the slow twin of the random compressors."""

import itertools
import math

import jax
import numpy as np

from broximal.oracles import compressors
from broximal.oracles.arrays import subtract
from broximal.oracles.norms import (  # fmt: skip
    L1,
    L2,
    Frobenius,
    KyFan,
    L2Product,
    LInf,
    Lp,
    Mixed,
    Nuclear,
    Product,
    RmsToRms,
    Schatten,
    Spectral,
    SumProduct,
    WeightedLInf,
)


def is_shape(node) -> bool:
    return isinstance(node, tuple) and bool(node) and all(isinstance(n, int) for n in node)


def outcomes(c, x):
    """(probability, answer) for everything C(x) can be."""
    match c:
        case compressors.Dropout():
            yield float(c.p), x
            yield 1 - float(c.p), jax.tree.map(np.zeros_like, x)
        case compressors.RandK():
            for places in itertools.combinations(range(x.size), c.k):
                kept = np.zeros(x.size)
                kept[list(places)] = x.ravel()[list(places)]
                yield 1 / math.comb(x.size, c.k), kept.reshape(x.shape)
        case compressors.Natural():
            yield from roundings(x, float(c.scale))
        case compressors.Compose():
            for p, y in outcomes(c.first, x):
                for q, z in outcomes(c.second, y):
                    yield p * q, z
        case compressors.LayerWise() if c.random:
            yield from layers(c, x)
        case _:
            yield 1.0, c(None, x)


def roundings(x, scale):
    flat = x.ravel()
    low = np.array([2.0 ** math.floor(math.log2(abs(v))) if v else 0.0 for v in flat])
    chance = np.array([abs(v) / w - 1 if w else 0.0 for v, w in zip(flat, low, strict=True)])
    for up in itertools.product((False, True), repeat=flat.size):
        p = np.prod(np.where(up, chance, 1 - chance))
        if p > 0:
            yield p, (scale * np.sign(flat) * np.where(up, 2 * low, low)).reshape(x.shape)


def layers(c, x):
    structure = jax.tree.structure(c.compressors, is_leaf=lambda node: isinstance(node, compressors.Compressor))
    parts = list(zip(c.parts, structure.flatten_up_to(x), strict=True))
    if not c.shared:
        for picks in itertools.product(*(list(outcomes(part, layer)) for part, layer in parts)):
            yield math.prod(p for p, _ in picks), structure.unflatten([layer for _, layer in picks])
        return
    levels = sorted({float(part.p) for part in c.parts if part.random} | {0.0, 1.0})
    for low, high in itertools.pairwise(levels):
        u = (low + high) / 2
        kept = [
            (layer if u < part.p else np.zeros_like(layer)) if part.random else part(None, layer)
            for part, layer in parts
        ]
        yield high - low, structure.unflatten(kept)


def ratio(c, norm, x) -> float:
    """E |C(x) - x|^2 / |x|^2."""
    return sum(p * float(norm(subtract(y, x))) ** 2 for p, y in outcomes(c, x)) / float(norm(x)) ** 2


def norms_for(shape):
    """Norms that are defined on this shape."""
    if not is_shape(shape):
        trees = [jax.tree.map(lambda s, norm=norm: norm, shape, is_leaf=is_shape) for norm in (L1(), L2())]
        return [join(tree) for tree in trees for join in (Product, SumProduct, L2Product)]
    found = [L1(), L2(), LInf(), Lp(1.5), Lp(3)]
    if len(shape) == 2:
        found += [Spectral(), Nuclear(), Frobenius(), Schatten(3), KyFan(1), RmsToRms(), Mixed(L1(), L2(), "columns")]
        return [*found, Mixed(LInf(), L2(), "columns"), Mixed(L1(), L2(), "rows")]
    return [*found, WeightedLInf(np.linspace(1, 1.5, shape[0]))]


PAIRS = [
    (c, norm, shape) for entry in compressors.catalogue() for c, shape in entry.examples for norm in norms_for(shape)
]
NAMES = [f"{c.name} in {norm.name} on {shape}" for c, norm, shape in PAIRS]
