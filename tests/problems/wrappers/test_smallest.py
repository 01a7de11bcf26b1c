"""Minima of problems: exact wherever the parts are, star-convex and not convex."""

import numpy as np
import pytest

from broximal.oracles.brox import brox
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import Linear, MaxAffine, NormDistance, Quadratic, Smallest
from tests.problems.family_checks import (
    Wrong,
    check_constant,
    check_exact,
    check_point,
    check_star,
    find_nonconvex,
    steps_to_minimum,
)

NORMS = [L1(), L2(), LInf()]


def plane_grid(f, norm, x, radius, count=81):
    """The least value over a grid of the ball, in the plane."""
    a = np.linspace(-1, 1, count)
    points = np.stack(np.meshgrid(a, a), axis=-1).reshape(-1, 2)
    sizes = np.array([float(norm(p)) if p.any() else 0.0 for p in points])
    inside = points[sizes <= 1]
    edge = points[sizes > 0] / sizes[sizes > 0, None]
    return min(float(f.value(x + radius * p)) for p in np.r_[inside[::2], edge[::5]])


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_against_a_grid_in_the_plane(norm):
    for seed, radius in ((0, 0.4), (1, 2.0)):
        f = Smallest.example(2, seed)
        twin = plane_grid(f, norm, f.x0, radius)
        answer = check_exact(f, norm, f.x0, radius)
        assert twin - 1e-1 * (float(f.value(f.x0)) - twin) - 1e-9 <= float(answer.value) <= twin + 1e-9


@pytest.mark.parametrize("norm", NORMS, ids=lambda n: n.name)
def test_along_a_run(norm):
    f = Smallest.example(4, 2)
    x = f.x0
    for _ in range(5):
        x = check_exact(f, norm, x, 0.4).point


def test_star_convex_not_convex():
    f = Smallest.example(4, 0)
    assert f.star_convex and not f.convex and f.unique_minimiser and f.growth_exponent == 2
    check_star(f)
    find_nonconvex(f)


def test_parts_of_other_kinds():
    center = np.array([1.0, -1.0])
    f = Smallest([NormDistance(center, L1()), NormDistance(center, LInf())], x0=[3.0, 4.0])
    assert f.star_convex and f.growth_exponent == 1
    for norm in NORMS:
        check_exact(f, norm, f.x0, 0.7)
        for constant in ("G", "kappa", "R0"):
            check_constant(f, constant, norm, attained=False)
    assert steps_to_minimum(f, L2(), 1.0)[0] <= np.ceil(np.linalg.norm(f.x0 - center) ** 2)


def test_different_minima_are_not_star_convex():
    f = Smallest([Quadratic(np.eye(2), about=[0.0, 0.0]), Quadratic(np.eye(2), about=[4.0, 0.0], offset=1.0)])
    assert not f.star_convex and not f.unique_minimiser and f.growth_exponent is None
    assert f.f_star.value == 0
    with pytest.raises(Wrong):
        check_star(f)
    with pytest.raises(MissingConstant):
        f.constant("R0", L2())
    check_exact(f, L2(), np.array([3.0, 0.5]), 0.6)


def test_one_part_is_itself():
    f = Smallest([Quadratic.example(3)])
    assert f.convex
    check_exact(f, L2(), f.x0, 0.3)


def test_constants():
    f = Smallest.example(3, 1)
    for norm in NORMS:
        check_constant(f, "kappa", norm, attained=False)
        check_constant(f, "R0", norm, attained=False)


def test_mutants_are_refuted():
    f = Smallest.example(3, 1)
    answer = check_exact(f, L2(), f.x0, 0.4)
    worst = max((brox(part, L2(), f.x0, 0.4) for part in f.parts), key=lambda a: float(f.value(a.point)))
    for point in (worst.point, 2 * f.x0 - answer.point, 0.5 * (f.x0 + answer.point)):
        with pytest.raises(Wrong):
            check_point(f, L2(), f.x0, 0.4, point, twin=float(answer.value))


def test_bad_input():
    with pytest.raises(InvalidArgument, match="non-empty"):
        Smallest([])
    with pytest.raises(InvalidArgument, match="one space"):
        Smallest([Quadratic.example(2), Quadratic.example(3)])
    assert Smallest([Linear([1.0, 0.0]), MaxAffine.example(2)]).minimiser is None
