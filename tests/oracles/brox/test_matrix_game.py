"""Matrix games: against a linear program posed from the other player's side, known values, any scale and shift."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from broximal.oracles.brox.matrix_game import solve_game


def row_player(M):
    """max over lam of min_j (lam' M)_j, which is the value of the game by von Neumann's theorem."""
    m, k = M.shape
    found = linprog(
        np.r_[np.zeros(m), -1.0],
        A_ub=np.c_[-M.T, np.ones(k)],
        b_ub=np.zeros(k),
        A_eq=np.r_[np.ones(m), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
    )
    return -found.fun


def check(M, scale):
    game = solve_game(M)
    for weights in (game.mu, game.lam):
        assert np.all(weights >= 0) and weights.sum() == pytest.approx(1, abs=1e-14)
    assert game.upper == pytest.approx((M @ game.mu).max(), abs=1e-15 * scale)
    assert game.lower == pytest.approx((game.lam @ M).min(), abs=1e-15 * scale)
    assert -1e-14 * scale <= game.upper - game.lower <= 1e-13 * scale
    return game


def test_known_games():
    rock = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    game = check(rock, 1.0)
    assert np.allclose(game.mu, 1 / 3, atol=1e-12) and np.allclose(game.lam, 1 / 3, atol=1e-12)
    assert check(np.full((3, 2), 7.0), 7.0).upper == 7.0
    assert check(np.array([[1.0, 3.0], [2.0, 0.0]]), 3.0).upper == pytest.approx(1.5, abs=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (5, 1), (3, 7), (12, 12), (40, 25)])
def test_against_the_other_player(shape):
    M = np.random.default_rng(0).standard_normal(shape)
    assert check(M, 4.0).upper == pytest.approx(row_player(M), abs=1e-8)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 6), st.integers(-9, 9), st.integers(-3, 3))
def test_integer_games_at_any_scale_and_shift(seed, m, k, power, shift):
    scale = 10.0**power
    M = scale * (np.random.default_rng(seed).integers(-3, 4, (m, k)) + 100.0 * shift)
    check(M, scale * (1 + 100 * abs(shift)))


def test_other_weights_are_worse():
    M = np.random.default_rng(1).standard_normal((6, 6))
    game = solve_game(M)
    assert (M @ np.roll(game.mu, 1)).max() > game.upper + 1e-3
    assert (np.roll(game.lam, 1) @ M).min() < game.lower - 1e-3
