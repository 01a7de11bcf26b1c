"""Separable sums over boxes, l1, l2 and lp; one variable; the profiles themselves."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf, Lp, Scaled, WeightedLInf
from broximal.problems import OneDimensional, Separable, profiles
from tests.problems.family_checks import (
    Wrong,
    check_constant,
    check_exact,
    check_point,
    check_star,
    find_nonconvex,
    mutants,
)

CONVEX = profiles.convex_profiles()
OTHERS = (profiles.Sine(), profiles.Sigmoidal(), profiles.SquareRoot(), profiles.Plateau(), profiles.DoubleWell())
ALL = (*CONVEX, *OTHERS)


def label(item):
    return getattr(item, "label", None) or item.name


@pytest.mark.parametrize("profile", CONVEX, ids=label)
@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Lp(1.5), Lp(3.0)], ids=label)
def test_convex(profile, norm):
    for seed, radius in ((0, 2.0), (1, 0.05), (2, 1e3)):
        f = Separable.example(4, seed, profile)
        check_exact(f, norm, f.x0, radius, twin="cvxpy" if seed == 0 else None, trust=1e-4)


@pytest.mark.parametrize("profile", [profiles.Absolute(), profiles.Huber(0.5), profiles.HalfSquare()], ids=label)
@pytest.mark.parametrize("norm", [L1(), L2(), Lp(3.0)], ids=label)
def test_ties_zeros_and_scales(profile, norm):
    starts = [[2.0, 2.0, -2.0], [1.0, 0.0, 0.0], [3.0, 1.0, 1.0]]
    for start, scale in itertools.product(starts, (1e-4, 1e4)):
        f = Separable(profile, np.zeros(3), x0=scale * np.array(start))
        for radius in (0.25, 1.0, 10.0):
            check_exact(f, norm, f.x0, scale * radius)
    assert float(brox(f, norm, np.zeros(3), 1.0).value) == 0


@pytest.mark.parametrize("profile", ALL, ids=label)
def test_boxes_need_no_convexity(profile):
    """Against a fine grid in every coordinate."""
    weights = np.array([1.0, 2.0, 0.5])
    for seed, radius in itertools.product(range(3), (0.3, 1.1, 8.0)):
        f = Separable.example(3, seed, profile)
        for norm, reach in ((LInf(), radius * np.ones(3)), (WeightedLInf(weights), radius / weights)):
            grid = f.x0 - f.center + np.linspace(-1, 1, 8001)[:, None] * reach
            special = np.clip([[-2.0], [-1.0], [0.0], [1.0], [2.0]] + 0 * reach, grid[0], grid[-1])
            twin = float((f.weights * profile.value(np.r_[grid, special])).min(axis=0).sum())
            answer = check_exact(f, norm, f.x0, radius, twin=None)
            assert float(answer.value) <= twin + 1e-12 and float(answer.value) >= twin - 1e-3 * max(1.0, abs(twin))


@pytest.mark.parametrize("profile", ALL, ids=label)
def test_one_dimension_in_any_norm(profile):
    f = OneDimensional(profile, 0.3, 2.5)
    for norm, radius in itertools.product([L1(), L2(), LInf(), Lp(3.0), Scaled(4.0, L2())], (0.1, 1.0, 1.5, 20.0)):
        reach = radius / float(norm(np.ones(1)))
        twin = float(profile.value(np.linspace(2.2 - reach, 2.2 + reach, 20001)).min())
        answer = check_exact(f, norm, f.x0, radius)
        assert float(answer.value) <= twin + 1e-12 and float(answer.value) >= twin - 2e-2


@pytest.mark.parametrize("profile", ALL, ids=label)
def test_what_profiles_say_about_themselves(profile):
    s = np.r_[np.linspace(-12, 12, 4801), [0.0, 1.0, -1.0, 2.0, -2.0]]
    value, (left, right) = profile.value(s), profile.slopes(s)
    assert value.min() >= profile.minimum - 1e-15
    low, high = profile.lowest
    inside = [end for end in (low, high) if np.isfinite(end)]
    assert all(float(profile.value(np.float64(end))) == profile.minimum for end in inside)
    h = 1e-6
    smooth = np.all([abs(s - k) > 2 * h for k in profile.kinks] + [abs(s) > 1e-3], axis=0)
    numeric = (profile.value(s + h) - profile.value(s - h)) / (2 * h)
    assert np.allclose(numeric[smooth], profile.slope(s)[smooth], rtol=1e-4, atol=1e-4)
    if profile.even:
        assert np.allclose(value, profile.value(-s))
    if profile.rising:
        assert np.all(np.diff(profile.value(np.linspace(0, 12, 5000))) >= 0)
    if profile.convex:
        grid = np.linspace(-12, 12, 2001)
        assert np.all(np.diff(grid) > 0) and np.all(np.diff(profile.slope(grid)) >= -1e-12)
        assert np.all(left <= right)
    if profile.growth:
        away = np.abs(s - np.clip(s, low, high))
        assert np.all(value - profile.minimum >= profile.growth.c * away**profile.growth.q * (1 - 1e-12))
    if profile.lipschitz is not None:
        assert np.max(np.maximum(abs(left), abs(right))) <= profile.lipschitz * (1 + 1e-12)
    with pytest.raises(InvalidArgument):
        OneDimensional("not a profile")


@pytest.mark.parametrize("profile", (*CONVEX[:5], *OTHERS[:2]), ids=label)
def test_star_convexity(profile):
    f = Separable.example(3, 0, profile)
    assert f.star_convex
    check_star(f)
    if profile in OTHERS:
        assert not f.convex
        find_nonconvex(f)


def test_the_negative_controls_are_not_star_convex():
    for profile in OTHERS[2:]:
        f = OneDimensional(profile, 0.0, 4.0)
        assert not f.convex and not f.star_convex
        with pytest.raises(Wrong):
            check_star(f)


@pytest.mark.parametrize("profile", CONVEX, ids=label)
@pytest.mark.parametrize("norm", [L1(), L2(), LInf()], ids=label)
def test_constants(profile, norm):
    f = Separable.example(3, 1, profile)
    for constant in ("G", "L", "mu", "kappa", "R0"):
        try:
            f.constant(constant, norm)
        except MissingConstant:
            continue
        check_constant(f, constant, norm, attained=constant != "L")  # sup phi'' is attained in the limit of short pairs
    g = OneDimensional(profile, 0.2, 3.0)
    for constant in ("G", "mu", "kappa"):
        try:
            g.constant(constant, norm)
        except MissingConstant:
            continue
        check_constant(g, constant, norm, attained=False)


def test_the_double_well_and_the_plateau():
    """(z^2 - 1)^2 has two minimisers; on the plateau the method stalls at a point that is not one."""
    f = OneDimensional(profiles.DoubleWell(), x0=0.1)
    assert f.distance(np.array([-1.5]), L2()).value == 0.5
    assert brox(f, L2(), f.x0, 0.5).point == 0.6
    g = OneDimensional(profiles.Plateau(), x0=5.0)
    assert brox(g, L2(), g.x0, 1.0).point == 5.0
    assert g.distance(g.x0, L2()).value == 4.0


def test_square_root_violates_the_classic_rate():
    f = OneDimensional(profiles.SquareRoot(), x0=4.0)
    u = brox(f, L2(), f.x0, 1.0).point
    assert u == 3.0
    assert (1 + 1 / 3) * float(f.gap(u)) > float(f.gap(f.x0))


def test_bad_input():
    with pytest.raises(InvalidArgument, match="weights"):
        Separable(profiles.Absolute(), [0.0, 1.0], [1.0, -1.0])
    with pytest.raises(InvalidArgument, match="unbounded"):
        Separable(profiles.Identity(), [0.0])
    with pytest.raises(InvalidArgument, match="p must"):
        profiles.Power(0.5)
    with pytest.raises(InvalidArgument, match="delta"):
        profiles.Huber(0.0)


def test_mutants_are_refuted():
    f = Separable.example(4, 0, profiles.Huber(0.4))
    for norm in (L1(), L2(), LInf()):
        answer = check_exact(f, norm, f.x0, 0.3)
        for name, point in mutants(norm, f.x0, 0.3, answer.point, answer.subgradient).items():
            with pytest.raises(Wrong):
                check_point(f, norm, f.x0, 0.3, point, answer.subgradient)
                pytest.fail(name)


def test_in_jax(x64):
    for profile, norm in ((profiles.Absolute(), L2()), (profiles.Huber(), L1()), (profiles.Sine(), LInf())):
        f = Separable.example(4, 0, profile)
        step = jax.jit(lambda x, f=f, norm=norm: brox(f, norm, x, 0.7).point)
        assert np.allclose(step(jnp.asarray(f.x0)), brox(f, norm, f.x0, 0.7).point, atol=1e-10)
        assert step(jnp.asarray(f.x0, jnp.float32)).dtype == jnp.float32
