"""Logistic losses by layers: two coupled ones, and one on separable data."""

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf, Lp, Product, Scaled
from broximal.problems.regression.logistic import Logistic
from broximal.problems.regression.separable_logistic import SeparableLogistic
from broximal.problems.regression.two_block_logistic import TwoBlockLogistic
from broximal.problems.smoothness import as_descent
from tests.problems.smoothness_checks import check_smoothness, measured, smaller

QUICK = {"starts": 4, "rounds": 3, "polish": 30}
PAIRS = [Product([L2(), L2()]), Product([LInf(), L1()], [2.0, 0.5]), Product([Scaled(2.0, L2()), Lp(3.0)])]
F = TwoBlockLogistic.example(5, 1)
G = SeparableLogistic.example(3, 1)


@pytest.mark.parametrize("norm", PAIRS, ids=lambda n: n.name)
def test_coupled_constants(norm):
    at_zero = TwoBlockLogistic(*_data(F), F.flat.samples[:, 0] * 0 + _labels(F), 1e-2, [np.zeros(2), np.zeros(3)])
    assert check_smoothness(at_zero, norm, least=0.5, **QUICK)
    (stated,) = F.smoothness(norm)
    assert measured(F, norm, as_descent(stated), **QUICK) <= 1 + 1e-7
    assert measured(at_zero, norm, smaller(stated, 0.4), **QUICK) > 1


def _labels(f):
    return np.where(np.arange(len(f.flat.samples)) % 2 == 0, 1.0, -1.0)


def _data(f):
    rows = f.flat.samples * _labels(f)[:, None]
    return rows[:, :2], rows[:, 2:]


def test_diagonal_blocks_are_attained_in_l2():
    zero = [np.zeros(2), np.zeros(3)]
    f = TwoBlockLogistic(*_data(F), _labels(F), 1e-2, zero)
    table = np.array(f.smoothness(PAIRS[0])[0].coupling)
    H = f.flat.hessian(np.zeros(5))
    for own, part in ((table[0, 0], H[:2, :2]), (table[1, 1], H[2:, 2:])):
        assert own == pytest.approx(np.linalg.norm(part, 2), rel=1e-10)
    assert np.linalg.norm(H[:2, 2:], 2) <= table[0, 1] <= np.sqrt(table[0, 0] * table[1, 1])


def test_same_as_the_flat_loss(x64, rng):
    import jax
    import jax.numpy as jnp

    x = [rng.standard_normal(2), rng.standard_normal(3)]
    flat = np.concatenate(x)
    assert F.value(x) == F.flat.value(flat) and np.array_equal(np.concatenate(F.gradient(x)), F.flat.gradient(flat))
    automatic = jax.jit(jax.grad(F.value))(jax.tree.map(jnp.asarray, x))
    for own, other, i in zip(F.gradient(x), automatic, (0, 1), strict=True):
        assert np.allclose(own, other, rtol=1e-10) and own.shape == x[i].shape
    assert F.f_star.error < 1e-12 and max(np.abs(g).max() for g in F.gradient(F.minimiser)) < 1e-12
    assert F.constant("mu", PAIRS[0]).value > 0 and not F.smoothness(L2())


# ---- separable data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [L2(), LInf(), L1(), Scaled(0.5, L2()), Lp(3.0)], ids=lambda n: n.name)
def test_separable(norm):
    found = check_smoothness(G, norm, widths=(0.0, 5.0, 0.0, 20.0), starts=13, rounds=3, polish=30)
    assert set(found) == {"A1", "A1H"}
    stated = G.smoothness(norm)[1]
    assert stated.L0 == (0.0,)
    assert (
        measured(
            G, norm, smaller(stated, 0.5 * found["A1H"]), widths=(0.0, 5.0, 0.0, 20.0), starts=13, rounds=3, polish=30
        )
        > 1
    )
    assert measured(G, norm, as_descent(stated), **QUICK) <= 1 + 1e-7


def test_one_sample_attains_the_separable_constant():
    """For samples +-a far out, psi'' = |psi'| in the limit and the margin direction is that of a: ratio 1."""
    f = SeparableLogistic(np.array([[2.0, 1.0], [-2.0, -1.0]]), [1, 0], [8.0, 4.0])
    stated = f.smoothness(L2())[1]
    assert stated.L1[0] == pytest.approx(np.sqrt(5.0), rel=1e-6)
    assert measured(f, L2(), stated, **QUICK) >= 0.99
    assert measured(f, L2(), smaller(stated, 0.9), **QUICK) > 1


def test_the_largest_margin():
    assert G.margin(L2()) > 0 and G.margin(Scaled(2.0, L2())) == pytest.approx(G.margin(L2()) / 2, rel=1e-5)
    assert G.margin(L1()) <= G.margin(L2()) <= G.margin(LInf())
    assert G.f_star.value == 0 and G.minimiser is None
    assert float(G.value(60 * np.linalg.lstsq(G.samples, np.ones(len(G.samples)))[0])) < float(G.value(G.x0))


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: TwoBlockLogistic(np.ones((3, 1)), np.ones((2, 1)), [0, 1, 0]), "one row a sample"),
        (lambda: TwoBlockLogistic(np.eye(3), np.eye(3), [0, 1, 0], 0.1, [np.zeros(2), np.zeros(3)]), "x0 has shapes"),
        (lambda: SeparableLogistic([[1.0], [1.0], [-1.0]], [0, 1, 1]), "not separated"),
        (lambda: SeparableLogistic(Logistic.example(3).samples, np.arange(26) % 2), "not separated"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()
