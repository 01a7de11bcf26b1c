"""Matrix quadratics over matrix and entrywise balls: certified, feasible to rounding, equal to cvxpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brox_checks import Wrong, check_brox, check_point, mutants

from broximal.oracles.brox import brox
from broximal.oracles.norms import L1, L2, Frobenius, KyFan, LInf, Mixed, Nuclear, Scaled, Schatten, Spectral
from broximal.problems.regression.matrix_least_squares import MatrixLeastSquares, MatrixQuadratic

NORMS = [
    Frobenius(),
    Spectral(),
    Nuclear(),
    KyFan(2),
    Schatten(3.0),
    Scaled(2.0, Spectral()),
    L1(),
    LInf(),
    Mixed(L1(), L2()),
]


@pytest.mark.parametrize("norm", NORMS, ids=[norm.name[:20] for norm in NORMS])
@pytest.mark.parametrize(
    "f", [MatrixQuadratic.example(3, 1), MatrixLeastSquares.example(4, 2)], ids=["quadratic", "least squares"]
)
def test_optimal(f, norm):
    x = f.x0
    far = float(norm(x - f.minimiser))
    check_brox(f, norm, x, 0.05 * far)
    check_brox(f, norm, x + 0.3, 0.6 * far, twin=False)


@pytest.mark.parametrize("norm", [Spectral(), Nuclear()], ids=["spectral", "nuclear"])
def test_accuracy_at_size(norm, rng):
    """An ill-conditioned square instance, tall and wide ones, and feasibility to 1e-12."""
    for shape in ((40, 40), (30, 12), (12, 30)):
        f = MatrixLeastSquares(rng.standard_normal((shape[0],) * 2) / shape[0] ** 0.5, rng.standard_normal(shape))
        for radius in (0.2, 1.0, 8.0):
            answer = brox(f, norm, f.x0, radius)
            assert answer.gap <= 1e-9 * (f.value(f.x0) - answer.value)
            assert float(norm(answer.point)) <= radius * (1 + 1e-12)


def test_rank_deficient(rng):
    f = MatrixLeastSquares(rng.standard_normal((3, 6)), rng.standard_normal((3, 4)))  # wide: X* is an affine set
    for norm in (Frobenius(), Spectral(), Nuclear()):
        far = f.distance(f.x0 + 1.0, norm).value
        check_brox(f, norm, f.x0 + 1.0, 0.3 * far, twin=False)


def test_isotropic_closed_form(rng):
    f = MatrixLeastSquares(np.linalg.qr(rng.standard_normal((5, 4)))[0] * 2, rng.standard_normal((5, 3)))
    for norm in (Spectral(), Nuclear(), L1(), KyFan(2)):
        assert check_brox(f, norm, f.x0, 0.2).path == "closed form"


@pytest.mark.parametrize("norm", [Spectral(), Nuclear()], ids=["spectral", "nuclear"])
def test_mutants_are_caught(norm):
    f = MatrixQuadratic.example(3, 1)
    x = f.minimiser + np.arange(12.0).reshape(3, 4) / 7 - 0.4
    radius = 0.3 * float(norm(x - f.minimiser))
    answer = brox(f, norm, x, radius)
    check_point(f, norm, x, radius, answer.point)
    for name, point in mutants(f, norm, x, radius, answer).items():
        with pytest.raises(Wrong):
            check_point(f, norm, x, radius, point)
            pytest.fail(name)


def test_jit(x64):
    f = MatrixQuadratic.example(3, 1)
    x = jnp.asarray(f.x0)
    smooth = jax.jit(lambda x: brox(f, Frobenius(), x, 0.5))(x)
    assert smooth.path == "secular" and np.allclose(smooth.point, brox(f, Frobenius(), f.x0, 0.5).point, atol=1e-13)
    other = jax.jit(lambda x: brox(f, Spectral(), x, 0.5))(x)
    assert other.path == "first order" and other.gap <= 1e-8
    assert isinstance(brox(f, Spectral(), x, 0.5).point, jax.Array)
