"""Every norm of the catalogue, its dual, and random compositions of them go through the same laws."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles import norms
from broximal.oracles.norms import CvxpyDual, CvxpyNorm
from tests.oracles.norm_laws import check_laws, check_lmo, check_norm, draw

CATALOGUE = [
    pytest.param(member, shape, id=member.name)
    for entry in norms.catalogue()
    for norm, shape in entry.examples
    for member in {norm.name: norm, norm.dual.name: norm.dual}.values()
]


def tolerance(norm) -> float:
    """Rounding, except where a solver answers."""
    return 2e-7 if isinstance(norm, CvxpyNorm | CvxpyDual) else 1e-9


@pytest.mark.parametrize(("norm", "shape"), CATALOGUE)
def test_catalogue(norm, shape, rng):
    check_laws(norm, shape, rng, tolerance(norm))


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("norm", [norms.L1(), norms.L2(), norms.LInf(), norms.Lp(1.3), norms.Lp(4)], ids=str)
def test_other_shapes(norm, n, rng):
    check_laws(norm, (n,), rng)
    check_laws(norm, (n, 2), rng)
    check_laws(norm, (1, n, 2), rng)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (5, 3), (3, 5)], ids=str)
@pytest.mark.parametrize("alias", ["spectral", "nuclear", "frobenius", "schatten(3)", "rms_to_rms", "kyfan(1)"])
def test_other_matrix_shapes(alias, shape, rng):
    check_laws(norms.parse(alias), shape, rng)


# ---- compositions ----------------------------------------------------------------------------------------------------

N = 3  # vectors have N entries, matrices N rows and 2 columns

orders = st.integers(1, 2)
exponents = st.sampled_from([1, 1.25, 1.5, 2, 3, 6, np.inf])
positive = st.floats(0.25, 4.0, allow_subnormal=False)
gauges = st.one_of(  # symmetric, of vectors of any size >= 2
    st.sampled_from([norms.L1(), norms.L2(), norms.LInf()]),
    exponents.map(norms.Lp),
    orders.map(norms.TopK),
    orders.map(norms.TopKDual),
    orders.map(norms.KSupport),
    orders.map(norms.TopKL2),
)
weights = st.lists(positive, min_size=N, max_size=N)
vector_leaves = st.one_of(
    gauges,
    weights.map(norms.WeightedL1),
    weights.map(norms.WeightedLInf),
    weights.map(lambda w: norms.OWL(sorted(w, reverse=True))),
    weights.map(lambda w: norms.OWLDual(sorted(w, reverse=True))),
    weights.map(lambda w: norms.Ellipsoid(np.diag(w) + 0.2)),
    gauges.map(lambda outer: norms.Group([2, 1], outer)),
)
matrix_leaves = st.one_of(
    gauges.map(norms.Schatten),
    st.sampled_from(["spectral", "nuclear", "frobenius", "kyfan(2)", "kyfan_dual(2)"]).map(norms.parse),
    st.sampled_from(["one_to_two", "two_to_inf", "one_to_inf", "one_to_rms", "rms_to_inf", "rms_to_rms"]).map(
        norms.parse
    ),
    st.builds(norms.Mixed, st.sampled_from([norms.LInf(), norms.L1()]), gauges, st.sampled_from(["rows", "columns"])),
    st.builds(norms.Mixed, gauges, st.just(norms.L2()), st.sampled_from(["rows", "columns"])),
)


def changed(inner, size):
    """A linear change of variable, well enough conditioned for its projection to be quick."""
    shears = st.lists(st.floats(-0.5, 0.5, allow_subnormal=False), min_size=size, max_size=size)
    return st.builds(
        lambda norm, row: norms.LinearImage(norm, np.eye(size) + np.outer(np.eye(size)[0], row) * 0.9), inner, shears
    )


def wrapped(inner):
    return st.one_of(inner.map(lambda norm: norm.dual), st.builds(norms.Scaled, positive, inner))


def closed(leaves):
    """Nesting depth up to 3."""
    return st.one_of(leaves, wrapped(leaves), wrapped(wrapped(leaves)), changed(leaves, N), wrapped(changed(leaves, N)))


vectors, matrices = closed(vector_leaves), closed(matrix_leaves)


def products(vector, matrix, kinds):
    layers = st.fixed_dictionaries({"b": vector, "w": matrix})
    radii = st.fixed_dictionaries({"b": positive, "w": positive})
    return st.builds(lambda kind, norm, r: kind(norm, r), st.sampled_from(kinds), layers, radii)


trees = st.one_of(
    products(vectors, matrices, [norms.Product]),
    products(wrapped(vector_leaves), wrapped(matrix_leaves), [norms.Product, norms.SumProduct]),
    products(st.sampled_from([norms.L1(), norms.L2(), norms.LInf()]), matrix_leaves, [norms.L2Product]),
)
seeds = st.integers(0, 2**16)


@settings(max_examples=60)
@given(norm=vectors, seed=seeds)
def test_composed_vector_norms(norm, seed):
    check_laws(norm, (N,), np.random.default_rng(seed))


@settings(max_examples=40)
@given(norm=matrices, seed=seeds)
def test_composed_matrix_norms(norm, seed):
    check_laws(norm, (N, 2), np.random.default_rng(seed))


@settings(max_examples=12)
@given(norm=trees, seed=seeds)
def test_composed_products(norm, seed):
    check_laws(norm, {"b": (N,), "w": (N, 2)}, np.random.default_rng(seed))


@settings(max_examples=10)
@given(layer=vector_leaves, product=trees, outer=st.sampled_from([norms.Product, norms.SumProduct]), seed=seeds)
def test_products_of_products(layer, product, outer, seed):
    shape = [(N,), {"b": (N,), "w": (N, 2)}]
    norm = outer([layer, norms.Scaled(0.5, product) if seed % 2 else product], [1.0, 2.0])
    x, g = draw(shape, np.random.default_rng(seed)), draw(shape, np.random.default_rng(seed + 1))
    check_norm(norm, x, g, 1e-9)
    check_lmo(norm, g, np.random.default_rng(seed), 1e-9)
