"""Linear functions in every norm of the catalogue's core."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf, Lp, Nuclear, Product, Scaled, Spectral, WeightedL1
from broximal.problems import Linear
from tests.problems.family_checks import Wrong, check_constant, check_exact, check_point, mutants

NORMS = [L1(), L2(), LInf(), Lp(3.0), Scaled(0.3, L1()), WeightedL1([1.0, 2.0, 3.0, 0.5])]


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_exact_in_any_norm(norm, rng):
    f = Linear.example(4, 1)
    for radius in (1e-8, 1.0, 1e8):
        x = rng.standard_normal(4)
        answer = check_exact(f, norm, x, radius)
        assert float(answer.value) == pytest.approx(float(f.value(x)) - radius * float(norm.dual(f.c)), rel=1e-12)


@pytest.mark.parametrize("norm", [Spectral(), Nuclear()], ids=lambda n: n.name)
def test_matrices_with_ties_and_rank_loss(norm):
    check_exact(Linear(np.eye(2, 3)), norm, np.ones((2, 3)), 0.7)
    check_exact(Linear(np.outer([1.0, 2.0], [1.0, 0.0, -1.0])), norm, np.zeros((2, 3)), 0.7)


def test_trees_of_layers(rng):
    norm = Product({"a": Spectral(), "b": LInf()})
    f = Linear({"a": rng.standard_normal((2, 3)), "b": rng.standard_normal(2)})
    answer = brox(f, norm, f.x0, 0.5)
    assert float(answer.value) == pytest.approx(-0.5 * float(norm.dual(f.c)), rel=1e-12)


@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Lp(1.5)], ids=lambda n: n.name)
def test_constants(norm):
    check_constant(Linear.example(4, 3), "G", norm)
    assert Linear.example(4).constant("L", norm).value == 0
    assert Linear.example(4).constant("mu", norm).value == 0


def test_mutants_are_refuted(rng):
    f, x = Linear.example(4, 0), rng.standard_normal(4)
    for norm in (L1(), L2(), LInf()):
        answer = check_exact(f, norm, x, 0.3)
        for name, point in mutants(norm, x, 0.3, answer.point, answer.subgradient).items():
            with pytest.raises(Wrong):
                check_point(f, norm, x, 0.3, point, f.c)
                pytest.fail(name)


def test_unbounded_and_bad_input():
    with pytest.raises(MissingConstant):
        Linear.example(3).f_star  # noqa: B018
    for bad in (np.zeros(3), [np.nan, 1.0], []):
        with pytest.raises(InvalidArgument):
            Linear(bad)
    with pytest.raises(InvalidArgument, match="x0"):
        Linear([1.0, 2.0], x0=[1.0])
    with pytest.raises(InvalidArgument):
        brox(Linear([1.0, 2.0]), L2(), {"a": np.ones(2)}, 1.0)


def test_jax_float32_and_vmap():
    f = Linear.example(4, 0)
    points = jnp.ones((3, 4), jnp.float32)
    answers = jax.vmap(lambda x: brox(f, LInf(), x, 0.5).point)(points)
    assert answers.dtype == jnp.float32
    assert np.allclose(answers[0], brox(f, LInf(), np.ones(4), 0.5).point, atol=1e-6)
