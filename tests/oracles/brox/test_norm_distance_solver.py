"""min |r - y|_a over |y|_b <= t as a plain function: lower bounds are below every feasible value and are attained."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox.norm_distance import nearest
from broximal.oracles.norms import (
    L1,
    L2,
    OWL,
    Ellipsoid,
    Frobenius,
    KyFan,
    LInf,
    Lp,
    Nuclear,
    Scaled,
    Schatten,
    Spectral,
    TopK,
    WeightedL1,
    WeightedLInf,
)

FAST = [L1(), L2(), LInf(), TopK(2), OWL([2.0, 1.0, 0.5, 0.0])]
W, V = [1.0, 2.0, 0.5, 3.0], [2.0, 0.25, 1.0, 1.0]
TILTED = Ellipsoid(np.diag(W) + 0.2)
SIDES = [L1(), LInf(), WeightedL1(W), WeightedLInf(W)]  # of balls that are cubes and cross-polytopes
PAIRS = [
    *itertools.product(FAST, [L1(), L2(), LInf()]),
    *((LInf(), Lp(3.0)), (L1(), Lp(1.5)), (Scaled(3.0, L1()), L1())),
    *itertools.product(SIDES, [WeightedL1(V), WeightedLInf(V), TILTED, L1(), LInf()]),
    *((WeightedL1(W), Lp(3.0)), (WeightedLInf(W), Lp(1.5)), (OWL([2.0, 1.0, 0.5, 0.0]), WeightedLInf(V))),
]


@settings(max_examples=80)
@given(
    st.lists(
        st.one_of(st.floats(-9, 9, allow_subnormal=False), st.sampled_from([0.0, 1.0, -1.0])), min_size=4, max_size=4
    ),
    st.sampled_from(PAIRS),
    st.floats(0.01, 20, allow_subnormal=False),
)
def test_bound_is_attained(r, pair, t):
    (a, b), r = pair, np.array(r)
    found = nearest(a, b, r, t)
    rest = r - found.step
    value = float(a(rest)) if rest.any() else 0.0
    noise = 1e-12 * (float(a(r)) if r.any() else 0.0)
    assert not found.step.any() or float(b(found.step)) <= t * (1 + 1e-12)
    assert value - noise <= float(found.lower) <= value + noise
    if found.dual.any():
        assert float(a.dual(found.dual)) <= 1 + 1e-12
        bound = float((found.dual * r).sum()) - t * float(b.dual(found.dual))
        assert bound == pytest.approx(float(found.lower), abs=1e-12 + noise)
        v = b.lmo(np.sin(np.arange(4.0) + t), t)
        assert float(a(r - v)) >= float(found.lower) - noise
    else:
        assert value <= noise


@pytest.mark.parametrize("pair", [(Spectral(), Nuclear()), (KyFan(2), Spectral()), (Schatten(3.0), Frobenius())])
def test_matrices_with_rank_loss(pair):
    a, b = pair
    for R in (np.diag([3.0, 3.0]), np.ones((2, 3)), np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]]), np.zeros((2, 2))):
        for t in (0.2, 2.0, 40.0):
            found = nearest(a, b, R, t)
            value = float(a(R - found.step)) if (R - found.step).any() else 0.0
            assert value == pytest.approx(float(found.lower), abs=1e-11)
            assert not found.step.any() or float(b(found.step)) <= t * (1 + 1e-11)


def test_no_structure():
    assert nearest(Lp(3.0), Lp(1.5), np.ones(3), 0.1) is None
    assert nearest(Spectral(), LInf(), np.ones((2, 2)), 0.1) is None


def test_mutants_are_refuted():
    """Clipping where a soft threshold belongs, and the other way round, does not attain the bound."""
    r, t = np.array([3.0, -1.0, 0.5, 2.0]), 1.0
    over_l1, over_linf = nearest(L2(), L1(), r, t), nearest(L2(), LInf(), r, t)
    clipped = np.clip(r, -t, t)
    assert float(L2()(r - clipped / 4)) > float(over_l1.lower) + 0.1
    assert float(L2()(r - over_l1.step)) > float(over_linf.lower) + 0.1


def test_in_jax(x64):
    r = np.array([3.0, -1.0, 0.5, 2.0])
    for a, b in PAIRS[:6]:
        there = jax.jit(lambda r, a=a, b=b: nearest(a, b, r, 1.0).step)(jnp.asarray(r))
        assert np.allclose(there, nearest(a, b, r, 1.0).step, atol=1e-10)
