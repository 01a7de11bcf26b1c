"""Profiles of distances, of linear functions and of problems: the same steps, certified through the profile."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Nuclear, Product, Spectral
from broximal.problems import (
    Box,
    Composite,
    Linear,
    MaxAffine,
    NormDistance,
    Quadratic,
    RidgeFunction,
    SetDistance,
    Smallest,
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

RISING = (*profiles.convex_profiles(), profiles.Sine(), profiles.Sigmoidal(), profiles.SquareRoot())
NORMS = [L1(), L2(), LInf()]


def label(item):
    return getattr(item, "label", None) or item.name


@pytest.mark.parametrize("profile", RISING, ids=label)
@pytest.mark.parametrize("norm", NORMS, ids=label)
def test_of_a_norm(profile, norm):
    """Radially in the same norm: the value is phi((|x - c| - t)_+); other pairs against cvxpy."""
    f = Composite(profile, NormDistance.example(4, 0, norm))
    size = float(norm(f.x0 - f.minimiser))
    for radius in (0.1, 0.9 * size, 2 * size):
        answer = check_exact(f, norm, f.x0, radius)
        twin = float(profile.value(np.float64(max(size - radius, 0.0))))
        assert float(answer.value) == pytest.approx(twin, rel=1e-12, abs=1e-14)
    other = Composite(profile, NormDistance.example(4, 1, LInf()))
    check_exact(other, norm, other.x0, 0.7, twin="cvxpy" if profile.convex else None, trust=1e-4)


def test_of_a_set_and_of_a_max_affine_function():
    low = np.array([0.0, 1.0, -1.0])
    for profile in (profiles.HalfSquare(), profiles.Sigmoidal()):
        f = Composite(profile, SetDistance(Box(low, low + 1), LInf(), [3.0, 3.0, 3.0]))
        check_exact(f, LInf(), f.x0, 0.8)
        g = Composite(profile, MaxAffine.example(3, 1))
        for norm in NORMS:
            check_exact(g, norm, g.x0, 0.8)
        assert f.star_convex and g.star_convex
    check_star(Composite(profiles.Sigmoidal(), MaxAffine.example(3, 1)))


def test_star_convex_families_are_not_convex():
    for profile in (profiles.Sine(), profiles.Sigmoidal()):
        for norm in NORMS:
            f = Composite(profile, NormDistance.example(3, 0, norm))
            assert f.star_convex and not f.convex and f.unique_minimiser
            check_star(f)
            find_nonconvex(f)
    assert not Composite(profiles.SquareRoot(), NormDistance.example(3)).star_convex


def test_of_a_star_convex_problem():
    f = Composite(profiles.Sigmoidal(), Smallest.example(3, 0))
    assert f.star_convex
    check_star(f)
    check_exact(f, L2(), f.x0, 0.3)


def test_half_a_squared_distance_of_matrices(rng):
    """|Z - C|_F^2 / 2 over the spectral, nuclear and Frobenius balls: singular values are clipped, shrunk, scaled."""
    C, X = rng.standard_normal((2, 3)), 3 * rng.standard_normal((2, 3))
    f = Composite(profiles.HalfSquare(), NormDistance(C, Frobenius(), X))
    u, s, vt = np.linalg.svd(C - X, full_matrices=False)
    answer = check_exact(f, Spectral(), X, 0.5)
    assert np.allclose(answer.point, X + (u * np.clip(s, 0, 0.5)) @ vt, atol=1e-12)
    for norm in (Spectral(), Nuclear(), Frobenius()):
        check_exact(f, norm, X, 0.5)
        assert f.smooth
        check_constant(f, "L", norm, attained=False)
        check_constant(f, "mu", norm, attained=False)
    assert f.constant("L", Frobenius()).value == f.constant("mu", Frobenius()).value == 1


@pytest.mark.parametrize("profile", (*profiles.convex_profiles(), *RISING[-3:]), ids=label)
def test_constants(profile):
    f = Composite(profile, NormDistance.example(3, 0, L1()))
    for constant in ("G", "kappa", "R0"):
        for norm in NORMS:
            try:
                f.constant(constant, norm)
            except MissingConstant:
                continue
            check_constant(f, constant, norm, attained=False)


# ---- ridge functions -------------------------------------------------------------------------------------------------

UNIMODAL = (
    *profiles.convex_profiles(),
    profiles.Identity(),
    profiles.SquareRoot(),
    profiles.Plateau(),
    profiles.Sine(),
)


@pytest.mark.parametrize("profile", UNIMODAL, ids=label)
@pytest.mark.parametrize("norm", [*NORMS, Lp(3.0)], ids=label)
def test_ridge(profile, norm):
    """<a, z> takes exactly the values within t |a|_* of <a, x>: the twin minimises over that interval on a grid."""
    a = np.array([1.0, -2.0, 0.5])
    f = RidgeFunction(a, profile, 0.7)
    x = np.array([2.0, 0.3, -1.0])
    for radius in (0.1, 0.6, 50.0):
        reach = radius * float(norm.dual(a))
        s = (
            a @ x
            - 0.7
            + np.r_[np.linspace(-reach, reach, 4001), np.clip(np.array([0.0]) - (a @ x - 0.7), -reach, reach)]
        )
        twin = float(profile.value(s).min())
        answer = check_exact(f, norm, x, radius)
        assert twin - 1e-3 * max(1.0, abs(twin)) <= float(answer.value) <= twin + 1e-7 * (1 + abs(twin))


def test_ridge_constants_and_distance():
    a = np.array([1.0, -2.0, 0.5])
    for profile in profiles.convex_profiles():
        f = RidgeFunction(a, profile, 0.7)
        for norm in NORMS:
            for constant in ("G", "L", "kappa"):
                try:
                    f.constant(constant, norm)
                except MissingConstant:
                    continue
                check_constant(f, constant, norm, attained=constant == "G" and profile.kinks != ())
    f = RidgeFunction(a, profiles.HalfSquare(), 0.7, x0=[5.0, 1.0, 1.0])
    x = f.x0
    for norm in NORMS:  # the distance to the plane is the radius at which the value becomes zero
        D = f.distance(x, norm).value
        assert float(brox(f, norm, x, D * (1 + 1e-12)).value) < 1e-20
        assert float(brox(f, norm, x, 0.9 * D).value) > 1e-3
    with pytest.raises(MissingConstant):
        RidgeFunction(a).distance(x, L2())
    assert RidgeFunction(a).f_star.value == 0 and RidgeFunction(a).minimiser is None
    with pytest.raises(MissingConstant):
        RidgeFunction(a, profiles.Identity()).f_star  # noqa: B018


def test_ridge_on_layers_and_in_jax(x64, rng):
    norm = Product({"a": Spectral(), "b": LInf()})
    f = RidgeFunction({"a": rng.standard_normal((2, 2)), "b": rng.standard_normal(2)})
    answer = brox(f, norm, f.x0, 0.5)
    assert float(answer.value) == pytest.approx(np.log1p(np.exp(-0.5 * float(norm.dual(f.a)))), rel=1e-12)
    g = RidgeFunction.example(4)
    jitted = jax.jit(lambda x: brox(g, L1(), x, 0.5))(jnp.ones(4))
    assert np.allclose(jitted.point, brox(g, L1(), np.ones(4), 0.5).point)


def test_mutants_are_refuted():
    f = Composite(profiles.HalfSquare(), NormDistance.example(4, 2, L2()))
    for norm in NORMS:
        answer = check_exact(f, norm, f.x0, 0.3)
        for name, point in mutants(norm, f.x0, 0.3, answer.point, answer.subgradient).items():
            with pytest.raises(Wrong):
                check_point(f, norm, f.x0, 0.3, point, answer.subgradient)
                pytest.fail(name)


def test_bad_input():
    with pytest.raises(InvalidArgument, match="rise"):
        Composite(profiles.DoubleWell(), NormDistance.example(2))
    with pytest.raises(InvalidArgument, match="minimum"):
        Composite(profiles.HalfSquare(), Linear([1.0, 1.0]))
    with pytest.raises(InvalidArgument, match="inside"):
        Composite(profiles.HalfSquare(), "norm")
    with pytest.raises(InvalidArgument, match="unimodal"):
        RidgeFunction([1.0], profiles.DoubleWell())
    with pytest.raises(InvalidArgument, match="a is zero"):
        RidgeFunction([0.0, 0.0])
    assert Composite(profiles.HalfSquare(), Quadratic.example(2)).growth_exponent == 4
