"""What grows with the size as it must: sorted norms, groups, products and mixed norms."""

import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles import arrays, norms
from broximal.oracles.norms import L1, L2, Group, KSupport, L2Product, LInf, Mixed, Spectral, TopKL2


def test_large_k_builds_no_array_of_k_rows(rng):
    """k times n numbers would be 80 GB; the value is that of its definition, min sum x_i^2 / theta_i."""
    n, k = 200_000, 50_000
    x = rng.standard_normal(n)
    value, p = KSupport(k)(x), KSupport(k).project(x, 10.0)
    assert value >= arrays.l2(x) and TopKL2(k)(x) <= arrays.l2(x)
    assert KSupport(k)(p) == pytest.approx(10.0, rel=1e-9)
    assert -(KSupport(k).lmo(x) * x).sum() == pytest.approx(TopKL2(k)(x), rel=1e-12)


def test_many_groups(rng):
    norm = Group([2] * 100_000)
    x = rng.standard_normal(200_000)
    lengths = np.hypot(x[::2], x[1::2])
    assert norm(x) == pytest.approx(lengths.sum(), rel=1e-12)
    assert -(norm.dual.lmo(x) * x).sum() == pytest.approx(lengths.sum(), rel=1e-12)
    assert norm.groups[-1] == [199_998, 199_999]
    assert Group([[0, 2], [1]]).partition == Group([[0, 2], [1]]).partition != Group([2, 1]).partition


def test_nested_l2_products_are_one(rng, monkeypatch):
    """l2 of l2 is l2; the inner products ask for no root of their own."""
    parts = [Spectral(), L1(), LInf(), L2()]
    nested = L2Product((L2Product(tuple(parts[:2]), (1.0, 2.0)), L2Product(tuple(parts[2:]), (0.5, 1.0))), (3.0, 1.0))
    flat = L2Product(tuple(parts), (3.0, 6.0, 0.5, 1.0))
    x = (rng.standard_normal((3, 2)), *rng.standard_normal((3, 3)))
    deep = nested.project((x[:2], x[2:]), 1.0)
    plain = flat.project(x, 1.0)
    for a, b in zip([*deep[0], *deep[1]], plain, strict=True):
        assert np.allclose(a, b, atol=1e-12)
    calls = []
    monkeypatch.setattr(L2Product, "_project_outside", lambda self, parts, radius: calls.append(self) or parts)
    nested.project((x[:2], x[2:]), 1.0)
    assert calls == [nested]


@pytest.mark.parametrize("inner", [L1(), LInf(), L2()], ids=str)
@pytest.mark.parametrize("outer", [L1(), L2(), LInf()], ids=str)
def test_rows_at_once_are_rows_one_by_one(outer, inner, rng, x64):
    """numpy takes the rows together where their norm is simple, JAX one by one."""
    norm = Mixed(outer, inner)
    for x in (rng.standard_normal((4, 3)), np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])):
        there = jnp.asarray(x)
        radius = 0.4 * float(norm(x))
        assert np.allclose(norm(x), norm(there), rtol=1e-12)
        assert np.allclose(norm.lmo(x), norm.lmo(there), atol=1e-12)
        assert np.allclose(norm.project(x, radius), norm.project(there, radius), atol=1e-7)


def test_the_catalogue_knows_which_answers_are_iterations():
    found = {entry.alias for entry in norms.catalogue() for norm, _ in entry.examples if norm.iterative}
    assert found == {"atom_hull", "cvxpy_norm", "linear_image", "max_abs_linear", "mixed"}
