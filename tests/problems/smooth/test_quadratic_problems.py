"""Quadratics and least squares: values against plain formulas, what is known, constants attacked."""

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, Ellipsoid, Frobenius, LInf, Lp, Nuclear, Scaled, Spectral, WeightedL1
from broximal.problems.regression.least_squares import LeastSquares
from broximal.problems.regression.matrix_least_squares import MatrixLeastSquares, MatrixQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from tests.problems.constant_attack import (
    Refuted,
    attack_convexity,
    attack_growth,
    attack_smoothness,
    attack_sublevel_radius,
    convexity_ratio,
)

VECTOR_NORMS = [
    L2(),
    L1(),
    LInf(),
    Scaled(2.0, L1()),
    WeightedL1([1.0, 2.0, 0.5, 1.0]),
    Ellipsoid(np.diag([1.0, 2.0, 3.0, 4.0]) + 0.5),
    Lp(3.0),
]
MATRIX_NORMS = [Frobenius(), Spectral(), Nuclear(), L1(), LInf(), Scaled(3.0, Nuclear())]
VECTOR = [Quadratic.example(4, 1), LeastSquares.example(4, 2), Quadratic(np.diag([1.0, 2.0, 3.0, 4.0]), np.ones(4))]
MATRIX = [MatrixQuadratic.example(3, 1), MatrixLeastSquares.example(3, 2)]
CASES = [(f, n) for f in VECTOR for n in VECTOR_NORMS] + [(f, n) for f in MATRIX for n in MATRIX_NORMS]


@pytest.mark.parametrize("f, norm", CASES, ids=[f"{f.name}-{n.name[:18]}" for f, n in CASES])
def test_constants(f, norm, rng):
    L, mu, kappa, R0 = (f.constant(name, norm) for name in ("L", "mu", "kappa", "R0"))
    largest = attack_smoothness(f, norm, L.value, rng)
    if L.kind == "exact":
        assert largest >= L.value * (1 - 1e-6)
    if isinstance(f, Quadratic):
        least = attack_convexity(f, norm, mu.value, rng)
        if mu.kind == "exact":
            assert least <= mu.value * (1 + 1e-6)
    else:
        for _ in range(200):
            x, y = rng.standard_normal((2, *f.x0.shape))
            assert convexity_ratio(f, norm, x, y) >= mu.value * (1 - 1e-9)
    attack_growth(f, norm, kappa.value, rng)
    attack_sublevel_radius(f, norm, R0.value, rng)
    for wrong, attack in ((0.9 * L.value, attack_smoothness), (1.1 * mu.value, attack_convexity)):
        if isinstance(f, Quadratic) and (L if attack is attack_smoothness else mu).kind == "exact":
            with pytest.raises(Refuted):
                attack(f, norm, wrong, rng)


@pytest.mark.parametrize("f", MATRIX, ids=["quadratic", "least squares"])
def test_matrix_constants_are_attained(f):
    """The witnesses of the proofs: a partial isometry and a rank one matrix on the extreme eigenvectors."""
    (a, U), (c, V) = (
        (np.sort(w)[::-1], Q[:, np.argsort(w)[::-1]]) for w, Q in (np.linalg.eigh(f.A), np.linalg.eigh(f.C))
    )
    k = min(a.size, c.size)

    def form(d):
        return float((d * f.gradient(f.minimiser + d)).sum())

    isometry, pair = U[:, :k] @ V[:, :k].T, np.outer(U[:, 0], V[:, 0])
    assert form(isometry) == pytest.approx(f.constant("L", Spectral()).value, rel=1e-12)
    assert form(pair) == pytest.approx(f.constant("L", Nuclear()).value, rel=1e-12)
    low = np.outer(U[:, -1], V[:, -1])
    assert form(low) == pytest.approx(f.constant("mu", Spectral()).value, rel=1e-12)
    shares = 1 / (a[::-1][:k] * c[::-1][:k])
    spread = (U[:, ::-1][:, :k] * (shares / shares.sum())) @ V[:, ::-1][:, :k].T
    assert form(spread) == pytest.approx(f.constant("mu", Nuclear()).value, rel=1e-9)
    assert form(low * f.constant("R0", Spectral()).value) / 2 == pytest.approx(float(f.gap(f.x0)), rel=1e-9)


def test_sublevel_radius_is_attained(rng):
    f = Quadratic.example(4, 1)
    Q = np.linalg.eigh(f.A)[1]
    inverse = np.linalg.inv(f.A)
    worst = inverse[:, np.argmax(np.diag(inverse))]
    assert attack_sublevel_radius(f, L2(), f.constant("R0", L2()).value, rng, [Q[:, 0]]) == pytest.approx(
        f.constant("R0", L2()).value, rel=1e-9
    )
    assert attack_sublevel_radius(f, LInf(), f.constant("R0", LInf()).value, rng, [worst]) == pytest.approx(
        f.constant("R0", LInf()).value, rel=1e-9
    )


def test_values_are_those_of_the_formula(rng):
    A, b, z = rng.standard_normal((6, 4)), rng.standard_normal(6), rng.standard_normal(4)
    H = A.T @ A
    f = Quadratic(H, A.T @ b, offset=3.0)
    assert f.value(z) == pytest.approx(0.5 * z @ H @ z - b @ A @ z + 3.0, rel=1e-12)
    assert np.allclose(f.gradient(z), H @ z - A.T @ b, rtol=1e-11)
    g = LeastSquares(A, b, ridge=0.5)
    assert g.value(z) == pytest.approx(0.5 * np.sum((A @ z - b) ** 2) + 0.25 * z @ z, rel=1e-13)
    assert np.allclose(g.gradient(z), A.T @ (A @ z - b) + 0.5 * z, rtol=1e-12, atol=1e-12)
    assert np.allclose(g.minimiser, np.linalg.solve(H + 0.5 * np.eye(4), A.T @ b), rtol=1e-12)
    B, Z = rng.standard_normal((6, 3)), rng.standard_normal((4, 3))
    m = MatrixLeastSquares(A, B, ridge=0.1)
    assert m.value(Z) == pytest.approx(0.5 * np.sum((A @ Z - B) ** 2) + 0.05 * np.sum(Z**2), rel=1e-13)
    assert np.allclose(m.gradient(Z), A.T @ (A @ Z - B) + 0.1 * Z, rtol=1e-12, atol=1e-12)
    P, C = np.diag([1.0, 2.0, 3.0, 4.0]), np.diag([1.0, 5.0, 2.0])
    q = MatrixQuadratic(P, C, Z, offset=-1.0)
    assert q.value(0 * Z) == pytest.approx(0.5 * np.sum(Z * (P @ Z @ C)) - 1.0, rel=1e-13)


@pytest.mark.parametrize(
    "f",
    [*VECTOR, *MATRIX, Quadratic.semidefinite(5, 2), LeastSquares(np.ones((2, 3)), [1.0, 3.0])],
    ids=lambda f: f.name,
)
def test_minimum(f, rng):
    known, x = f.f_star, f.minimiser
    assert known.error <= 1e-12 * max(1.0, abs(known.value))
    assert abs(float(f.value(x)) - known.value) <= known.error + 1e-15
    assert np.abs(f.gradient(x)).max() <= 1e-12
    assert float(f.gap(x)) == 0.0
    for _ in range(20):
        z = x + rng.standard_normal(x.shape)
        assert f.value(z) >= known.value - known.error
        assert float(f.gap(z)) == pytest.approx(float(f.value(z)) - known.value, rel=1e-9, abs=1e-12)


def test_minimum_against_higher_precision():
    """An integer instance: f* = -b'A^-1 b / 2 in rationals."""
    from fractions import Fraction

    f = Quadratic([[3.0, 1.0], [1.0, 2.0]], [1.0, 4.0])
    exact = -Fraction(1, 2) * Fraction(2 * 1 * 1 - 2 * 1 * 4 + 3 * 16, 5)
    assert abs(f.f_star.value - float(exact)) <= f.f_star.error
    badly = Quadratic(np.diag([1.0, 1e-12]), [1.0, 1e-12 * 3])
    assert abs(badly.f_star.value - (-0.5 - 4.5e-12)) <= badly.f_star.error + 1e-16


def test_singular(rng):
    """X* is an affine set: distances to it, growth, the Euclidean projection, and no mu."""
    f = Quadratic.semidefinite(5, 2, 3)
    x = rng.standard_normal(5)
    Q = f.eigenvectors[:, f.eigenvalues > 0]
    assert f.distance(x, L2()).value == pytest.approx(np.linalg.norm(Q.T @ (x - f.minimiser)), rel=1e-12)
    for norm in (L1(), LInf(), Lp(3.0)):
        distance = f.distance(x, norm)
        assert distance.error <= 1e-6 * distance.value
        N = f.eigenvectors[:, f.eigenvalues == 0]
        tries = [float(norm(x - f.minimiser - N @ v)) for v in rng.standard_normal((200, 3))]
        assert distance.value - distance.error <= min(tries)
        attack_growth(f, norm, f.constant("kappa", norm).value, rng)
    kappa = f.constant("kappa", L2())
    assert kappa.kind == "exact" and f.gap(f.minimiser + Q[:, 0]) == pytest.approx(kappa.value, rel=1e-9)
    for name in ("mu", "R0", "G"):
        with pytest.raises(MissingConstant):
            f.constant(name, L2())
    wide = LeastSquares(rng.standard_normal((3, 5)), rng.standard_normal(3))
    assert not wide.unique_minimiser and wide.f_star.value <= 1e-28
    assert wide.distance(wide.minimiser, L2()).value == 0


def test_unbounded():
    for f in (Quadratic.indefinite(3), Quadratic(np.diag([1.0, 0.0]), [0.0, 1.0])):
        assert f.minimiser is None and f.growth_exponent is None
        with pytest.raises(MissingConstant, match="unbounded below"):
            _ = f.f_star
    assert not Quadratic.indefinite(3).convex and Quadratic(np.diag([1.0, 0.0]), [0.0, 1.0]).convex
    assert Quadratic.indefinite(3).constant("L", L1()).kind == "exact"


def test_indefinite_smoothness(rng):
    f = Quadratic.indefinite(4, 2, 1)
    for norm in (L2(), L1(), LInf(), Lp(3.0)):
        L = f.constant("L", norm)
        largest = attack_smoothness(f, norm, L.value, rng)
        if L.kind == "exact":
            assert largest >= L.value * (1 - 1e-6)


def test_examples_are_reproducible_and_of_the_size():
    for family in (Quadratic, LeastSquares, MatrixQuadratic, MatrixLeastSquares):
        one, two = family.example(3, 5), family.example(3, 5)
        assert np.array_equal(one.x0, two.x0) and one.value(one.x0 + 1) == two.value(one.x0 + 1)
        assert one.x0.shape[0] == 3 and one.gap(one.x0) > 0
    assert np.allclose(np.sort(Quadratic.with_spectrum([1.0, 4.0, 2.0]).eigenvalues), [1, 2, 4])


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: Quadratic([[1.0, 2.0], [0.0, 1.0]], [0.0, 0.0]), "A is not symmetric"),
        (lambda: Quadratic(np.eye(2), [0.0, 0.0, 0.0]), r"b has shape \(3,\)"),
        (lambda: Quadratic(np.ones((2, 3)), [0.0, 0.0]), "A must be square"),
        (lambda: Quadratic(np.ones(3), [0.0]), "A must be a matrix"),
        (lambda: Quadratic([[np.nan]], [0.0]), "A contains NaN"),
        (lambda: Quadratic(np.eye(2)), "exactly one of b and about"),
        (lambda: Quadratic(np.eye(2), [0.0, 1.0], x0=[1.0]), "x0 has shape"),
        (lambda: Quadratic(np.eye(1), [0.0], offset=np.inf), "offset"),
        (lambda: Quadratic.semidefinite(3, 4), "rank"),
        (lambda: Quadratic.example(0), "dim"),
        (lambda: LeastSquares(np.eye(2), [1.0, 2.0], ridge=-1.0), "ridge must"),
        (lambda: LeastSquares(np.eye(2), [1.0]), "b has shape"),
        (lambda: MatrixLeastSquares(np.eye(2), np.ones((3, 2))), "same number of rows"),
        (lambda: MatrixQuadratic(-np.eye(2), np.eye(2), np.ones((2, 2))), "A is not positive semidefinite"),
        (lambda: MatrixQuadratic(np.eye(2), np.eye(3), np.ones((2, 2))), "minimiser has shape"),
    ],
)
def test_bad_input(build, words):
    with pytest.raises(InvalidArgument, match=words) as caught:
        build()
    assert "\n" not in str(caught.value)
