"""Expectations and probabilities over seeds: decided when they can be, at the stated level, never confirmed wrongly."""

import dataclasses
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory.columns.points import K, i, k
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.claims import BestExpected, EachExpected, EachStep, Expected, WithProbability
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import Source
from broximal.theory.language.theorem import Theorem
from broximal.verify import Verdict
from broximal.verify.running import run
from broximal.verify.seeds import LEVEL, MOST, on_seeds

STEPS = 5


class DrawnState(State):
    x: Any
    size: Any
    whole: Any  # is the path free of what is not a number?


@column("drawn_size", "s_{#}", "what is drawn at a step", "1")
def size(now):
    return Entry(now.state.size, 0.0)


class Drawn(Algorithm):
    """Paths whose sizes are independent beta variables with these means, one a step."""

    means: tuple[float, ...] = (0.2,) * (STEPS + 1)
    traced: ClassVar[bool] = True
    name = "drawn"
    update = ""

    def random(self, experiment):
        return True

    def drawn(self, k, key):
        m = jnp.asarray(self.means)[k]
        return jax.random.beta(key, 2 * m, 2 * (1 - m))

    def init(self, world, x0, key):
        coin, first = jax.random.split(key)
        return DrawnState(x0, self.drawn(0, first), jax.random.uniform(coin))

    def step(self, world, state, k, key):
        return DrawnState(state.x, self.drawn(k + 1, key), state.whole)


def sizes(method, count):
    """(paths, steps + 1)"""
    return np.array([one.column("drawn_size").values for one in run(method, experiment(), (size,), range(count))])


SIZE = size[k]
AVERAGE = sp.Sum(size[i], (i, 0, K - 1)) / K
ONE = sp.Integer(1)


def experiment(seed=0):
    return Experiment.make(Quadratic.example(2, 0), L2(), steps=STEPS, radius=1.0, seed=seed)


def theorem(*claims, means=(0.2,) * (STEPS + 1)):
    return Theorem(
        name="test.seeds",
        title="",
        source=Source("nobody", "proved here"),
        assumes=(),
        method=Drawn(means),
        claims=claims,
        cases=(),
    )


def verdict(claim, seed=0, means=(0.2,) * (STEPS + 1), most=MOST):
    return on_seeds(theorem(claim, means=means), experiment(seed), most)[0][0]


@pytest.mark.parametrize("factor, expected", [(1.25, Verdict.HOLDS), (2.0, Verdict.HOLDS), (1 / 1.2, Verdict.VIOLATED)])
def test_an_expectation_is_decided(factor, expected):
    found = verdict(Expected(sp.Float(0.2 * factor) >= AVERAGE, "average", ceiling=ONE))
    assert found.verdict is expected
    assert found.worst_ratio == pytest.approx(1 / factor, rel=0.1)
    if expected is Verdict.HOLDS:  # a bound below what the samples show would have been refuted
        assert 1 - 1 / factor < found.power.smallest < 1 - 0.69 / factor


def test_two_hundred_repetitions_of_a_claim_at_its_bound():
    """The bound is the mean itself: refuted at most as often as the level allows, confirmed as well."""
    found = [verdict(Expected(AVERAGE <= 0.2, "average", ceiling=ONE), seed, most=64).verdict for seed in range(200)]
    assert LEVEL <= 1e-3
    assert found.count(Verdict.VIOLATED) <= 1  # two of 200 have a chance of 2 % at the level of a thousandth
    assert found.count(Verdict.HOLDS) <= 1


def test_a_claim_that_is_false_by_a_fifth_is_never_confirmed():
    claim = Expected(sp.Float(0.2 / 1.2) >= AVERAGE, "average", ceiling=ONE)
    assert {verdict(claim, seed).verdict for seed in range(20)} == {Verdict.VIOLATED}


def test_without_a_ceiling_nothing_is_confirmed():
    found = verdict(Expected(AVERAGE <= 0.4, "average"))
    assert found.verdict is Verdict.INCONCLUSIVE and "without a ceiling" in found.why
    assert verdict(Expected(AVERAGE <= 0.1, "average")).verdict is Verdict.VIOLATED


def test_a_ceiling_far_above_the_paths_is_named():
    found = verdict(Expected(AVERAGE <= 0.4, "a", ceiling=1e9 * ONE), most=64)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "or a smaller `ceiling`: 1e+09 is stated, the largest of the paths is 0." in found.why


def test_the_least_expectation_is_taken_after_averaging():
    """The mean of the least is far below the least mean, which is what the claim is about."""
    least = 0.2
    assert sizes(Drawn(), 400)[:, :-1].min(axis=1).mean() < 0.5 * least
    assert verdict(BestExpected(SIZE <= 0.13, "best", ceiling=ONE)).verdict is Verdict.VIOLATED
    means = (0.6, 0.5, 0.1, 0.4, 0.5, 0.5)
    assert verdict(BestExpected(SIZE <= 0.14, "best", ceiling=ONE), means=means).verdict is Verdict.HOLDS
    assert verdict(BestExpected(SIZE <= 0.05, "best", ceiling=ONE), means=means).verdict is Verdict.VIOLATED


def test_every_step_counts():
    means = (0.6, 0.5, 0.1, 0.4, 0.5, 0.5)
    assert verdict(EachExpected(SIZE <= 0.8, "each", ceiling=ONE), means=means).verdict is Verdict.HOLDS
    falling = EachExpected(SIZE <= 0.8 - k / 10, "each", ceiling=ONE)
    assert verdict(falling, means=(0.6, 0.5, 0.4, 0.3, 0.2, 0.1)).verdict is Verdict.HOLDS
    found = verdict(falling, means=(0.6, 0.5, 0.4, 0.3, 0.6, 0.1))
    assert found.verdict is Verdict.VIOLATED and found.worst_step == 4


def test_a_path_that_violates_is_enough():
    assert verdict(EachStep(SIZE <= 1, "every path")).verdict is Verdict.HOLDS
    assert verdict(EachStep(SIZE <= 0.5, "every path")).verdict is Verdict.VIOLATED


@pytest.mark.parametrize(
    "chance, expected", [(0.5, Verdict.HOLDS), (0.999, Verdict.VIOLATED), (0.9, Verdict.INCONCLUSIVE)]
)
def test_probabilities_are_counted(chance, expected):
    bound = float(np.quantile(sizes(Drawn(), 4000)[:, :-1].mean(axis=1), 0.9))
    found = verdict(WithProbability(sp.Float(bound) >= AVERAGE, "probably", chance=chance))
    assert found.verdict is expected
    assert "of 128 paths failed" in found.why


def test_the_level_is_shared_among_the_claims():
    several = [Expected(AVERAGE <= 0.2, str(j), ceiling=ONE) for j in range(8)]
    found = [on_seeds(theorem(*several), experiment(seed), 64)[0] for seed in range(25)]
    assert sum(any(r.verdict is Verdict.VIOLATED for r in reports) for reports in found) == 0


SECOND = sp.Rational(8, 100)  # of the average: 0.04 + 0.16 / 15 is its second moment


@pytest.mark.parametrize(
    "relation, more, expected",
    [
        (AVERAGE >= 0.15, {}, Verdict.HOLDS),
        (AVERAGE > 0.15, {}, Verdict.HOLDS),
        (sp.Float(0.15) <= AVERAGE, {}, Verdict.HOLDS),
        (AVERAGE >= 0.25, {}, Verdict.INCONCLUSIVE),  # true of no sample, but nothing bounds the tail
        (AVERAGE >= 0.25, {"ceiling": ONE}, Verdict.VIOLATED),
        (AVERAGE >= 0.3, {"second": SECOND}, Verdict.VIOLATED),
        (sp.Eq(AVERAGE, 0.15), {}, Verdict.VIOLATED),
        (sp.Eq(AVERAGE, 0.25), {}, Verdict.INCONCLUSIVE),
        (sp.Eq(AVERAGE, 0.25), {"ceiling": ONE}, Verdict.VIOLATED),
        (sp.Eq(0.25, AVERAGE), {"ceiling": ONE}, Verdict.VIOLATED),
        (sp.Eq(AVERAGE, 0.2), {"ceiling": ONE}, Verdict.INCONCLUSIVE),
        (AVERAGE <= 0.27, {"second": SECOND}, Verdict.HOLDS),
        (AVERAGE < 0.27, {"second": SECOND}, Verdict.HOLDS),
        (AVERAGE <= 0.15, {"second": SECOND}, Verdict.VIOLATED),
        (AVERAGE <= 0.27, {"second": sp.Rational(1, 100)}, Verdict.INCONCLUSIVE),  # the samples refute it
    ],
)
def test_the_direction_of_an_expectation_is_read(relation, more, expected):
    found = verdict(Expected(relation, "mean", **more))
    assert found.verdict is expected, found.why
    assert (found.rests_on != "") == bool(more)
    if found.verdict is Verdict.HOLDS:
        assert found.power.any


def test_a_bound_above_the_root_of_the_second_moment_is_vacuous():
    assert verdict(Expected(AVERAGE <= 0.3, "mean", second=SECOND)).vacuous
    assert not verdict(Expected(AVERAGE <= 0.27, "mean", second=SECOND)).vacuous


def test_an_identity_says_why_it_is_not_confirmed():
    found = verdict(Expected(sp.Eq(AVERAGE, 0.2), "mean", ceiling=ONE), most=64)
    assert "no number of paths can tell" in found.why


def test_lower_bounds_and_identities_at_the_truth_keep_the_level():
    for relation in (AVERAGE >= 0.2, sp.Eq(AVERAGE, 0.2)):
        claim = Expected(relation, "mean", ceiling=ONE)
        found = [verdict(claim, seed, most=32).verdict for seed in range(100)]
        assert found.count(Verdict.VIOLATED) <= 1 and found.count(Verdict.HOLDS) <= 1


def test_lower_bounds_of_every_step_and_of_the_least():
    means = (0.6, 0.5, 0.2, 0.4, 0.5, 0.5)
    assert verdict(EachExpected(SIZE >= 0.1, "each"), means=means).verdict is Verdict.HOLDS
    low = verdict(EachExpected(SIZE >= 0.3, "each", ceiling=ONE), means=means)
    assert low.verdict is Verdict.VIOLATED and low.worst_step == 2
    assert verdict(BestExpected(SIZE >= 0.1, "best"), means=means).verdict is Verdict.HOLDS
    assert verdict(BestExpected(SIZE >= 0.3, "best", ceiling=ONE), means=means).verdict is Verdict.VIOLATED


def test_a_condition_chooses_the_steps_of_an_expectation():
    means = (0.6, 0.5, 0.2, 0.2, 0.2, 0.2)
    late = EachExpected(SIZE <= 0.4, "late", ceiling=ONE, where=k >= 2)
    assert verdict(late, means=means).verdict is Verdict.HOLDS
    early = EachExpected(SIZE <= 0.4, "early", ceiling=ONE, where=k < 2)
    assert verdict(early, means=means).verdict is Verdict.VIOLATED
    never = verdict(EachExpected(SIZE <= 0.4, "never", ceiling=ONE, where=k > 100), means=means)
    assert never.verdict is Verdict.INCONCLUSIVE and "no index" in never.why
    least = BestExpected(SIZE <= 0.4, "least", ceiling=ONE, where=k < 2)
    assert verdict(least, means=means).verdict is Verdict.VIOLATED
    shut = WithProbability(AVERAGE <= 1, "shut", where=sp.false, chance=0.5)
    assert "no index" in verdict(shut).why


@pytest.mark.parametrize("claim", [Expected, WithProbability])
def test_a_bound_that_is_random_after_all_is_found_out(claim):
    """The first gradient is drawn in this method, although entries at the start look like constants."""
    found = verdict(claim(AVERAGE <= size[0] + 1, "random"))
    assert found.verdict is Verdict.INCONCLUSIVE and "differs from path to path" in found.why


@pytest.mark.parametrize(
    "relation, chance, expected",
    [
        (AVERAGE >= 0.02, 0.5, Verdict.HOLDS),
        (AVERAGE >= 0.4, 0.5, Verdict.VIOLATED),
        (sp.Eq(AVERAGE, 0.2), 0.5, Verdict.VIOLATED),
    ],
)
def test_probabilities_of_lower_bounds_and_identities(relation, chance, expected):
    assert verdict(WithProbability(relation, "probably", chance=chance)).verdict is expected


class Tailed(Drawn):
    """Paths whose sizes are absolute values of standard normal variables; some paths may not be finite."""

    broken: float = 0.0

    def drawn(self, k, key):
        return jnp.abs(jax.random.normal(key))

    def step(self, world, state, k, key):
        after = super().step(world, state, k, key)
        bad = (after.whole < self.broken) & (k >= 1)
        return DrawnState(after.x, jnp.where(bad, jnp.nan, after.size), after.whole)


def tailed(claim, seed=0, most=MOST, broken=0.0):
    return on_seeds(dataclasses.replace(theorem(claim), method=Tailed(broken=broken)), experiment(seed), most)[0][0]


MEAN = float(np.sqrt(2 / np.pi))


def test_a_second_moment_confirms_what_has_no_ceiling():
    claim = size[K]
    assert tailed(Expected(claim <= MEAN / 0.7, "m", second=sp.Integer(3))).verdict is Verdict.HOLDS
    assert tailed(Expected(claim <= MEAN / 0.7, "m")).verdict is Verdict.INCONCLUSIVE
    assert tailed(Expected(claim <= 0.8 * MEAN, "m", second=sp.Integer(3))).verdict is Verdict.VIOLATED


def test_two_hundred_repetitions_at_the_bound_of_a_second_moment():
    claim = Expected(size[K] <= MEAN, "m", second=sp.Integer(1))
    found = [tailed(claim, seed, most=64).verdict for seed in range(200)]
    assert found.count(Verdict.VIOLATED) <= 1 and found.count(Verdict.HOLDS) <= 1


def test_a_path_that_is_not_finite_never_counts_as_a_success():
    claim = WithProbability(AVERAGE <= 1.4, "probably", chance=0.6)
    assert tailed(claim).verdict is Verdict.HOLDS
    assert tailed(claim, broken=0.5).verdict is Verdict.INCONCLUSIVE
    assert "not finite" in tailed(Expected(AVERAGE <= 1.4, "m", ceiling=sp.Integer(9)), broken=0.5).why


def test_steps_that_are_finite_are_judged_although_later_ones_are_not():
    assert tailed(EachExpected(SIZE <= 0.3, "each"), broken=0.5).verdict is Verdict.VIOLATED
    later = tailed(EachExpected(SIZE <= 9, "each", ceiling=sp.Integer(9)), broken=0.5)
    assert later.verdict is Verdict.INCONCLUSIVE and "not finite" in later.why
    assert tailed(BestExpected(SIZE <= 0.3, "best"), broken=0.5).verdict is Verdict.INCONCLUSIVE


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_infinite_bound_is_said_to_be_one():
    found = on_seeds(theorem(Expected(AVERAGE <= ONE / sp.Max(0, K - STEPS), "a", ceiling=ONE)), experiment(), 64)[0][0]
    assert found.verdict == Verdict.INCONCLUSIVE and "not finite" in found.why


def test_the_step_that_is_shown_is_one_that_decides():
    """Step 4 is refuted; at step 2 the mean is nearer to a bound that is not confirmed, and is not what refutes."""
    means = (0.1, 0.1, 0.1, 0.1, 0.6, 0.1)
    found = verdict(EachExpected(SIZE <= 0.3, "each", ceiling=ONE), means=means)
    assert found.verdict is Verdict.VIOLATED and found.worst_step == 4 and found.why.startswith("at index 4: mean")
    low = verdict(EachExpected(SIZE >= 0.3, "each", ceiling=ONE), means=(0.6, 0.6, 0.6, 0.1, 0.6, 0.6))
    assert low.verdict is Verdict.VIOLATED and low.worst_step == 3 and low.why.startswith("at index 3: mean")


def test_an_open_expectation_shows_a_step_that_is_open():
    """At step 4 the mean is its bound; at the others the bound is confirmed, and nothing is left to say of them."""
    bound = sp.Piecewise((sp.Float(0.2), sp.Eq(k, 4)), (sp.Float(0.8), True))
    claim = EachExpected(SIZE <= 0.8, "each", ceiling=ONE)
    found = verdict(claim.restated(relation=sp.Le(SIZE, bound, evaluate=False)), most=64)
    assert found.verdict is Verdict.INCONCLUSIVE and found.worst_step == 4 and found.why.startswith("at index 4:")
