"""Quadratics over every kind of ball: optimal, equal to cvxpy, at every scale, under jit and vmap."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from brox_checks import Wrong, check_brox, check_point, mutants

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, Ellipsoid, LInf, Lp, Scaled, TopK, WeightedL1, WeightedLInf
from broximal.problems.smooth.quadratic import Quadratic

P = np.diag([1.0, 2.0, 0.5, 3.0, 1.0]) + 0.2
NORMS = [
    L2(),
    L1(),
    LInf(),
    Ellipsoid(P),
    WeightedL1([1.0, 2.0, 0.5, 1.0, 3.0]),
    WeightedLInf([1.0, 2.0, 0.5, 1.0, 3.0]),
    Scaled(3.0, L1()),
    Scaled(0.2, LInf()),
    Lp(2.0),
    Lp(1.5),
    TopK(2),
]
names = [norm.name[:20] for norm in NORMS]


@pytest.mark.parametrize("norm", NORMS, ids=names)
@pytest.mark.parametrize("f", [Quadratic.example(5, 1), Quadratic.semidefinite(5, 2, 1)], ids=["definite", "singular"])
def test_optimal(f, norm):
    x = f.minimiser + np.array([1.0, -2.0, 0.3, 0.0, 1.5])
    far = f.distance(x, norm).value
    for fraction in (0.03, 0.4, 0.95):
        answer = check_brox(f, norm, x, fraction * far)
        assert answer.tau == pytest.approx(fraction * far, rel=1e-6)
    hit = brox(f, norm, x, 2 * float(norm(x - f.minimiser)))
    assert hit.path == "closed form" and f.gap(hit.point) == 0


@pytest.mark.parametrize("norm", [L2(), L1(), LInf(), Ellipsoid(P)], ids=["l2", "l1", "linf", "ellipsoid"])
def test_mutants_are_caught(norm):
    f = Quadratic.example(5, 1)
    x = f.minimiser + np.array([1.0, -2.0, 0.3, 0.0, 1.5])
    radius = 0.3 * float(norm(x - f.minimiser))
    answer = brox(f, norm, x, radius)
    check_point(f, norm, x, radius, answer.point)
    for name, point in mutants(f, norm, x, radius, answer).items():
        with pytest.raises(Wrong):
            check_point(f, norm, x, radius, point)
            pytest.fail(name)


@pytest.mark.parametrize("scale", [1e-100, 1e-8, 1e8, 1e100])
@pytest.mark.parametrize("norm", [L2(), L1(), LInf()], ids=["l2", "l1", "linf"])
def test_scales(norm, scale):
    """f scaled, and the space scaled, change nothing but the units."""
    base = Quadratic.example(4, 2)
    x = base.minimiser + 1.0
    radius = 0.3 * float(norm(x - base.minimiser))
    point = brox(base, norm, x, radius).point - base.minimiser
    scaled = Quadratic(scale * base.A, about=base.minimiser)
    assert np.allclose(brox(scaled, norm, x, radius).point - base.minimiser, point, rtol=1e-10, atol=1e-12)
    far = Quadratic(base.A, about=scale * base.minimiser)
    x = far.minimiser + scale
    assert np.allclose((brox(far, norm, x, scale * radius).point - far.minimiser) / scale, point, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("norm", [L2(), L1(), LInf(), Lp(3.0)], ids=["l2", "l1", "linf", "lp3"])
def test_degenerate(norm):
    f = Quadratic.example(4, 3)
    assert np.array_equal(brox(f, norm, f.minimiser, 0.7).point, f.minimiser)  # centre optimal
    x = f.minimiser + 1.0
    assert np.array_equal(brox(f, norm, x, 0.0).point, x)
    assert np.array_equal(brox(f, norm, x, np.inf).point, f.minimiser)
    one = Quadratic([[2.0]], [1.0], x0=[3.0])
    assert brox(one, norm, np.array([3.0]), 1.0).point == pytest.approx([2.0], rel=1e-14)
    assert brox(one, norm, np.array([3.0]), 5.0).point == pytest.approx([0.5], rel=1e-14)
    flat = Quadratic(np.eye(4), about=np.zeros(4))  # every direction the same, every entry tied
    check_brox(flat, norm, np.ones(4), 0.1, twin=False)


def test_indefinite_is_globally_optimal(rng):
    """Against the best of many local descents from random starts, and the optimality system."""
    for seed in range(5):
        f = Quadratic.indefinite(5, 2, seed)
        x = rng.standard_normal(5)
        for t in (0.01, 1.0, 50.0):
            answer = brox(f, L2(), x, t)
            assert answer.gap <= 1e-12 * (f.value(x) - answer.value)
            y = rng.standard_normal((5, 400))
            for _ in range(200):
                y = t * y / np.linalg.norm(y, axis=0)
                y = y - (f.A @ (x[:, None] + y - f.about[:, None])) / 2.0
            y = t * y / np.linalg.norm(y, axis=0)
            values = [float(f.value(x + column)) for column in y.T]
            assert float(answer.value) <= min(values) + 1e-12 * abs(min(values))
            assert min(values) - float(answer.value) <= 0.2 * float(f.value(x) - answer.value)


def test_hard_case():
    """Gradient orthogonal to the lowest eigenvectors: the boundary is reached along one of them."""
    f = Quadratic(np.diag([-1.0, 1.0, 2.0]), about=np.zeros(3))
    answer = brox(f, L2(), np.array([0.0, 1.0, 0.0]), 3.0)
    assert np.linalg.norm(answer.point - [0, 1, 0]) == pytest.approx(3.0)
    assert answer.gap <= 1e-14 and answer.point[0] != 0
    saddle = brox(f, L2(), np.zeros(3), 2.0)
    assert saddle.value == pytest.approx(-2.0)


def test_nonconvex_over_other_balls_is_refused():
    with pytest.raises(InvalidArgument, match="no solver over the l1 ball"):
        brox(Quadratic.indefinite(4), L1(), np.zeros(4), 1.0)


def test_a_thousand_dimensions():
    f = Quadratic.example(300, 0)
    x = f.x0
    t = np.linalg.norm(x - f.minimiser) / 40
    for _ in range(20):
        answer = brox(f, L2(), x, t, tol=1e-13)
        x = answer.point
        assert answer.iterations <= 12


@pytest.mark.parametrize("double", [False, True], ids=["float32", "float64"])
def test_jit_and_vmap(double, rng):
    points = rng.standard_normal((3, 5))
    with jax.enable_x64(double):
        dtype = jnp.float64 if double else jnp.float32
        tol = 1e-12 if double else 2e-5
        for f in (Quadratic.example(5, 1), Quadratic.indefinite(5, 2, 1)):
            batch = jax.jit(jax.vmap(lambda x, t, f=f: brox(f, L2(), x, t)))(
                jnp.asarray(points, dtype), jnp.asarray([0.1, 1.0, 30.0], dtype)
            )
            assert batch.point.dtype == dtype
            for x, t, point in zip(points, (0.1, 1.0, 30.0), batch.point, strict=True):
                assert np.allclose(point, brox(f, L2(), x, t).point, atol=tol * t, rtol=tol)
        traced = jax.jit(lambda f, x: brox(f, LInf(), x, 0.5))(Quadratic.example(5, 1), jnp.asarray(points[0], dtype))
        assert traced.path == "first order"
        assert traced.gap <= (1e-8 if double else 1e-4) and traced.point.dtype == dtype


def test_concrete_jax_points(x64):
    f = Quadratic.example(5, 1)
    for norm in (L1(), LInf(), Lp(3.0)):
        answer = brox(f, norm, jnp.asarray(f.x0), 0.3)
        assert isinstance(answer.point, jax.Array) and answer.point.dtype == jnp.float64
        assert np.allclose(answer.point, brox(f, norm, f.x0, 0.3).point, atol=1e-5)
