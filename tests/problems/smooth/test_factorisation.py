"""Matrix factorisation, the negative control: no global constants, and bounds on sets that hold there."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, Frobenius, LInf, Product, Spectral
from broximal.problems.smooth.factorisation import Factorisation
from broximal.problems.smoothness import Smoothness
from tests.problems.smoothness_checks import Attack, measured

F = Factorisation.example(3, 1)
NORMS = [Product([Frobenius(), Frobenius()]), Product([Spectral(), LInf()], [1.0, 2.0])]


def spectral(M):
    return float(np.linalg.norm(M, 2))


def test_no_constants_and_why():
    for norm in NORMS:
        assert F.smoothness(norm) == () and "square of the other layer" in F.why_not_smooth


@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_any_constants_are_refuted(ridge):
    """On the set of minimisers, and along V = 0 with U out of the range of A', the curvature outgrows the gradient."""
    A = np.diag([1.0, 0.0])
    f = Factorisation(A, [np.ones((2, 1)), np.ones((2, 1))], ridge)
    t = 1e4
    x = [np.array([[0.0], [t]]), np.zeros((2, 1))]
    small = [np.zeros((2, 1)), np.array([[1e-3], [0.0]])]
    for kind in ("A1", "A1H", "A1D"):
        claimed = Smoothness(kind, (50.0, 50.0), (50.0, 50.0), "as large as you like")
        assert Attack(f, NORMS[0], claimed).ratio(x, small) > 1
    coupled = Smoothness.coupled([[50.0, 50.0], [50.0, 50.0]], "as large as you like")
    assert measured(f, NORMS[0], coupled, widths=(0.0, 10.0, 100.0), starts=6, rounds=2, polish=20) > 1


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]), st.floats(0.1, 5.0, allow_subnormal=False))
def test_bounded_sets(seed, ridge, width):
    """Any two points of the set, however far apart; the set of the pair itself is the smallest that contains both."""
    rng = np.random.default_rng(seed)
    f = Factorisation(F.A, F.start, ridge)
    x, y = ([width * rng.standard_normal(part.shape) for part in F.start] for _ in range(2))
    if seed % 2:
        y = [u + 1e-3 * v for u, v in zip(x, y, strict=True)]
    a, b = (max(spectral(x[i]), spectral(y[i])) for i in (0, 1))
    r = max(spectral(p[0] @ p[1].T - F.A) for p in (x, y))
    d = [v - u for u, v in zip(x, y, strict=True)]
    for norm in NORMS:
        assert Attack(f, norm, f.smoothness_on(norm, a, b, r)).ratio(x, d) <= 1 + 1e-9


def test_bounded_sets_are_sharp():
    """One entry: the second derivative in U is V^2, and the mixed one 2 U V - A = U V + (U V - A)."""
    f = Factorisation([[-1.0]], [np.array([[2.0]]), np.array([[3.0]])])
    stated = f.smoothness_on(NORMS[0], 2.0, 3.0, 7.0)
    x, attack = f.x0, Attack(f, NORMS[0], stated)
    assert stated.coupling == ((9.0, 13.0), (13.0, 4.0))
    assert attack.ratio(x, [np.array([[-1e-3]]), np.zeros((1, 1))]) == pytest.approx(1.0, abs=1e-3)
    assert attack.ratio(x, [np.zeros((1, 1)), np.array([[-1e-3]])]) == pytest.approx(1.0, abs=1e-3)
    small = f.smoothness_on(NORMS[0], 2.0, 3.0, 3.0)  # the residual forgotten
    assert Attack(f, NORMS[0], small).ratio(x, [np.zeros((1, 1)), np.array([[-1e-3]])]) > 1.2


@pytest.mark.parametrize("ridge", [0.0, 0.4])
@pytest.mark.parametrize("rank", [1, 2, 5])
def test_the_minimum(ridge, rank, rng):
    from scipy.optimize import minimize

    f = Factorisation(F.A, [rng.standard_normal((3, rank)), rng.standard_normal((4, rank))], ridge)
    assert float(f.value(f.minimiser)) == pytest.approx(f.f_star.value, abs=1e-12 + f.f_star.error)
    assert max(np.abs(g).max() for g in f.gradient(f.minimiser)) < 1e-10

    def flat(z):
        x = [z[: 3 * rank].reshape(3, rank), z[3 * rank :].reshape(4, rank)]
        return float(f.value(x)), np.concatenate([g.ravel() for g in f.gradient(x)])

    best = min(minimize(flat, rng.standard_normal(7 * rank), jac=True, method="BFGS").fun for _ in range(5))
    assert f.f_star.value - 1e-9 <= best <= f.f_star.value + 1e-5


def test_derivatives(x64, rng):
    f = Factorisation(F.A, F.start, 0.3)
    x = jax.tree.map(lambda a: a + rng.standard_normal(a.shape), f.x0)
    for own, other in zip(f.gradient(x), jax.jit(jax.grad(f.value))(jax.tree.map(jnp.asarray, x)), strict=True):
        assert isinstance(own, np.ndarray) and np.allclose(own, other, rtol=1e-11)


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: Factorisation(np.eye(2), np.eye(2)), "x0 must be a list"),
        (lambda: Factorisation(np.eye(2), [np.ones((2, 1)), np.ones((2, 2))]), "x0 has shape"),
        (lambda: Factorisation(F.A, F.start, -1.0), "ridge"),
        (lambda: F.smoothness_on(L2(), 1.0, 1.0, 1.0), "two layers"),
        (lambda: F.smoothness_on(NORMS[0], 1.0, -1.0, 1.0), "b must"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()
