"""What a method returns, and what a column gives, is looked at on the way: one sentence that names it, never a foreign error."""

import dataclasses
import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import BroximalError
from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.problems.stochastic.noise import Gaussian
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Drift, EachStep, Entry, Expected, Experiment, column
from broximal.theory.columns.points import K, d0, gap, k
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.run import Run, Start, View
from broximal.theory.methods import LmoMethod
from broximal.verify import Verdict, check, run, running
from broximal.verify.verdict import PASSED
from tests.verify.stepping import about

PROBLEM = Quadratic.example(4, 1)


class Point(State):
    x: Any


class Returns(Algorithm):
    """Returns something from its first step, or from `init`."""

    name, update = "returning", "x_{k+1} = ?"
    what: Any = eqx.field(static=True)
    at_start: bool = eqx.field(static=True, default=False)

    def init(self, world, x0, key):
        return self.what(x0) if self.at_start else Point(x0)

    def step(self, world, state, k, key):
        return self.what(state.x)


class Traced(Returns):
    """The same in a scan."""

    traced = True


WRONG = {
    "no state": (lambda x: x, "is no State"),
    "nothing": (lambda x: None, "returns NoneType, which is no State"),
    "short": (lambda x: Point(x[:2]), r"returns a point of shape \(2,\) after one of shape \(4,\)"),
    "a list": (lambda x: Point(list(x)), "returns a point of shape"),
    "integers": (lambda x: Point(jnp.round(x).astype(int)), "a point of int64 numbers"),
    "complex": (lambda x: Point(x + 0j), "a point of complex128 numbers"),
}


@pytest.mark.parametrize("at_start", [False, True], ids=["step", "init"])
@pytest.mark.parametrize("kind", [Returns, Traced], ids=["host", "scan"])
@pytest.mark.parametrize("name", WRONG)
def test_what_a_method_returns_is_named(name, kind, at_start):
    what, words = WRONG[name]
    with pytest.raises(BroximalError, match=f"{'init' if at_start else 'step'} of returning .*{words}"):
        run(kind(what, at_start), Experiment.make(PROBLEM, L2(), steps=2), columns=[gap])


def test_a_check_ends_in_a_verdict():
    report = check(about(EachStep(gap[k + 1] <= gap[k]), method=Returns(lambda x: None)), PROBLEM, L2(), steps=2)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "step of returning returns NoneType" in report.why


@dataclasses.dataclass
class Calls:
    """How often a method was asked for a step."""

    count: int = 0


class Counting(Returns):
    """Its step is longer every other time that it is asked for one."""

    calls: Any = eqx.field(static=True, default_factory=Calls)

    def step(self, world, state, k, key):
        self.calls.count += 1
        return Point(state.x + (0.1 if self.calls.count % 2 else 0.2))


class InPlace(Returns):
    """Its step changes the point that it is given, or a buffer that an earlier state has."""

    buffer: bool = eqx.field(static=True, default=False)

    def init(self, world, x0, key):
        return Buffered(x0, np.zeros(4)) if self.buffer else Point(x0)

    def step(self, world, state, k, key):
        if not self.buffer:
            state.x[:] *= 0.9
            return Point(state.x)
        state.m[:] += 1.0
        return Buffered(0.9 * state.x, state.m)


class Buffered(State):
    x: Any
    m: Any


def test_a_step_that_its_state_does_not_decide_is_refused_though_nothing_is_drawn():
    for what in (lambda x: Point(x + np.random.default_rng().uniform()), None):
        method = Counting(what) if what is None else Returns(what)
        report = check(about(EachStep(gap[k + 1] <= gap[k]), method=method), PROBLEM, L2(), steps=5)
        assert report.verdict is Verdict.NOT_APPLICABLE
        assert "makes two different steps from one state with one key" in report.why


@pytest.mark.parametrize("buffer", [False, True])
def test_a_step_cannot_change_earlier_states_or_the_start(buffer):
    before = PROBLEM.x0.copy()
    report = check(about(EachStep(gap[k + 1] <= gap[k]), method=InPlace(None, buffer=buffer)), PROBLEM, L2(), steps=5)
    assert report.verdict is Verdict.INCONCLUSIVE and "read-only" in report.why
    assert np.array_equal(PROBLEM.x0, before) and PROBLEM.x0.flags.writeable


@column("contract.two", "c_{#}", "two numbers", "f")
def two(now):
    return np.array([1.0, 2.0])


@column("contract.word", "c_{#}", "a word", "f")
def word(now):
    return "one"


@column("contract.unreal", "c_{#}", "a complex number", "f")
def unreal(now):
    return 1j * now.value


@column("contract.sure", "c_{#}", "an error below 0", "f")
def sure(now):
    return Entry(now.value, -1.0)


@pytest.mark.parametrize(
    "own, words",
    [
        (two, r"column 'contract.two' must give one number .* has the shape \(2,\)"),
        (word, "column 'contract.word' must give one number .* has the value 'one'"),
        (unreal, "column 'contract.unreal' must give one number"),
        (sure, "column contract.sure states an error below 0"),
    ],
    ids=["two", "word", "unreal", "sure"],
)
def test_a_column_that_is_no_number_is_named(own, words):
    still = Returns(lambda x: Point(x))
    report = check(about(EachStep(own[k] <= gap[k]), method=still), PROBLEM, L2(), steps=2)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert re.search(words, report.why)


def test_a_view_hands_on_what_was_computed_in_jax_and_nothing_else():
    problem = Quadratic.example(3)
    experiment = Experiment.make(problem, L2(), radius=0.1, steps=1)
    made = Run.at_start(experiment).start
    with jax.enable_x64(True):
        made.state = Start(jnp.asarray(problem.x0))
        size = made.dual_sizes
        made.once("words", lambda: "no array")
        made.once("numbers", lambda: jnp.ones(2))
        own, found = made.known()
    assert {"gradient", "slopes", "dual_sizes"} <= set(own) and set(found) == {"numbers"}
    other = View(made.world, made.algorithm, made.state, 0).knowing((own, found))
    assert other.dual_sizes is size and other.once("numbers", lambda: None) is found["numbers"]


def test_many_seeds_are_the_runs_of_few(monkeypatch):
    problem = Noisy(Quadratic.example(3), Gaussian(0.1))
    experiment = Experiment.make(problem, L2(), radius=0.1, steps=4)
    few = run(LmoMethod(), experiment, [gap], range(3))
    monkeypatch.setattr(running, "MANY", 3)
    many = run(LmoMethod(), experiment, [gap], range(3))
    for one, other in zip(few, many, strict=True):
        np.testing.assert_allclose(one.column("gap").values, other.column("gap").values, rtol=1e-12)


class Coin(Algorithm):
    """Half of its steps are gradient steps."""

    name, update, needs = "coin", "x_{k+1} = x_k - b_k g_k", "exact"
    own: bool = eqx.field(static=True, default=False)  # its own draw, which is not known outcome by outcome

    def init(self, world, x0, key):
        return Point(x0)

    def step(self, world, state, k, key):
        coin = 1.0 * jax.random.bernoulli(key) if self.own else 1.0 * world.choice(key, [0.5, 0.5])
        return Point(state.x - coin * 0.1 * world.problem.gradient(state.x))


class TracedCoin(Coin):
    traced = True


class SaidCoin(Coin):
    chooses = True


class SaidTracedCoin(TracedCoin):
    chooses = True


HALF = Expected(gap[K] <= 0.7 * d0, "half", ceiling=d0)
BOWL = Quadratic(np.eye(1), about=[0.0], x0=[1.0])  # a step with heads: 0.81 of the gap


@pytest.mark.parametrize("own", [False, True], ids=["choice", "jax"])
@pytest.mark.parametrize("kind", [Coin, TracedCoin], ids=["host", "scan"])
@pytest.mark.parametrize("claim", [EachStep(gap[k + 1] <= gap[k]), HALF], ids=["sure", "mean"])
def test_a_method_that_draws_and_does_not_say_so_is_not_taken_for_one_path(kind, own, claim):
    report = check(about(claim, method=kind(own)), BOWL, L2(), steps=6)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "step of coin uses its key" in report.why and "`chooses = True`" in report.why


@pytest.mark.parametrize("kind", [SaidCoin, SaidTracedCoin], ids=["scan", "traced"])
def test_a_method_that_draws_without_noise_is_looked_at_on_many_paths(kind):
    report = check(about(HALF, Drift(gap[k + 1] <= 0.905 * gap[k], "drift"), method=kind()), BOWL, L2(), steps=6)
    mean, drift = report.claims
    assert mean.verdict in PASSED and "paths" in mean.why
    assert drift.verdict is Verdict.HOLDS and drift.worst_ratio == pytest.approx(1, abs=1e-9)


class Normed(Coin):
    """Steps of one length, along the gradient: 0 / 0 at the minimiser."""

    def step(self, world, state, k, key):
        g = world.problem.gradient(state.x)
        return Point(state.x - g / world.norm.dual(g))


def test_a_run_that_has_left_the_real_numbers_is_not_blamed_on_a_hypothesis():
    report = check(about(EachStep(gap[k + 1] <= gap[k]), method=Normed()), BOWL, L2(), steps=4)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "step of coin is at a point that is not finite" in report.why
