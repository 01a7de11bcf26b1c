"""A true bound that is nearly attained is not refuted by the rounding of a user's own values, and a false one still is."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from broximal.oracles.arrays import combine
from broximal.oracles.norms import L2
from broximal.problems import Problem
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.theory import EachStep
from broximal.theory.columns.points import L, gap, grad, k
from broximal.theory.columns.whole import gam
from broximal.theory.language.algorithm import Algorithm, State
from broximal.verify import Verdict, check
from broximal.verify.looks.trying import seen_rounding
from tests.verify.stepping import about


class LogCosh(Problem):
    """sum log cosh x_i as log(e^x + e^-x) - log 2, where near 0 log 2 is taken from log 2."""

    name, x0 = "log cosh", np.array([3.0, -2.0, 0.5])

    def _facts(self):
        return Facts(convex=True, smooth=True, minimiser=np.zeros(3), unique=True, f_star=Known(0.0, 0.0, "cosh >= 1"))

    def _l2_constant(self, name):
        return Constant(name, 1.0, "exact", "the slope of tanh at 0", "l2") if name == "L" else None

    def value(self, x):
        return jnp.sum(jnp.logaddexp(x, -x) - jnp.log(2.0))

    def gradient(self, x):
        return jnp.tanh(x)


class Point(State):
    x: Any


class Descent(Algorithm):
    needs = "exact"
    name, update = "gradient descent", r"x_{k+1} = x_k - \gamma \nabla f(x_k)"

    def init(self, world, x0, key):
        return Point(x0)

    def step(self, world, state, k, key):
        return Point(combine(1.0, state.x, -world["gam"], world.problem.gradient(state.x)))


def descent(factor):
    """The descent lemma, which a step of 1 / (2 L) attains near the minimum."""
    return about(EachStep(gap[k + 1] <= gap[k] - factor * gam * (1 - L * gam / 2) * grad[k] ** 2), method=Descent())


@pytest.mark.parametrize("seed", range(3))
def test_rounding_refutes_nothing(seed):
    assert check(descent(1), LogCosh(), L2(), steps=25, seed=seed).verdict is not Verdict.VIOLATED
    assert check(descent(sp.Rational(11, 10)), LogCosh(), L2(), steps=25, seed=seed).verdict is Verdict.VIOLATED


def test_what_is_seen_is_the_size_of_what_cancels():
    near = np.array([1e-6, -2e-6, 1e-6])
    assert 1e-17 < seen_rounding(LogCosh(), near, 0) < 1e-14
