"""The extremal instances: runs of the claimed length, certified in floating point and in rational numbers."""

import itertools
from fractions import Fraction

import jax
import mpmath
import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import NormDistance, families
from broximal.problems.worst import (
    Cycle,
    DistanceGrowth,
    Doubling,
    ExponentialBend,
    Flipping,
    Harmonic,
    Lattice,
    PolyhedralPacking,
    Ripples,
    Staircase,
    Unaligned,
)
from tests.problems.family_checks import Wrong, check_constant, check_exact, check_point, check_star, steps_to_minimum

# ---- the unconditional rate ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(1,), (12,), (30, 1.0, 1.5), (8, 0.25, 5.0)])
def test_harmonic_attains_the_bound_for_every_K(arguments):
    f = Harmonic(*arguments)
    t, D, x = float(f.radius), float(f.far), f.x0
    for K in range(1, arguments[0] + 1):
        x = check_exact(f, LInf(), x, t).point
        assert float(f.value(x)) == pytest.approx((D - t) / (D + (K - 1) * t) * float(f.value(f.x0)), rel=1e-12)
        assert float(LInf()(x)) == pytest.approx(D + K * t if K < arguments[0] + 1 else 0, rel=1e-12)


def test_harmonic_in_rationals():
    """Every step is feasible, its value is the least one of the ball, and the bound is an equality."""
    f = Harmonic(10)
    W, points, t, D = f.exact_weights, f.exact_points, Fraction(1), Fraction(3)
    assert [float(w) for w in W] == f.weights.tolist()

    def value(x):
        return max(w * abs(v) for w, v in zip(W, x, strict=True))

    for K, (x, u) in enumerate(itertools.pairwise(points), start=1):
        assert max(abs(a - b) for a, b in zip(x, u, strict=True)) <= t
        assert value(u) == max(w * max(v - t, Fraction(0)) for w, v in zip(W, x, strict=True))  # no point is better
        g = [w if j == K - 1 else Fraction(0) for j, w in enumerate(W)]
        assert W[K - 1] * u[K - 1] == value(u) and sum(a * (b - c) for a, b, c in zip(g, x, u, strict=True)) == t * sum(
            g
        )
        assert value(u) == (D - t) / (D + (K - 1) * t) * value(points[0])
        assert max(u) == D + K * t


def test_harmonic_elsewhere():
    f = Harmonic(4)
    for x, radius in itertools.product([f.x0, np.array([0.0, 1, -2, 0, 3]), np.zeros(5)], (0.1, 1.0, 2.5, 10.0)):
        check_exact(f, LInf(), x, radius)
    for norm in (L1(), L2(), LInf()):
        for constant in ("G", "kappa", "R0"):
            check_constant(f, constant, norm, attained=False)
    with pytest.raises(InvalidArgument, match="radius"):
        Harmonic(3, 2.0, 1.0)


# ---- counts of steps -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d, m", [(1, 1), (2, 1), (3, 1), (4, 2), (6, 1), (2, 5)])
def test_doubling(d, m):
    f = Doubling(d, m)
    N, points = steps_to_minimum(f, LInf(), 1.0)
    sizes = [float(LInf()(x)) for x in points]
    assert N == f.steps == (2**d - 1) * m
    assert sizes[0] == pytest.approx(m, abs=m * d * 2**d / 64) and max(sizes) == pytest.approx(
        2 ** (d - 1) * m, rel=0.02
    )
    assert d < 3 or np.ceil(sizes[0] ** 2) < N


@pytest.mark.parametrize("d", [1, 3, 5, 8])
def test_flipping(d):
    f = Flipping(d)
    N, points = steps_to_minimum(f, LInf(), 1.0)
    assert N == f.steps == d
    assert max(float(LInf()(x)) for x in points) <= 2 * (1 + 2 * d / 64)


@pytest.mark.parametrize(
    "f", [Doubling(3), Doubling(4, 2), Doubling(6), Flipping(5), Flipping(8)], ids=lambda f: f.name
)
def test_pinned_runs_in_rationals(f):
    """The float run is exact: each point, subgradient and alignment is checked in fractions, and the last one is zero."""
    A, W, x = f.exact_data
    d, t = len(x), Fraction(1)
    point, N = f.x0, 0
    while any(x):
        point = brox(f, LInf(), point, 1.0).point
        u, N = [Fraction(float(v)) for v in point], N + 1
        assert all(abs(a - b) <= t for a, b in zip(x, u, strict=True))
        terms = [sum(a * v for a, v in zip(row, u, strict=True)) for row in A]
        before = [sum(a * v for a, v in zip(row, x, strict=True)) for row in A]
        if not any(u):
            break  # the minimiser itself
        # terms that were zero stay zero (weight 0 in [-1, 1]); the others keep their sign or become zero
        signs = [0 if b == 0 else (1 if b > 0 else -1) for b in before]
        assert all(s * v >= 0 if s else v == 0 for s, v in zip(signs, terms, strict=True))
        g = [sum(W[i] * signs[i] * A[i][l] for i in range(d)) for l in range(d)]
        assert sum(a * (b - c) for a, b, c in zip(g, x, u, strict=True)) == t * sum(abs(a) for a in g)
        # unique: alignment fixes every coordinate with g_l != 0, the pinned terms fix the others one after the other
        first = next(i for i in range(d) if signs[i])
        assert all(g[l] != 0 for l in range(first, d))
        x = u
    assert N == f.steps


@pytest.mark.parametrize("m", [1, 2, 3, 5, 8, 13])
def test_staircase(m):
    f = Staircase(m)
    N, points = steps_to_minimum(f, L2(), 1.0)
    assert N == f.steps == f.exact_bound == m
    for x in points[: min(m, 4)]:
        check_exact(f, L2(), x, 1.0)


def test_staircase_in_fifty_digits():
    """x_{m-1} is not the minimiser, with the step computed by bisection in high precision."""
    f, m = Staircase(6), 6
    with mpmath.workdps(50):
        w, x = [mpmath.mpf(float(v)) for v in f.weights], [mpmath.mpf(float(v)) for v in f.x0]
        for _ in range(m - 1):
            low, high = mpmath.mpf(0), max(v / wi for v, wi in zip(x, w, strict=True))
            for _ in range(400):
                middle = (low + high) / 2
                length = sum(min(v, middle * wi) ** 2 for v, wi in zip(x, w, strict=True))
                low, high = (middle, high) if length < 1 else (low, middle)
            x = [v - min(v, low * wi) for v, wi in zip(x, w, strict=True)]
        assert 0.4 < x[-1] < 0.51 and sum(v**2 for v in x) < 1
        assert f.exact_bound == m


def test_staircase_elsewhere():
    f = Staircase(4)
    for norm, x, radius in itertools.product(
        [L2(), LInf()], [f.x0, np.array([0.0, -1.0, 2.0, 0.0]), np.zeros(4)], (0.2, 5.0)
    ):
        check_exact(f, norm, x, radius)
    for norm in (L1(), L2(), LInf()):
        for constant in ("G", "kappa"):
            check_constant(f, constant, norm, attained=False)
    with pytest.raises(InvalidArgument, match="bits"):
        Staircase(300)


@pytest.mark.parametrize("d", [6, 12, 24])
def test_polyhedral_packing(d):
    f = PolyhedralPacking(d)
    N, norm, x = f.steps, f.norm, f.x0
    for k in range(N):
        assert float(norm(x)) == pytest.approx(3, abs=1e-13)
        answer = brox(f, norm, x, 2.0)
        assert np.array_equal(answer.point, f.vectors[k + 1]) and answer.gap <= 16 * answer.rounding
        assert float(norm.dual(answer.subgradient)) == pytest.approx(float(f.exact_rises[k]), rel=1e-9)
        x = answer.point
    assert float(f.value(x)) == pytest.approx(1.0, abs=1e-9 * float(f.exact_levels[0])) and (d < 24 or N > d)


@pytest.mark.parametrize("d", [12, 24, 36])
def test_polyhedral_packing_in_rationals(d):
    f = PolyhedralPacking(d, limit=40)
    e, N, c = np.rint(f.vectors).astype(int), f.steps, f.exact_margin
    a = [[Fraction(3 * int(v), d) for v in row] for row in e]
    F, rises = f.exact_levels, f.exact_rises
    gram = [[Fraction(3 * int(u @ v), d) for v in e] for u in e]
    assert 0 < c <= 1 and all(gram[k][k] == 3 for k in range(N + 1))
    for k in range(N):
        assert gram[k][k + 1] == 1
        assert max(abs(gram[i][k] - gram[i][k + 1]) for i in range(N + 1)) == 2  # the length of the step
        pieces = [F[i + 1] + rises[i] * (gram[i][k + 1] - 1) for i in range(N)]
        assert max(0, *pieces) == F[k + 1] == pieces[k]  # value, and piece k is active
        assert sum(x * int(y) for x, y in zip(a[k], e[k] - e[k + 1], strict=True)) == 2  # aligned: |a_k|_* = 1
    assert F[N] == 1 and all(F[k + 1] - rises[k] <= 0 for k in range(N))  # f(x_N) = 1 > 0 = f(0)


def test_polyhedral_packing_move_is_optimal_by_cvxpy():
    f = PolyhedralPacking(6)
    for k in range(f.steps):
        x = f.vectors[k]
        other = brox(f, f.norm, x, 2.0, paths=("cvxpy",), tol=1e-2)
        assert float(f.value(f.vectors[k + 1])) == pytest.approx(float(other.value), rel=1e-5)
    assert f.move(LInf(), f.x0, 2.0) is None and f.move(f.norm, f.x0 + 0.1, 2.0) is None
    with pytest.raises(InvalidArgument, match="multiple"):
        PolyhedralPacking(7)


# ---- single steps ----------------------------------------------------------------------------------------------------


def test_distance_growth_in_rationals():
    f = DistanceGrowth()
    answer = check_exact(f, LInf(), f.x0, 0.5, twin="cvxpy")
    u, t = f.exact_step, f.exact_radius
    assert [Fraction(float(v)) for v in answer.point] == list(u)
    g, step = f.exact_gradient(u), [2 - u[0], 2 - u[1]]
    assert sum(a * b for a, b in zip(g, step, strict=True)) == t * sum(abs(a) for a in g) and all(g)
    assert max(abs(v) for v in u) == Fraction(5, 2) and u[0] ** 2 + u[1] ** 2 > 8
    for x, radius in itertools.product([np.array([0.3, -2.0]), np.zeros(2), np.array([1.0, 2.0])], (0.1, 1.0, 9.0)):
        check_exact(f, LInf(), x, radius)
        check_exact(f, L2(), x, radius)


def test_ripples():
    f = Ripples(1.0)
    u = check_exact(f, LInf(), f.x0, 1.0).point
    assert u.tolist() == [4.0, 0.0]
    rng = np.random.default_rng(0)
    for y in rng.uniform(-9, 9, (200, 2)):  # the convex inequality with the aligned g = (1, 0)
        assert float(f.value(y)) >= float(f.value(u)) + (y[0] - u[0]) - 1e-14
    assert steps_to_minimum(f, LInf(), 1.0)[0] == 5
    for radius in (0.2, 0.7, 3.0):
        grid = [f.x0 + radius * np.array(p) for p in itertools.product(np.linspace(-1, 1, 201), repeat=2)]
        twin = min(float(f.value(z)) for z in grid)
        assert twin - 1e-3 <= float(check_exact(f, LInf(), f.x0, radius).value) <= twin + 1e-12
    assert not f.star_convex and f.distance(np.array([0.0, 2.4]), LInf()).value == pytest.approx(0.4)
    with pytest.raises(Wrong):
        check_star(f)


def test_lattice():
    """u = w is inside the ball, satisfies the inequality with c = 1 / w, and D^2 decreases by less than t^2."""
    f = Lattice()
    w, u = float(f.width), brox(f, L2(), f.x0, 1.0).point
    assert u == w and abs(f.x0 - u) < 1
    grid = w * np.arange(-20, 21)
    assert all(abs(y) >= w + (1 / w) * (f.x0[0] - w) * (y - w) - 1e-12 for y in grid)
    assert float(f.exact_decrease) == pytest.approx(4 * w**2 - w**2) and f.exact_decrease < 1
    for x, radius in itertools.product(w * np.arange(-3, 4), (0.1, 0.6, 1.1, 9.0)):
        inside = grid[np.abs(grid - x) <= radius + 1e-12]
        assert float(brox(f, L2(), np.array([x]), radius).value) == pytest.approx(abs(inside).min(), abs=1e-12)
    assert np.isinf(f.value(np.array([0.2])))


def test_unaligned():
    f = Unaligned()
    answer = check_exact(f, L2(), f.x0, 1.0, twin="cvxpy")
    assert np.allclose(answer.point, [1.0, 0.1], atol=1e-14) and np.allclose(answer.subgradient, [1.0, 0.0], atol=1e-14)
    steep = np.array([0.0, 10.0])  # also a subgradient there, not aligned, and longer than the gradient at x
    rng = np.random.default_rng(0)
    u = np.array([1.0, 0.1])
    assert all(float(f.value(z)) >= 1 + steep @ (z - u) - 1e-12 for z in u + rng.standard_normal((200, 2)))
    assert np.linalg.norm(steep) > np.linalg.norm(f.gradient(f.x0)) == 1
    with pytest.raises(Wrong):
        check_point(f, L2(), f.x0, 1.0, u, steep)
    with pytest.raises(MissingConstant):
        f.f_star  # noqa: B018


def test_cycle():
    f, x, seen = Cycle(), Cycle().x0, []
    for part in f.components * 3:
        x = brox(part, L2(), x, 0.5).point
        seen.append(float(x[0]))
    assert seen == [-0.25, 0.25] * 3
    assert Cycle.exact_cycle(Fraction(1, 2)) == [Fraction(1, 4), Fraction(-1, 4), Fraction(1, 4)]
    assert check_exact(f, L2(), f.x0, 0.5).point == 0
    assert all(
        float(f.value(np.array([z]))) == pytest.approx(((z - 1) ** 2 + (z + 1) ** 2) / 2) for z in (-2.0, 0.3, 1.0)
    )
    check_constant(f, "L", L2())
    check_constant(f, "mu", L2())


# ---- generalised smoothness -------------------------------------------------------------------------------------------

BENDS = (ExponentialBend(0.0, 1.0, tilt=1.0), ExponentialBend(2.0, 0.5, tilt=3.0), ExponentialBend(1.0, 0.05, cap=1.0))


@pytest.mark.parametrize("f", BENDS, ids=repr)
def test_the_bend_is_as_sharp_as_generalised_smoothness_allows(f):
    """Over short segments the curvature is L0 + L1 |grad f|_1 below the cap, and never more."""
    zero, one = (f.constant(name, LInf()).value for name in ("L0", "L1"))
    ratios = []
    for s in np.linspace(-4, 4, 41):
        x, y = np.array([0.3, s]), np.array([0.3, s + 1e-5])
        top = max(float(L1()(f.gradient(z))) for z in (x, y))
        ratios.append(float(L1()(f.gradient(y) - f.gradient(x))) / ((zero + one * top) * 1e-5))
    assert 1 - 1e-4 < max(ratios) <= 1 + 1e-9
    with pytest.raises(MissingConstant):
        f.constant("L0", L2())


@pytest.mark.parametrize("f", BENDS, ids=repr)
def test_the_bend_and_its_gradient(f):
    """Against 50 digits: psi does not cancel near zero, and the slope is the derivative, capped."""
    b, tilt = mpmath.mpf(float(f.L1)), float(f.tilt)
    a = float(f.L0) + b * tilt
    knee = mpmath.log1p(b * f.cap / a) / b

    def phi(s):
        inside = min(abs(s), knee)
        line = 0 if f.cap == np.inf else f.cap * (abs(s) - inside)
        return a / b**2 * (mpmath.expm1(b * inside) - b * inside) + line

    with mpmath.workdps(50):
        for s in (1e-6, 0.29, 0.31, 2.5, -2.5, 30.0):
            x = np.array([0.0, s])
            assert float(f.value(x)) == pytest.approx(float(phi(mpmath.mpf(s))), rel=1e-14)
            assert f.gradient(x) == pytest.approx([-tilt, float(mpmath.diff(phi, s))], rel=1e-14)
            assert float(f.value(np.array([1.0, s]))) == pytest.approx(float(phi(mpmath.mpf(s))) - tilt, rel=1e-14)


@pytest.mark.parametrize("f", BENDS, ids=repr)
def test_the_steps_on_the_bend_are_exact(f):
    for x in ([0.7, 2.0], [-0.7, -0.4], [0.0, 0.0]):
        check_exact(f, LInf(), np.array(x), 0.5)
    assert f.minimiser is None if f.tilt > 0 else f.distance(np.array([9.0, -2.0]), L1()).value == 2


@pytest.mark.parametrize("arguments", [(1.0, 0.0), (0.0, 1.0), (-1.0, 1.0), (1.0, 1.0, -1.0), (1.0, 1.0, 0.0, 0.0)])
def test_no_bend_is_refused(arguments):
    with pytest.raises(InvalidArgument):
        ExponentialBend(*arguments)


# ---- all of them -----------------------------------------------------------------------------------------------------


def test_every_instance_is_in_the_catalogue():
    import broximal.problems.worst as room

    assert {getattr(room, name).alias for name in room.__all__} <= set(families())


def test_mutants_are_refuted():
    """A run that stops halfway, goes the other way, or drops the radius is not a run of broximal points."""
    for f, norm in ((Doubling(3), LInf()), (Flipping(3), LInf()), (Staircase(3), L2()), (Harmonic(3), LInf())):
        answer = check_exact(f, norm, f.x0, 1.0)
        step = answer.point - f.x0
        for point in (f.x0 - step, f.x0 + 0.5 * step, f.x0 + 2 * step, step):
            with pytest.raises(Wrong):
                check_point(f, norm, f.x0, 1.0, point, answer.subgradient)


def test_under_jit():
    with pytest.raises(InvalidArgument, match="jit"):
        jax.jit(lambda x: brox(Doubling(3), LInf(), x, 1.0).point)(np.ones(3, np.float32))
    f = Harmonic(3)
    u = jax.jit(lambda x: brox(f, LInf(), x, 1.0).point)(jax.numpy.asarray(f.x0, np.float32))
    assert np.allclose(u, brox(f, LInf(), f.x0, 1.0).point, rtol=1e-6)
    assert NormDistance.example(3).name == "linf distance(3)"
