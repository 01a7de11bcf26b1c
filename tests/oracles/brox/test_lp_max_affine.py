"""The solvers of max-affine functions as plain functions: weights on the simplex, gaps at rounding level, odd scales."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox.lp_max_affine import box, cross_polytope, euclidean_ball, everywhere

SOLVERS = {
    "box": (box, lambda y, r: np.abs(y / r).max(), lambda g, r: np.abs(g * r).sum(), cp.norm_inf),
    "cross polytope": (cross_polytope, lambda y, r: np.abs(y / r).sum(), lambda g, r: np.abs(g * r).max(), cp.norm1),
    "euclidean": (
        lambda A, c, r: euclidean_ball(A, c, r[0]),
        lambda y, r: np.linalg.norm(y) / r[0],
        lambda g, r: np.linalg.norm(g) * r[0],
        cp.norm2,
    ),
}


def check(name, A, c, reach):
    """Feasible, on the simplex, supported on active pieces, and with a gap of rounding size."""
    solver, size, support, _ = SOLVERS[name]
    found = solver(A, c, reach)
    value = float((A @ found.step + c).max())
    scale = np.abs(c).max() + np.abs(A * reach).max() * A.shape[1]
    assert size(found.step, reach) <= 1 + 1e-13
    assert np.all(found.weights >= 0) and found.weights.sum() == pytest.approx(1, abs=1e-13)
    assert np.all((A @ found.step + c)[found.weights > 0] >= value - 1e-12 * scale)
    lower = float(found.weights @ c) - support(A.T @ found.weights, reach)
    assert found.lower == pytest.approx(lower, abs=1e-14 * scale)
    assert value - lower <= 2e-13 * scale
    return found, value


@pytest.mark.parametrize("name", SOLVERS)
def test_against_cvxpy(name):
    rng = np.random.default_rng(0)
    for m, n in ((1, 3), (4, 2), (9, 4), (30, 6)):
        A, c, reach = rng.standard_normal((m, n)), rng.standard_normal(m), np.full(n, 0.8)
        _, value = check(name, A, c, reach)
        y = cp.Variable(n)
        twin = cp.Problem(cp.Minimize(cp.max(A @ y + c)), [SOLVERS[name][3](y) <= 0.8]).solve(solver="CLARABEL")
        assert value == pytest.approx(twin, abs=1e-6)


@pytest.mark.parametrize("name", SOLVERS)
@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), m=st.integers(1, 8), n=st.integers(1, 4), power=st.integers(-8, 8))
def test_integer_data_at_any_scale(name, seed, m, n, power):
    rng = np.random.default_rng(seed)
    scale = 10.0**power
    A, c = rng.integers(-2, 3, (m, n)).astype(float), scale * rng.integers(-3, 4, m)
    check(name, A, c, scale * np.full(n, float(rng.integers(1, 4))))


def test_unequal_reaches():
    rng = np.random.default_rng(1)
    for name in ("box", "cross polytope"):
        check(name, rng.standard_normal((9, 4)), rng.standard_normal(9), np.array([1.0, 1e-3, 10.0, 0.5]))


def test_the_whole_space():
    A = np.r_[np.eye(2), -np.eye(2)]
    found = everywhere(A, np.array([0.0, 1.0, 2.0, 3.0]))
    assert (A @ found.step + [0, 1, 2, 3]).max() == pytest.approx(2.0)
    assert np.abs(A.T @ found.weights).max() < 1e-14 and found.lower == pytest.approx(2.0)
    assert everywhere(np.eye(2), np.zeros(2)) is None


@pytest.mark.parametrize("name", SOLVERS)
def test_mutants_are_refuted(name):
    rng = np.random.default_rng(2)
    A, c, reach = rng.standard_normal((9, 4)), rng.standard_normal(9), np.full(4, 0.5)
    found, value = check(name, A, c, reach)
    for step in (-found.step, 0.5 * found.step):
        assert (A @ step + c).max() - found.lower > 1e-6
    flipped = np.roll(found.weights, 1)
    assert value - (float(flipped @ c) - SOLVERS[name][2](A.T @ flipped, reach)) > 1e-6
