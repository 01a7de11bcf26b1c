"""The scalar and sequence tools that the projections stand on, each against a slow twin."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays as drawn

from broximal.oracles import isotonic
from broximal.oracles.roots import decreasing_root
from broximal.oracles.simplex import soft_threshold_level

entries = st.floats(0, 100, allow_subnormal=False)
vectors = st.integers(1, 12).flatmap(lambda n: drawn(np.float64, n, elements=entries))


def level_by_sorting(a, radius):
    """The textbook answer: sort, accumulate, pick."""
    if a.sum() <= radius:
        return 0.0
    b = np.sort(a)[::-1]
    levels = (np.cumsum(b) - radius) / np.arange(1, b.size + 1)
    return levels[np.flatnonzero(b > levels)[-1]] if (b > levels).any() else b[0]


@settings(max_examples=200)
@given(vectors, st.floats(1e-3, 100, allow_subnormal=False))
def test_level_against_sorting(a, radius):
    level = soft_threshold_level(a, radius)
    assert level == pytest.approx(level_by_sorting(a, radius), rel=1e-12, abs=1e-12 * a.max())
    if a.sum() > radius:
        assert np.maximum(a - level, 0).sum() == pytest.approx(radius, rel=1e-9, abs=1e-13 * a.sum())


@settings(max_examples=100)
@given(vectors, st.floats(1e-3, 50, allow_subnormal=False), st.integers(0, 1000))
def test_weighted_level_against_bisection(a, radius, seed):
    w = np.random.default_rng(seed).uniform(0.1, 10, a.size)
    level = soft_threshold_level(a, radius, w)
    low, high = 0.0, float((a / w).max())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (w * np.maximum(a - middle * w, 0)).sum() > radius else (low, middle)
    assert level == pytest.approx(low, rel=1e-9, abs=1e-12 * (1 + a.max() / w.min()))


@pytest.mark.parametrize("radius", [1e-6, 1.0, 1e3])
def test_level_of_a_million_float32(radius, rng):
    a = np.abs(rng.standard_normal(1_000_000)).astype(np.float32)
    level = float(jax.jit(soft_threshold_level)(jnp.asarray(a), jnp.float32(radius)))
    exact = level_by_sorting(a.astype(np.float64), radius)
    assert level == pytest.approx(exact, rel=1e-6)


def test_degenerate_levels():
    assert soft_threshold_level(np.zeros(3), 1.0) == 0
    assert soft_threshold_level(np.ones(4), 2.0) == pytest.approx(0.5)
    assert soft_threshold_level(np.array([1e150, 1.0]), 1e149) == pytest.approx(9e149)
    assert soft_threshold_level(np.array([3e-150]), 1e-150) == pytest.approx(2e-150)


sequences = st.integers(1, 30).flatmap(lambda n: drawn(np.float64, n, elements=st.floats(-9, 9, allow_subnormal=False)))


@settings(max_examples=60)
@given(sequences)
def test_isotonic_regression_by_its_definition(v):
    """The min-max form: z_i = min over l <= i of max over j >= i of mean(v[l..j])."""
    n = v.size
    means = [[v[l : j + 1].mean() if l <= j else np.nan for j in range(n)] for l in range(n)]
    slow = [min(max(means[l][j] for j in range(i, n)) for l in range(i + 1)) for i in range(n)]
    assert isotonic.decreasing(v) == pytest.approx(np.array(slow), abs=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 20]))
def test_isotonic_sweeps_agree_with_scipy(seed, n):
    v = np.random.default_rng(seed).standard_normal(n).round(1)
    with jax.enable_x64(True):
        fast = jax.jit(isotonic.decreasing)(jnp.asarray(v))
    assert np.asarray(fast) == pytest.approx(isotonic.decreasing(v), abs=1e-12)


FUNCTIONS = {
    "line": (lambda s: 0.3 - s, 0.0, 1.0, 0.3),
    "cubic": (lambda s: 2e-9 - s**3, 0.0, 1.0, 2e-9 ** (1 / 3)),
    "flat then steep": (lambda s: 1 - s**40, 0.0, 3.0, 1.0),
    "tiny root": (lambda s: 1e-20 - s, 0.0, 1.0, 1e-20),
    "hyperbola": (lambda s: 1 / (s + 1e-8) - 5, 0.0, 1e6, 0.2 - 1e-8),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_roots_by_both_methods(name, x64):
    fn, low, high, root = FUNCTIONS[name]
    for one in (np.float64, jnp.float64):
        found = decreasing_root(fn, one(low), one(high), one(fn(low)), one(fn(high)))
        assert float(found) == pytest.approx(root, rel=1e-13)


def test_brackets_without_a_root(x64):
    for one in (np.float64, jnp.float64):
        assert float(decreasing_root(lambda s: -s - 1, one(0), one(2), one(-1), one(-3))) == 0
        assert float(decreasing_root(lambda s: 5 - s, one(0), one(2), one(5), one(3))) == 2
