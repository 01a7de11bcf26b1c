"""Newton's and the first-order method on smooth convex losses, and on trees of layers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brox_checks import Wrong, check_brox, check_point, mutants

from broximal.oracles.brox import brox
from broximal.oracles.norms import L1, L2, Ellipsoid, Frobenius, LInf, Lp, Nuclear, Product, Spectral, WeightedL1
from broximal.oracles.objective import Objective
from broximal.problems.regression.logistic import Logistic
from broximal.problems.regression.multinomial import Multinomial
from broximal.problems.smooth.log_sum_exp import LogSumExp

LOSSES = [
    Logistic.example(4, 1),
    LogSumExp.example(4, 1),
    LogSumExp(np.random.default_rng(3).standard_normal((20, 4)), x0=np.ones(4)),
]


@pytest.mark.parametrize("f", LOSSES, ids=["logistic", "log-sum-exp", "no ridge"])
@pytest.mark.parametrize(
    "norm",
    [L2(), L1(), LInf(), Ellipsoid(np.diag([1.0, 2.0, 3.0, 4.0]) + 0.5), WeightedL1([1.0, 2.0, 0.5, 1.0]), Lp(3.0)],
    ids=lambda norm: norm.name[:12],
)
def test_vectors(f, norm):
    x = f.minimiser + np.array([2.0, -1.0, 0.5, 0.0])
    far = float(norm(x - f.minimiser))
    for fraction in (0.05, 0.5, 0.97):
        answer = check_brox(f, norm, x, fraction * far, twin=fraction == 0.5)
        assert answer.path == ("first order" if isinstance(norm, Lp) else "newton")


@pytest.mark.parametrize("norm", [Frobenius(), L1(), LInf(), Spectral(), Nuclear()], ids=lambda norm: norm.name)
def test_matrices(norm):
    f = Multinomial.example(3, 1)
    x = np.ones_like(f.x0)
    check_brox(f, norm, x, 0.4 * float(norm(x - f.minimiser)))


def test_without_a_minimum():
    """Separable data: inf f = 0 is not attained, every ball step is at the boundary."""
    f = Logistic([[1.0, 0.5], [2.0, -0.3], [-1.0, 0.2]], [1.0, 1.0, -1.0])
    assert f.minimiser is None and float(f.f_star) == 0
    x = f.x0
    for norm in (L2(), L1(), LInf()):
        for _ in range(4):
            answer = check_brox(f, norm, x, 3.0, twin=False)
            assert float(norm(answer.point - x)) == pytest.approx(3.0, rel=1e-12)
            x = answer.point


def test_saturated_start():
    """So far out that every Hessian weight underflows: the model is linear there, the answer still certified."""
    f = Logistic.example(3, 0)
    g = Logistic(f.samples, np.r_[np.ones(13), -np.ones(f.samples.shape[0] - 13)])
    check_brox(g, L2(), 1e4 * np.ones(3), 1.0, twin=False)
    check_brox(g, LInf(), 1e4 * np.ones(3), 1.0, twin=False)


def test_mutants_are_caught():
    f = LOSSES[0]
    x = f.minimiser + np.array([2.0, -1.0, 0.5, 0.1])
    for norm in (L2(), L1(), LInf()):
        radius = 0.4 * float(norm(x - f.minimiser))
        answer = brox(f, norm, x, radius)
        for name, point in mutants(f, norm, x, radius, answer).items():
            with pytest.raises(Wrong):
                check_point(f, norm, x, radius, point)
                pytest.fail(name)


class Layers(Objective):
    """|A w - b|^2 / 2 + |v - 1|^2, w a vector and v a matrix."""

    A: np.ndarray
    b: np.ndarray
    convex = True
    smooth = True

    def value(self, x):
        rest = jnp.asarray(self.A) @ x["w"] - self.b if isinstance(x["w"], jax.Array) else self.A @ x["w"] - self.b
        return 0.5 * (rest @ rest) + ((x["v"] - 1) ** 2).sum()

    def gradient(self, x):
        return {"w": self.A.T @ (self.A @ x["w"] - self.b), "v": 2 * (x["v"] - 1)}

    def cvxpy(self, z):
        import cvxpy as cp

        return cp.sum_squares(self.A @ z["w"] - self.b) / 2 + cp.sum_squares(z["v"] - 1)


def test_trees_of_layers(rng):
    f = Layers(rng.standard_normal((5, 3)), rng.standard_normal(5))
    norm = Product({"w": L1(), "v": Spectral()}, {"w": 2.0, "v": 0.5})
    x = {"w": np.zeros(3), "v": np.zeros((2, 3))}
    answer = brox(f, norm, x, 0.3)
    assert answer.path == "first order" and answer.gap <= 1e-9 * (f.value(x) - answer.value)
    assert float(norm(answer.point)) <= 0.3 * (1 + 1e-12)
    twin = brox(f, norm, x, 0.3, paths=("cvxpy",), tol=1e-4)
    assert float(answer.value) == pytest.approx(float(twin.value), rel=1e-7)


def test_first_order_reaches_a_tight_tolerance_when_ill_conditioned():
    from broximal.problems.smooth.quadratic import Quadratic

    f = Quadratic.with_spectrum(np.geomspace(1e-4, 1, 12), seed=3)
    x = f.minimiser + 1.0
    for norm in (L2(), LInf()):
        radius = 0.5 * float(norm(x - f.minimiser))
        exact = brox(f, norm, x, radius)
        slow = brox(f, norm, x, radius, paths=("first order",), tol=1e-8)
        assert slow.path == "first order"
        assert 0 <= float(slow.value - exact.value) + 1e-14 <= 1.1e-8 * float(f.value(x) - exact.value)


def test_first_order_under_jit(x64):
    f = LOSSES[0]
    answer = jax.jit(lambda x: brox(f, Lp(3.0), x, 0.5))(jnp.asarray(f.x0))
    assert answer.path == "first order" and answer.gap <= 1e-9
