"""Nondecreasing functions, functions of sizes and of singular values, rotations, the plane, norms plus squares."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import (
    L1,
    L2,
    Frobenius,
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
from broximal.problems import (
    Combination,
    Composite,
    Homogeneous,
    Largest,
    NormDistance,
    PolynomialOfSizes,
    QuasiNorm,
    Regularised,
    Rotated,
    Separable,
    SoftMaximum,
    SpectralFunction,
    TopSum,
    profiles,
)
from tests.problems.family_checks import (
    Wrong,
    check_constant,
    check_exact,
    check_point,
    check_star,
    find_nonconvex,
    mutants,
)

WEIGHTS = [1.0, 2.0, 0.5, 3.0]


def label(item):
    return getattr(item, "__name__", None) or item.name


@pytest.mark.parametrize("family", [SoftMaximum, Largest, TopSum], ids=label)
@pytest.mark.parametrize("norm", [L1(), LInf(), Scaled(2.0, L1())], ids=label)
def test_nondecreasing(family, norm):
    starts = [family.example(4, 0).x0, np.array([1.0, 1.0, 0.0, 0.0]), np.zeros(4), np.array([5.0, 1.0, 1.0, -7.0])]
    for start, scale in itertools.product(starts, (1e-5, 1.0, 10.0)):
        f = family(scale * start)
        for radius in (0.1, 1.0, 30.0):
            check_exact(f, norm, f.x0, scale * radius)
    check_exact(f, norm, starts[0], 1.0, twin="cvxpy")


@pytest.mark.parametrize("norm", [L2(), Lp(3.0), WeightedL1(WEIGHTS), TopK(2)], ids=label)
def test_the_maximum_over_absolute_norms(norm):
    for seed, radius in itertools.product(range(3), (0.01, 1.0, 50.0)):
        f = Largest.example(4, seed)
        check_exact(f, norm, f.x0, radius, twin="cvxpy" if seed == 0 and radius == 1.0 else None)


def test_nondecreasing_constants_and_errors():
    for family in (SoftMaximum, Largest, TopSum):
        f = family.example(3, 0)
        for norm in (L1(), L2(), LInf()):
            check_constant(f, "G", norm, attained=False)
            if f.smooth:
                check_constant(f, "L", norm, attained=False)
        with pytest.raises(MissingConstant):
            f.f_star  # noqa: B018
    # two equal weights, moved against each other: the curvature is the constant
    f, h = SoftMaximum([0.0, 0.0]), 1e-4
    for norm, d in ((L1(), [0.5, -0.5]), (L2(), [0.5**0.5, -(0.5**0.5)]), (LInf(), [1.0, -1.0])):
        change = f.gradient(h * np.array(d)) - f.gradient(np.zeros(2))
        assert float(norm.dual(change)) / h == pytest.approx(f.constant("L", norm).value, rel=1e-6)
    with pytest.raises(InvalidArgument, match="k = 5"):
        TopSum([1.0, 2.0], 5)
    with pytest.raises(InvalidArgument, match="vector"):
        Largest(np.eye(2))


@pytest.mark.parametrize("family", [QuasiNorm, PolynomialOfSizes, Combination], ids=label)
def test_functions_of_sizes(family):
    """Against a grid of the square, in the plane; star-convex and not convex."""
    f = family.example(2, 1)
    for radius in (0.4, 1.5, 20.0):
        a = np.linspace(-radius, radius, 31)
        nearest = np.clip(f.center - f.x0, -radius, radius)
        grid = [f.x0 + np.array(p) for p in itertools.product(np.r_[a, nearest[0]], np.r_[a, nearest[1]])]
        twin = min(float(f.value(z)) for z in grid)
        assert float(check_exact(f, LInf(), f.x0, radius).value) == pytest.approx(twin, rel=1e-6, abs=1e-12)
    g = family.example(3, 0)
    assert g.star_convex and not g.convex and g.unique_minimiser
    check_star(g)
    find_nonconvex(g)
    h, z = 1e-6, g.x0
    numeric = [(float(g.value(z + h * e)) - float(g.value(z - h * e))) / (2 * h) for e in np.eye(3)]
    assert np.allclose(g.gradient(z), numeric, rtol=1e-4, atol=1e-4)
    for norm in (L1(), L2(), LInf()):
        if g.growth_exponent:
            check_constant(g, "kappa", norm, attained=family is QuasiNorm)
            check_constant(g, "R0", norm, attained=False)
    assert g.move(L2(), g.x0, 1.0) is None


def test_sums_maxima_products_of_star_convex_functions():
    center = np.array([1.0, -1.0, 0.5])
    parts = (
        NormDistance(center, L2()),
        Separable(profiles.Sine(), center),
        QuasiNorm(0.5, center),
        Composite(profiles.Sigmoidal(), NormDistance(center, L1())),
    )
    for how in ("sum", "max", "product"):
        f = Combination(parts, how, x0=center + 2.0)
        assert f.star_convex and not f.convex and f.unique_minimiser
        check_star(f)
        for radius in (0.3, 3.0):
            check_exact(f, LInf(), f.x0, radius)
    assert Combination(parts[:1], "max").convex
    with pytest.raises(InvalidArgument, match="center"):
        Combination((parts[0], NormDistance(center + 1, L2())))
    with pytest.raises(InvalidArgument, match="how"):
        Combination(parts, "mean")
    with pytest.raises(InvalidArgument, match="below 1"):
        QuasiNorm(1.0, center)
    with pytest.raises(InvalidArgument, match="degree"):
        PolynomialOfSizes([[0.5, 0.0]], [1.0], [0.0, 0.0])


@pytest.mark.parametrize("norm", [Spectral(), Nuclear(), Frobenius(), Schatten(3.0)], ids=label)
def test_functions_of_singular_values(norm, rng):
    C, X = rng.standard_normal((2, 3)), 3 * rng.standard_normal((2, 3))
    f = SpectralFunction(Separable(profiles.Huber(0.7), np.zeros(2)), C, X)
    for radius in (0.1, 1.0, 100.0):
        check_exact(f, norm, X, radius)
    for constant in ("G", "L", "kappa"):
        try:
            f.constant(constant, norm)
        except MissingConstant:
            continue
        check_constant(f, constant, norm, attained=False)
    answer = check_exact(f, norm, X, 0.3)
    for name, point in mutants(norm, X, 0.3, answer.point, answer.subgradient).items():
        if name == "primal and dual swapped" and isinstance(norm, Frobenius):
            continue
        with pytest.raises(Wrong):
            check_point(f, norm, X, 0.3, point, answer.subgradient)
            pytest.fail(name)


def test_nonconvex_functions_of_singular_values(rng):
    C, X = rng.standard_normal((2, 2)), 3 * rng.standard_normal((2, 2))
    for inside in (QuasiNorm(0.5, np.zeros(2)), Separable(profiles.Sigmoidal(), np.zeros(2))):
        f = SpectralFunction(inside, C, X)
        assert f.star_convex and not f.convex
        check_star(f)
        for radius in (0.5, 2.0, 100.0):
            check_exact(f, Spectral(), X, radius)
    h = SpectralFunction(Separable(profiles.Sine(), np.zeros(1)), np.ones((1, 3)), 4 * np.ones((1, 3)))
    check_exact(h, Spectral(), h.x0, 1.0)
    check_exact(SpectralFunction.example(6, 1), Spectral(), SpectralFunction.example(6, 1).x0, 0.5)
    with pytest.raises(InvalidArgument, match="invariant"):
        SpectralFunction(Separable(profiles.Huber(), np.zeros(2), [1.0, 2.0]), C)
    with pytest.raises(InvalidArgument, match="minimiser"):
        SpectralFunction(Separable(profiles.Huber(), np.ones(2)), C)


def test_rotated():
    for seed, radius in itertools.product(range(3), (0.1, 1.0, 20.0)):
        f = Rotated.example(4, seed)
        check_exact(f, L2(), f.x0, radius, twin="cvxpy" if seed == 0 else None, trust=1e-5)
    for constant in ("G", "L", "kappa"):
        try:
            f.constant(constant, L2())
        except MissingConstant:
            continue
        check_constant(f, constant, L2(), attained=False)
    assert f.distance(f.minimiser, L2()).value < 1e-14 and f.move(L1(), f.x0, 1.0) is None
    g = Rotated(np.eye(2, 3), Separable(profiles.Sine(), np.zeros(2)), [1.0, 2.0, 3.0])
    assert g.star_convex and g.distance(g.x0, L2()).value == pytest.approx(5**0.5)
    with pytest.raises(InvalidArgument, match="orthonormal"):
        Rotated(2 * np.eye(2), NormDistance.example(2))


def test_homogeneous():
    """Against a dense search over the circle."""
    for seed, share in itertools.product(range(4), (0.05, 0.5, 0.97, 1.2)):
        f = Homogeneous.example(2, seed)
        radius = share * float(np.linalg.norm(f.x0))
        angles = np.linspace(0, 2 * np.pi, 20001)
        circle = f.x0[:, None] + radius * np.array([np.cos(angles), np.sin(angles)])
        r, theta = np.hypot(*circle), np.arctan2(circle[1], circle[0])
        twin = float((r**f.p * (f.level + np.sin(f.waves * theta))).min()) if share < 1 else 0.0
        answer = check_exact(f, L2(), f.x0, radius, tol=1e-9)
        assert twin * (1 - 1e-2) - 1e-4 <= float(answer.value) <= twin + 1e-9
    check_star(f)
    find_nonconvex(f)
    for norm in (L1(), L2(), LInf()):
        check_constant(f, "kappa", norm, attained=False)
    h = 1e-6
    numeric = [(float(f.value(f.x0 + h * e)) - float(f.value(f.x0 - h * e))) / (2 * h) for e in np.eye(2)]
    assert np.allclose(f.gradient(f.x0), numeric, rtol=1e-5)
    with pytest.raises(InvalidArgument, match="level"):
        Homogeneous(level=1.0)


@pytest.mark.parametrize("own", [L1(), L2(), LInf(), Lp(3.0), TopK(2)], ids=label)
def test_regularised(own):
    for seed, radius in itertools.product(range(2), (1e-6, 0.5, 3.0, 100.0)):
        f = Regularised.example(4, seed, own)
        check_exact(f, L2(), f.x0, radius, twin="cvxpy" if seed == 0 and radius == 0.5 else None)
    check_constant(f, "mu", L2(), attained=False)
    check_constant(f, "kappa", L2(), attained=False)
    assert f.f_star.error < 1e-13 and float(f.gap(f.x0)) > 0


BALLS = [L1(), LInf(), Lp(3.0), WeightedL1([1.0, 2.0, 0.5, 3.0]), WeightedLInf([1.0, 2.0, 0.5, 3.0])]


@pytest.mark.parametrize("ball", BALLS, ids=label)
def test_l1_regularised_over_other_balls(ball):
    """A sum over the entries: no general solver is asked."""
    for seed, radius in itertools.product(range(3), (1e-6, 0.5, 3.0, 100.0)):
        f = Regularised.example(4, seed)
        check_exact(f, ball, f.x0, radius, tol=1e-10, twin="cvxpy" if seed == 0 and radius == 0.5 else None)
    f = Regularised([1.0, -1.0, 0.2, 0.0], L1(), 0.5, [1.0, 1.0, 1.0, 0.0])  # kinks and ties within reach
    for radius in (0.25, 0.5, 0.75, 1.0, 1.5):
        check_exact(f, ball, f.x0, radius, tol=1e-10)
    assert Regularised.example(4, 0, L2()).move(ball, f.x0, 1.0) is None


def test_in_jax(x64):
    for f, norm in (
        (Largest.example(4), L2()),
        (SoftMaximum.example(4), L1()),
        (QuasiNorm.example(4), LInf()),
        (Regularised.example(4), L2()),
    ):
        jitted = jax.jit(lambda x, f=f, norm=norm: brox(f, norm, x, 0.7).point)(jnp.asarray(f.x0))
        assert np.allclose(jitted, brox(f, norm, f.x0, 0.7).point, atol=1e-9)
