"""Layer-wise compressors: what randomness costs in a maximum, and what a shared coin buys."""

import jax
import numpy as np
import pytest

from broximal.oracles import InvalidArgument, MissingConstant
from broximal.oracles.compressors import Dropout, LayerWise, Natural, NotContractive, RandK, TopK
from broximal.oracles.norms import L2, L2Product, LInf, Product, Spectral, SumProduct
from tests.oracles.compressors.expectation import ratio

SHAPES = [(2,), (2,), (2,)]


def product(kind=Product):
    return kind([L2()] * 3, [1.0, 2.0, 3.0])


def flat(norm):
    """A point whose layers all have the size that the maximum allows."""
    return [np.ones(2) * r / 2**0.5 for r in norm.radii]


def test_independent_coins_multiply_in_a_maximum_and_a_shared_one_does_not():
    coins = [Dropout(0.5), Dropout(0.8), Dropout(0.6)]
    norm = product()
    for shared, alpha in ((True, 0.5), (False, 0.24)):
        c = LayerWise(coins, shared)
        assert c.contraction(norm, SHAPES)[:2] == (pytest.approx(alpha), True)
        assert ratio(c, norm, flat(norm)) == pytest.approx(1 - alpha)


def test_a_shared_coin_beside_a_deterministic_layer_costs_the_product():
    c, norm = LayerWise([Dropout(0.5), TopK(1), Dropout(0.7)]), product()
    assert c.contraction(norm, SHAPES)[:2] == (pytest.approx(0.5 * 0.5), True)  # not min(0.5, 0.5)
    assert ratio(c, norm, flat(norm)) == pytest.approx(0.75)


@pytest.mark.parametrize("kind", [SumProduct, L2Product])
@pytest.mark.parametrize("shared", [True, False])
def test_sums_take_the_smallest_alpha(kind, shared):
    c = LayerWise([Dropout(0.5), TopK(1), Dropout(0.3)], shared)
    assert c.contraction(product(kind), SHAPES)[:2] == (0.3, True)


def test_other_random_layers_in_a_maximum_add_up():
    c = LayerWise([Natural(1.0), RandK(1), TopK(2)])
    assert c.contraction(product(), SHAPES).alpha == pytest.approx(1 - 1 / 8 - 1 / 2)
    with pytest.raises(MissingConstant):
        LayerWise([RandK(1), RandK(1), TopK(2)]).contraction(product(), SHAPES)


def test_coins_are_the_same_exactly_when_they_are_shared():
    keys = jax.random.split(jax.random.key(0), 400)
    for shared in (True, False):
        c = LayerWise([Dropout(0.5), Dropout(0.5)], shared)
        one, two = jax.vmap(lambda key, c=c: c(key, [np.ones(1, np.float32)] * 2))(keys)
        assert bool((one == two).all()) == shared
        assert abs(float(one.mean()) - 0.5) < 0.1


def test_a_layer_that_does_not_contract_refutes_the_whole():
    c, norm = LayerWise([TopK(1), TopK(1)]), Product([L2(), LInf()])
    with pytest.raises(NotContractive, match="layer 1: compressor top-k\\(1\\)") as caught:
        c.contraction(norm, [(2,), (3,)])
    assert ratio(c, norm, caught.value.counterexample) == 1
    named = LayerWise({"a": TopK(1), "b": TopK(1)})
    with pytest.raises(NotContractive, match="layer 'b': compressor top-k"):
        named.contraction(Product({"a": L2(), "b": LInf()}), {"a": (2,), "b": (3,)})


def test_wrong_structure():
    c = LayerWise({"a": TopK(1)})
    with pytest.raises(InvalidArgument, match="x must have the structure of the compressors"):
        c(None, {"b": np.ones(2)})
    with pytest.raises(InvalidArgument, match="layer 'a' of x has shape"):
        c.contraction(Product({"a": Spectral()}), {"a": (3,)})
