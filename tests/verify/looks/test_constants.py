"""Constants that the points of a run contradict: the problem's own (not applicable) and given ones (refuted)."""

import json
import re

import numpy as np
import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L1, L2, LInf, Product, Spectral
from broximal.problems import Cosh, CoupledQuadratic, MaxAffine, NormDistance, Quadratic, Ridges, TwoLayerNetwork
from broximal.problems.constant import Constant
from broximal.theory import find
from broximal.verify import Reports, Verdict, check
from broximal.verify.checking import check_case
from broximal.verify.verdict import SEEN
from tests.verify.looks.stated import Misstated

QUADRATIC = Quadratic(np.diag([4.0, 1.0, 0.5]), about=np.zeros(3), x0=np.array([1.0, -2.0, 0.5]))


class Overstated(Misstated):
    """A constant of the problem is another one."""

    name_of: str
    value_of: float

    def __init__(self, inner, name, value):
        self.inner, self.changes, self.name_of, self.value_of = inner, {}, name, value

    def constant(self, name, norm, x0=None):
        if name == self.name_of:
            return Constant(name, self.value_of, "exact", "a claim", norm.name)
        return self.inner.constant(name, norm, x0)


OWN = [
    ("bpm.smooth", QUADRATIC, L2(), "L", 2.0, r"so L >= [34]"),
    ("bpm.smooth", Quadratic.example(5, 2), LInf(), "L", 0.1, r"so L >= "),
    ("bpm.strong_convexity", QUADRATIC, L2(), "mu", 3.0, r"so mu <= "),
    ("bpm.strong_convexity", Quadratic.example(5, 2), L1(), "mu", 5.0, r"so mu <= "),
    ("bpm.growth", NormDistance(np.zeros(3), L1(), x0=np.array([1.0, 2.0, -1.0])), L1(), "kappa", 1.5, "so kappa <= 1"),
    ("bpm.sublevel_rate", QUADRATIC, L2(), "R0", 1.5, "at a distance of 2.29"),
]


@pytest.mark.parametrize("theorem, problem, norm, name, value, words", OWN, ids=[f"{row[0]}-{row[3]}" for row in OWN])
def test_a_constant_of_the_problem_that_is_wrong_makes_it_not_applicable(theorem, problem, norm, name, value, words):
    report = check(theorem, Overstated(problem, name, value), norm, radius=0.4, steps=4)
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert f"{name} = {value:g}" in report.why
    assert re.search(words, report.why), report.why
    assert report.claims  # what was computed is kept, but it says nothing
    assert {claim.verdict for claim in report.claims} == {Verdict.NOT_APPLICABLE}
    assert not report.hypotheses[-1].holds


GIVEN = [
    ("bpm.smooth", MaxAffine.example(4, 1), L2(), {"L": 1.0}),
    ("bpm.smooth", Cosh.example(3, 1), L2(), {"L": 0.05}),
    ("gluon.adaptive_radius", Cosh.example(3, 1), L2(), {"L0": 0.01, "L1": 0.0}),
    ("gluon.adaptive_radius", Ridges.example(4, 1), LInf(), {"L0": 0.01, "L1": 0.0, "smoothness": "A1"}),
    ("clipping.clipping", Cosh.example(3, 1), L2(), {"L0": 0.01, "L1": 0.0}),
]


@pytest.mark.parametrize("theorem, problem, norm, constants", GIVEN, ids=[f"{row[0]}-{row[1].name}" for row in GIVEN])
def test_given_constants_that_are_too_small_are_refuted_not_the_theorem(theorem, problem, norm, constants):
    report = check(theorem, problem, norm, steps=4, radius=0.3, constants=constants)
    assert report.verdict is Verdict.VIOLATED, report.why
    assert report.why.startswith("the given constants are refuted: ")
    assert "given by the user" in report.why
    assert report.witness is not None or "the run failed" in report.why


@pytest.mark.parametrize(
    "constants, verdict", [({"L0": 0.001, "L1": 0.0}, Verdict.VIOLATED), ({"L0": 60.0, "L1": 1.0}, Verdict.CONSISTENT)]
)
def test_a_network_with_given_constants_is_consistent_or_they_are_refuted(constants, verdict):
    report = check(
        "gluon.adaptive_radius",
        TwoLayerNetwork.example(6, 0),
        Product([Spectral(), LInf()]),
        steps=6,
        constants=constants,
    )
    assert report.verdict is verdict, report.why
    assert report.rests_on == ("L0, L1 given by the user (taken as A1D)",)


@pytest.mark.parametrize("meaning", ["A1", "A1D", "A1H", "A1loc", "A2"])
def test_the_meaning_of_given_constants_is_said(meaning):
    problem = CoupledQuadratic.example(6, 1)
    report = check(
        "gluon.adaptive_radius",
        problem,
        Product([L2(), LInf()]),
        steps=4,
        constants={"L0": 100.0, "L1": 0.0, "smoothness": meaning},
    )
    assert report.rests_on == (f"L0, L1 given by the user ({meaning})",)
    # read for one layer at a time they force f to be a sum over the layers, which this one is not
    refuted = meaning in ("A1", "A1loc", "A1H")
    assert report.verdict is (Verdict.VIOLATED if refuted else Verdict.CONSISTENT), report.why


def test_a_meaning_that_the_theorem_does_not_take_is_not_applicable():
    report = check("gluon.stochastic", CoupledQuadratic.example(6, 1), Product([L2(), LInf()]), steps=4, constants={
        "L0": 100.0, "L1": 0.0, "smoothness": "A1D"
    })  # fmt: skip
    assert report.verdict is Verdict.NOT_APPLICABLE
    assert "the constants given are for A1D" in report.why


def test_a_meaning_that_is_none_is_refused():
    for constants, words in (
        ({"L0": 1.0, "smoothness": "A3"}, "constants has smoothness 'A3'; known meanings are A1"),
        ({"L": 1.0, "smoothness": "A1"}, "but neither of them"),
        ({"L0": 1.0, "L1": 1.0, "smoothness": "A2"}, "must be 0 where smoothness is A2"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            check("gluon.adaptive_radius", Ridges.example(4, 1), LInf(), steps=2, constants=constants)


@pytest.mark.parametrize("constants", [{"mu": 0.3}, {"mu": 1e-3}])
def test_given_constants_never_hold(constants, tmp_path):
    report = check("bpm.strong_convexity", QUADRATIC, L2(), radius=0.2, steps=5, constants=constants)
    assert report.verdict is Verdict.CONSISTENT
    assert {claim.verdict for claim in report.claims} == {Verdict.CONSISTENT}
    said = f"mu = {constants['mu']:g} given by the user"
    assert report.rests_on == (said,)
    assert report.as_expected
    assert "consistent" in str(report) and said in str(report)
    assert said in report._repr_html_()
    report.save(tmp_path / "r.jsonl")
    record = json.loads((tmp_path / "r.jsonl").read_text().splitlines()[0])
    assert record["verdict"] == "consistent" and record["given"] == [said]
    assert Reports([report, check("bpm.star_rate", QUADRATIC, L2(), steps=3)]).verdict is Verdict.CONSISTENT


def test_constants_that_a_theorem_does_not_use_change_nothing():
    report = check("bpm.star_rate", QUADRATIC, L2(), steps=5, constants={"mu": 0.1})
    assert report.verdict in SEEN
    assert report.rests_on == ()


def test_a_case_with_constants_that_its_problem_proves_holds():
    theorem = find("gluon.adaptive_weighted")
    place = next(index for index, case in enumerate(theorem.cases) if case.constants)
    assert check_case(theorem, place).verdict in SEEN
    assert check_case(theorem, place, constants=theorem.cases[place].constants).verdict is Verdict.CONSISTENT


@pytest.mark.parametrize("name", ["gluon.adaptive_radius", "bpm.smooth", "gluon.pl", "clipping.clipping", "bpm.growth"])
def test_what_the_catalogue_proves_is_not_contradicted(name):
    theorem = find(name)
    for index in range(min(3, len(theorem.cases))):
        for seed in (0, 1):
            report = check_case(theorem, index, seed=seed)
            assert report.verdict in SEEN, report.why
