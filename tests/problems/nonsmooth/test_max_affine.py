"""Max-affine functions: linear programs, the Euclidean active set, the minimum, the constants."""

import itertools
from fractions import Fraction

import jax
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import (
    L1,
    L2,
    OWL,
    LinearImage,
    LInf,
    Lp,
    MaxAbsLinear,
    OWLDual,
    Scaled,
    TopK,
    TopKDual,
    WeightedL1,
    WeightedLInf,
)
from broximal.problems import MaxAffine
from broximal.problems.nonsmooth import max_affine
from tests.problems.family_checks import Wrong, check_constant, check_exact, check_point, mutants

WEIGHTS = [1.0, 2.0, 0.5, 3.0]
NORMS = [L1(), L2(), LInf(), WeightedL1(WEIGHTS), WeightedLInf(WEIGHTS), Scaled(2.0, L1())]


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_random(norm):
    for seed in range(4):
        f = MaxAffine.example(4, seed)
        for radius in (1e-3, 0.7, 3.0, 100.0):
            twin = "cvxpy" if seed == 0 and radius in (0.7, 3.0) else None
            check_exact(f, norm, f.x0, radius, twin=twin)


@pytest.mark.parametrize("norm", NORMS[:3], ids=lambda n: n.name)
def test_along_a_run_where_pieces_tie(norm):
    f = MaxAffine.example(5, 3)
    x = f.x0
    for _ in range(8):
        x = check_exact(f, norm, x, 0.6).point


@pytest.mark.parametrize("norm", NORMS[:3], ids=lambda n: n.name)
@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e7])
def test_degenerate(norm, scale):
    one = np.ones((1, 3))
    cases = [
        MaxAffine(one),  # one piece, unbounded
        MaxAffine(np.r_[one, one]),  # twice the same
        MaxAffine(np.r_[one, -one]),  # minimised on a plane
        MaxAffine(np.zeros((2, 3)), [1.0, 2.0]),  # constant
        MaxAffine(np.r_[np.eye(3), -np.eye(3)]),  # l_inf norm
        MaxAffine(
            np.array(
                [[1.0, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1], [-1, 1, 1], [-1, 1, -1], [-1, -1, 1], [-1, -1, -1]]
            )
        ),
    ]
    for f in cases:
        for x in (np.zeros(3), scale * np.ones(3), scale * np.array([1.0, 2.0, -3.0])):
            for radius in (0.5, 1.0, 10.0):
                check_exact(f, norm, x, scale * radius)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 8), st.sampled_from([L1(), L2(), LInf()]))
def test_small_integers(seed, n, m, norm):
    """Integer data is full of ties, parallel pieces and unbounded directions."""
    rng = np.random.default_rng(seed)
    f = MaxAffine(rng.integers(-2, 3, (m, n)).astype(float), rng.integers(-2, 3, m).astype(float))
    check_exact(f, norm, rng.integers(-3, 4, n).astype(float), float(rng.integers(1, 4)))


def test_the_euclidean_minimiser_inside_the_ball():
    f = MaxAffine.example(4, 1)
    answer = check_exact(f, L2(), f.minimiser + 0.1, 1.0)
    assert float(answer.value) == pytest.approx(f.f_star.value, abs=1e-13)


def test_minimum_found_by_the_linear_program():
    for seed in range(5):
        given_ = MaxAffine.example(4, seed)
        shift = given_.A @ given_.about
        found = MaxAffine(given_.A, given_.b - shift, given_.x0)
        assert found.f_star.value == pytest.approx(given_.f_star.value, abs=1e-12)
        assert np.allclose(found.minimiser, given_.minimiser, atol=1e-9)
        assert found.unique_minimiser and found.f_star.error < 1e-9
        x = given_.x0
        assert float(found.value(x)) == pytest.approx(float(given_.value(x)), rel=1e-12)


def test_pieces_that_a_linear_program_does_not_tell_apart():
    """max(-e, e - z, 3 z - e) is lowest at z = e / 2, where it is e / 2, for every e; and nothing is lifted."""
    for e in (1e-5, 1e-7, 1e-9, 1e-12):
        f = MaxAffine([[0.0], [-1.0], [3.0]], [-e, e, -e])
        assert abs(f.f_star.value - e / 2) <= f.f_star.error <= 1e-13 * e
        assert f.minimiser[0] == pytest.approx(e / 2, rel=1e-12)
        for z in (-e, 0.0, 0.4 * e, e):
            assert float(f.value(np.array([z]))) == pytest.approx(max(-e, e - z, 3 * z - e), rel=1e-12)
    lowered = MaxAffine([[1.0], [-1.0], [1.0]], [0.0, 0.0, -1e-8])  # a copy that is never the largest piece
    assert np.count_nonzero(lowered.b == 0) == 2 and lowered.b.min() == -1e-8


def test_the_minimum_is_right_to_its_stated_error():
    """Beside the exact minimum, over all sets of n + 1 pieces in rational numbers."""
    for seed, size in itertools.product(range(6), (1.0, 1e-7, 1e-10)):
        rng, n = np.random.default_rng(seed), 2
        A = np.r_[rng.standard_normal((5, n)), np.zeros((1, n))]
        A[-1] = -A.sum(axis=0)
        b = size * rng.standard_normal(6)
        f = MaxAffine(A, b)
        levels = [level for rows in itertools.combinations(range(6), n + 1) if (level := exact_level(A, b, rows))]
        assert abs(Fraction(float(f.f_star.value)) - min(levels)) <= f.f_star.error <= 1e-12 * size


def exact_level(A, b, rows):
    """The common level of these pieces if no other is above it, else None."""
    exact = [[Fraction(float(v)) for v in (*row, last)] for row, last in zip(A, b, strict=True)]
    (a1, a2, a3), n = (exact[i] for i in rows), 2
    d1, d2 = ([u - v for u, v in zip(a1, other, strict=True)] for other in (a2, a3))
    det = d1[0] * d2[1] - d1[1] * d2[0]
    z = [(-d1[2] * d2[1] + d2[2] * d1[1]) / det, (-d2[2] * d1[0] + d1[2] * d2[0]) / det]
    values = [row[0] * z[0] + row[1] * z[1] + row[n] for row in exact]
    return max(values) if max(values) == values[rows[0]] else None


def test_nothing_is_proved_that_nobody_asked_for(monkeypatch):
    monkeypatch.setattr(max_affine, "_sharpness", lambda *_: 1 / 0)
    f = MaxAffine.example(30)
    brox(f, L1(), f.x0, 0.1)
    with pytest.raises(ZeroDivisionError):
        f.unique_minimiser  # noqa: B018


def test_what_is_not_known():
    f = MaxAffine(np.eye(2))
    assert f.minimiser is None and not f.unique_minimiser
    with pytest.raises(MissingConstant):
        f.f_star  # noqa: B018
    flat = MaxAffine([[1.0, 0.0], [-1.0, 0.0]])
    assert flat.minimiser is not None and not flat.unique_minimiser and flat.growth_exponent is None
    with pytest.raises(MissingConstant):
        flat.constant("kappa", L2())
    assert MaxAffine.example(3).move(Lp(3.0), np.zeros(3), 1.0) is None


def test_bad_input():
    with pytest.raises(InvalidArgument, match="about"):
        MaxAffine(np.eye(2), about=[0.0, 0.0])
    with pytest.raises(InvalidArgument, match="A must be a matrix"):
        MaxAffine([1.0, 2.0])
    with pytest.raises(InvalidArgument, match="b has shape"):
        MaxAffine(np.eye(2), [1.0])
    with pytest.raises(InvalidArgument, match="NaN"):
        MaxAffine([[np.nan]])
    with pytest.raises(InvalidArgument, match="jit"):
        jax.jit(lambda x: brox(MaxAffine.example(3), L2(), x, 1.0).point)(np.ones(3, np.float32))


@pytest.mark.parametrize("norm", [L1(), L2(), LInf(), Scaled(3.0, LInf())], ids=lambda n: n.name)
@pytest.mark.parametrize("constant", ["G", "kappa", "R0"])
def test_constants(norm, constant):
    check_constant(MaxAffine.example(4, 1), constant, norm, attained=False)


@pytest.mark.parametrize("norm", [L1(), L2(), LInf()], ids=lambda n: n.name)
def test_exact_constants_are_attained(norm):
    """In the plane: kappa over a fine grid of directions, G far out along them."""
    angles = np.linspace(0, 2 * np.pi, 2001)
    for seed in range(4):
        f = MaxAffine.example(2, seed)
        rays = [v / float(norm(v)) for v in np.c_[np.cos(angles), np.sin(angles)]]
        kappa = min(float(f.gap(f.about + 1e-3 * v)) for v in rays) / 1e-3
        found = f.constant("kappa", norm)
        assert found.value <= kappa * (1 + 1e-9)
        assert found.kind != "exact" or found.value == pytest.approx(kappa, rel=5e-2)  # the grid overestimates
        far = {int(np.argmax(f.A @ v)): f.about + 1e3 * v for v in rays}
        slopes = [float(f.value(x - norm.lmo(f.A[i]))) - float(f.value(x)) for i, x in far.items()]
        assert f.constant("G", norm).value == pytest.approx(max(slopes), rel=1e-9)


def test_kappa_of_a_norm_is_one():
    f = MaxAffine(np.r_[np.eye(3), -np.eye(3)])
    assert f.constant("kappa", LInf()).value == pytest.approx(1.0, rel=1e-10)
    assert f.constant("G", LInf()).value == 1.0


def test_mutants_are_refuted():
    f = MaxAffine.example(4, 2)
    for norm in (L1(), L2(), LInf()):
        answer = check_exact(f, norm, f.x0, 0.3)
        for name, point in mutants(norm, f.x0, 0.3, answer.point, answer.subgradient).items():
            with pytest.raises(Wrong):
                check_point(f, norm, f.x0, 0.3, point, answer.subgradient)
                pytest.fail(name)
        with pytest.raises(Wrong):
            check_point(f, norm, f.x0, 0.3, answer.point, 1.01 * answer.subgradient)


def _polyhedra(n: int) -> list:
    rng = np.random.default_rng(n)
    weights = np.sort(rng.uniform(0.3, 2, n))[::-1]
    return [
        OWL(weights),
        OWLDual(weights),
        TopK(3),
        TopKDual(3),
        Scaled(3.0, OWLDual(weights)),
        MaxAbsLinear(rng.standard_normal((2 * n, n))),
        LinearImage(L1(), rng.standard_normal((n, n)) + 5 * np.eye(n)),
    ]


@pytest.mark.parametrize("norm", _polyhedra(12), ids=lambda norm: norm.name[:24])
def test_one_linear_program_over_any_polyhedron(norm):
    """The vertex, its aligned subgradient and its bound, at radii of all sizes; no feasible point is below the bound."""
    f = MaxAffine.example(12, 1)
    x = f.x0
    for share in (1e-6, 0.3, 0.9):
        t = share * float(norm(x - f.minimiser))
        answer = brox(f, norm, x, t)
        assert answer.path == "lp"
        assert norm(answer.point - x) <= t * (1 + 1e-12) + 1e-14 * norm(x)
        least = min(
            f.value(x + t * (v - x) / max(norm(v - x), t)) for v in np.random.default_rng(0).normal(x, 1, (99, 12))
        )
        assert answer.value - answer.gap <= least + 16 * answer.rounding
        slack = 1e-9 * t * norm.dual(answer.subgradient) + 16 * answer.rounding
        assert abs(answer.subgradient @ (x - answer.point) - t * norm.dual(answer.subgradient)) <= slack
    other = brox(f, norm, x, t, paths=("cutting planes",))
    assert abs(answer.value - other.value) <= answer.gap + other.gap + 16 * answer.rounding


def test_fifty_dimensions_where_cutting_planes_do_not_end():
    f, weights = MaxAffine.example(50, 1), np.sort(np.random.default_rng(0).uniform(0.3, 2, 50))[::-1]
    for norm in (OWL(weights), OWLDual(weights)):
        t = 0.9 * float(norm(f.x0 - f.minimiser))
        answer = brox(f, norm, f.x0, t)
        assert answer.gap <= 1e-9 * (f.value(f.x0) - answer.value)
