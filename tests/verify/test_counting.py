"""Claims about a first index: within the budget of the bound, of the steps, of the relation and of the clock."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from broximal.oracles.norms import L2, LInf
from broximal.problems import NormDistance, Quadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.theory import Source, Theorem, find
from broximal.theory.columns.points import D0, R0, d0, gap, k, moved, radius, t, unit_f, unit_x, value
from broximal.theory.language.claims import Holds, Reaches, Terminates
from broximal.theory.methods import BroximalPoint
from broximal.verify import Verdict, check
from broximal.verify.claiming import on_run
from broximal.verify.verdict import SEEN
from broximal.verify.words import worded
from tests.verify.fake import SLOPE, FakeRun

RESOLVED = {"moved": [1.0, 1.0, 1.0, 0.5], "t": np.ones(4), "gap": [9.0, 7.0, 5.0, 2.0, 0.0]}


def ended(claim, terminated=4, length=4, **columns):
    constants = {"D_0": 3.5, "t_const": 1.0, "R_0": 4.0}
    return on_run(claim, FakeRun(length, terminated=terminated, **(RESOLVED | constants | columns)))


def test_the_bound_is_rounded_up():
    assert ended(Terminates(D0 / t)).verdict is Verdict.HOLDS
    assert ended(Terminates(D0 / t - 0.6)).verdict is Verdict.VIOLATED
    assert ended(Terminates(D0 / t - 0.5)).verdict is Verdict.INCONCLUSIVE  # 3 up to rounding, or just above


def test_short_steps_are_not_counted_against_a_bound():
    """Each may be one that an exact run does not need."""
    short = ended(Terminates(D0 / t - 0.6), moved=[1.0, 0.4, 1.0, 0.5])
    assert short.verdict is Verdict.INCONCLUSIVE and "certificates" in short.why
    nearly = ended(Terminates(D0 / t - 0.6), moved=[1.0, 1 - 1e-3, 1.0, 0.5])
    assert nearly.verdict is Verdict.VIOLATED  # 0.002 of a step is not enough to make 2.9 a 3
    assert ended(Terminates(D0 / t - 0.501), moved=[1.0, 1 - 1e-3, 1.0, 0.5]).verdict is Verdict.INCONCLUSIVE
    assert ended(Terminates(D0 / t - 0.6), moved=[1.0, 1.0, 1.0, 0.1]).verdict is Verdict.VIOLATED  # the last may


def test_a_point_that_its_certificate_cannot_tell_from_a_minimiser_may_end_an_exact_run():
    gaps = (RESOLVED["gap"], 0.0, [0.0, 1e-3, 1e-3, 3.0, 0.0])
    assert ended(Terminates(D0 / t - 0.6), gap=gaps).verdict is Verdict.INCONCLUSIVE
    below = (RESOLVED["gap"], 0.0, [0.0, 1e-3, 1e-3, 1e-3, 0.0])
    assert ended(Terminates(D0 / t - 0.6), gap=below).verdict is Verdict.VIOLATED


def test_a_run_that_never_ends():
    still = {"moved": np.zeros(4), "gap": np.full(5, 9.0)}
    assert ended(Terminates(D0 / t - 1), terminated=None, **still).verdict is Verdict.INCONCLUSIVE
    moving = {"moved": np.ones(4), "gap": np.full(5, 9.0)}
    assert ended(Terminates(D0 / t - 1), terminated=None, **moving).verdict is Verdict.VIOLATED
    assert ended(Terminates(2 * D0 / t), terminated=None, **moving).verdict is Verdict.INCONCLUSIVE


def test_a_bound_that_rounds_is_evaluated_with_more_digits():
    """log(1 - t / R0) is 0 in double precision for t < 1e-16."""
    claim = Terminates(1 / -sp.log(1 - t / R0))
    found = ended(claim, terminated=None, t_const=1e-19)
    assert found.verdict is Verdict.INCONCLUSIVE and found.curve["bound"][0] == pytest.approx(4e19)
    assert ended(Terminates(1 / (R0 / unit_x - 4)), terminated=None).why == "the bound is not finite"
    assert ended(Terminates(sp.log(1 - R0 / D0))).why == "the bound is not finite"


def test_a_condition_on_constants():
    assert ended(Terminates(sp.Integer(1), where=D0 > R0)).verdict is Verdict.INCONCLUSIVE
    assert ended(Terminates(sp.Integer(1), where=D0 < R0)).verdict is Verdict.VIOLATED


@pytest.mark.parametrize("slope, start, size", [(25.0, (7.0, -3.0), 5.0), (35.0, (-5.0, 2.0), 6.5)])
def test_values_that_are_too_large_to_be_resolved_refute_nothing(slope, start, size):
    steep = Ridges(RidgeLayer("cosh", np.ones(2), np.array([slope, 1.0]), np.zeros(2), np.array(start)))
    assert check("bpm.termination", steep, L2(), radius=size, steps=30).verdict != "violated"


@pytest.mark.parametrize("size", [1e-16, 3e-18])
def test_radii_below_rounding_refute_nothing(size):
    far = NormDistance(np.zeros(3), LInf(), x0=np.array([1.0, -1.0, 0.5]))
    for name in ("bpm.level_count", "bpm.packing", "bpm.growth_termination"):
        assert check(name, far, LInf(), radius=size).verdict == "inconclusive"


def reached(claim, **columns):
    return on_run(claim, FakeRun(4, **({"gap": [8.0, 4.0, 2.0, 1.0, 0.5], "d_0": 8.0, "D_0": 3.0} | columns)))


@pytest.mark.parametrize(
    "relation, within, verdict",
    [
        (gap[k] <= d0 / 3.9, 3, Verdict.HOLDS),
        (gap[k] <= d0 / 3.9, 2, Verdict.HOLDS),  # attained
        (gap[k] <= d0 / 3.9, 1, Verdict.VIOLATED),
        (gap[k] < d0 / 4.1, 2, Verdict.VIOLATED),
        (gap[k] < d0 / 4.1, 3, Verdict.HOLDS),
        (gap[k] <= d0 / 4, 2, Verdict.INCONCLUSIVE),  # attained at index 2, or not,
        (gap[k] <= d0 / 100, 4, Verdict.VIOLATED),  # not in the run, so after it
        (gap[k] <= d0 / 100, 4.5, Verdict.VIOLATED),
        (gap[k] <= d0 / 100, 5, Verdict.INCONCLUSIVE),
        (gap[k + 1] <= d0 / 3.9, 1, Verdict.HOLDS),
        (gap[k] <= d0 / 3.9, D0 / unit_x, Verdict.HOLDS),
        (gap[k] <= d0 / 3.9, D0 / unit_x - 2, Verdict.VIOLATED),
        (gap[k] <= d0 / 3.9, 1 / (D0 / unit_x - 3), Verdict.INCONCLUSIVE),
    ],
)
def test_the_first_index_is_bounded(relation, within, verdict):
    found = reached(Reaches(relation, within))
    assert found.verdict is verdict, found.why


def test_an_index_that_is_not_certain_counts_for_neither_side():
    blurred = ([8.0, 4.0, 2.0, 1.0, 0.5], [0, 0, 1e-3, 0, 0], 0.0)
    claim = gap[k] <= 2.0005 * unit_f
    assert reached(Reaches(claim, 1), gap=blurred).verdict is Verdict.VIOLATED
    assert reached(Reaches(claim, 2), gap=blurred).verdict is Verdict.INCONCLUSIVE
    assert reached(Reaches(claim, 3), gap=blurred).verdict is Verdict.HOLDS


def test_a_clock_is_read_at_the_first_index():
    clock = {"f": [0.0, 10.0, 25.0, 40.0, 45.0]}
    assert reached(Reaches(gap[k] <= d0 / 3.9, 30 * unit_f, clock=value), **clock).verdict is Verdict.HOLDS
    assert reached(Reaches(gap[k] <= d0 / 3.9, 20 * unit_f, clock=value), **clock).verdict is Verdict.VIOLATED
    assert reached(Reaches(gap[k] <= d0 / 100, 30 * unit_f, clock=value), **clock).verdict is Verdict.VIOLATED
    assert reached(Reaches(gap[k] <= d0 / 100, 50 * unit_f, clock=value), **clock).verdict is Verdict.INCONCLUSIVE
    back = reached(Reaches(gap[k] <= d0 / 3.9, 30 * unit_f, clock=value), f=[0.0, 10.0, 25.0, 20.0, 45.0])
    assert back.verdict is Verdict.INCONCLUSIVE and "rises" in back.why


def test_the_bound_of_a_first_index_has_power():
    found = reached(Reaches(gap[k] <= d0 / 3.9, D0 / unit_x))
    assert found.power.smallest == pytest.approx(1 / 3) and found.power.twins["D_0"] == 0.5
    altered = reached(Reaches(gap[k] <= d0 / 3.9, D0 / unit_x).strengthened(1 - 0.34))
    assert altered.verdict is Verdict.VIOLATED
    assert (
        reached(Reaches(gap[k] <= 100 * unit_f, 3)).verdict is Verdict.INCONCLUSIVE
    )  # at the start: no bound could fail


def test_no_step_at_all_is_a_bound():
    """What holds at the start is reached in 0 steps, and no bound is smaller; what does not hold there refutes it."""
    found = reached(Reaches(gap[k] <= d0 * 1.1, 0))
    assert found.verdict is Verdict.HOLDS and "no bound can be smaller" in found.why and found.power.smallest < 1e-9
    assert reached(Reaches(gap[k] <= d0 * 1.1, 0).strengthened(0.97)).verdict is Verdict.VIOLATED
    assert reached(Reaches(gap[k] <= d0 / 1.1, 0)).verdict is Verdict.VIOLATED
    assert reached(Reaches(gap[k] <= d0, 0)).verdict is Verdict.INCONCLUSIVE  # an equality up to rounding
    formula = reached(Reaches(gap[k] <= d0 * 1.1, sp.Max(0, sp.log(d0 / unit_f / 9))))
    assert worded(formula).verdict is Verdict.LOOSE  # true, but no alteration of the formula would have been caught
    late = reached(Reaches(gap[k] <= d0 * 1.1, 5 * unit_f, clock=value), f=[5.0, 6.0, 7.0, 8.0, 9.0])
    assert late.verdict is Verdict.HOLDS  # a clock that does not start at 0


def test_an_entry_is_equal_to_itself():
    """What is the same on both sides needs no budget: a tautology is no pass, and no doubt either."""
    for relation in (gap[k] <= gap[0], gap[k] >= gap[0], gap[k] / 2 <= gap[0] / 2):
        found = reached(Reaches(relation, 0))
        assert found.verdict is Verdict.VACUOUS and "both sides are the same at index 0" in found.why
    assert reached(Reaches(gap[k] < gap[0], 0)).verdict is Verdict.VIOLATED
    assert reached(Reaches(gap[k] < gap[0], 1)).verdict is Verdict.HOLDS
    assert "leaves open whether it holds at index 0" in reached(Reaches(gap[k] <= d0, 0)).why


def test_new_claims_go_through_check():
    theorem = Theorem(
        name="own.first",
        title="",
        source=Source("a test", "proved here"),
        assumes=(),
        method=BroximalPoint(),
        claims=(
            Reaches(gap[k] <= d0 / 2, 2, label="half"),
            Reaches(gap[k] <= d0 / 2, D0, clock=sp.Max(0, k * t), label="way"),
            Holds(d0 <= 100 * D0**2 * SLOPE / unit_x, "start"),
        ),
        cases=(),
    )
    report = check(theorem, Quadratic.example(5, seed=3), L2(), radius=0.3, steps=12)
    assert report.claims[2].verdict is Verdict.LOOSE
    assert report.claims[1].verdict in (*SEEN, "violated")
    assert all(claim.latex for claim in report.claims) and "min" in theorem.card()
    wrong = check(theorem.altered(1e-3), Quadratic.example(5, seed=3), L2(), radius=0.3, steps=12)
    assert {claim.verdict for claim in wrong.claims} == {"violated"}


def test_the_steps_of_a_claim_about_termination_are_columns():
    assert {moved.label.name, radius.label.name, gap.label.name} == set(Terminates.columns)


class Stops(BroximalPoint):
    """Makes no further step, wherever it is."""

    def finished(self, now):
        return now.k >= 2


def test_a_method_that_stops_elsewhere_has_not_reached_a_minimiser():
    problem = NormDistance(np.zeros(2), L2(), x0=np.array([4.0, 3.0]))
    theorem = find("bpm.termination")
    assert check(theorem, problem, L2(), radius=1.0, steps=9).verdict in SEEN
    report = check(dataclasses.replace(theorem, method=Stops()), problem, L2(), radius=1.0, steps=9)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "stops after 2 steps, not known to be at a minimiser" in report.why
