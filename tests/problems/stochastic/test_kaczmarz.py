"""A consistent linear system is a sampling of its rows: what is stated of it is what its outcomes say, and methods draw it."""

import math

import jax
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf, Product
from broximal.problems import Kaczmarz
from broximal.theory import Drift
from broximal.theory.columns.points import L, distance, gap, k
from broximal.theory.columns.whole import gam
from broximal.verify import Verdict, check
from broximal.verify.verdict import SEEN
from tests.verify.stepping import Sgd, about

SYSTEM = Kaczmarz([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]], [1.0, -1.0], [0.5, 0.3, 0.2], [4.0, 1.0])


def noise_at(f, x):
    return [(chance, sample.gradient(x) - f.gradient(x)) for chance, sample in f.outcomes()]


def test_a_sample_is_a_row_with_its_probability(rng):
    x = rng.standard_normal(2)
    assert sum(chance * sample.value(x) for chance, sample in SYSTEM.outcomes()) == pytest.approx(SYSTEM.value(x))
    assert np.allclose(sum(chance * off for chance, off in noise_at(SYSTEM, x)), 0)
    drawn = [SYSTEM.draw(key).rows[0] for key in jax.random.split(jax.random.key(0), 400)]
    for row, chance in zip(SYSTEM.A, SYSTEM.p, strict=True):
        assert np.mean([np.array_equal(own, row) for own in drawn]) == pytest.approx(chance, abs=0.1)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_size_of_its_noise_is_that_of_its_outcomes(rng, batch):
    growth = SYSTEM.variance_growth(batch)
    assert growth.s0 == 0 and growth.of == "distance" and not growth.exact
    ratios = []
    for _ in range(200):
        x = SYSTEM.solution + rng.standard_normal(2)
        mean_square = sum(chance * off @ off for chance, off in noise_at(SYSTEM, x)) / batch
        assert SYSTEM.sigma_at(x, L2(), batch)[0] == pytest.approx(math.sqrt(mean_square))
        ratios.append(math.sqrt(mean_square) / np.linalg.norm(x - SYSTEM.solution))
    assert 0.98 * growth.s1 <= max(ratios) <= growth.s1 * (1 + 1e-12)
    assert SYSTEM.sigma_at(SYSTEM.solution, L2())[0] == 0
    assert math.isinf(SYSTEM.sigma(L2())[0])


def test_its_noise_is_none_where_every_row_is_the_same():
    one = Kaczmarz([[1.0, 2.0], [1.0, 2.0]], [1.0, -1.0])
    assert one.variance_growth().s1 == 0 and one.sigma(L2()) == (0.0,)


@pytest.mark.parametrize("norm", [L2(), L1(), LInf()], ids=lambda norm: norm.name)
@pytest.mark.parametrize("batch", [1, 2])
def test_mean_squared_smoothness(rng, norm, batch):
    constant = SYSTEM.mean_squared_smoothness(norm, batch)
    found = []
    for _ in range(300):
        x, d = rng.standard_normal((2, 2))
        turned = [
            chance * np.sum((sample.gradient(x + d) - sample.gradient(x)) ** 2)
            for chance, sample in SYSTEM.outcomes(batch)
        ]
        found.append(math.sqrt(sum(turned)) / float(norm(d)))
    assert max(found) <= constant.value * (1 + 1e-12)
    if constant.kind == "exact":
        assert max(found) >= 0.98 * constant.value


def test_one_layer_only():
    with pytest.raises(InvalidArgument):
        SYSTEM.sigma_at(SYSTEM.x0, Product([L2()]))


def test_methods_draw_it():
    """E D_{k+1}^2 = D_k^2 - 2 gam <grad f, d> + gam^2 E |g|^2, <grad f, d> = 2 gap and E |g|^2 <= 18 gap here, L >= 1."""
    upper = Drift(distance[k + 1] ** 2 <= distance[k] ** 2 - 4 * gam * gap[k] + 18 * gam**2 * L * gap[k], "distance")
    assert check(about(upper, method=Sgd()), SYSTEM, L2(), steps=10).verdict in SEEN
    lower = Drift(distance[k + 1] ** 2 <= distance[k] ** 2 - 4 * gam * gap[k], "without noise")
    assert check(about(lower, method=Sgd()), SYSTEM, L2(), steps=10).verdict is Verdict.VIOLATED


def test_a_method_that_draws_nothing_is_not_applied_to_it():
    assert "its noise would not be drawn" in check("bpm.star_rate", SYSTEM, L2(), steps=3).why
