"""Gradients and convexity by values near x0, on every scale: what is right passes, what is wrong is refused."""

from typing import Any

import equinox as eqx
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.problems import Problem
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.verify.looks.slopes import check_convexity, check_gradient, contradiction


class Sum(Problem):
    """sum_i h(x_i) + offset with h, h' from a table, minimised at 0; its gradient is multiplied."""

    kind: str = eqx.field(static=True)
    x0: Any = None
    factor: float = 1.0
    offset: float = 0.0
    convex_said: bool = eqx.field(static=True, default=True)

    name = "sum"

    def _facts(self):
        minimum = Known(self.offset, 0.0, "h is least at 0")
        return Facts(convex=self.convex_said, smooth=True, f_star=minimum, minimiser=np.zeros(len(self.x0)))

    def value(self, x):
        return TABLE[self.kind][0](x).sum() + self.offset

    def gradient(self, x):
        return self.factor * TABLE[self.kind][1](x)


SHORT = 1e-8  # a length on which f bends, far below 1
TABLE = {
    "bowl": (lambda x: x * x / 2, lambda x: x),
    "cosh": (lambda x: np.cosh(x / SHORT) - 1, lambda x: np.sinh(x / SHORT) / SHORT),
    "soft": (lambda x: np.sqrt(SHORT**2 + x * x) - SHORT, lambda x: x / np.sqrt(SHORT**2 + x * x)),
    "well": (lambda x: 1 - np.exp(-((x / SHORT) ** 2)), lambda x: 2 * x / SHORT**2 * np.exp(-((x / SHORT) ** 2))),
    "wave": (lambda x: x * x / 2 + np.sin(100 * x), lambda x: x + 100 * np.cos(100 * x)),
    "log": (lambda x: np.where(x > -1, x - np.log1p(np.maximum(x, -1)), np.inf), lambda x: 1 - 1 / (1 + x)),
    "ripple": (lambda x: x * x / 2 + (1 - np.cos(100 * x)) / 2e3, lambda x: x + np.sin(100 * x) / 20),
}


@pytest.mark.parametrize("place", [0.5e-8, 3e-8])
@pytest.mark.parametrize("kind, convex", [("cosh", True), ("soft", True), ("well", False)])
def test_a_function_that_bends_on_a_short_scale_passes(kind, convex, place):
    x = np.array([place, -place / 3])
    problem = Sum(kind, x, convex_said=convex)
    for seed in range(5):
        check_gradient(problem, x, seed)
        assert contradiction(problem, x, problem.gradient(x), seed) == ""


@pytest.mark.parametrize(
    "convex, offset", [(True, 0.0), (True, 1e6), (True, 1e10), (True, 1e12), (False, 0.0), (False, 1e6)]
)
def test_a_wrong_gradient_of_a_shifted_function_is_seen(convex, offset):
    x = np.array([3.0, 1.0])
    for seed in range(5):
        check_gradient(Sum("bowl", x, 1.0, offset, convex), x, seed)
        with pytest.raises(InvalidArgument, match="a gradient that its values contradict near x0"):
            check_gradient(Sum("bowl", x, 1.5, offset, convex), x, seed)


@pytest.mark.parametrize("offset", [0.0, 1e8, 1e10, 1e12])
def test_steps_that_are_too_long_for_a_function_say_nothing_where_finer_ones_are_rounding(offset):
    for seed in range(10):
        check_gradient(Sum("wave", np.array([3.0, 1.0]), 1.0, offset, convex_said=False), np.array([3.0, 1.0]), seed)


def test_a_ripple_of_a_function_that_is_declared_convex_is_seen_whatever_is_drawn():
    for seed in range(10):
        with pytest.raises(InvalidArgument, match=r"declared convex, but (over a distance|half way on a chord)"):
            check_convexity(Sum("ripple", np.array([3.0, 1.0])), np.array([3.0, 1.0]), seed)


@pytest.mark.parametrize("kind, x", [("bowl", [3.0, 1.0]), ("log", [3.0, -0.999]), ("soft", [1.0, 1e-9])])
def test_convex_functions_pass(kind, x):
    for seed in range(10):
        check_convexity(Sum(kind, np.array(x)), np.array(x), seed)
