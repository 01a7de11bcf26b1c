"""The ball as an object."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles import Ball, norms
from broximal.oracles.arrays import inner

BALLS = [
    Ball(norms.L1(), np.array([1.0, -2.0, 0.5]), 0.7),
    Ball(norms.Spectral(), np.ones((2, 3)), 2.0),
    Ball(norms.Product({"w": norms.Spectral(), "b": norms.LInf()}), {"w": np.eye(2), "b": np.ones(3)}, 0.3),
]


def drawn(ball, rng):
    return jax.tree.map(lambda c: c + 3 * rng.standard_normal(c.shape), ball.center)


@pytest.mark.parametrize("ball", BALLS, ids=repr)
def test_points_of_the_ball(ball, rng):
    g, x = drawn(ball, rng), drawn(ball, rng)
    assert ball.contains(ball.center)
    assert not ball.contains(x)
    assert ball.contains(ball.project(x), 1e-12)
    assert inner(g, ball.lmo(g)) == pytest.approx(-float(ball.support(jax.tree.map(np.negative, g))))
    for _ in range(50):
        point = ball.sample(rng)
        assert ball.contains(point)
        assert inner(g, ball.lmo(g)) <= inner(g, point) <= ball.support(g)


def test_samples_of_the_euclidean_ball_are_uniform(rng):
    """For l2 the d-th power of the distance from the centre is uniform."""
    ball = Ball(norms.L2(), np.zeros(3), 2.0)
    shares = np.sort([(np.linalg.norm(ball.sample(rng)) / 2.0) ** 3 for _ in range(2000)])
    assert np.abs(shares - np.linspace(0, 1, 2000)).max() < 0.04  # Kolmogorov's 1e-3 quantile is 0.044


def test_samples_keep_the_kind_of_the_centre(rng):
    point = Ball(norms.L1(), jnp.zeros(3, jnp.float32)).sample(rng)
    assert isinstance(point, jax.Array) and point.dtype == jnp.float32


def test_it_prints_nicely():
    assert repr(BALLS[0]) == "Ball<l1, radius 0.7, shape (3,)>"
