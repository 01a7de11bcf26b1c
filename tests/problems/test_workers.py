"""Means over workers, and the constants of joined layers under attack."""

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, L2Product, LInf, Product, SumProduct
from broximal.problems.distributed.workers import Workers
from broximal.problems.one_layer import as_one_layer
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.stochastic.cosh_sum import CoshSum
from broximal.problems.stochastic.logistic_sum import LogisticSum
from broximal.problems.stochastic.quadratic_sum import QuadraticSum

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
