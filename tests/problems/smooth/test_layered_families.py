"""Families for layer-wise and stochastic methods: traced as pytrees, and the default statements of an example hold."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal import problems
from tests.problems.smoothness_checks import check_smoothness, layered_l2

NEW = [
    "coupled",
    "cosh_sum",
    "factorisation",
    "logistic_sum",
    "noisy",
    "quadratic_cosine",
    "quadratic_sum",
    "ridges",
    "separable_logistic",
    "two_block_logistic",
    "two_layer_network",
]


@pytest.mark.parametrize("alias", NEW)
def test_the_problem_is_an_argument_of_a_jitted_function(alias, x64):
    f = problems.make(alias, 3, 2)
    x = jax.tree.map(jnp.asarray, f.x0)

    @eqx.filter_jit
    def both(problem, point, key):
        sample = problem.draw(key).gradient(point) if problem.stochastic else None
        return problem.value(point), problem.gradient(point), sample

    value, gradient, sample = both(f, x, jax.random.key(0))
    assert float(value) == pytest.approx(float(f.value(f.x0)), rel=1e-11)
    for own, traced in zip(jax.tree.leaves(f.gradient(f.x0)), jax.tree.leaves(gradient), strict=True):
        assert np.allclose(own, traced, rtol=1e-9, atol=1e-11)
    if sample is not None:
        again = f.draw(jax.random.key(0)).gradient(f.x0)
        assert np.allclose(np.concatenate(jax.tree.leaves(again)), np.concatenate(jax.tree.leaves(sample)), rtol=1e-9)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("alias", NEW)
def test_examples_of_several_sizes(alias, seed):
    for dim in (1, 2, 6):
        f = problems.make(alias, dim, seed)
        for stated in f.smoothness(layered_l2(f.x0)):
            assert len(stated.L0) == (1 if hasattr(f.x0, "shape") else 2)
        assert float(f.value(f.x0)) >= f.lower.value - f.lower.error
    check_smoothness(f, layered_l2(f.x0), starts=7, rounds=8, polish=0, widths=(0.0, 1.0, 0.0))
