"""The separable solvers as plain functions, against cvxpy and scalar search."""

import cvxpy as cp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox.separable import (
    convex_ball,
    stationary,
    weighted_absolute_l1,
    weighted_absolute_l2,
    weighted_squares_l1,
)

VECTORS = st.lists(st.floats(-100, 100, allow_subnormal=False), min_size=3, max_size=3).map(np.array)
POSITIVE = st.lists(st.floats(0.01, 100, allow_subnormal=False), min_size=3, max_size=3).map(np.array)
RADII = st.floats(0.01, 500, allow_subnormal=False)


def twin(objective, y, size, radius):
    problem = cp.Problem(cp.Minimize(objective), [size <= radius])
    return problem.solve(solver="CLARABEL")


@settings(max_examples=60)
@given(POSITIVE, VECTORS, RADII)
def test_weighted_squares_over_l1(a, r, t):
    """Optimality: a (r - y) is at most s everywhere and equal to s, with the sign of y, where y moves."""
    y = weighted_squares_l1(a, r, t)
    force = a * (r - y)
    assert np.abs(y).sum() <= t * (1 + 1e-12)
    level = np.abs(force).max()
    assert t * level - force @ y <= 1e-12 * (t * level + np.abs(force * y).sum()) + 1e-12 * level * np.abs(r).sum()


@settings(max_examples=60)
@given(POSITIVE, VECTORS, RADII, st.sampled_from([1, 2]))
def test_weighted_absolute_values(w, r, t, p):
    """Optimality by the aligned subgradient: h_i = w_i sign where r is not reached, anything up to w_i where it is."""
    y, s = (weighted_absolute_l1 if p == 1 else weighted_absolute_l2)(w, r, t)
    size, dual = (np.abs(y).sum(), np.inf) if p == 1 else (np.linalg.norm(y), 2)
    assert size <= t * (1 + 1e-12)
    if np.linalg.norm(r, p) <= t:
        assert np.array_equal(y, r) and s == 0
        return
    reached = y == r
    h = np.sign(r) * np.where(reached, np.minimum(w, s if p == 1 else s * np.abs(y)), w)
    assert t * np.linalg.norm(h, dual) - h @ y <= 1e-9 * t * np.linalg.norm(h, dual)


def test_absolute_values_against_cvxpy():
    rng = np.random.default_rng(0)
    for p, solver in ((1, weighted_absolute_l1), (2, weighted_absolute_l2)):
        for t in (0.3, 1.5):
            w, r = rng.uniform(0.5, 2, 5), rng.standard_normal(5)
            y, _ = solver(w, r, t)
            v = cp.Variable(5)
            other = twin(cp.sum(cp.multiply(w, cp.abs(r - v))), v, cp.norm(v, p), t)
            assert (w * np.abs(r - y)).sum() == pytest.approx(other, abs=1e-7)


def test_stationary_rests_on_kinks():
    """phi = |u|, pulled from 3 by s (u - x): prox is soft, exactly 0 where it should be."""

    def slopes(u):
        return np.where(u > 0, 1.0, -1.0), np.where(u < 0, -1.0, 1.0)

    x = np.array([3.0, 0.5, -0.2, 0.0])
    for s in (0.1, 0.5, 2.0):
        u = stationary(slopes, lambda d, s=s: s * d, (0.0,), x, np.zeros(4))
        assert np.allclose(u, np.sign(x) * np.maximum(np.abs(x) - 1 / s, 0), atol=1e-15)
        assert np.array_equal(u == 0, np.abs(x) <= 1 / s)


@pytest.mark.parametrize("p", [1.0, 1.2, 2.0, 4.0])
def test_convex_ball_against_cvxpy(p):
    rng = np.random.default_rng(1)
    w, x = rng.uniform(0.5, 2, 4), 3 * rng.standard_normal(4)

    def slopes(u):  # w |u| + u^2 / 2
        return w * np.where(u > 0, 1.0, -1.0) + u, w * np.where(u < 0, -1.0, 1.0) + u

    for t in (0.05, 1.0, 4.0, 100.0):
        found = convex_ball(slopes, (0.0,), x, np.zeros(4), p, t)
        left, right = slopes(found.point)
        assert np.all(left - 1e-12 <= found.subgradient) and np.all(found.subgradient <= right + 1e-12)
        q = np.inf if p == 1 else p / (p - 1)
        size = np.linalg.norm(found.subgradient, q)
        assert np.linalg.norm(found.point - x, p) <= t * (1 + 1e-12)
        assert t * size - found.subgradient @ (x - found.point) <= 1e-11 * (t * size + 1e-300)
        z = cp.Variable(4)
        f = cp.sum(cp.multiply(w, cp.abs(z))) + cp.sum_squares(z) / 2
        other = twin(f, z, cp.pnorm(z - x, p), t)
        value = (w * np.abs(found.point) + found.point**2 / 2).sum()
        assert value == pytest.approx(other, abs=1e-5)


def test_the_multiplier_is_needed():
    """Dropping the kink or the radius is refuted by the same optimality check."""
    x = np.array([3.0, 1.0, -2.0])

    def slopes(u):
        return np.where(u > 0, 1.0, -1.0), np.where(u < 0, -1.0, 1.0)

    found = convex_ball(slopes, (0.0,), x, np.zeros(3), 2.0, 1.5)
    for point in (x - (found.point - x), x + 0.5 * (found.point - x)):
        assert np.abs(point).sum() > np.abs(found.point).sum() + 0.1


def test_in_jax(x64):
    w, r = np.array([1.0, 2.0, 0.5]), np.array([1.0, -3.0, 2.0])
    for solver in (weighted_absolute_l1, weighted_absolute_l2):
        assert np.allclose(jax.jit(solver)(jnp.asarray(w), jnp.asarray(r), 1.3)[0], solver(w, r, 1.3)[0], atol=1e-14)
    assert np.allclose(
        jax.jit(weighted_squares_l1)(jnp.asarray(w), jnp.asarray(r), 1.3), weighted_squares_l1(w, r, 1.3)
    )
