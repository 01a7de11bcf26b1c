"""check: hypotheses, verdicts, witnesses, on instances small enough to think about."""

import dataclasses
from typing import Any

import equinox as eqx
import numpy as np
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument, MissingConstant, NotCertified
from broximal.oracles.norms import L1, L2, LInf, Spectral
from broximal.problems import NormDistance, Problem, Quadratic
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.theory import EachHorizon, EachStep, Source, Terminates, Theorem, find
from broximal.theory.columns.points import D0, Best, K, distance, gap, i, k, radius, t, unit_f
from broximal.theory.hypotheses.functions import Convex, HasMinimiser
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm.star_rate import star_rate
from broximal.verify import Verdict, check
from broximal.verify.summary import counted


@pytest.fixture(scope="module")
def quadratic():
    return Quadratic.example(5, 3)


def theorem(*claims, **changes):
    fields = {
        "name": "test.own",
        "title": "a statement of a user",
        "source": Source("nobody", "proved here"),
        "assumes": (Convex(), HasMinimiser()),
        "method": BroximalPoint(),
        "claims": claims,
        "cases": (),
    }
    return Theorem(**(fields | changes))


@pytest.mark.parametrize("norm", [L1(), L2(), LInf()], ids=lambda norm: norm.name)
def test_a_true_theorem_holds_with_power(quadratic, norm):
    report = check("bpm.star_rate", quadratic, norm)
    assert report.verdict is Verdict.HOLDS
    assert all(claim.power.any and not claim.vacuous for claim in report.claims)
    assert all(claim.worst_ratio <= 1 + 1e-9 for claim in report.claims)
    assert report.max_certificate_gap < 1e-8
    assert report.as_expected


@pytest.mark.parametrize("factor", [0.99, 0.9])
def test_an_altered_theorem_is_refuted_on_its_sharp_case(factor):
    reports = check(star_rate.altered(factor))
    assert reports.verdict is Verdict.VIOLATED
    worst = next(report for report in reports if report.verdict is Verdict.VIOLATED)
    assert worst.witness["recipe"]["theorem"] == f"bpm.star_rate*{factor:g}"
    assert len(worst.witness["x"][0]) == worst.dims[0]


def test_a_wrong_theorem_of_the_user_is_refuted(quadratic):
    report = check(theorem(EachStep(gap[k + 1] <= gap[k] / 100, "too fast")), quadratic, L2(), radius=0.1, steps=5)
    assert report.verdict is Verdict.VIOLATED
    assert report.claims[0].worst_ratio > 1
    assert not report.as_expected


def test_a_hypothesis_that_fails_makes_it_not_applicable(quadratic):
    report = check("bpm.distance_decrease", quadratic, LInf())
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "the norm is linf" in report.why
    assert report.claims == ()
    assert report.steps == 0


def test_a_schedule_is_refused_by_a_theorem_about_one_radius(quadratic):
    report = check("bpm.unconditional_constant", quadratic, L2(), radius=lambda step: 0.1 + 0.01 * step)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "constant radius" in report.why


def test_a_run_that_ends_too_early_is_inconclusive(quadratic):
    report = check(theorem(Terminates(1000 * D0 / t, "far")), quadratic, L2(), radius=0.01, steps=3)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "run longer" in report.why


def test_a_claim_that_says_nothing_is_no_pass(quadratic):
    report = check(theorem(EachStep(sp.Integer(0) * gap[k] <= gap[k] + unit_f, "empty")), quadratic, L2(), steps=3)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "no power" in report.why


def test_a_bound_weaker_than_the_trivial_one_is_vacuous(quadratic):
    claim = EachStep(gap[k + 1] <= (1 + radius[k] / distance[k]) * gap[k], "loose", trivial=gap[k])
    report = check(theorem(claim), quadratic, L2(), steps=5)
    assert report.verdict is Verdict.VACUOUS
    assert "no better than what holds without the theorem" in report.claims[0].why


def test_what_holds_without_a_theorem_is_known_without_being_said(quadratic):
    """Values of exact steps do not increase, and the least of several values is at most the first."""
    above = EachStep(gap[k + 1] <= sp.Rational(101, 100) * gap[k], "above")
    assert check(theorem(above), quadratic, L2(), steps=5).verdict is Verdict.VACUOUS
    first = EachHorizon(Best(gap[i], (i, 0, K - 1)) <= gap[0], "first")
    assert check(theorem(first), quadratic, L2(), steps=5).verdict is Verdict.VACUOUS


@pytest.mark.parametrize(
    "claim, more",
    [
        (EachStep(gap[k + 2] <= 1e12 * gap[k], "far above"), {}),
        (EachStep(gap[k] <= 9 * gap[k + 1], "still"), {"radius": 1e-20}),
    ],
)
def test_a_check_that_catches_only_large_errors_is_loose(quadratic, claim, more):
    report = check(theorem(claim), quadratic, L2(), steps=5, **more)
    assert report.verdict is Verdict.LOOSE and report.claims[0].verdict is Verdict.LOOSE
    assert "is caught, where 50% must be" in report.claims[0].why
    assert not any(line.startswith("1 statement: 1 holds") for line in counted(report_records(report)))
    assert check("bpm.star_rate", quadratic, L2(), steps=5, threshold=0.9).verdict is Verdict.HOLDS


def report_records(report):
    return [record | {"as_expected": report.as_expected, "job": ""} for record in report.records()]


def test_statements_are_counted_by_what_was_seen_of_them(quadratic):
    tight = check("bpm.star_rate", NormDistance.example(6, 0), LInf())
    loose = check(theorem(EachStep(gap[k + 2] <= 1e12 * gap[k], "far above")), quadratic, L2(), steps=5)
    lines = counted(report_records(tight) + report_records(loose))
    assert (
        lines[0] == "2 statements: 1 holds with power, 1 is loose, 0 vacuous, 0 false ones refuted, 0 not as expected."
    )
    assert lines[1] == "loose: test.own (far above: 100%)"


def test_an_oracle_that_does_not_certify_is_inconclusive(quadratic):
    report = check("bpm.star_rate", quadratic, L2(), tol=1e-300)
    assert report.verdict in (Verdict.HOLDS, Verdict.INCONCLUSIVE)


def test_starting_at_the_minimum_is_inconclusive_not_a_pass(quadratic):
    report = check("bpm.star_rate", quadratic, L2(), x0=quadratic.minimiser)
    assert report.verdict is Verdict.INCONCLUSIVE


def test_constants_of_the_user_are_used_and_contradictions_refused(quadratic):
    mu = quadratic.constant("mu", L2()).value
    report = check("bpm.strong_convexity", quadratic, L2(), constants={"mu": mu / 2})
    assert report.verdict is Verdict.CONSISTENT
    assert report.constants["mu"] == mu / 2
    with pytest.raises(InvalidArgument, match=r"constant mu = .* contradicts"):
        check("bpm.strong_convexity", quadratic, L2(), constants={"mu": 2 * mu})
    with pytest.raises(InvalidArgument, match=r"constant R0 = 0.001 contradicts .*exact"):
        check("bpm.sublevel_rate", quadratic, L2(), constants={"R0": 1e-3})


def test_constants_that_the_start_refutes_are_refused(quadratic):
    """The problem's own kappa is a lower bound only, but the start and the minimiser show that this one is too large."""
    with pytest.raises(InvalidArgument, match=r"constant kappa = 50 contradicts .* is at most"):
        check("bpm.growth", quadratic, L2(), constants={"kappa": 50.0})
    start = float(LInf()(quadratic.x0 - quadratic.minimiser))
    with pytest.raises(InvalidArgument, match=r"constant R0 = .* contradicts"):
        check("bpm.sublevel_rate", quadratic, LInf(), constants={"R0": 0.9 * start})


WRONG_CALLS = [
    (dict(theorem="bpm.star_rat"), "name 'bpm.star_rat' is no theorem of the catalogue. Did you mean 'bpm.star_rate'?"),
    (dict(theorem=3), "theorem must be a Theorem or the name of one, not int."),
    (dict(norm=None), "norm is missing; a theorem is checked on a problem in a norm."),
    (dict(problem=None), "norm and x0 need a problem; without one the theorem is checked on its own cases."),
    (dict(problem="quadratic"), "problem must be a broximal Problem, not str."),
    (dict(norm="l2"), "norm must be a norm, not the text 'l2'; `norms.parse('l2')` reads it."),
    (dict(norm=L2), "norm must be a norm, not its class; make one with L2(...)."),
    (dict(steps=0), "steps must be a positive integer, not 0."),
    (dict(steps=2.5), "steps must be a positive integer, not 2.5."),
    (dict(radius=-1.0), "radius must be positive, but is -1."),
    (dict(radius=0.0), "radius must be positive, but is 0."),
    (dict(radius=np.nan), "radius is NaN."),
    (dict(radius=np.inf), "radius is infinite; the ball would be the whole space."),
    (dict(tol=0.0), "tol must be positive, but is 0."),
    (dict(x0=np.zeros(3)), "x0 has shape (3,), but quadratic(5) lives on (5,)."),
    (dict(x0=np.full(5, np.nan)), "x0 contains NaN or infinity."),
    (dict(x0=np.zeros(5) * 1j), "x0 is complex; broximal works over the real numbers."),
    (dict(constants={"mu": 2.0, "L": 1.0}), "constant mu = 2 is larger than L = 1."),
    (dict(constants={"L": -1.0}), "constant L must be positive, but is -1."),
    (
        dict(constants={"R_0": 1.0}),
        "constants has the unknown name 'R_0'; known are L, L0, L1, mu, kappa, PL, G, R0. Did you mean 'R0'?",
    ),
    (dict(constants=[1.0]), "constants must be a dict from names to values, not list."),
    (dict(seed=-1), "seed must be a non-negative integer, not -1."),
    (dict(seed="a"), "seed must be a non-negative integer, not 'a'."),
    (dict(norm=Spectral()), "x0 has shape (5,); the spectral norm is defined on matrices (2 axes)."),
]


@pytest.mark.parametrize("change, message", WRONG_CALLS, ids=[message[:40] for _, message in WRONG_CALLS])
def test_wrong_calls_are_refused_with_one_sentence(quadratic, change, message):
    call = {"theorem": "bpm.star_rate", "problem": quadratic, "norm": L2()} | change
    with pytest.raises(InvalidArgument) as caught:
        check(call.pop("theorem"), call.pop("problem"), call.pop("norm"), **call)
    assert str(caught.value) == message


class Faulty(BroximalPoint):
    """Wrong steps, and a failure when it is asked to be more precise."""

    failure: Any = eqx.field(static=True, default=None)

    def step(self, world, state, k, key):
        if world.tol < 1e-12:
            raise self.failure
        return super().step(world, state, k, key)


@pytest.mark.parametrize("failure", [MissingConstant("x"), InvalidArgument("x"), NotCertified("x", None), ValueError()])
def test_a_violation_is_not_taken_back_by_a_failure_of_its_second_run(quadratic, failure):
    method = Faulty(failure)
    wrong = theorem(EachStep(gap[k + 1] <= gap[k] / 100, "too fast"), method=method)
    report = check(wrong, quadratic, L2(), radius=0.1, steps=5)
    assert report.verdict is Verdict.VIOLATED
    assert report.witness is not None


def test_a_radius_that_raises_is_refused(quadratic):
    with pytest.raises(InvalidArgument, match=r"^radius\(2\) raised ZeroDivisionError: division by zero.$"):
        check("bpm.star_rate", quadratic, L2(), radius=lambda step: 1 / (2 - step), steps=5)
    with pytest.raises(InvalidArgument, match=r"^radius at step 3 must be positive"):
        check("bpm.star_rate", quadratic, L2(), radius=lambda step: 0.3 - 0.1 * step, steps=5)


class Own(Quadratic):
    """A user's problem, with a mistake switched on from outside."""

    mistake = ""

    def value(self, x):
        if Own.mistake == "value" and np.linalg.norm(x - self.x0) > 0.2:
            raise ZeroDivisionError("no value here")
        return super().value(x)

    def _facts(self):
        facts = super()._facts()
        if Own.mistake != "f_star":
            return facts
        return facts.but(f_star=lambda: dataclasses.replace(facts.f_star, value=facts.f_star.value + 0.1))

    def gradient(self, x):
        return super().gradient(x) * (1.01 if Own.mistake == "gradient" else 1.0)

    def move(self, norm, x, radius):
        return None


def test_mistakes_in_a_users_problem_are_named(monkeypatch):
    own = Own.example(4, 1)
    assert check("bpm.star_rate", own, L2(), steps=3).verdict is Verdict.HOLDS
    monkeypatch.setattr(Own, "mistake", "gradient")
    with pytest.raises(InvalidArgument, match="has a gradient that its values contradict near x0"):
        check("bpm.star_rate", own, L2())
    monkeypatch.setattr(Own, "mistake", "f_star")
    with pytest.raises(InvalidArgument, match=r"states f\* = .*, but f\(minimiser\) ="):
        check("bpm.star_rate", Own.example(4, 1), L2())
    monkeypatch.setattr(Own, "mistake", "value")
    report = check("bpm.star_rate", Own.example(4, 1), L2(), radius=0.1, steps=9)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "ZeroDivisionError: no value here (test_check.py, line" in report.why


class Bent(Problem):
    """cos, declared convex or star-convex."""

    declared = "convex"
    name = "cos"
    x0 = np.array([0.1])

    def _facts(self):
        return Facts(
            convex=Bent.declared == "convex",
            smooth=True,
            star_convex=True,
            minimiser=np.array([np.pi]),
            f_star=Known(-1.0, 0.0, "cos >= -1"),
        )

    def value(self, x):
        return np.cos(x).sum()

    def gradient(self, x):
        return -np.sin(x)


@pytest.mark.parametrize("declared", ["convex", "star-convex"])
def test_a_function_that_is_not_convex_is_not_taken_for_one(monkeypatch, declared):
    monkeypatch.setattr(Bent, "declared", declared)
    with pytest.raises(InvalidArgument, match=f"is declared {declared}, but half way on a chord"):
        check("bpm.alignment", Bent(), L2(), radius=0.1)


def test_records_have_what_a_reader_needs(quadratic):
    record = check("bpm.star_rate", quadratic, L2()).records()[0]
    needed = (
        "theorem claim source_mark problem norm dims steps seeds verdict expected worst_ratio worst_step budget power"
    )
    needed += " vacuous hypotheses oracle_path max_certificate_gap versions wall_s"
    assert set(needed.split()) <= set(record)
    assert record["dims"] == [5]


def test_a_report_prints_in_a_terminal_and_in_a_notebook(quadratic, tmp_path):
    report = check("bpm.star_rate", quadratic, L2())
    assert "holds" in str(report)
    assert "<table>" in report._repr_html_()
    report.plot(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000
    report.save(tmp_path / "report.jsonl")
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == len(report.claims)


def test_a_false_statement_that_holds_on_a_users_instance_is_as_expected(quadratic):
    report = check("bpm.false_distance_monotone", quadratic, L2())
    assert report.verdict is Verdict.HOLDS
    assert report.expected == "violated"
    assert report.as_expected


def test_a_mutated_oracle_is_noticed(quadratic, monkeypatch):
    """A broximal oracle that returns the LMO step, uncertified, must not pass as exact."""

    class Linearised(BroximalPoint):
        def step(self, world, state, k, key):
            after, x = super().step(world, state, k, key), state.x
            wrong = x + world.norm.lmo(world.problem.gradient(x), after.radius)
            return dataclasses.replace(after, x=wrong)

    wrong = dataclasses.replace(find("bpm.star_rate"), method=Linearised())
    report = check(wrong, quadratic, LInf(), radius=1.5, steps=20)
    assert report.verdict is not Verdict.HOLDS
