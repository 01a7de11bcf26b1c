"""Laws that every statement of the catalogue obeys, found by folder."""

import pytest

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory import catalogue, find
from broximal.theory.claims import EachHorizon, Terminates
from broximal.theory.registry import origin
from broximal.verify import Verdict
from broximal.verify.checking import check_case

THEOREMS = list(catalogue().values())
TRUE = [theorem for theorem in THEOREMS if theorem.truth]
FALSE = [theorem for theorem in THEOREMS if not theorem.truth]
SHARP = [(theorem, place) for theorem in TRUE for place, case in enumerate(theorem.cases) if case.sharp is not None]


def by_name(value):
    return getattr(value, "name", str(value))


def test_the_catalogue_is_not_empty():
    assert len(TRUE) > 40
    assert len(FALSE) >= 10


@pytest.mark.parametrize("theorem", THEOREMS, ids=by_name)
def test_a_statement_has_a_card_a_proof_and_cases(theorem):
    card = theorem.card()
    assert theorem.title in card
    assert str(theorem.source) in card
    assert theorem.cases
    assert all(claim.latex() for claim in theorem.claims)
    document = __import__("sys").modules[origin(theorem.name)].__doc__
    assert document and ("Proof." in document or not theorem.truth or theorem.notes)


@pytest.mark.parametrize("theorem", TRUE, ids=by_name)
def test_a_true_statement_has_a_sharp_case_or_says_why_not(theorem):
    exact_identity = all(getattr(claim, "identity", False) for claim in theorem.claims)
    assert exact_identity or theorem.sharpness or any(case.sharp is not None for case in theorem.cases)


@pytest.mark.parametrize("theorem, place", SHARP, ids=lambda value: by_name(value))
def test_the_bound_is_nearly_attained_and_a_tighter_one_is_refuted(theorem, place):
    case = theorem.cases[place]
    report = check_case(theorem, place)
    assert report.verdict is Verdict.HOLDS, report.why
    reached = max(claim.worst_ratio or 0 for claim in report.claims)
    assert case.sharp <= reached <= 1 + 1e-6
    refuted = check_case(theorem.altered(0.97 * case.sharp), place)
    assert refuted.verdict is Verdict.VIOLATED, refuted.why
    assert refuted.witness is not None


@pytest.mark.parametrize("theorem", FALSE, ids=by_name)
def test_a_false_statement_is_refuted_on_every_case(theorem):
    for place in range(len(theorem.cases)):
        report = check_case(theorem, place)
        assert report.verdict is Verdict.VIOLATED, report.why
        assert report.witness is not None
    assert find(theorem.repair).truth


@pytest.mark.parametrize("theorem", [theorem for theorem in FALSE if theorem.exact], ids=by_name)
def test_the_counterexample_is_exact(theorem):
    left, right = theorem.exact()
    assert left > right
    assert not isinstance(left, float)


def test_bounds_on_horizons_do_not_mention_the_step_index():
    for theorem in THEOREMS:
        for claim in theorem.claims:
            if isinstance(claim, EachHorizon):
                assert "k" not in {str(symbol) for symbol in claim.relation.free_symbols if symbol.is_Symbol}
            assert isinstance(claim, Terminates) or claim.sides


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InvalidArgument, match=r"Did you mean 'bpm\.star_rate'"):
        find("bpm.star_rates")
    with pytest.raises(InvalidArgument, match="must end in a number after the star"):
        find("bpm.star_rate*x")
    assert find("bpm.star_rate*0.5").name == "bpm.star_rate*0.5"


def test_two_quantities_of_one_name_are_refused():
    from broximal.theory.quantity import Measured, column

    with pytest.raises(BroximalError, match="'gap' is defined twice"):
        column("gap", "g", "again")(lambda run: Measured.of([0.0]))
