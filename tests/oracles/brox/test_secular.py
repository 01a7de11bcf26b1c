"""The secular equation against bisection, and its optimality system on random and degenerate data."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox.secular import secular


def value(w, c, y):
    return 0.5 * (w * y * y).sum() + (c * y).sum()


def slow(w, c, t):
    """The minimum by bisection on the multiplier, the hard case completed along the lowest coordinate."""
    shift = max(0.0, -w.min())
    v, low, high = w + shift, 0.0, np.abs(c).sum() / t + 1e-300  # the multiplier is shift + s, s in [low, high]

    def step(s):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return -np.where(c == 0, 0.0, c / (v + s))

    y = step(0.0)
    if np.linalg.norm(y) <= t:
        if w.min() < 0:
            y[np.argmin(w)] += np.sqrt(max(t * t - y @ y, 0.0))
        return value(w, c, y)
    for _ in range(400):  # halving in the logarithm too, as roots may be tiny
        middle = 0.5 * (low + high) if low >= 0.1 * high else 0.1 * high
        low, high = (middle, high) if np.linalg.norm(step(middle)) > t else (low, middle)
    return value(w, c, step(high))


def check(w, c, t, solve=secular):
    root = solve(w, c, t)
    y, s = np.asarray(root.point), float(root.multiplier)
    scale = np.abs(w).max() * t + np.abs(c).max()
    assert np.linalg.norm(y) <= t * (1 + 1e-14)
    assert s >= 0 and (w + s).min() >= -1e-13 * np.abs(w).max()
    assert np.abs((w + s) * y + c).max() <= 1e-11 * scale
    assert s * (t - np.linalg.norm(y)) <= 1e-11 * scale
    found, least = value(w, c, y), slow(w, c, t)
    assert abs(found - least) <= 1e-12 * scale * t
    assert -1e-13 * scale * t <= found - float(root.dual) <= 1e-12 * scale * t


finite = st.floats(-10, 10, allow_subnormal=False)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(finite, finite), min_size=1, max_size=6),
    st.sampled_from([1e-6, 0.1, 1.0, 30.0]),
    st.sampled_from([1e-100, 1.0, 1e100]),
)
def test_random(pairs, t, unit):
    w, c = np.array(pairs).T
    # what a rounded eigenvalue or gradient cannot be told from is another test's subject
    w, c = np.where(np.abs(w) < 1e-3, 0.0, np.round(w, 3)), np.where(np.abs(c) < 1e-3, 0.0, c)
    check(unit * w, unit * c, t)


@pytest.mark.parametrize(
    "w, c, t",
    [
        ([1.0], [0.0], 1.0),  # zero gradient, centre optimal
        ([-1.0], [0.0], 2.0),  # zero gradient, concave
        ([0.0, 0.0], [0.0, 0.0], 1.0),
        ([0.0, 0.0], [3.0, 4.0], 1.0),  # linear
        ([0.0, 1.0], [0.0, 5.0], 100.0),  # singular, gradient in range: minimum norm
        ([0.0, 1.0], [0.0, 5.0], 1.0),
        ([-1.0, 1.0], [0.0, 1.0], 3.0),  # hard case
        ([-1.0, -1.0, 2.0], [0.0, 0.0, 1.0], 0.5),  # double lowest eigenvalue
        ([-1.0, 1.0], [0.0, 1.0], 0.4),  # orthogonal to the lowest, yet not hard
        ([-1.0, 1.0], [0.0, 1.0], 0.5),  # exactly between
        ([-1.0, 1.0], [1e-9, 1.0], 3.0),  # nearly hard
        ([5.0, 5.0, 5.0], [1.0, 1.0, 1.0], 0.1),
        ([1.0, 2.0], [1.0, 2.0], np.sqrt(2.0)),  # minimiser on the boundary
    ],
)
def test_degenerate(w, c, t):
    check(np.array(w), np.array(c), t)


def test_hard_case_uses_the_whole_ball():
    root = secular(np.array([-1.0, 1.0]), np.array([0.0, 1.0]), 3.0)
    assert np.linalg.norm(root.point) == pytest.approx(3.0, rel=1e-15)
    assert root.multiplier == 1.0


def test_least_norm_solution_when_singular():
    root = secular(np.array([0.0, 2.0]), np.array([0.0, 4.0]), 10.0)
    assert np.array_equal(root.point, [0.0, -2.0]) and root.multiplier == 0


def test_rounding_noise_is_not_a_gradient():
    """A null component at rounding level does not push the step to the boundary; one above it does."""
    w, c = np.array([0.0, 1.0]), np.array([1e-17, 1.0])
    assert np.linalg.norm(secular(w, c, 5.0, noise=1e-16).point) < 1.5
    assert np.linalg.norm(secular(w, c, 5.0).point) == pytest.approx(5.0)


@pytest.mark.parametrize("mutation", ["sign", "radius", "multiplier"])
def test_the_check_catches_mutations(mutation):
    def broken(w, c, t):
        root = secular(w, c, 0.9 * t if mutation == "radius" else t)
        if mutation == "sign":
            return root._replace(point=-root.point)
        return root._replace(multiplier=root.multiplier + 1e-6) if mutation == "multiplier" else root

    with pytest.raises(AssertionError):
        check(np.array([-1.0, 0.5, 3.0]), np.array([1.0, -2.0, 0.3]), 0.7, broken)
