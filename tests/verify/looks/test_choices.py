"""Random choices of sampled runs follow the law that is declared, or the method is refused with the numbers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, LInf, Product
from broximal.problems import Noisy, Quadratic, noise
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.theory import Drift, EachStep, Experiment
from broximal.theory.columns.layers import P
from broximal.theory.columns.points import D0, L, gap, k, moved
from broximal.theory.columns.whole import gam, sigma
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.methods.lmo import Drawn, Ema, LmoMethod, PerLayer
from broximal.verify import Verdict, check
from broximal.verify.looks.choices import check_choices
from tests.verify.stepping import Sgd, about

BOWL = Noisy(Quadratic(np.eye(2), about=np.zeros(2), x0=np.array([1.0, -2.0])), noise.Signs(0.2))
LAYERED = CoupledQuadratic.example(6, 0)
NORM = Product([LInf(), L2()])


class Point(State):
    x: Any
    key: Any = None


class Coin(Algorithm):
    """Moves with a coin of its own, tossed in several ways."""

    needs = "sample"
    name, update = "coin descent", "x_{k+1} = x_k - u_k g_k"
    way: str = eqx.field(static=True)

    def init(self, world, x0, key):
        return Point(x0, jax.random.key_data(key))

    def step(self, world, state, k, key):
        chances = np.array([0.75, 0.25])
        if self.way == "one key for all":
            key = jax.random.key(0)
        if self.way == "key of the start":
            key = jax.random.wrap_key_data(state.key)
        if self.way == "no probabilities":
            chances = chances + 0.5 * (state.key[-1] % 97 == 0)  # on few paths
        on = world.choice(jax.random.fold_in(key, 1), chances)
        if self.way == "numpy":
            on = on + np.random.default_rng().uniform()
        return Point(state.x - 0.1 * on * world.problem.draw(key).gradient(state.x), state.key)


def experiment(problem=BOWL, norm=None, **parameters):
    return Experiment.make(problem, norm or L2(), steps=5, parameters=parameters)


@pytest.mark.parametrize("seed", range(5))
def test_a_coin_as_declared_passes(seed):
    made = Experiment.make(BOWL, L2(), steps=5, seed=seed)
    check_choices(Coin("fair"), made)
    check_choices(Coin("key of the start"), made)  # the law of the first step is as declared
    check_choices(Sgd(), Experiment.make(BOWL, L2(), steps=5, seed=seed, parameters={"gam": 0.1}))


@pytest.mark.parametrize(
    "way, words",
    [
        (
            "one key for all",
            r"takes index 0 of its choice in (0|4096) of 4096 first steps, and its probabilities state 0.75",
        ),
        ("no probabilities", r"makes a choice with the probabilities \[1.25, 0.75\]"),
        ("numpy", "makes two different steps from one state with one key"),
    ],
)
def test_choices_that_are_not_as_declared_are_refused(way, words):
    with pytest.raises(InvalidArgument, match=f"coin descent {words}"):
        check_choices(Coin(way), experiment())


class Lazier(Drawn):
    """Moves the second layer less often than it says."""

    def mask(self, world, x, k, key):
        first, second = jax.random.split(key)
        return super().mask(world, x, k, first) * jnp.array([1.0, jax.random.bernoulli(second, 0.8)])


def drop(active):
    return LmoMethod(PerLayer(), Ema("a"), active, title="Dropping")


def test_layers_move_as_often_as_is_stated():
    noisy = Noisy(LAYERED, noise.Signs(0.1))
    for given in ({"P": (0.3, 0.6)}, {"weights": (0.2, 0.8)}, {}):
        check_choices(drop(Drawn()), experiment(noisy, NORM, a=0.5, tau=0.1, **given))
        with pytest.raises(
            InvalidArgument, match=r"Dropping moves layer 1 in \d+ of 4096 first steps, .* state it as P"
        ):
            check_choices(drop(Lazier()), experiment(noisy, NORM, a=0.5, tau=0.1, **given))


def test_a_check_says_so():
    theorem = about(EachStep(P[0] * gap[k + 1] <= 100 * (gap[k] + D0**2 * L)), method=Coin("one key for all"))
    report = check(theorem, BOWL, L2(), steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "first steps" in report.why


def test_what_is_drawn_with_the_key_of_the_start_is_not_averaged_as_if_it_were_new():
    claim = Drift(moved[k] ** 2 <= gam**2 * L**2 * (100 * D0**2 + 100 * sigma**2 / L**2), "length")
    assert check(about(claim, method=Coin("fair")), BOWL, L2(), steps=5).verdict is not Verdict.NOT_APPLICABLE
    report = check(about(claim, method=Coin("key of the start")), BOWL, L2(), steps=5)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "a key that is not made from its own" in report.why
