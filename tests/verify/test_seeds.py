"""Expectations and probabilities over seeds: decided when they can be, at the stated level, never confirmed wrongly."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory.columns.layers import g
from broximal.theory.columns.points import K, i, k
from broximal.theory.language.claims import BestExpected, EachExpected, EachStep, Expected, WithProbability
from broximal.theory.language.method import Method
from broximal.theory.language.quantity import LayerSum, layer
from broximal.theory.language.setting import Setting
from broximal.theory.language.source import Source
from broximal.theory.language.theorem import Theorem
from broximal.theory.methods.lmo.trace import Path
from broximal.verify import Verdict
from broximal.verify.seeds import LEVEL, MOST, on_seeds

STEPS = 5


@dataclasses.dataclass(frozen=True)
class Drawn(Method):
    """Paths whose gradient sizes are independent beta variables with these means, one a step."""

    means: tuple[float, ...] = (0.2,) * (STEPS + 1)
    name = "drawn"
    update = ""

    def random(self, setting):
        return True

    def run(self, setting, progress=None):
        return self.run_seeds(setting, range(setting.seed, setting.seed + 1))[0]

    def run_seeds(self, setting, seeds):
        paths = []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            sizes = np.array([[rng.beta(2 * m, 2 * (1 - m))] for m in self.means])
            trace = {"g": sizes, "t": np.ones((STEPS, 1)), "f": np.zeros(STEPS + 1), "slope": np.zeros(STEPS + 1)}
            paths.append(Path(setting, setting.x0, trace))
        return paths


SIZE = LayerSum(g[k, layer])
AVERAGE = sp.Sum(LayerSum(g[i, layer]), (i, 0, K - 1)) / K
ONE = sp.Integer(1)


def setting(seed=0):
    return Setting.make(Quadratic.example(2, 0), L2(), steps=STEPS, radius=1.0, seed=seed)


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
    return on_seeds(theorem(claim, means=means), setting(seed), most)[0][0]


@pytest.mark.parametrize("factor, expected", [(1.25, Verdict.HOLDS), (2.0, Verdict.HOLDS), (1 / 1.2, Verdict.VIOLATED)])
def test_an_expectation_is_decided(factor, expected):
    found = verdict(Expected(sp.Float(0.2 * factor) >= AVERAGE, "average", ceiling=ONE))
    assert found.verdict is expected
    assert found.worst_ratio == pytest.approx(1 / factor, rel=0.1)
    if expected is Verdict.HOLDS:  # a bound below what the samples show would have been refuted
        assert 1 - 1 / factor < found.power.smallest < 1 - 0.7 / factor


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


def test_the_least_expectation_is_taken_after_averaging():
    """The mean of the least is far below the least mean, which is what the claim is about."""
    least = 0.2
    assert np.mean([np.min(p.trace["g"][:-1]) for p in Drawn().run_seeds(setting(), range(400))]) < 0.5 * least
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
    paths = Drawn().run_seeds(setting(), range(4000))
    bound = float(np.quantile([p.trace["g"][:-1].mean() for p in paths], 0.9))
    found = verdict(WithProbability(sp.Float(bound) >= AVERAGE, "probably", chance=chance))
    assert found.verdict is expected
    assert "of 128 paths fail" in found.why


def test_the_level_is_shared_among_the_claims():
    several = [Expected(AVERAGE <= 0.2, str(j), ceiling=ONE) for j in range(8)]
    found = [on_seeds(theorem(*several), setting(seed), 64)[0] for seed in range(25)]
    assert sum(any(r.verdict is Verdict.VIOLATED for r in reports) for reports in found) == 0
