"""A false theorem is about what its title names: on other instances it does not apply."""

import pytest

from broximal.oracles.norms import L2, LInf
from broximal.problems import NormDistance, OneDimensional, Quadratic, profiles
from broximal.problems.worst import Lattice
from broximal.theory import find
from broximal.verify import Verdict, check
from broximal.verify.verdict import SEEN

BESIDE = [
    ("bpm.false_boundary", OneDimensional(profiles.DoubleWell(), x0=0.2), L2()),
    ("bpm.false_quasi_convex_rate", OneDimensional(profiles.DoubleWell(), x0=0.2), L2()),
    ("bpm.false_small_balls", OneDimensional(profiles.Plateau(), x0=5.0), L2()),
    ("bpm.false_small_balls", OneDimensional(profiles.SquareRoot(), x0=1.0), L2()),
    ("bpm.false_naive_ball_convexity", OneDimensional(profiles.Plateau(), x0=5.0), L2()),
    ("bpm.false_naive_ball_convexity", Lattice(0.51), LInf()),
    ("bpm.false_naive_ball_convexity", Quadratic.example(3, 1), LInf()),
]


@pytest.mark.parametrize("name, problem, norm", BESIDE, ids=[f"{row[0]}-{row[1].name}" for row in BESIDE])
def test_an_instance_beside_the_point_refutes_nothing(name, problem, norm):
    report = check(name, problem, norm, radius=1.0, steps=2)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert not report.claims


@pytest.mark.parametrize("name", sorted({row[0] for row in BESIDE}))
def test_its_own_cases_refute_it(name):
    assert check(find(name)).verdict is Verdict.VIOLATED


def test_convex_instances_refute_none_of_them():
    convex = NormDistance.example(3, 1, norm=L2())
    for name in ("bpm.false_boundary", "bpm.false_naive_ball_convexity"):
        assert check(name, convex, L2(), radius=0.2, steps=4).verdict in SEEN
