"""Nonconvex smooth families with exact constants: a quadratic plus cosines, and a homogeneous star-convex function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf, Lp, Scaled
from broximal.problems.nonsmooth.homogeneous import Homogeneous
from broximal.problems.smooth.quadratic_cosine import QuadraticCosine
from tests.problems.family_checks import check_star, find_nonconvex
from tests.problems.smoothness_checks import check_smoothness, measured, smaller

NORMS = [L2(), L1(), LInf(), Scaled(2.0, LInf()), Lp(3.0)]
F = QuadraticCosine.example(4, 1)
SEARCH = {"widths": (0.0, 1.0, 0.0, 0.3), "starts": 13, "rounds": 5, "polish": 30}


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_smoothness(norm):
    (stated,) = F.smoothness(norm)
    assert stated.exact != isinstance(norm, Lp)
    check_smoothness(F, norm, least=0.4, **SEARCH)
    assert measured(F, norm, smaller(stated, 0.9 if stated.exact else 0.4), **SEARCH) > 1


def test_the_quadratic_alone_is_refuted():
    (stated,) = F.smoothness(L2())
    assert measured(F, L2(), smaller(stated, float(F.eigenvalues[-1]) / stated.L0[0]), **SEARCH) > 1.5


def test_derivatives(x64, rng):
    x = rng.standard_normal(4)
    there = jnp.asarray(x)
    assert np.allclose(jax.jit(jax.grad(F.value))(there), F.gradient(x), rtol=1e-12)
    assert F.value(x) == pytest.approx(x @ F.A @ x / 2 + 0.5 * np.sum(1 - np.cos(2 * x)), rel=1e-13)
    assert isinstance(F.gradient(x), np.ndarray)


def test_what_is_known(rng):
    assert not F.convex and F.f_star.value == F.value(F.minimiser) == 0 and F.unique_minimiser
    find_nonconvex(F)
    for width in (1e-3, 1.0, 10.0):
        for _ in range(30):
            x = width * rng.standard_normal(4)
            assert F.value(x) >= F.constant("kappa", L2()).value * float(L2()(x)) ** 2 * (1 - 1e-12)
    with pytest.raises(MissingConstant):
        F.constant("mu", L2())
    g = QuadraticCosine(np.diag([3.0, 5.0]), 0.5, 2.0)
    assert g.convex and g.constant("mu", L2()).value == pytest.approx(1.0)
    at = np.full(2, np.pi / 2)
    for e in np.eye(2):
        assert ((g.gradient(at + 1e-5 * e) - g.gradient(at - 1e-5 * e)) @ e) / 2e-5 >= 1.0 - 1e-6


@pytest.mark.parametrize("waves", [1, 2, 3, 5])
def test_the_homogeneous_function_of_degree_two(waves):
    f = Homogeneous(2.0, waves, 1.3)
    check_star(f)
    assert f.smoothness(L2())[0].exact and f.constant("L", L2()).value == 2 * 1.3 - 2 + max(waves**2, 4)
    # Between distant points the gradient changes less: attained only along short segments of the right angle.
    thetas = np.linspace(0, 2 * np.pi, 2001)
    best = 0.0
    for t in thetas:
        z = np.array([np.cos(t), np.sin(t)])
        H = np.column_stack([(f.gradient(z + 1e-5 * e) - f.gradient(z - 1e-5 * e)) / 2e-5 for e in np.eye(2)])
        best = max(best, float(np.abs(np.linalg.eigvalsh(0.5 * (H + H.T))).max()))
    assert best == pytest.approx(f.constant("L", L2()).value, rel=1e-4)
    for norm in (L2(), LInf(), L1()):
        (stated,) = f.smoothness(norm)
        assert measured(f, norm, stated, starts=6, rounds=3, polish=80) <= 1 + 1e-7
    assert Homogeneous(1.5).smoothness(L2()) == ()


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: QuadraticCosine(-np.eye(2)), "negative eigenvalue"),
        (lambda: QuadraticCosine(np.eye(2), 0.0), "c must"),
        (lambda: QuadraticCosine(np.eye(2), 1.0, -1.0), "w must"),
        (lambda: QuadraticCosine(np.eye(2), x0=np.ones(3)), "x0 has shape"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words):
        build()
