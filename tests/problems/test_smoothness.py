"""The meanings of layer-wise smoothness: families attacked by a search, slips refuted, conversions, negative facts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Product, Scaled, Spectral
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import KINDS, Ridges, random_layer
from broximal.problems.smoothness import KAPPA, Smoothness, as_descent, as_local
from broximal.problems.worst.one_sided import OneSided
from tests.problems.smoothness_checks import Attack, check_smoothness, measured, smaller

QUICK = {"starts": 4, "rounds": 3, "polish": 30}
VECTOR = [L2(), L1(), Scaled(2.0, LInf()), Lp(3.0)]
MATRIX = [Spectral(), Frobenius(), LInf()]
TWO = Product([Spectral(), LInf()], [1.0, 2.0])
PAIRS = [
    Product([L2(), L2()]),
    Product([L1(), L1()]),
    Product([LInf(), LInf()], [2.0, 0.5]),
    Product([L2(), LInf()]),
]
LEAST = {"square": 0.9, "psi": 0.4, "cosh": 0.6, "power4": 0.5, "exp": 0.6}


def ridges(kind, matrix=False):
    return Ridges(random_layer(kind, (3, 2) if matrix else 4, 1))


@pytest.mark.parametrize("norm", VECTOR, ids=lambda n: n.name)
@pytest.mark.parametrize("kind", KINDS)
def test_ridges_of_vectors(kind, norm):
    f = ridges(kind)
    check_smoothness(f, norm, least=0.0 if isinstance(norm, Lp) else LEAST[kind], **QUICK)


@pytest.mark.parametrize("norm", MATRIX, ids=lambda n: n.name)
@pytest.mark.parametrize("kind", KINDS)
def test_ridges_of_matrices(kind, norm):
    check_smoothness(ridges(kind, True), norm, least=0.0 if isinstance(norm, LInf) else LEAST[kind], **QUICK)


@pytest.mark.parametrize("kind", KINDS)
def test_ridges_of_two_layers_and_what_follows(kind):
    f = Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 3, 2))
    (stated,) = f.smoothness(TWO)
    assert measured(f, TWO, stated, **QUICK) <= 1 + 1e-7
    assert measured(f, TWO, as_descent(stated), **QUICK) <= 1 + 1e-7
    assert measured(f, TWO, as_local(stated, 0.7), **QUICK) <= 1 + 1e-7


@pytest.mark.parametrize("kind", KINDS)
def test_slips_are_refuted(kind):
    (stated,) = ridges(kind).smoothness(L2())
    factor = 0.9 if kind in ("square", "exp") else 0.5
    assert measured(ridges(kind), L2(), smaller(stated, factor), rounds=3) > 1
    descent = smaller(as_descent(stated), 0.4)
    assert measured(ridges(kind), L2(), descent, **QUICK) > 1


def test_an_exact_second_derivative_is_attained():
    for f, norm in ((OneSided(1.5, 0.7), LInf()), (OneSided(1.5, 0.7, True), Spectral())):
        (stated,) = f.smoothness(norm)
        assert stated.exact and check_smoothness(f, norm, starts=4)["A1H"] >= 0.99
        assert measured(f, norm, smaller(stated, 0.9), starts=4) > 1


# ---- coupled layers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", PAIRS, ids=lambda n: n.name)
def test_coupled(norm):
    f = CoupledQuadratic.example(6, 1)
    check_smoothness(f, norm, least=0.7, **QUICK)
    (stated,) = f.smoothness(norm)
    assert measured(f, norm, as_descent(stated), **QUICK) <= 1 + 1e-7
    if not isinstance(norm._norms[0], L2) or isinstance(norm._norms[1], L2):
        assert measured(f, norm, smaller(stated, 0.9), **QUICK) > 1


def test_blocks_on_the_diagonal_are_not_enough():
    """Each layer alone has L_ii; moving both by the descent lemma of L_ii overshoots when they are correlated."""
    H = np.array([[1.0, 0.95], [0.95, 1.0]])
    f, norm = CoupledQuadratic(H, [np.zeros(1), np.zeros(1)], [np.ones(1), np.ones(1)]), PAIRS[0]
    rows = f.smoothness(norm)[0]
    diagonal = Smoothness("A1D", tuple(rows.coupling[i][i] for i in (0, 1)), (0.0, 0.0), "blocks on the diagonal only")
    x, d = [np.ones(1), np.ones(1)], [-1.95 * np.ones(1), -1.95 * np.ones(1)]
    assert Attack(f, norm, diagonal).ratio(x, d) == pytest.approx(1.95)
    assert Attack(f, norm, as_descent(rows)).ratio(x, d) == pytest.approx(1.0)
    assert measured(f, norm, diagonal, **QUICK) > 1.5


def test_one_layer_statements_of_coupled_layers_are_refuted():
    """A1 for all pairs needs a sum over the layers: move only the other layer."""
    f, norm = CoupledQuadratic.example(4, 0), PAIRS[0]
    claimed = Smoothness("A1", (1e6, 1e6), (1e6, 1e6), "as large as you like")
    assert measured(f, norm, claimed, **QUICK) == math.inf


@pytest.mark.parametrize("kind", ["cosh", "power4", "exp"])
def test_differences_of_distant_gradients(kind):
    """One pair refutes A1 with the constants of A1H, and with any others further out."""
    f = Ridges(random_layer(kind, 1, 1))
    (stated,) = f.smoothness(L2())
    assert stated.kind == "A1H"
    grown = Smoothness("A1", (50.0,), (50.0,), "A1H taken for A1, and generously")
    layer = f.layers[0]
    far = [50.0, 300.0, 1e4][{"cosh": 0, "exp": 0, "power4": 2}[kind]] / float(layer.a[0])
    x, d = [np.asarray(layer.b, dtype=float)], [np.array([far])]
    assert Attack(f, L2(), grown).ratio(x, d) > 1
    assert Attack(f, L2(), stated).ratio(x, d) <= 1


def test_distances_beyond_the_reach_are_not_claimed():
    f = ridges("cosh")
    local = as_local(f.smoothness(L2())[0], 0.5)
    assert np.isfinite(local.reach[0])
    for x in (f.x0, f.minimiser):
        assert Attack(f, L2(), local).ratio([x], [1.01 * local.reach[0] * np.eye(4)[0]]) == 0.0
        assert Attack(f, L2(), local).ratio([x], [0.99 * local.reach[0] * np.eye(4)[0]]) > 0.0


# ---- conversions -----------------------------------------------------------------------------------------------------


def test_kappa_solves_its_equation():
    s = 1 / KAPPA
    assert 2 * KAPPA * (math.exp(s) - s - 1) == pytest.approx(1.0, abs=1e-14)
    assert 2 * (math.exp(s) - s - 1) / s**2 == pytest.approx(KAPPA, rel=1e-14)


@settings(max_examples=60)
@given(
    st.floats(0, 10, allow_subnormal=False),
    st.floats(1e-3, 10, allow_subnormal=False),
    st.floats(1e-6, 3, allow_subnormal=False),
)
def test_conversions_of_a_second_derivative(L0, L1, r):
    """The factors dominate (e^s - 1)/s and 2(e^s - s - 1)/s^2 on the distances that are claimed, and no less would do."""
    s = Smoothness("A1H", (L0,), (L1,), "given")
    local, descent = as_local(s, r), as_descent(s)
    assert local.kind == "A1loc" and local.reach == pytest.approx((r / L1,))
    assert local.L0[0] == pytest.approx(L0 * math.expm1(r) / r) and local.L1[0] == pytest.approx(L1 * math.expm1(r) / r)
    assert descent.kind == "A1D" and descent.L0[0] == pytest.approx(KAPPA * L0)
    assert descent.reach[0] * L1 == pytest.approx(1 / KAPPA)
    # The radii g / (L0 + L1 g) with the inflated constants stay within the reach.
    assert all(g / (descent.L0[0] + descent.L1[0] * g) <= descent.reach[0] * (1 + 1e-12) for g in (1e-3, 1.0, 1e6))


def test_conversions_of_the_others():
    coupled = Smoothness.coupled([[2.0, 1.0], [1.0, 3.0]], "given", exact=True)
    assert coupled.L0 == (3.0, 4.0) and as_descent(coupled).L0 == (3.0, 4.0) and as_descent(coupled).L1 == (0.0, 0.0)
    with pytest.raises(MissingConstant, match="one layer"):
        as_local(coupled, 1.0)
    plain = Smoothness("A1", (1.0,), (2.0,), "given")
    assert as_descent(as_descent(plain)) == as_descent(plain) and as_local(plain, 1.0).reach == (math.inf,)
    assert as_local(as_local(plain, 1.0), 2.0).kind == "A1loc"
    with pytest.raises(MissingConstant):
        as_local(as_descent(plain), 1.0)
    flat = as_descent(Smoothness("A1H", (1.0,), (0.0,), "given"))
    assert flat.reach == (math.inf,) and flat.L0[0] == pytest.approx(KAPPA)
    assert coupled.exact and not as_descent(coupled).exact
    assert "A1H" in str(Smoothness("A1H", (1.0,), (0.0,), "given")) and "exact" in str(coupled)


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: Smoothness("A3", (1.0,), (1.0,), ""), "kind must be one of"),
        (lambda: Smoothness("A1", (1.0, 2.0), (1.0,), ""), "one entry a layer"),
        (lambda: Smoothness("A1", (), (), ""), "one entry a layer"),
        (lambda: Smoothness("A1", (-1.0,), (1.0,), ""), "L0 must hold"),
        (lambda: Smoothness("A1", (1.0,), (math.inf,), ""), "L1 must hold"),
        (lambda: Smoothness.coupled([[1.0, 2.0], [0.0, 1.0]], ""), "square and symmetric"),
        (lambda: Smoothness.coupled([1.0, 2.0], ""), "square and symmetric"),
        (lambda: CoupledQuadratic(-np.eye(2), [np.zeros(2)], [np.zeros(2)]), "negative eigenvalue"),
        (lambda: CoupledQuadratic(np.eye(2), [np.zeros(2)], [np.zeros(1)]), "same layers"),
        (lambda: CoupledQuadratic(np.eye(3), [np.zeros(2)], [np.zeros(2)]), "as many entries"),
        (lambda: Ridges(), "one or more"),
        (lambda: random_layer("cosj", 2), "Did you mean 'cosh'"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()


def test_the_descent_lemma_of_exact_constants_need_not_be_exact():
    """Concave quadratics have a descent lemma with 0; correlated layers one with less than the row sums."""
    f = Quadratic(-np.eye(2), about=np.zeros(2))
    (stated,) = f.smoothness(L2())
    assert stated.exact and not as_descent(stated).exact
    assert measured(f, L2(), stated, **QUICK) > 0.99 and measured(f, L2(), as_descent(stated), **QUICK) == 0.0


# ---- the families themselves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_ridges(kind, x64, rng):
    import jax
    import jax.numpy as jnp

    for f in (ridges(kind), ridges(kind, True), Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 3, 2))):
        x = jax.tree.map(lambda a: a + 0.3 * rng.standard_normal(a.shape), f.x0)
        automatic = jax.grad(f.value)(jax.tree.map(jnp.asarray, x))
        jitted = jax.jit(f.gradient)(jax.tree.map(jnp.asarray, x))
        for own, other, compiled in zip(*map(jax.tree.leaves, (f.gradient(x), automatic, jitted)), strict=True):
            assert isinstance(own, np.ndarray)
            assert np.allclose(own, other, rtol=1e-9, atol=1e-11) and np.allclose(own, compiled, rtol=1e-9, atol=1e-11)
        if f.minimiser is not None:
            assert float(f.value(f.minimiser)) == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize("kind", ["square", "cosh"])
def test_polyak_lojasiewicz(kind, rng):
    f = Ridges(random_layer(kind, (3, 2), 1), random_layer(kind, 3, 2))
    mu, layers = f.constant("PL", TWO).value, Layers(TWO)
    for width in (1e-3, 1.0, 5.0):
        for _ in range(30):
            x = [b + width * rng.standard_normal(b.shape) for b in f.minimiser]
            assert float((layers.dual_sizes(f.gradient(x)) ** 2).sum()) >= 2 * mu * float(f.value(x)) * (1 - 1e-12)
