"""Layers: taking points apart, the layers' own norms, and what is left of scalings."""

import jax
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.norms import L1, L2, LInf, Product, RmsToRms, Scaled, Spectral, SumProduct

NESTED = Product([Spectral(), Product([LInf(), L2()], [0.5, 2.0]), SumProduct([L1(), L2()])], [1.5, 3.0, 1.0])


def test_split_and_join_are_inverse(rng):
    x = jax.tree.map(rng.standard_normal, [(3, 2), [(4,), (2,)], [(3,), (1,)]], is_leaf=lambda s: isinstance(s, tuple))
    split = Layers(NESTED)
    parts = split.split(x)
    assert split.count == len(parts) == 4  # the sum over two layers is one layer
    again = split.join(parts)
    assert jax.tree.all(jax.tree.map(np.array_equal, x, again))


def test_the_ball_of_the_product_is_the_product_of_the_layers_balls(rng):
    x = jax.tree.map(rng.standard_normal, [(3, 2), [(4,), (2,)], [(3,), (1,)]], is_leaf=lambda s: isinstance(s, tuple))
    split = Layers(NESTED)
    assert max(split.sizes(split.split(x))) == pytest.approx(float(NESTED(x)))
    assert sum(split.dual_sizes(split.split(x))) == pytest.approx(float(NESTED.dual(x)))
    moved = split.join(split.lmo(split.split(x)))
    assert jax.tree.all(jax.tree.map(np.allclose, moved, NESTED.lmo(x)))


def test_one_norm_is_one_layer(rng):
    split = Layers(Spectral())
    x = rng.standard_normal((3, 2))
    assert split.count == 1 and split.split(x)[0] is x and split.join([x]) is x


@pytest.mark.parametrize(
    "norm, labels",
    [
        (L1(), ["0"]),
        (NESTED, ["0", "[1][0]", "[1][1]", "2"]),
        (Product({"w": L1(), "b": L2()}), ["'b'", "'w'"]),
        (Product({"net": {"w": L1()}, "b": Product([L1(), L2()])}), ["['b'][0]", "['b'][1]", "['net']['w']"]),
    ],
)
def test_layers_are_called_by_their_names(norm, labels):
    assert Layers(norm).labels == labels and len(labels) == Layers(norm).count


@pytest.mark.parametrize("norm, shape", [(Scaled(3.0, Scaled(0.5, L1())), (4,)), (RmsToRms(), (3, 5)), (LInf(), (2,))])
def test_unscaled_norms(norm, shape, rng):
    base, c = unscaled(norm, shape)
    x = rng.standard_normal(shape)
    assert float(norm(x)) == pytest.approx(c * float(base(x)))
    assert not isinstance(base, (Scaled, RmsToRms))


def test_shapes_of_trees():
    assert shape_of(np.zeros((2, 3))) == (2, 3)
    assert shape_of([np.zeros(2), {"a": np.zeros((1, 4))}]) == [(2,), {"a": (1, 4)}]
    assert norms.parse("linf").name == "linf"


def test_arrays_with_more_axes_are_flattened(rng):
    kernel = rng.standard_normal((4, 3, 2, 2))
    norm, flat = norms.Flattened(norms.Spectral()), kernel.reshape(4, 12)
    assert norm(kernel) == norms.Spectral()(flat)
    assert np.array_equal(norm.lmo(kernel), norms.Spectral().lmo(flat).reshape(kernel.shape))
    assert np.array_equal(norm.project(kernel, 0.5), norms.Spectral().project(flat, 0.5).reshape(kernel.shape))
    assert norms.Flattened(norms.TopK(2), 0)(kernel) == norms.TopK(2)(kernel.ravel())


def test_a_stack_of_matrices_is_moved_matrix_by_matrix(rng):
    stack = rng.standard_normal((3, 4, 2))
    norm = norms.Mixed(norms.LInf(), norms.Spectral(), "slices")
    assert norm(stack) == max(norms.Spectral()(x) for x in stack)
    assert np.allclose(norm.lmo(stack), [norms.Spectral().lmo(x) for x in stack])
    assert norm.dual(stack) == pytest.approx(sum(norms.Nuclear()(x) for x in stack))
