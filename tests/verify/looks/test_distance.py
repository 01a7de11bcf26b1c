"""A distance to the minimisers that is not one is refused, by the minimiser that is known and by values and slopes."""

from typing import Any

import equinox as eqx
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import MaxAffine, NormDistance, Quadratic
from broximal.problems.constant import Constant, Known
from broximal.verify import Verdict, check
from broximal.verify.looks.optimum import check_distance
from tests.verify.looks.stated import Misstated

FLAT = Quadratic(np.diag([2.0, 0.0]), about=np.zeros(2), x0=np.array([1.0, 5.0]))  # the minimisers are a line


class Displaced(Misstated):
    """A problem whose distances are multiplied."""

    factor: float = 1.0

    def _distance(self, x, norm):
        found = self.inner.distance(x, norm)
        return Known(self.factor * found.value, found.error, "as stated")


def displaced(problem, factor):
    return Displaced(problem, {}, factor)


@pytest.mark.parametrize("norm", [L1(), L2(), LInf()], ids=lambda norm: norm.name)
@pytest.mark.parametrize(
    "problem",
    [Quadratic.example(4, 1), NormDistance(np.zeros(3), L1(), x0=np.ones(3)), FLAT, MaxAffine.example(3, 1)],
    ids=lambda p: p.name,
)
def test_a_distance_that_is_one_passes(problem, norm):
    for seed in range(3):
        check_distance(problem, norm, problem.x0, seed)


def test_the_only_minimiser_decides():
    with pytest.raises(
        InvalidArgument, match=r"states the distance .* of x0 from its minimisers in l2, and the only one is"
    ):
        check_distance(displaced(Quadratic.example(4, 1), 0.9), L2(), Quadratic.example(4, 1).x0, 0)
    with pytest.raises(InvalidArgument, match="and one of them is"):
        check_distance(displaced(Quadratic.example(4, 1), 1.1), L2(), Quadratic.example(4, 1).x0, 0)


def test_values_and_slopes_decide_where_there_are_many():
    """f = x_1^2 at x_1 = 1: the gap is 1 and the slope 2, so that the distance is at least 1 / 2, and it is 1."""
    check_distance(displaced(FLAT, 0.6), L2(), FLAT.x0, 0)
    with pytest.raises(InvalidArgument, match=r"its value and its slope there say that it is at least 0\.5"):
        check_distance(displaced(FLAT, 0.4), L2(), FLAT.x0, 0)


def test_the_minimum_over_the_ball_decides_where_the_method_solves_for_it():
    """f = x_1^2 at x_1 = 1: within a distance of 0.9 its least value is 0.01."""
    for norm in (L2(), LInf()):
        check_distance(FLAT, norm, FLAT.x0, 0, solve=True)
    with pytest.raises(InvalidArgument, match=r"no value so near is less than 0\.01 above f\*"):
        check("bpm.star_rate", displaced(FLAT, 0.9), L2(), steps=3)


def test_a_check_is_refused():
    with pytest.raises(InvalidArgument, match="states the distance"):
        check("bpm.star_rate", displaced(Quadratic.example(4, 1), 0.1), L2(), steps=3)


class Steeper(Misstated):
    """Twice as steep beyond a width, where no run goes."""

    width: float = eqx.field(static=True, default=3.0)
    name = "steeper far away"

    def _beyond(self, x: Any) -> Any:
        return np.sign(x) * np.maximum(np.abs(x) - self.width, 0.0)

    def value(self, x):
        return self.inner.value(x) + 5 * (self._beyond(x) ** 2).sum()

    def gradient(self, x):
        return self.inner.gradient(x) + 10 * self._beyond(x)

    def _l2_constant(self, name):
        return Constant(name, 1.0, "exact", "as stated", "l2")


@pytest.mark.parametrize("theorem", ["bpm.smooth", "gluon.adaptive_radius"])
def test_what_is_stated_of_all_points_is_tried_far_from_the_run(theorem):
    bowl = Quadratic(np.eye(2), about=np.zeros(2), x0=np.array([1.0, -0.5]))
    report = check(theorem, Steeper(bowl, {}), L2(), steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "gradient" in report.why and "at a distance of" in report.why
    assert check(theorem, Steeper(bowl, {}, 1e6), L2(), steps=5).verdict is not Verdict.NOT_APPLICABLE
