"""Data with more features than samples: through the samples, the same numbers as over the features."""

import numpy as np
import pytest

from broximal.oracles import brox, norms
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.problems import LeastSquares, Logistic, Multinomial
from broximal.problems.regression import _minimum, _smooth_loss, least_squares, logistic

RNG = np.random.default_rng(0)
X = RNG.standard_normal((12, 40))
VECTORS = (norms.L2(), norms.L1(), norms.LInf(), norms.Lp(3))
MATRICES = (norms.Frobenius(), norms.Spectral(), norms.Nuclear(), norms.L1())
MAKE = {
    "logistic": lambda: Logistic(X, np.arange(12) % 2, ridge=0.1),
    "flat logistic": lambda: Logistic(np.vstack([X, -X[:, ::-1]])[:, :5], np.arange(24) % 2),
    "multinomial": lambda: Multinomial(X, np.arange(12) % 3, ridge=0.1),
    "least squares": lambda: LeastSquares(X, np.sin(np.arange(12.0))),
    "ridge regression": lambda: LeastSquares(X, np.sin(np.arange(12.0)), ridge=0.3),
}


@pytest.fixture
def narrow(monkeypatch):
    def begin():
        for module in (_smooth_loss, least_squares, logistic):
            monkeypatch.setattr(module, "DENSE", 3)

    return begin


@pytest.mark.parametrize("name", MAKE)
def test_constants_are_those_of_the_matrix_over_the_features(name, narrow):
    dense = MAKE[name]()
    at = np.random.default_rng(1).standard_normal(dense.x0.shape)
    geometries = VECTORS if at.ndim == 1 else MATRICES
    narrow()
    wide = MAKE[name]()
    assert wide.value(at) == pytest.approx(dense.value(at), rel=1e-12)
    assert np.allclose(wide.gradient(at), dense.gradient(at), rtol=1e-10, atol=1e-12)
    assert np.allclose(wide.hessian(at), dense.hessian(at), atol=1e-10)
    assert wide.f_star.value == pytest.approx(dense.f_star.value, rel=1e-10, abs=1e-20)
    assert wide.gap(at) == pytest.approx(dense.gap(at), rel=1e-10)
    for norm in geometries:
        for constant, safe in (("L", 1), ("mu", -1), ("kappa", -1)):
            try:
                exact = dense.constant(constant, norm)
            except MissingConstant:
                continue
            found = wide.constant(constant, norm)
            if found.kind == "exact":
                assert exact.kind == "exact" and found.value == pytest.approx(exact.value, rel=1e-9)
            else:
                assert safe * (found.value - exact.value) >= -1e-9 * exact.value
        near, far = dense.distance(at, norm), wide.distance(at, norm)
        assert far.value - far.error <= near.value * (1 + 1e-9) and near.value - near.error <= far.value * (1 + 1e-9)


@pytest.mark.parametrize("name", MAKE)
def test_the_minimiser_is_one(name, narrow):
    narrow()
    f = MAKE[name]()
    assert float(np.abs(f.gradient(f.minimiser)).max()) <= 1e-7
    assert float(f.value(f.minimiser)) <= f.f_star.value + f.f_star.error + 1e-15


def test_the_samples_are_what_is_decomposed(monkeypatch):
    sizes = []
    eigh = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda A: sizes.append(len(A)) or eigh(A))
    MAKE["logistic"](), MAKE["multinomial"]()
    assert set(sizes) == {12, 36}


def test_a_step_in_a_ball_is_certified(narrow):
    wide = np.random.default_rng(2).standard_normal((6, 3000))
    for f in (Logistic(wide, np.arange(6) % 2, ridge=0.01), LeastSquares(wide / 50, np.arange(6.0))):
        answer = brox(f, norms.L2(), f.x0, 0.5 * float(np.linalg.norm(f.minimiser)))
        assert answer.path == "first order" and answer.gap <= 1e-8 * float(f.gap(f.x0))


def test_two_samples_of_many_features_ask_for_no_matrix_over_them():
    f = Logistic(np.random.default_rng(3).standard_normal((2, 200_000)), [0, 1], ridge=0.01)
    assert f.constant("L", norms.L2()).kind == "exact" and f.f_star.error < 1e-6


def test_what_would_take_minutes_is_refused(monkeypatch):
    monkeypatch.setattr(_minimum, "LARGEST", 20)
    for make in (
        lambda: Logistic(np.ones((30, 21)), np.arange(30) % 2),
        lambda: LeastSquares(np.ones((30, 21)), np.ones(30)),
    ):
        with pytest.raises(InvalidArgument, match="a matrix of 21 x 21 numbers is to be decomposed; up to 20 are"):
            make()
    with pytest.raises(InvalidArgument, match="30 x 7 entries and 3 classes, so that a matrix of 21 x 21"):
        Multinomial(np.ones((30, 7)), np.arange(30) % 3)
