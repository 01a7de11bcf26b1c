"""Logistic, multinomial and log-sum-exp problems: values, derivatives, minima, constants attacked."""

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Nuclear, Scaled, Spectral
from broximal.problems.regression.logistic import Logistic
from broximal.problems.regression.multinomial import Multinomial
from broximal.problems.smooth.log_sum_exp import LogSumExp
from tests.problems.constant_attack import (
    Refuted,
    attack_convexity,
    attack_growth,
    attack_smoothness,
    attack_sublevel_radius,
)

VECTOR = [Logistic.example(4, 1), LogSumExp.example(4, 1)]
MATRIX = [Multinomial.example(3, 1)]
FREE = [
    Logistic(np.random.default_rng(1).standard_normal((40, 3)), np.random.default_rng(2).choice([0, 1], 40)),
    LogSumExp(np.random.default_rng(3).standard_normal((20, 4))),
    Multinomial(np.random.default_rng(4).standard_normal((60, 2)), np.random.default_rng(5).integers(0, 3, 60)),
]
CASES = [(f, n) for f in VECTOR for n in (L2(), L1(), LInf(), Lp(3.0), Scaled(2.0, L1()))]
CASES += [(f, n) for f in MATRIX for n in (Frobenius(), Spectral(), Nuclear(), L1(), LInf())]


@pytest.mark.parametrize("f, norm", CASES, ids=[f"{type(f).__name__}-{n.name}" for f, n in CASES])
def test_constants(f, norm, rng):
    L, mu, kappa, R0 = (f.constant(name, norm) for name in ("L", "mu", "kappa", "R0"))
    attack_smoothness(f, norm, L.value, rng, rounds=5)
    attack_convexity(f, norm, mu.value, rng)
    attack_growth(f, norm, kappa.value, rng)
    attack_sublevel_radius(f, norm, R0.value, rng)


@pytest.mark.parametrize("norm", [L2(), L1(), LInf()], ids=["l2", "l1", "linf"])
def test_exact_constants_are_attained(norm, rng):
    """Logistic: L at z = 0, mu at infinity."""
    f = VECTOR[0]
    L, mu = f.constant("L", norm), f.constant("mu", norm)
    assert L.kind == mu.kind == "exact"
    best, H = 0.0, f.hessian(np.zeros(4))
    for _ in range(30):
        d = rng.standard_normal(4)
        for _ in range(30):
            d = -norm.lmo(H @ d)
        small = 1e-4 * d
        best = max(best, float(norm.dual(f.gradient(small) - f.gradient(-small))) / float(norm(2 * small)))
    assert best == pytest.approx(L.value, rel=1e-6)
    far, least = 1e5 * rng.standard_normal(4), np.inf
    for d in [*np.eye(4), *rng.choice([-1.0, 1.0], (16, 4))]:
        change = f.gradient(far + d) - f.gradient(far)
        least = min(least, float(change @ d) / float(norm(d)) ** 2)
    assert least == pytest.approx(mu.value, rel=1e-6)
    with pytest.raises(Refuted):
        attack_smoothness(f, norm, 0.8 * best, rng)


def test_multinomial_smoothness_is_attained_where_exact():
    X = np.c_[np.ones(30), np.random.default_rng(0).standard_normal(30)]  # an intercept
    f = Multinomial(X, np.arange(30) % 3)
    L = f.constant("L", Frobenius())
    assert L.kind == "exact"
    top = np.linalg.eigh(X.T @ X)[1][:, -1]
    W = np.array([[0.0, 0.0, -200.0], [0.0, 0.0, 0.0]])  # the third class ruled out everywhere
    d = 1e-4 * np.outer(top, [1.0, -1.0, 0.0])
    ratio = np.linalg.norm(f.gradient(W + d) - f.gradient(W - d)) / np.linalg.norm(2 * d)
    assert ratio == pytest.approx(L.value, rel=1e-6)
    assert Multinomial.example(3).constant("L", Frobenius()).kind == "upper bound"


def test_lipschitz_constants(rng):
    f, g = FREE[:2]
    for norm in (L2(), L1(), LInf()):
        for problem in (f, g):
            G = problem.constant("G", norm).value
            for _ in range(50):
                x, y = 3 * rng.standard_normal((2, *problem.x0.shape))
                assert abs(float(problem.value(x) - problem.value(y))) <= G * float(norm(x - y)) * (1 + 1e-12)
    row = g.A[np.argmax(np.linalg.norm(g.A, axis=1))]
    assert np.linalg.norm(g.gradient(1e3 * row)) == pytest.approx(g.constant("G", L2()).value, rel=1e-9)
    for problem in (*VECTOR, *MATRIX):
        with pytest.raises(MissingConstant):
            problem.constant("G", L2())


@pytest.mark.parametrize("f", [*VECTOR, *MATRIX, *FREE], ids=lambda f: f.name)
def test_derivatives(f, rng):
    z, d, h = rng.standard_normal(f.x0.shape), rng.standard_normal(f.x0.shape), 1e-5
    slope = float(f.value(z + h * d) - f.value(z - h * d)) / (2 * h)
    assert slope == pytest.approx(float((f.gradient(z) * d).sum()), rel=1e-7, abs=1e-8)
    bent = (f.gradient(z + h * d) - f.gradient(z - h * d)).ravel() / (2 * h)
    assert np.allclose(f.hessian(z) @ d.ravel(), bent, rtol=1e-6, atol=1e-8)
    assert np.array_equal(f.hessian(z), f.hessian(z)) and np.allclose(f.hessian(z), f.hessian(z).T)


def test_values_are_those_of_the_formula(rng):
    X, y, z = rng.standard_normal((9, 3)), rng.choice([-1.0, 1.0], 9), rng.standard_normal(3)
    y[:2] = (1.0, -1.0)
    f = Logistic(X, y, ridge=0.2)
    assert f.value(z) == pytest.approx(np.mean(np.log(1 + np.exp(-y * (X @ z)))) + 0.1 * z @ z, rel=1e-14)
    labels, W = np.arange(9) % 3, rng.standard_normal((3, 3))
    m = Multinomial(X, labels, ridge=0.2)
    scores = X @ W
    plain = np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(9), labels]) + 0.1 * np.sum(W**2)
    assert m.value(W) == pytest.approx(plain, rel=1e-14)
    two = Multinomial(X, y)  # two classes are logistic regression in the difference
    assert two.value(np.c_[0 * z, z]) == pytest.approx(float(Logistic(X, y).value(z)), rel=1e-14)
    g = LogSumExp(X, np.ones(9))
    assert g.value(z) == pytest.approx(np.log(np.exp(X @ z + 1).sum()), rel=1e-14)


def test_far_out_nothing_overflows():
    for f in (*VECTOR, *MATRIX):
        for scale in (1e3, -1e6):
            z = scale * np.ones_like(f.x0)
            assert np.isfinite(f.value(z)) and np.isfinite(f.gradient(z)).all() and np.isfinite(f.hessian(z)).all()


@pytest.mark.parametrize("f", [*VECTOR, *MATRIX, *FREE], ids=lambda f: f.name)
def test_minimum(f, rng):
    known = f.f_star
    assert known.error <= 1e-12 * max(1.0, abs(known.value))
    assert np.abs(f.gradient(f.minimiser)).max() <= 1e-14 * max(1.0, float(f.constant("L", L2()).value))
    for width in (1e-6, 1e-2, 1.0):
        for _ in range(20):
            assert f.value(f.minimiser + width * rng.standard_normal(f.x0.shape)) >= known.value - known.error


def test_the_minimum_has_a_twin():
    from scipy.optimize import minimize

    for f in (*VECTOR, *MATRIX, *FREE):
        shape = f.x0.shape
        found = minimize(
            lambda z, f=f, shape=shape: (float(f.value(z.reshape(shape))), f.gradient(z.reshape(shape)).ravel()),
            np.zeros(f.x0.size),
            jac=True,
            method="BFGS",
            options={"gtol": 1e-9},
        )
        assert found.fun == pytest.approx(f.f_star.value, rel=1e-10)
        if f.unique_minimiser:
            assert np.allclose(found.x.reshape(shape), f.minimiser, atol=1e-6)


def test_separable_data():
    X, y = np.array([[1.0, 0.0], [2.0, 1.0], [-1.0, 0.5]]), [1, 1, 0]
    for f in (Logistic(X, y), Multinomial(X, y)):
        assert f.minimiser is None and f.f_star.value == 0
        assert f.growth_exponent is None and not f.star_convex
    assert Logistic(X, y, ridge=1e-6).minimiser is not None


def test_nearly_separable_data_are_not_called_certified():
    """Two samples on the margin: inf f > 0 is not attained, and nothing is claimed."""
    f = Logistic([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [1, 0, 1])
    assert f.minimiser is None
    with pytest.raises(MissingConstant, match="no minimum"):
        _ = f.f_star
    g = LogSumExp([[1.0, 0.0], [2.0, 1.0]])
    assert g.minimiser is None
    with pytest.raises(MissingConstant):
        _ = g.f_star


def test_unique_minimiser():
    rng = np.random.default_rng(1)
    X = np.c_[rng.standard_normal((30, 2)), np.zeros(30)]
    f = Logistic(X, rng.choice([0, 1], 30))
    assert f.minimiser is not None and not f.unique_minimiser
    assert not FREE[2].unique_minimiser and FREE[0].unique_minimiser


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: Logistic(np.ones((3, 2)), [1, 1, 1]), "one class only"),
        (lambda: Logistic(np.ones((3, 2)), [1, 2, 3]), "3 classes"),
        (lambda: Logistic(np.ones((3, 2)), [1, 2]), "one label per row"),
        (lambda: Logistic([[np.nan, 1.0], [0.0, 1.0]], [0, 1]), "X contains NaN"),
        (lambda: Logistic(np.ones((2, 2)), [0, 1], ridge=-1), "ridge must"),
        (lambda: Logistic(np.ones((2, 2)), [0, 1], x0=[1.0]), "x0 has shape"),
        (lambda: Multinomial(np.ones((2, 2)), [1, 1]), "one class only"),
        (lambda: Multinomial(np.ones(2), [0, 1]), "X must be a non-empty matrix"),
        (lambda: LogSumExp(np.ones((2, 2)), [1.0]), "b has shape"),
        (lambda: LogSumExp(np.ones(2)), "A must be a matrix"),
        (lambda: Logistic.example(-1), "dim"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words) as caught:
        build()
    assert "\n" not in str(caught.value)
