"""Noise with known sigma: exact expectations where the support is small, large samples elsewhere."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.arrays import inner, l2
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Nuclear, Product, Scaled, Spectral
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import Ridges, random_layer
from broximal.problems.stochastic.heavy_tails import StudentT
from broximal.problems.stochastic.noise import Gaussian, Noise, OneEntry, Rare, Signs, Sphere
from broximal.problems.stochastic.noisy import Noisy

ALL = [Gaussian(0.5), Signs(0.5), Sphere(0.5), OneEntry(0.5), Rare(0.5), StudentT(0.5, 9.0)]
SHAPES = {"W": (2, 3), "v": (4,)}
LIKE = {name: np.zeros(shape) for name, shape in SHAPES.items()}
COUNT = 20000


def draws(noise, like, count=COUNT):
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(1), count)
        return jax.tree.map(
            np.asarray, jax.jit(jax.vmap(lambda k: noise.sample(k, jax.tree.map(jnp.asarray, like))))(keys)
        )


@pytest.mark.parametrize("noise", ALL, ids=lambda n: n.name)
def test_mean_and_sigma_of_large_samples(noise):
    found = draws(noise, LIKE)
    stated = dict(zip(sorted(SHAPES), noise.sigmas(SHAPES), strict=True))
    assert jax.tree.leaves(SHAPES, is_leaf=lambda s: isinstance(s, tuple)) == [SHAPES[name] for name in sorted(SHAPES)]
    for name, values in found.items():
        squares = (values**2).reshape(COUNT, -1).sum(axis=1)
        error = 6 * squares.std() / math.sqrt(COUNT) + 1e-12
        assert abs(squares.mean() - stated[name] ** 2) <= error
        assert np.abs(values.mean(axis=0)).max() <= 6 * stated[name] / math.sqrt(COUNT)
    across = (found["W"].reshape(COUNT, -1)[:, :4] * found["v"]).mean(axis=0)  # layers are independent
    assert np.abs(across).max() <= 6 * 0.5**2 * 9 / 7 / math.sqrt(COUNT) * 1.5
    assert not np.allclose(found["W"].reshape(COUNT, -1)[:, :4], found["v"])


@pytest.mark.parametrize("noise", ALL, ids=lambda n: n.name)
def test_sure_bounds(noise):
    bounds = noise.bounds(SHAPES)
    assert (bounds is None) == isinstance(noise, (Gaussian, StudentT))
    if bounds is None:
        return
    for bound, values in zip(bounds, jax.tree.leaves(draws(noise, LIKE, 200)), strict=True):
        lengths = np.sqrt((values**2).reshape(200, -1).sum(axis=1))
        met = np.isclose(lengths, bound, rtol=1e-12)
        assert np.all(met | (lengths == 0)) and np.any(met) if isinstance(noise, Rare) else np.all(met)


@pytest.mark.parametrize("noise", [Signs(0.7), OneEntry(0.7)], ids=lambda n: n.name)
def test_outcomes(noise):
    shapes = [(2, 2), (3,)]
    outcomes = noise.outcomes(shapes)
    assert sum(p for p, _ in outcomes) == pytest.approx(1.0)
    for i, shape in enumerate(shapes):
        assert np.abs(sum(p * v[i] for p, v in outcomes)).max() < 1e-15
        second = sum(p * float((v[i] ** 2).sum()) for p, v in outcomes)
        assert second == pytest.approx(noise.sigmas(shapes)[i] ** 2) and outcomes[0][1][i].shape == shape
    drawn = draws(noise, [np.zeros(s) for s in shapes], 50)
    known = {tuple(np.round(np.concatenate([part.ravel() for part in v]), 12)) for _, v in outcomes}
    rows = np.concatenate([np.reshape(part, (50, -1)) for part in drawn], axis=1)
    assert all(tuple(np.round(row, 12)) in known for row in rows)


def test_no_list_of_outcomes():
    for noise, shapes in (
        (Gaussian(1.0), (2,)),
        (Signs(1.0), (13,)),
        (Sphere(1.0), (2,)),
        (OneEntry(1.0), [(64,), (64,)]),
    ):
        with pytest.raises(MissingConstant, match="outcomes"):
            noise.outcomes(shapes)


@pytest.mark.parametrize("norm", [L2(), LInf(), L1(), Scaled(2.0, LInf())], ids=lambda n: n.name)
@pytest.mark.parametrize("noise", [*ALL, Signs(0.5)], ids=lambda n: n.name)
def test_sigma_in_dual_norms(noise, norm):
    for size in (3, 14):  # 14: too many signs to enumerate
        exact = noise.dual_sigma(norm, (size,))
        if exact is None:
            assert not isinstance(norm, L2) and isinstance(noise, (Gaussian, Rare, Sphere, StudentT))
            continue
        squares = np.array([float(norm.dual(v)) ** 2 for v in draws(noise, np.zeros(size), 3000)])
        assert abs(squares.mean() - exact**2) <= 6 * squares.std() / math.sqrt(3000) + 1e-12
        rho = norm.l2_bounds((size,)).rho
        assert exact <= rho * noise.sigmas((size,))[0] * (1 + 1e-12)


def test_sigma_in_matrix_norms():
    assert OneEntry(0.5).dual_sigma(Spectral(), (3, 4)) == pytest.approx(0.5)
    assert Gaussian(0.5).dual_sigma(Frobenius(), (3, 4)) == pytest.approx(0.5 * math.sqrt(12))
    assert Gaussian(0.5).dual_sigma(Spectral(), (3, 4)) is None and Signs(0.5).dual_sigma(Nuclear(), (4, 4)) is None


def test_heavy_tails():
    for df, finite in ((1.1, False), (2.0, False), (2.5, True)):
        sigma = StudentT(0.3, df).sigmas((4,))[0]
        assert math.isfinite(sigma) == finite
        assert not finite or sigma == pytest.approx(0.3 * math.sqrt(4 * df / (df - 2)))
    assert StudentT(0.3, 1.5).bounds((4,)) is None
    tails = np.abs(draws(StudentT(1.0, 1.5), np.zeros(4)))
    assert tails.max() > 50 and np.abs(draws(Gaussian(1.0), np.zeros(4))).max() < 8


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from(ALL), st.floats(1e-3, 1e3, allow_subnormal=False))
def test_draws_scale_with_s_and_keep_the_kind(seed, noise, s):
    key = jax.random.key(seed)
    x = np.zeros((2, 3))
    one, more = noise.sample(key, x), noise_like(noise, s).sample(key, x)
    assert isinstance(one, np.ndarray) and one.dtype == np.float64
    assert np.allclose(more, one * s / noise.s, rtol=1e-12)
    single = noise.sample(key, jnp.zeros((2, 3), jnp.float32))
    assert isinstance(single, jax.Array) and single.dtype == np.float32


def noise_like(noise: Noise, s: float) -> Noise:
    return StudentT(s, noise.df) if isinstance(noise, StudentT) else type(noise)(s)


# ---- a problem with noise ---------------------------------------------------------------------------------------------


def test_everything_is_that_of_the_problem(x64, rng):
    for problem in (Ridges(random_layer("cosh", (3, 2), 1), random_layer("cosh", 3, 2)), Quadratic.example(4, 1)):
        f = Noisy(problem, Gaussian(0.2))
        norm = Product([Spectral(), LInf()], [1.0, 2.0]) if isinstance(f.x0, list) else LInf()
        assert f.smoothness(norm) == problem.smoothness(norm) and f.f_star == problem.f_star == f.lower
        assert f.convex and f.smooth and f.star_convex and f.unique_minimiser == problem.unique_minimiser
        assert f.constant("mu" if not isinstance(f.x0, list) else "PL", norm).value > 0
        assert f.growth_exponent == problem.growth_exponent and f.name == f"{problem.name} + gaussian(0.2)"
        x = f.x0
        assert f.gap(x) == problem.gap(x) and f.distance(x, norm) == problem.distance(x, norm)
        assert f.value_and_gradient(x)[0] == problem.value(x) and f.rounding(x) == problem.rounding(x)


def test_samples_of_the_gradient(x64, rng):
    f = Noisy(Ridges(random_layer("psi", (3, 2), 1), random_layer("psi", 3, 2)), Signs(0.1))
    key = jax.random.key(3)
    x, y = f.x0, [a + rng.standard_normal(a.shape) for a in f.x0]
    at_x, at_y = f.draw(key).gradient(x), f.draw(key).gradient(y)
    for own, other, g, h in zip(at_x, at_y, f.gradient(x), f.gradient(y), strict=True):
        assert np.allclose(own - g, other - h, atol=1e-12) and np.allclose(np.abs(own - g), 0.1)
    compiled = jax.jit(lambda k, at: f.draw(k).gradient(at))(key, jax.tree.map(jnp.asarray, x))
    assert all(np.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(at_x, compiled, strict=True))
    assert f.sigma(Product([Spectral(), LInf()])) == pytest.approx((0.1 * math.sqrt(6), 0.1 * math.sqrt(3)))
    outcomes = [(p, sample.gradient(x)) for p, sample in f.outcomes()]
    mean = [sum(p * g[i] for p, g in outcomes) for i in (0, 1)]
    assert all(np.allclose(m, g, atol=1e-12) for m, g in zip(mean, f.gradient(x), strict=True))
    d = [u - v for u, v in zip(outcomes[7][1], f.gradient(x), strict=True)]
    assert float(l2(d)) == pytest.approx(0.3) and float(inner(d, d)) == pytest.approx(0.09)


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: Gaussian(0.0), "s must"),
        (lambda: Signs(math.nan), "s is NaN"),
        (lambda: StudentT(1.0, 1.0), "df must"),
        (lambda: Rare(1.0, 1.5), "p must"),
        (lambda: Noisy(1.0, Gaussian(1.0)), "problem must be a problem"),
        (lambda: Noisy(Quadratic.example(2), 0.1), "noise must be one of"),
        (lambda: Noisy(Quadratic.example(2), Gaussian), "noise must be one of"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()
