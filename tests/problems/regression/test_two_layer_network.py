"""The bounded two-layer network: derivatives, constants attacked, a lower bound in the place of the infimum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Product, Scaled, Spectral
from broximal.problems.regression.two_layer_network import BEND, TwoLayerNetwork
from broximal.problems.smoothness import as_descent
from tests.problems.smoothness_checks import check_smoothness, measured, smaller

QUICK = {"starts": 5, "rounds": 3, "polish": 40}
F = TwoLayerNetwork.example(3, 1)
NORMS = [
    Product([Spectral(), LInf()]),
    Product([Frobenius(), L2()], [2.0, 0.5]),
    Product([LInf(), L1()]),
    Product([L1(), Scaled(2.0, LInf())]),
    Product([Spectral(), Lp(3.0)]),
]


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_constants(norm):
    for f in (F, TwoLayerNetwork(F.features, F.labels, [0 * F.start[0], np.zeros(3)], 0.3)):
        (stated,) = f.smoothness(norm)
        assert measured(f, norm, stated, **QUICK) <= 1
        assert measured(f, norm, as_descent(stated), **QUICK) <= 1


@pytest.mark.parametrize("norm", NORMS[:3], ids=lambda n: n.name)
def test_constants_that_miss_a_term_are_refuted(norm):
    """One sample and one unit leave nothing to average over: the coupling through tanh' tanh' is attained at 0."""
    f = TwoLayerNetwork([[1.0], [1.0]], [1, 0], [np.zeros((1, 1)), np.zeros(1)], 0.5)
    g = TwoLayerNetwork([[1.0], [-1.0]], [1, 0], [np.zeros((1, 1)), np.zeros(1)], 0.5)
    found = max(measured(p, norm, p.smoothness(norm)[0], **QUICK) for p in (f, g))
    assert 0.4 < found <= 1
    worst = max((f, g), key=lambda p: measured(p, norm, p.smoothness(norm)[0], **QUICK))
    assert measured(worst, norm, smaller(worst.smoothness(norm)[0], 0.3), **QUICK) > 1


def test_the_formulas_of_the_spectral_and_largest_entry_norms():
    f, h, c = TwoLayerNetwork(F.features, F.labels, F.start, 0.7), 3, 0.7
    z = np.linalg.norm(f.features, axis=1)
    (stated,) = f.smoothness(NORMS[0])
    table = np.array(stated.coupling)
    assert table[0, 0] == pytest.approx(np.mean(c**2 * h * z**2 / 4 + c * BEND * z**2))
    assert table[1, 1] == pytest.approx(c**2 * h**2 / 4 + c * BEND * h)
    assert table[0, 1] == pytest.approx(np.mean(c**2 * h**1.5 * z / 4 + c * np.sqrt(h) * z))
    t = np.linspace(-3, 3, 100001)
    assert BEND == pytest.approx(np.abs(2 * np.tanh(t) * (1 - np.tanh(t) ** 2)).max(), rel=1e-8)
    assert not f.smoothness(L2())


def test_derivatives(x64, rng):
    x = [a + rng.standard_normal(a.shape) for a in F.x0]
    d = [rng.standard_normal(a.shape) for a in x]
    slope = sum(float((g * e).sum()) for g, e in zip(F.gradient(x), d, strict=True))
    up, down = ([a + s * 1e-5 * e for a, e in zip(x, d, strict=True)] for s in (1, -1))
    assert slope == pytest.approx((F.value(up) - F.value(down)) / 2e-5, rel=1e-7)
    there = jax.tree.map(jnp.asarray, x)
    for own, other in zip(F.gradient(x), jax.jit(jax.grad(F.value))(there), strict=True):
        assert isinstance(own, np.ndarray) and np.allclose(own, other, rtol=1e-9, atol=1e-12)
    assert float(jax.jit(F.value)(there)) == pytest.approx(float(F.value(x)), rel=1e-12)


def test_the_lower_bound(rng):
    with pytest.raises(MissingConstant, match="not known"):
        _ = F.f_star
    assert F.lower.value > 0
    for width in (1.0, 30.0):
        for _ in range(50):
            assert F.value([width * rng.standard_normal(a.shape) for a in F.x0]) >= F.lower.value
    # Saturated units on data they separate come close to it.
    f = TwoLayerNetwork([[1.0], [-1.0]], [1, 0], [np.full((2, 1), 30.0), np.full(2, 30.0)])
    assert f.value(f.x0) == pytest.approx(f.lower.value, rel=1e-9)


def test_digits():
    f = TwoLayerNetwork.from_data((3, 8), hidden=3)
    assert f.features.shape[1] == 64 and np.mean((f.features**2).sum(axis=1)) == pytest.approx(1.0)
    check_smoothness(f, NORMS[0], starts=2, rounds=1, polish=5)


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: TwoLayerNetwork(np.ones((3, 2)), [0, 1, 2], F.start), "3 classes"),
        (lambda: TwoLayerNetwork(F.features, F.labels, np.ones(3)), "x0 must be a list"),
        (lambda: TwoLayerNetwork(F.features, F.labels, [np.ones((3, 2)), np.ones(3)]), r"x0\[0\] has shape"),
        (lambda: TwoLayerNetwork(F.features, F.labels, F.start, 0.0), "scale must"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()
