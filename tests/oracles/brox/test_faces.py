"""The face walks against enumeration of all faces, with ties, singular Hessians and odd starts."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox.faces import box, cross_polytope, onto_cross_polytope


def value(H, c, y):
    return 0.5 * y @ H @ y + c @ y


def faces_of_box(H, c, bounds):
    """min over the cube: the minimiser over each face, where it lies in that face."""
    best = np.inf
    for pattern in itertools.product((-1, 0, 1), repeat=c.size):
        fixed = np.array(pattern) != 0
        y = np.array(pattern) * bounds
        if not fixed.all():
            free = ~fixed
            y[free] = np.linalg.lstsq(H[np.ix_(free, free)], -(c + H @ y)[free], rcond=None)[0]
        if np.all(np.abs(y) <= bounds * (1 + 1e-9)):
            best = min(best, value(H, c, np.clip(y, -bounds, bounds)))
    return best


def faces_of_cross_polytope(H, c, t):
    best = 0.0
    interior = np.linalg.lstsq(H, -c, rcond=None)[0]
    if np.abs(interior).sum() <= t:
        best = value(H, c, interior)
    for pattern in itertools.product((-1.0, 0.0, 1.0), repeat=c.size):
        s = np.array(pattern)
        free = np.flatnonzero(s)
        if free.size == 0:
            continue
        k = free.size
        system = np.block([[H[np.ix_(free, free)], s[free][:, None]], [s[free][None, :], np.zeros((1, 1))]])
        y = np.zeros(c.size)
        y[free] = np.linalg.lstsq(system, np.r_[-c[free], t], rcond=None)[0][:k]
        if np.all(s * y >= -1e-9) and abs(np.abs(y).sum() - t) <= 1e-9 * t:
            best = min(best, value(H, c, y))
    return best


def gap(H, c, y, support):
    g = H @ y + c
    return g @ y + support(g)


def check(H, c, t, start=None, spectrum=None):
    n, scale = c.size, (np.abs(H).sum() * t + np.abs(c).sum()) * t
    start = np.zeros(n) if start is None else start
    bounds = np.full(n, t)
    y, _ = box(H, c, bounds, start, spectrum)
    assert np.abs(y).max() <= t
    assert gap(H, c, y, lambda g: t * np.abs(g).sum()) <= 1e-13 * scale
    z, _ = cross_polytope(H, c, t, onto_cross_polytope(start, t), spectrum)
    assert np.abs(z).sum() <= t * (1 + 1e-14)
    assert gap(H, c, z, lambda g: t * np.abs(g).max()) <= 1e-13 * scale
    unit = max(np.abs(H).max() * t, np.abs(c).max())
    if n <= 4 and unit > 0:  # the twins work in units of their own
        H, c, y, z, bounds = H * (t / unit), c / unit, y / t, z / t, np.ones(n)
        scale = np.abs(H).sum() + np.abs(c).sum()
        assert abs(value(H, c, y) - faces_of_box(H, c, bounds)) <= 1e-8 * scale
        assert abs(value(H, c, z) - faces_of_cross_polytope(H, c, 1.0)) <= 1e-8 * scale


@settings(max_examples=60)
@given(
    st.integers(1, 4),
    st.integers(0, 10_000),
    st.sampled_from([1e-4, 0.3, 1.0, 20.0]),
    st.sampled_from([0, 1, 4]),
    st.booleans(),
)
def test_random(n, seed, t, rank, integer):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal((n, max(rank, 1) if rank < n else n))
    c = rng.standard_normal(n)
    if integer:  # ties everywhere
        M, c = np.round(M), np.round(c)
    H = M @ M.T
    check(H, c if rank else H @ c, t, start=rng.standard_normal(n))


@pytest.mark.parametrize("condition", [1.0, 1e2, 1e5, 1e8])
@pytest.mark.parametrize("fraction", [0.01, 0.3, 0.9])
def test_ill_conditioned(condition, fraction, rng):
    n = 40
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    w = np.geomspace(1 / condition, 1, n)
    H, z = (Q * w) @ Q.T, rng.standard_normal(n)
    check(H, -H @ z, fraction * np.abs(z).max(), start=z, spectrum=(w, Q))


def test_every_gradient_entry_tied():
    """The situation after a cross-polytope step: all moving coordinates have the largest |gradient|."""
    H = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 1.0], [0.0, 1.0, 2.0]])
    for c in (np.ones(3), np.array([1.0, -1.0, 1.0]), np.zeros(3)):
        for t in (0.1, 1.0, 10.0):
            check(H, c, t)


def test_a_broximal_run_with_ties(rng):
    """Each step starts where the last one ended, so the path of multipliers starts at a tie every time."""
    n, t = 12, 0.4
    M = rng.standard_normal((n, n))
    H = M @ M.T / n + 0.05 * np.eye(n)
    x, before, z = np.zeros(n), np.zeros(n), 2 * rng.standard_normal(n)
    for k in range(12):
        g = H @ (x - z)
        if k:
            moved = np.abs(x - before) > 1e-9
            assert np.allclose(np.abs(g[moved]), np.abs(g).max(), rtol=1e-9)
        y, _ = cross_polytope(H, g, t, np.zeros(n))
        assert gap(H, g, y, lambda v: t * np.abs(v).max()) <= 1e-13 * np.abs(g).max() * t * n
        before, x = x, x + y


def test_linear_and_tiny():
    check(np.zeros((3, 3)), np.array([1.0, -2.0, 2.0]), 1.0)
    check(1e-150 * np.eye(2), 1e-150 * np.array([3.0, -1.0]), 1.0)
    check(1e150 * np.eye(2), 1e150 * np.array([3.0, -1.0]), 1.0)
    check(np.eye(1), np.array([3.0]), 1e-100)


@pytest.mark.parametrize("solve", ["box", "cross_polytope"])
def test_the_check_catches_mutations(solve, monkeypatch, rng):
    M = rng.standard_normal((4, 4))
    H, c = M @ M.T, rng.standard_normal(4)
    check(H, c, 0.3)
    true = globals()[solve]
    for change in (lambda y: -y, lambda y: 0.5 * y, lambda y: 1.001 * y, lambda y: y[::-1]):
        monkeypatch.setitem(globals(), solve, lambda *args, change=change: (change(true(*args)[0]), 1))
        with pytest.raises(AssertionError):
            check(H, c, 0.3)
