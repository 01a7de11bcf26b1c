"""Means over workers, and the constants of joined layers under attack."""

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L2, L2Product, LInf, Product, SumProduct
from broximal.problems.distributed.workers import Workers
from broximal.problems.one_layer import as_one_layer
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.stochastic.cosh_sum import CoshSum
from broximal.problems.stochastic.logistic_sum import LogisticSum
from broximal.problems.stochastic.noise import Signs
from broximal.problems.stochastic.quadratic_sum import QuadraticSum
from broximal.problems.stochastic.random_curvature import RandomCurvature
from tests.problems.stochastic.sampling import Wrong, check_mean, lengths, noise_at

LAYERS = [L2(), LInf()]


def test_f_is_the_mean_of_the_workers_and_its_infimum_is_where_it_says():
    problem = Workers.example(8, 4)
    rng = np.random.default_rng(0)
    x = [rng.standard_normal(4), rng.standard_normal(4)]
    assert problem.value(x) == pytest.approx(np.mean([part.value(x) for part in problem.parts]))
    stacked = problem.worker_gradients(x)
    for layer, mean in enumerate(problem.gradient(x)):
        np.testing.assert_allclose(stacked[layer].mean(axis=0), mean, rtol=1e-12)
    best = problem.minimiser
    assert problem.value(best) == pytest.approx(problem.f_star.value)
    assert np.linalg.norm(np.concatenate(problem.gradient(best))) < 1e-10
    assert problem.f_star.value > 0


@pytest.mark.parametrize("family", [QuadraticSum, CoshSum, LogisticSum])
def test_the_parts_of_a_finite_sum_are_workers(family):
    whole = family.example(4, 0)
    problem = Workers(whole.workers(2), whole)
    x = whole.x0 + 0.3
    with jax.enable_x64(True):
        stacked = np.asarray(problem.worker_gradients(jax.numpy.asarray(x)))
    np.testing.assert_allclose(stacked, [part.gradient(x) for part in whole.workers(2)], rtol=1e-10, atol=1e-12)
    infima = [part.f_star.value for part in problem.parts]
    np.testing.assert_allclose(infima, [part.f_star.value for part in whole.workers(2)], rtol=1e-10)
    assert np.mean(infima) <= problem.f_star.value


@pytest.mark.parametrize("join", [Product, SumProduct, L2Product])
def test_the_constant_of_joined_layers_survives_random_pairs(join):
    norm = join(LAYERS, [1.0, 0.3])
    problem = CoupledQuadratic.example(6, 2)
    L = as_one_layer(problem, norm).L0[0]
    rng = np.random.default_rng(1)
    reached = 0.0
    for _ in range(500):
        d = [rng.standard_normal(3), rng.choice([-1.0, 1.0], 3) * rng.uniform(0.1, 5)]
        zero, moved = (problem.gradient([b + s * e for b, e in zip(problem.b, d, strict=True)]) for s in (0, 1))
        change = [a - b for a, b in zip(moved, zero, strict=True)]
        reached = max(reached, float(norm.dual(change) / norm(d)) / L)
    assert 0.15 < reached <= 1 + 1e-12


MEANS = [
    Workers.of_quadratics([CoupledQuadratic.example(4, j) for j in range(3)], Signs(0.3)),
    Workers(QuadraticSum.example(3, 1).workers(2), QuadraticSum.example(3, 1)),
    Workers([RandomCurvature.example(3, 2)] * 2, RandomCurvature.example(3, 2)),
]


@pytest.mark.parametrize("problem", MEANS, ids=lambda f: f.name)
def test_every_worker_draws_a_sample_of_its_own(problem, x64):
    """Stacked draws are those of the workers one by one, compiled and on the host, and their mean is an objective."""
    key, x = jax.random.key(4), problem.x0
    assert problem.stochastic
    sample = problem.draw(key)
    own = [part.draw(k) for part, k in zip(problem.samplers, jax.random.split(key, problem.count), strict=True)]
    stacked = jax.tree.leaves(sample.worker_gradients(x))
    for layer, rows in enumerate(zip(*(jax.tree.leaves(one.gradient(x)) for one in own), strict=True)):
        np.testing.assert_allclose(stacked[layer], np.stack(rows), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(
            jax.tree.leaves(sample.gradient(x))[layer], np.mean(rows, axis=0), rtol=1e-11, atol=1e-12
        )
    assert float(sample.value(x)) == pytest.approx(np.mean([float(one.value(x)) for one in own]))
    there = jax.tree.map(jax.numpy.asarray, x)
    compiled = jax.jit(lambda k, z: problem.draw(k).worker_gradients(z))(key, there)
    for a, b in zip(jax.tree.leaves(compiled), stacked, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert not np.allclose(stacked[0][0] - own[0].gradient(x)[0], stacked[0][1] - own[0].gradient(x)[0])


@pytest.mark.parametrize("problem", MEANS[1:], ids=lambda f: f.name)
def test_the_noise_of_the_mean_by_all_outcomes(problem):
    x = problem.x0 + 0.5
    weights, noise = noise_at(problem, x, 1)
    assert len(weights) > 30
    check_mean(weights, noise[0][:, 0], 0.0)
    (stated,) = problem.sigma_at(x, L2(), 1)
    check_mean(weights, lengths(noise) ** 2, stated**2)
    with pytest.raises(Wrong):
        check_mean(weights, lengths(noise) ** 2, (0.9 * stated) ** 2)
    assert stated <= problem.sigma(L2(), 1)[0] and lengths(noise).max() <= problem.sure(L2(), 1)[0] * (1 + 1e-12)
    assert problem.worker_sigma() == max(part.sigma(L2())[0] for part in problem.samplers)


def test_workers_with_exact_gradients_have_no_samples():
    whole = QuadraticSum.example(3, 1)
    exact = Workers(whole.workers(2), whole, exact=True)
    assert not exact.stochastic and exact.worker_sigma() == 0.0 and not Workers.example(4).stochastic
    with pytest.raises(MissingConstant, match="no samples"):
        exact.draw(jax.random.key(0))
    with pytest.raises(InvalidArgument, match="noise must be None"):
        Workers(whole.workers(2), whole, noise=Signs(1.0))


def test_bad_workers_are_refused_in_one_sentence():
    one, two = CoupledQuadratic.example(4, 0), CoupledQuadratic.example(6, 0)
    ridges = [Ridges(RidgeLayer(kind, np.ones(2), np.ones(2), np.zeros(2), np.ones(2))) for kind in ("square", "cosh")]
    with pytest.raises(InvalidArgument, match="one or more problems"):
        Workers([], one)
    with pytest.raises(InvalidArgument, match="of the same shapes"):
        Workers([one, two], one)
    with pytest.raises(InvalidArgument, match="differ in their parameters only"):
        Workers(ridges, ridges[0])
    with pytest.raises(InvalidArgument, match="must be the mean of the parts"):
        Workers([one, one], one, level=1.0)
