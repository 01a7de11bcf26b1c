"""Distances to a point and to convex sets: every pair of norms that has a solver, against cvxpy and by subgradients."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import (
    L1,
    L2,
    OWL,
    Frobenius,
    KyFan,
    LInf,
    Lp,
    Nuclear,
    Scaled,
    Schatten,
    Spectral,
    TopK,
    WeightedL1,
    WeightedLInf,
)
from broximal.problems import Affine, Box, HalfSpace, NormBall, NormDistance, SetDistance
from tests.problems.family_checks import Wrong, check_constant, check_exact, check_point, mutants

WEIGHTS = [1.0, 2.0, 0.5, 3.0, 1.0]
VECTOR_PAIRS = [
    *itertools.product([L1(), L2(), LInf(), Lp(3.0), TopK(2), OWL([3.0, 2.0, 1.0, 0.5, 0.0])], [L1(), L2(), LInf()]),
    (WeightedL1(WEIGHTS), LInf()),
    (WeightedLInf(WEIGHTS), L2()),
    (LInf(), WeightedL1(WEIGHTS)),
    (LInf(), Lp(1.5)),
    (LInf(), TopK(2)),
    (L1(), Lp(3.0)),
    (L1(), TopK(2)),
    (L2(), WeightedL1(WEIGHTS)),
    (Lp(1.5), Lp(1.5)),
    (Scaled(2.0, L1()), Scaled(0.5, L1())),
    (Scaled(2.0, LInf()), Scaled(0.5, L1())),
]
MATRIX_PAIRS = [
    *itertools.product([Spectral(), Nuclear(), Frobenius()], repeat=2),
    (KyFan(2), Spectral()),
    (Schatten(3.0), Nuclear()),
    (Schatten(1.5), Frobenius()),
]


def name(pair):
    return f"{pair[0].name} over {pair[1].name}"


@pytest.mark.parametrize("pair", VECTOR_PAIRS, ids=name)
def test_vector_pairs(pair):
    own, ball = pair
    for seed, radius in itertools.product(range(2), (0.05, 1.5, 50.0)):
        f = NormDistance.example(5, seed, own)
        check_exact(f, ball, f.x0, radius, twin="cvxpy" if seed == 0 and radius == 1.5 else None, trust=1e-5)


@pytest.mark.parametrize("pair", MATRIX_PAIRS, ids=name)
def test_matrix_pairs(pair, rng):
    own, ball = pair
    for radius in (0.05, 1.5, 50.0):
        f = NormDistance(rng.standard_normal((2, 3)), own, 3 * rng.standard_normal((2, 3)))
        check_exact(f, ball, f.x0, radius, twin="cvxpy" if radius == 1.5 else None, trust=1e-4)


@pytest.mark.parametrize("pair", VECTOR_PAIRS, ids=name)
def test_degenerate_vectors(pair):
    own, ball = pair
    ones = np.ones(5)
    ties = NormDistance(np.array([2.0, -2.0, 2.0, 0.0, 0.0]), own, 0 * ones)
    for scale in (1e-6, 1e6):
        for f in (ties, NormDistance(ones, own, 0 * ones), NormDistance([5.0, 0.0, 0.0, 0.0, 0.0], own, 0 * ones)):
            g = NormDistance(scale * f.center, own, scale * f.x0)
            for radius in (0.3, 2.0, 100.0):
                check_exact(g, ball, g.x0, scale * radius)
    f = NormDistance(ones, own)
    assert float(brox(f, ball, ones, 0.3).value) == 0  # the centre is optimal


@settings(max_examples=40)
@given(
    st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=5, max_size=5),
    st.floats(1e-3, 1e3, allow_subnormal=False),
    st.sampled_from(VECTOR_PAIRS),
)
def test_any_vector(center, radius, pair):
    own, ball = pair
    f = NormDistance(np.array(center), own, np.zeros(5))
    check_exact(f, ball, f.x0, radius)


def test_one_dimension():
    for own, ball in itertools.product([L1(), L2(), LInf()], repeat=2):
        f = NormDistance([3.0], own, [0.0])
        assert check_exact(f, ball, f.x0, 0.5).point == 0.5


def test_no_structure_is_said_so():
    f = NormDistance.example(5, 0, Lp(1.5))
    assert f.move(Lp(3.0), f.x0, 1.0) is None


def test_mutants_are_refuted():
    f = NormDistance.example(5, 2, Lp(3.0))
    for ball in (L1(), L2(), LInf()):
        answer = check_exact(f, ball, f.x0, 0.3)
        for label, point in mutants(ball, f.x0, 0.3, answer.point, answer.subgradient).items():
            with pytest.raises(Wrong):
                check_point(f, ball, f.x0, 0.3, point, answer.subgradient)
                pytest.fail(label)
        with pytest.raises(Wrong):
            check_point(f, ball, f.x0, 0.3, answer.point, -answer.subgradient)


@pytest.mark.parametrize("constant", ["G", "kappa", "R0"])
def test_constants(constant):
    norms = [L1(), L2(), LInf(), Lp(3.0), WeightedL1(WEIGHTS), Scaled(2.0, L1())]
    for own, norm in itertools.product(norms, repeat=2):
        check_constant(NormDistance.example(5, 1, own), constant, norm)


def test_constants_of_matrices(rng):
    for own, norm in itertools.product([Spectral(), Nuclear(), Frobenius(), KyFan(2)], repeat=2):
        f = NormDistance(rng.standard_normal((2, 3)), own)
        for constant in ("G", "kappa"):
            check_constant(f, constant, norm, attained=False)


def test_in_jax(x64):
    f = NormDistance.example(5, 0, L1())
    for ball in (L1(), L2(), LInf(), Lp(3.0)):
        here = brox(f, ball, f.x0, 0.7)
        answer = jax.jit(lambda x, ball=ball: brox(f, ball, x, 0.7))(jnp.asarray(f.x0))
        assert np.allclose(answer.point, here.point, atol=1e-9)
        assert float(answer.gap) <= 1e-12


# ---- sets ------------------------------------------------------------------------------------------------------------

LOW = np.array([-1.0, 0.5, 2.0, 0.0])
SETS = [
    (Box(LOW, LOW + 0.5), [L1(), L2(), LInf(), Lp(3.0)]),
    (HalfSpace(LOW, -1.0), [L1(), L2(), LInf(), WeightedL1([1.0, 2.0, 3.0, 4.0])]),
    (NormBall(L1(), LOW, 0.5), [L1(), L2()]),
    (NormBall(Lp(3.0), LOW, 0.5), [Lp(3.0), L2()]),
    (Affine([[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, -1.0, 2.0]], [1.0, 0.0]), [L2()]),
]
PAIRS = [(target, norm) for target, norms in SETS for norm in norms]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0].label} {p[1].name}")
def test_sets(pair):
    target, norm = pair
    for seed, radius in itertools.product(range(3), (0.05, 0.8, 60.0)):
        f = SetDistance(target, norm, 3 * np.random.default_rng(seed).standard_normal(4))
        check_exact(f, norm, f.x0, radius, twin="cvxpy" if seed == 0 and radius == 0.8 else None, trust=1e-5)
        inside = target.nearest(f.x0, norm)
        assert f.distance(inside, norm).value <= 1e-14 * 10
        assert np.allclose(target.nearest(target.member(), norm), target.member(), atol=1e-14)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0].label} {p[1].name}")
def test_constants_of_sets(pair):
    target, norm = pair
    f = SetDistance(target, norm)
    for constant in ("G", "kappa"):
        for other in (norm, L2()):
            if target.knows(other):
                check_constant(f, constant, other)


def test_bad_sets():
    with pytest.raises(InvalidArgument, match="empty"):
        Box([1.0], [0.0])
    with pytest.raises(InvalidArgument, match="rank"):
        Affine([[1.0, 1.0], [2.0, 2.0]], [0.0, 1.0])
    with pytest.raises(InvalidArgument, match="a is zero"):
        HalfSpace([0.0, 0.0])
    with pytest.raises(InvalidArgument, match="nearest"):
        SetDistance(NormBall(L1(), [0.0, 0.0]), LInf())
    with pytest.raises(InvalidArgument, match="target"):
        SetDistance("box")
    with pytest.raises(InvalidArgument, match="norm"):
        NormDistance([0.0], "l1")
    with pytest.raises(InvalidArgument, match="NaN"):
        NormDistance([np.nan])
    with pytest.raises(MissingConstant):
        SetDistance(NormBall(L1(), [0.0, 0.0])).distance(np.ones(2), LInf())
