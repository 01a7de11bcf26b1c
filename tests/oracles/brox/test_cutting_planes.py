"""Nonsmooth objectives without a structured solver: against programs posed directly to cvxpy, and by brute force."""

import cvxpy as cp
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.brox import brox
from broximal.oracles.brox.convex_program import convex_program
from broximal.oracles.brox.cutting_planes import cutting_planes
from broximal.oracles.cvxpy_bridge import solve
from broximal.oracles.norms import L1, L2, Ellipsoid, Group, Lp, MaxAbsLinear, OWLDual, TopK
from broximal.problems import MaxAffine, NormDistance, Quadratic, Regularised
from broximal.problems.catalogue import families, make

RNG = np.random.default_rng(5)
ATOMS = RNG.standard_normal((7, 4))
BALLS = [
    Lp(3.0),
    Lp(1.3),
    Lp(7.5),
    Ellipsoid(ATOMS.T @ ATOMS),
    Group([[0, 1], [2, 3]], Lp(3.0)),
    OWLDual([3.0, 2.0, 2.0, 0.5]),
    MaxAbsLinear(ATOMS),
    norms.AtomHull(ATOMS),
]


def pieces(f, z):
    return cp.max(f.A @ (z - f.about) + f.b) + float(f.level)


def distance(f, z):
    return f.norm.cvxpy(z - f.center)


def regularised(f, z):
    return float(f.weight) * f.norm.cvxpy(z) + 0.5 * cp.sum_squares(z - f.center)


OBJECTIVES = [
    (MaxAffine.example(4), pieces),
    (NormDistance.example(4, 1, Lp(1.5)), distance),
    (NormDistance.example(4, 2, TopK(2)), distance),
    (Regularised.example(4), regularised),
]


@pytest.mark.parametrize("ball", BALLS, ids=lambda ball: ball.alias)
@pytest.mark.parametrize("pair", OBJECTIVES, ids=lambda pair: pair[0].name)
def test_against_cvxpy_and_brute_force(pair, ball):
    f, expression = pair
    x = f.x0
    radius = 0.4 * float(ball(x - f.minimiser))
    answer = brox(f, ball, x, radius, paths=("cutting planes",))
    decrease = float(f.value(x) - answer.value)
    assert float(answer.gap) <= 1e-9 * decrease and float(ball(answer.point - x)) <= radius * (1 + 1e-14)
    d = cp.Variable(4)
    twin = solve(cp.Problem(cp.Minimize(expression(f, x + d)), [ball.cvxpy(d) <= radius]))
    assert float(answer.value) == pytest.approx(twin, abs=2e-6 * decrease)
    rng, step = np.random.default_rng(0), answer.point - x
    for width in (1.0, 1e-2, 1e-4):
        for noise in rng.standard_normal((100, 4)):
            other = step + width * radius * noise
            other = x + other * min(1.0, radius / float(ball(other)))
            assert float(f.value(other)) >= float(answer.value) - 1e-9 * decrease
    flipped = x - step
    assert float(f.value(flipped)) > float(answer.value) + 1e-3 * decrease


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_the_lower_bound_holds_before_anything_has_converged(rounds):
    for f, _ in OBJECTIVES:
        for ball in BALLS:
            radius = 0.4 * float(ball(f.x0 - f.minimiser))
            early = cutting_planes(f, ball, f.x0, radius, 1e-12, limit=rounds)
            best = float(brox(f, ball, f.x0, radius, paths=("cutting planes",)).value)
            assert float(early.lower) <= best * (1 + 1e-12) and float(f.value(early.point)) >= best * (1 - 1e-9)


def test_the_subgradient_is_one_and_is_aligned_on_polyhedra():
    """max(z_1, 10 z_2) from (2, 0.1): at u = (1, 0.1) both pieces are active, and only (1, 0) is aligned."""
    f = MaxAffine([[1.0, 0.0], [0.0, 10.0]], x0=[2.0, 0.1])
    answer = brox(f, MaxAbsLinear(np.eye(2)), f.x0, 1.0, paths=("cutting planes",))
    g = answer.subgradient
    for z in np.random.default_rng(0).standard_normal((50, 2)):
        assert float(f.value(z)) >= float(answer.value) + g @ (z - answer.point) - 1e-13
    assert float(answer.tau) == pytest.approx(1.0, abs=1e-12)


FAMILIES = [alias for alias in families() if not make(alias, 3).smooth and make(alias, 3).convex]
VECTOR_NORMS = [
    (norm, shape[0])
    for entry in norms.catalogue()
    for norm, shape in entry.examples
    if entry.alias != "cvxpy_norm" and isinstance(shape, tuple) and len(shape) == 1
]


@pytest.mark.parametrize("alias", FAMILIES)
def test_every_convex_family_certifies_over_every_ball(alias):
    for norm, size in VECTOR_NORMS:
        f = make(alias, size)
        if np.shape(f.x0) == (size,):
            brox(f, norm, f.x0, 0.1)
            brox(f, norm, f.x0, 1.0)


def test_a_matrix_and_a_jax_center():
    rng = np.random.default_rng(0)
    f = NormDistance(rng.standard_normal((3, 2)), norms.Spectral(), x0=3 * rng.standard_normal((3, 2)))
    here = brox(f, Lp(3.0), f.x0, 1.0)
    there = brox(f, Lp(3.0), jnp.asarray(f.x0, dtype=jnp.float32), 1.0, tol=1e-4)
    assert here.point.shape == (3, 2) and there.point.dtype == jnp.float32
    assert float(there.value) == pytest.approx(float(here.value), rel=1e-5)


def test_a_solver_s_point_is_polished():
    """In 50 dimensions cutting planes alone are slow; next to the solution of a solver they end at once."""
    f = MaxAffine.example(50)
    radius = 0.4 * float(Lp(3.0)(f.x0 - f.minimiser))
    near = convex_program(f, Lp(3.0), f.x0, radius)
    move = cutting_planes(f, Lp(3.0), f.x0, radius, 1e-9, near=near)
    decrease = float(f.value(f.x0) - f.value(move.point))
    assert float(f.value(move.point) - move.lower) <= 1e-9 * decrease and move.iterations <= 20
    other = cutting_planes(
        f, Lp(3.0), f.x0, radius, 1e-9, near=near._replace(step=-near.step, slope=-near.slope), limit=3
    )
    assert float(f.value(other.point) - other.lower) > 1e-4 * decrease and float(other.lower) <= float(
        f.value(move.point)
    )


def test_only_convex_functions_have_cuts():
    assert cutting_planes(Quadratic.indefinite(3), L2(), np.zeros(3), 1.0, 1e-9) is None


def test_a_flat_function():
    f = MaxAffine(np.zeros((2, 3)), [1.0, 2.0])
    assert brox(f, Lp(3.0), np.ones(3), 1.0).gap == 0


def test_weights_of_a_norm_in_its_own_units():
    """A distance in l1 over a weighted l1 ball: where w_i is least a unit of the radius brings most."""
    f = NormDistance(np.zeros(3), L1(), np.full(3, 5.0))
    answer = brox(f, norms.WeightedL1([1.0, 2.0, 4.0]), f.x0, 1.0, paths=("cutting planes",))
    assert np.allclose(answer.point, [4.0, 5.0, 5.0], atol=1e-12)
