"""Moves along a line, projections onto level sets, proximal steps of a given length, order, and names of norms."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.brox.level_set import into_level_set, proximal_step, resized
from broximal.oracles.brox.monotone import cut, cut_in, shrink
from broximal.oracles.brox.radial import descend, towards
from broximal.oracles.norms import (
    L1,
    L2,
    AtomHull,
    Ellipsoid,
    Frobenius,
    KyFan,
    LInf,
    Lp,
    MaxAbsLinear,
    Nuclear,
    Scaled,
    Schatten,
    Spectral,
    TopK,
    WeightedL1,
    WeightedLInf,
)

NORMS = [L1(), L2(), LInf(), Lp(3.0)]


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_towards(norm, rng):
    x, c = rng.standard_normal(4), rng.standard_normal(4)
    D = float(norm(x - c))
    for t in (1e-9, 0.3 * D, D, 2 * D):
        u = towards(x, c, D, t)
        assert float(norm(u - x)) == pytest.approx(min(t, D), rel=1e-7)
        assert float(norm(u - c)) == pytest.approx(max(D - t, 0.0), abs=1e-12) if t < D else np.array_equal(u, c)
    assert np.array_equal(towards(x, x, 0.0, 1.0), x)


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_descend(norm, rng):
    a, x = rng.standard_normal(4), rng.standard_normal(4)
    here, reach = float(a @ x), float(norm.dual(a))
    for low, high in (
        (-np.inf, -np.inf),
        (here - 0.5 * reach,) * 2,
        (here + 9, np.inf),
        (-np.inf, here + 1),
        (np.inf, np.inf),
    ):
        u, level = descend(norm, a, x, low, high, 1.0)
        wanted = np.clip(np.clip(here, low, high), here - reach, here + reach)
        assert float(level) == pytest.approx(wanted, abs=1e-12) and float(a @ u) == pytest.approx(wanted, abs=1e-12)
        assert not (u - x).any() or float(norm(u - x)) <= 1 + 1e-13
    u, level = descend(norm, 0 * a, x, 1.0, 1.0, 1.0)  # nothing to gain
    assert np.array_equal(u, x) and level == 0


def test_level_sets_and_proximal_steps_agree(rng):
    """|z|_1 in the Euclidean norm: the projection on a level set and the soft threshold end at one point."""
    for _ in range(20):
        x = 3 * rng.standard_normal(5)
        size = np.abs(x).sum()
        t = 0.6 * np.linalg.norm(x)
        step = into_level_set(lambda s, x=x: L1()._project(x, max(s, 1e-300)), x, t, 0.0, size, np.linalg.norm(x))
        u, gamma = proximal_step(lambda g, x=x: np.sign(x) * np.maximum(np.abs(x) - g, 0), x, t, 1e-9, 1e3)
        assert np.linalg.norm(step) == pytest.approx(t, rel=1e-14) and np.allclose(x + step, u, atol=1e-12)
        h = (x - u) / gamma
        assert np.abs(h).max() <= 1 + 1e-9 and h @ u == pytest.approx(np.abs(u).sum(), abs=1e-9)
        worse = x + resized(rng.standard_normal(5), t)
        assert np.abs(worse).sum() >= np.abs(u).sum()
    assert not resized(np.zeros(3), 1.0).any()


def test_cut():
    """The largest entries come down to one level; a radius beyond all that sticks out lowers everything."""
    for x, t in itertools.product(([3.0, 1.0, 1.0], [0.0, 0.0, 0.0], [5.0, -2.0, 4.0], [1.0]), (0.1, 2.0, 50.0)):
        x = np.array(x)
        u, level = cut(x, t)
        assert np.array_equal(u, np.minimum(x, level)) and (x - u).sum() == pytest.approx(t, rel=1e-12)
        for norm in (L1(), L2(), LInf(), WeightedL1(np.arange(1.0, 1 + x.size))):
            v, s = cut_in(norm, x, t)
            assert float(norm(x - v)) == pytest.approx(t, rel=1e-9) and v.max() == pytest.approx(float(s), rel=1e-12)
        assert np.allclose(cut_in(L1(), x, t)[0], u, atol=1e-12 * (1 + np.abs(u).max()))


def test_cut_is_submajorised_by_everything_feasible(rng):
    """Partial sums of the sorted entries: what every Schur-convex nondecreasing function respects."""
    for _ in range(200):
        x, t = 2 * rng.standard_normal(5), rng.uniform(0.1, 6)
        u = np.sort(cut(x, t)[0])[::-1]
        z = x - L1().lmo(rng.standard_normal(5)) * 0 - t * rng.dirichlet(np.ones(5)) * rng.choice([-1, 1], 5)
        assert np.all(np.cumsum(np.sort(z)[::-1]) >= np.cumsum(u) - 1e-12)


def test_shrink():
    u = shrink(np.array([3.0, 0.2, -1.0]), np.array([0.0, 0.3, 1.0]), 0.5)
    assert u.tolist() == [2.5, 0.3, -0.5]


def test_plain_names():
    A = np.eye(2)
    for norm, (kind, radius) in {
        Lp(1.0): (L1, 3.0),
        Lp(2.0): (L2, 3.0),
        Lp(np.inf): (LInf, 3.0),
        Scaled(2.0, Scaled(3.0, L1())): (L1, 0.5),
        Frobenius(): (L2, 3.0),
        Schatten(1.0): (Nuclear, 3.0),
        Schatten(Scaled(2.0, LInf())): (Spectral, 1.5),
        Schatten(2.0): (L2, 3.0),
        Schatten(TopK(2)): (KyFan, 3.0),
    }.items():
        found, reach = plain(norm, 3.0)
        assert type(found) is kind and float(reach) == radius
    assert same(Lp(3.0), Lp(3.0)) and not same(Lp(3.0), Lp(4.0)) and not same(L1(), L2())
    assert same(WeightedL1([1.0, 2.0]), WeightedL1([1.0, 2.0])) and not same(
        WeightedL1([1.0, 2.0]), WeightedL1([1.0, 3.0])
    )
    assert same(Ellipsoid(A), Ellipsoid(A)) and not same(Ellipsoid(A), Ellipsoid(2 * A))


def test_in_jax(x64):
    x = jnp.array([3.0, -1.0, 0.5])
    assert np.allclose(jax.jit(lambda x: cut(x, 2.0)[0])(x), cut(np.asarray(x), 2.0)[0])
    assert np.allclose(jax.jit(lambda x: cut_in(L2(), x, 2.0)[0])(x), cut_in(L2(), np.asarray(x), 2.0)[0])
    assert np.allclose(jax.jit(lambda x: towards(x, 0 * x, 3.0, 1.0))(x), x * (2 / 3))


@pytest.mark.parametrize(
    "A", [np.eye(3), np.diag([1.0, -2.0, 0.5])[[2, 0, 1]], np.eye(3) + 0.3, np.r_[np.eye(3), np.eye(3)]]
)
def test_polyhedral_norms_on_the_axes_have_their_plain_name(A, rng):
    for norm in (MaxAbsLinear(A), AtomHull(A)):
        simple, _ = plain(norm)
        on_axes = A.shape == (3, 3) and np.count_nonzero(A) == 3
        assert isinstance(simple, L1 | LInf | WeightedL1 | WeightedLInf) == on_axes
        for x in rng.standard_normal((5, 3)):
            assert float(simple(x)) == pytest.approx(float(norm(x)), rel=1e-13)
