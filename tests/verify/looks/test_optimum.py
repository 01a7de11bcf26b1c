"""A minimum that is not one is refused before anything is run, on functions of every kind."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import (
    Logistic,
    LogSumExp,
    MaxAffine,
    NormDistance,
    Quadratic,
    Ridges,
    families,
    make,
)
from broximal.problems.constant import Known
from broximal.verify import check
from broximal.verify.looks.optimum import check_optimum
from tests.verify.looks.stated import Misstated, with_f_star, with_minimiser

PROBLEMS = {
    "quadratic": Quadratic.example(6, 1),
    "flat quadratic": Quadratic(np.diag([1.0, 1e-2, 3.0]), about=np.array([5.0, 0.2, -1.0])),
    "l1 distance": NormDistance(np.array([0.3, -2.0, 1.0]), L1(), x0=np.array([3.0, 1.0, 2.0])),
    "linf distance": NormDistance(np.array([0.3, -2.0, 1.0, 0.0]), LInf(), x0=np.array([3.0, 1.0, 2.0, 1.0])),
    "polyhedral": MaxAffine.example(4, 2),
    "logistic": Logistic.example(4, 3),
}


def refused(problem, match):
    with pytest.raises(InvalidArgument, match=match):
        check_optimum(problem, problem.x0, 0)


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_right_passes(name):
    problem = PROBLEMS[name]
    for seed in range(3):
        check_optimum(problem, problem.x0, seed)
    check_optimum(problem, problem.minimiser, 0)


@pytest.mark.parametrize("off", [1.0, 1e-3, -1e-3, -1.0, 40.0])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_wrong_minimum_is_refused(name, off):
    refused(with_f_star(PROBLEMS[name], off), r"states f\* = .*, but f\(minimiser\) =")


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("off", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_wrong_minimiser_is_refused_whether_or_not_the_minimum_follows_it(name, off, follow):
    refused(
        with_minimiser(PROBLEMS[name], off, follow),
        "but f is lower by .* from its minimiser" if follow else r"but f\(minimiser\)",
    )


@given(off=st.floats(0.05, 3, allow_subnormal=False), dim=st.integers(1, 8), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_wrong_minimiser_of_a_random_quadratic_is_refused(off, dim, seed):
    refused(with_minimiser(Quadratic.example(dim, seed), off, True), "but f is lower by")


def test_without_a_minimiser_the_minimum_may_not_be_too_high():
    problem = LogSumExp.example(4, 0)
    hidden = Misstated(problem, {"minimiser": None, "unique": False})
    check_optimum(hidden, problem.x0, 0)
    value = float(problem.f_star.value)
    high = {"minimiser": None, "unique": False, "f_star": Known(value + 0.1, 0.0, "a claim")}
    refused(Misstated(problem, high), r"states f\* = .*, but f is lower by")


def test_a_lower_bound_that_is_none_is_refused():
    problem = Ridges.example(4, 0)
    level = float(problem.value(problem.x0))
    refused(Misstated(problem, {"f_star": Known(level - 1e-3, 0.0, "a claim"), "minimiser": None}), "f is lower by")
    refused(Misstated(problem, {"f_star": Known(np.nan, 0.0, "a claim")}), "which is not finite")


def test_a_check_is_refused_with_the_numbers_before_it_runs():
    wrong = with_f_star(Quadratic.example(6, 1), 1.0)
    for theorem in ("bpm.star_rate", "bpm.unconditional_constant", "bpm.classic_rate"):
        with pytest.raises(InvalidArgument, match=r"states f\* = 1 up to .*, but f\(minimiser\) = "):
            check(theorem, wrong, L2())


@pytest.mark.parametrize("family", families())
def test_all_families_pass(family):
    problem = make(family, 6, 1)
    check_optimum(problem, problem.x0, 0)


@pytest.mark.parametrize(
    "minimiser, words",
    [
        (wrong, "of shape")
        for wrong in (0.0, np.zeros(1), np.zeros((6, 1)), np.zeros(3), [0.0] * 6, {"a": np.zeros(6)}, "0")
    ]
    + [(wrong, "that is no point of finite") for wrong in (np.full(6, np.nan), 1j * np.zeros(6), np.array(["0"] * 6))],
)
def test_a_minimiser_that_is_no_point_is_refused_before_anything_is_computed_from_it(minimiser, words):
    wrong = Misstated(Quadratic.example(6, 1), {"minimiser": minimiser})
    with pytest.raises(InvalidArgument, match=f"states a minimiser {words}"):
        check("bpm.star_rate", wrong, L2())
