"""Finite sums: minibatches by exact enumeration, sizes of the noise, workers, and the closed forms of the families."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf, Product
from broximal.problems.stochastic.cosh_sum import CoshSum
from broximal.problems.stochastic.logistic_sum import LogisticSum
from broximal.problems.stochastic.quadratic_sum import QuadraticSum
from tests.problems.smoothness_checks import check_smoothness, measured, smaller

QUADRATIC, COSH, LOGISTIC = QuadraticSum.example(3, 1), CoshSum.example(3, 1), LogisticSum.example(3, 1)
ALL = [QUADRATIC, COSH, LOGISTIC]
QUICK = {"starts": 6, "rounds": 4, "polish": 30}


def with_batch(f, batch):
    if isinstance(f, QuadraticSum):
        return QuadraticSum(f.A, f.centres[:7], batch, f.x0)
    if isinstance(f, CoshSum):
        return CoshSum(f.scale, f.layers[0].a, f.centres[:7], batch, f.x0)
    return LogisticSum(f.samples[:7] * [[1.0], [-1.0], *[[1.0]] * 5], [1, 0, 1, 1, 1, 1, 1], 0.01, batch, f.x0)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_f_is_the_mean_of_its_terms(f, x64, rng):
    x = f.x0 + rng.standard_normal(f.x0.shape)
    assert float(f.value(x)) == pytest.approx(np.mean([float(f.term(j, x)) for j in range(f.count)]), rel=1e-13)
    mean = np.mean([f.gradient_of_term(j, x) for j in range(f.count)], axis=0)
    assert np.allclose(f.gradient(x), mean, rtol=1e-11, atol=1e-12)
    there = jnp.asarray(x)
    assert np.allclose(jax.jit(jax.grad(f.value))(there), f.gradient(x), rtol=1e-9, atol=1e-12)
    for j in (0, f.count - 1):
        own = jax.jit(f.gradient_of_term)(j, there)
        assert np.allclose(own, f.gradient_of_term(j, x), rtol=1e-12)
        assert np.allclose(jax.grad(lambda z, j=j: f.term(j, z))(there), own, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_minibatches_by_enumeration(f, batch, rng):
    f = with_batch(f, batch)
    for width in (0.0, 1.0, 3.0):
        x = f.x0 + width * rng.standard_normal(f.x0.shape)
        outcomes = [(p, sample.gradient(x)) for p, sample in f.outcomes()]
        assert len(outcomes) == 7**batch and sum(p for p, _ in outcomes) == pytest.approx(1.0)
        assert np.allclose(sum(p * g for p, g in outcomes), f.gradient(x), rtol=1e-10, atol=1e-12)
        squares = [float(((g - f.gradient(x)) ** 2).sum()) for _, g in outcomes]
        variance = sum(p * s for (p, _), s in zip(outcomes, squares, strict=True))
        assert variance <= f.noise.sigma**2 * (1 + 1e-10)
        if f.noise.exact:
            assert variance == pytest.approx(f.noise.sigma**2, rel=1e-9)
        if f.noise.sure is not None:
            assert max(squares) <= f.noise.sure**2 * (1 + 1e-12)


def test_the_bound_of_logistic_noise_is_near():
    """Far out along a direction that separates nothing, p is 0 or 1: half the bound on sigma occurs."""
    rows = np.array([[1.0, 0.0], [1.0, -0.1]])
    f = LogisticSum(rows, [1, 0], 0.0, 1, np.array([50.0, 0.0]))
    squares = [
        float(((g - f.gradient(f.x0)) ** 2).sum())
        for _, g in [(p, sample.gradient(f.x0)) for p, sample in f.outcomes()]
    ]
    assert 0.25 * f.noise.sigma**2 <= np.mean(squares) <= f.noise.sigma**2
    assert QUADRATIC.noise.exact and not LOGISTIC.noise.exact


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_samples(f, x64, rng):
    """One key draws the same terms at any point; jitted and on the host alike; the mean of many is the gradient."""
    key, x = jax.random.key(5), f.x0
    own = f.draw(key).gradient(x)
    assert isinstance(own, np.ndarray)
    assert np.allclose(jax.jit(lambda k, at: f.draw(k).gradient(at))(key, jnp.asarray(x)), own, rtol=1e-10, atol=1e-12)
    drawn = np.asarray(jax.random.randint(key, (f.noise.batch,), 0, f.count, dtype=np.int32))
    y = x + rng.standard_normal(x.shape)
    for point in (x, y):
        terms = [f.gradient_of_term(j, point) for j in drawn]
        assert np.allclose(f.draw(key).gradient(point), np.mean(terms, axis=0))
    keys = jax.random.split(key, 4000)
    many = np.asarray(jax.jit(jax.vmap(lambda k: f.draw(k).gradient(jnp.asarray(x))))(keys))
    assert np.all(np.abs(many.mean(axis=0) - f.gradient(x)) <= 6 * many.std(axis=0) / np.sqrt(4000))


@pytest.mark.parametrize("norm", [L2(), LInf(), L1()], ids=lambda n: n.name)
@pytest.mark.parametrize("f", [QUADRATIC, LOGISTIC], ids=lambda f: f.name)
def test_mean_squared_smoothness(f, norm, rng):
    f = with_batch(f, 1)
    found, best = f.mean_squared_smoothness(norm), 0.0
    for k in range(60):
        x = (0.0, 1.0)[k % 2] * rng.standard_normal(f.x0.shape)
        d = rng.standard_normal(f.x0.shape) if k % 3 else -norm.lmo(rng.standard_normal(f.x0.shape))
        for _ in range(10):
            d = (1e-2, 1.0)[k % 2] * d / float(norm(d))
            changes = [f.gradient_of_term(j, x + d) - f.gradient_of_term(j, x) for j in range(f.count)]
            best = max(best, float(np.sqrt(np.mean([(c**2).sum() for c in changes]))) / float(norm(d)))
            d = -norm.lmo(np.mean(changes, axis=0))
    assert best <= found.value * (1 + 1e-9) and best >= 0.3 * found.value
    assert found.kind != "exact" or best >= 0.99 * found.value
    with pytest.raises(MissingConstant):
        COSH.mean_squared_smoothness(norm)


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("f", [QUADRATIC, COSH, LogisticSum.example(2, 3).part(np.arange(16))], ids=lambda f: f.name)
def test_workers(f, n, rng):
    parts = f.workers(n)
    assert len(parts) == n and all(part.count == f.count // n for part in parts)
    for width in (0.0, 2.0):
        x = f.x0 + width * rng.standard_normal(f.x0.shape)
        assert np.mean([float(p.value(x)) for p in parts]) == pytest.approx(float(f.value(x)), rel=1e-12)
        assert np.allclose(np.mean([p.gradient(x) for p in parts], axis=0), f.gradient(x), rtol=1e-10, atol=1e-12)
    if n > 1:
        assert np.mean([p.f_star.value for p in parts if n != 16]) < f.f_star.value - 1e-6  # they disagree


def test_workers_of_one_term():
    rows = LOGISTIC.workers(LOGISTIC.count)
    x = LOGISTIC.x0 + 0.5
    assert np.mean([float(p.value(x)) for p in rows]) == pytest.approx(float(LOGISTIC.value(x)), rel=1e-12)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_minima(f, rng):
    known = f.f_star
    assert float(f.value(f.minimiser)) == pytest.approx(known.value, abs=known.error + 1e-14)
    assert np.abs(f.gradient(f.minimiser)).max() < 1e-12
    for width in (1e-3, 1.0):
        for _ in range(20):
            x = f.minimiser + width * rng.standard_normal(f.x0.shape)
            assert float(f.value(x)) >= known.value - known.error
            assert float(f.gap(x)) == pytest.approx(float(f.value(x)) - known.value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("norm", [L2(), LInf()], ids=lambda n: n.name)
@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_smoothness(f, norm):
    check_smoothness(f, norm, widths=(0.0, 1.0, 0.0, 0.1), starts=7, rounds=6, polish=30)
    for stated in f.smoothness(norm):
        assert measured(f, norm, smaller(stated, 0.4), **QUICK) > 1


def test_heterogeneous_coshes_are_not_those_of_one_centre():
    """Taking c for C is refuted: the curvature at the minimiser is C a^2."""
    (stated,) = COSH.smoothness(L2())
    naive = type(stated)("A1H", (float((COSH.scale * COSH.layers[0].a ** 2).max()),), stated.L1, "c for C")
    assert measured(COSH, L2(), naive, widths=(0.0, 1e-3), **{k: v for k, v in QUICK.items()}) > 1


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: QUADRATIC.workers(5), "n must divide"),
        (lambda: QUADRATIC.workers(0), "n must be an integer"),
        (lambda: QuadraticSum(np.eye(2), np.ones((3, 2)), 0), "batch must be"),
        (lambda: QuadraticSum(np.eye(2), np.ones((3, 3))), "centres must have"),
        (lambda: CoshSum([1.0], [1.0], np.ones((3, 2))), "c has shape"),
        (lambda: CoshSum([-1.0], [1.0], np.ones((3, 1))), "positive"),
        (lambda: QUADRATIC.sigma(Product([L2(), L2()])), "one layer"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()


def test_too_many_minibatches():
    with pytest.raises(MissingConstant, match="no list of at most 4096 outcomes in batches of 5"):
        [(p, sample.gradient(QUADRATIC.x0)) for p, sample in with_batch(QUADRATIC, 5).outcomes()]
