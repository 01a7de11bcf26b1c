"""What is seen of a bound, over all checks of a claim."""

import dataclasses

import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2
from broximal.problems import Quadratic
from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.columns.points import L, gap, grad, k, radius
from broximal.theory.hypotheses.functions import Convex, HasMinimiser
from broximal.theory.methods import BroximalPoint
from broximal.verify import check
from broximal.verify.coverage import coverage
from broximal.verify.show import parts
from broximal.verify.summary import counted, unexplained


def record(twins=None, terms=None, unseen=None):
    return {"power": {"smallest": 0.1, "twins": twins or {}, "terms": terms or {}}, "unseen": unseen or {}}


def test_the_best_check_counts():
    found = coverage([record({"L": None, "a": 0.5}, {"x": False}), record({"L": 0.2, "a": 0.9}, {"x": True})])
    assert found.caught == {"L": 0.2, "a": 0.5, "x": 1.0} and found.seen == 3 and not found.unexplained


def test_numbers_have_no_name_and_weaker_claims_are_no_twins():
    found = coverage([record({"number 2 (#0)": None}, {"-x": None, "y": False}), record(terms={"-x": False})])
    assert found.caught == {"y": None}


def test_a_term_that_is_also_a_factor_must_be_seen_as_both():
    assert coverage([record({"d": 0.1}, {"d": False})]).unexplained == ["d"]
    assert coverage([record({"d": 0.1}, {"d": True})]).caught == {"d": 1.0}


def test_remarks_explain_what_is_not_seen_and_nothing_else():
    found = coverage([record({"L": None, "a": 0.5}, unseen={"L": "why", "a": "wrong", "b": "what?"})])
    assert found.unexplained == [] and found.idle == ["a", "b"]


def theorem(**claim):
    bound = gap[k] + L * radius[k] ** 2 + grad[k] * radius[k] / 1000  # two terms too many
    return Theorem(
        name="test.padded",
        title="A padded bound",
        source=Source("here", "proved here"),
        assumes=(Convex(), HasMinimiser()),
        method=BroximalPoint(),
        claims=(EachStep(gap[k + 1] <= bound, "step", **claim),),
        cases=(Case(lambda seed: Quadratic.example(4, seed), L2(), steps=4),),
    )


def test_a_padded_bound_is_told_term_by_term():
    report = check(theorem())[0]
    silent = [label for *_, label in unexplained(report.records())]
    assert set(silent) == {"L*t[k]**2", "grad[k]*t[k]/1000", "L", "grad", "t"}
    lines = counted([record | {"as_expected": report.as_expected} for record in report.records()])
    assert "2 of 7 parts of bounds (constants, columns, terms) seen" in lines[-6] and "and 5 without one." in lines[-6]
    assert lines[-1].startswith("not seen, no reason: test.padded step: ")
    told = theorem(
        unseen={(L, L * radius[k] ** 2): "padding", (grad, grad[k] * radius[k] / 1000, radius): "more padding"}
    )
    assert unexplained(check(told)[0].records()) == []
    assert "  - not seen on any case: `L`, `L*t[k]**2` (padding)" in told.card()


@pytest.mark.parametrize("unseen", [{L: ""}, {L: None}])
def test_a_remark_is_made_of_words(unseen):
    with pytest.raises(InvalidArgument, match="must say in words why nothing shows L"):
        dataclasses.replace(theorem().claims[0], unseen=unseen)


def test_a_report_shows_what_is_caught_part_by_part():
    report = check("bpm.sublevel_rate")[0]
    claim = report.claims[0]
    found = parts(claim)
    assert found.seen and f"{found.seen}/{len(found.caught)}" in str(report)
    html = report._repr_html_()
    for part, error in found.caught.items():
        assert f"<code>{part}</code>" in html.replace("&gt;", ">")
        assert error is None or error == 1 or f"{100 * error:.2g}%" in html
