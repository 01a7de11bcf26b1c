"""Laws that every statement of the catalogue obeys, found by folder."""

import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory import catalogue, find
from broximal.theory.language.catalogue import origin
from broximal.theory.language.claims import EachHorizon, Terminates
from broximal.theory.language.quantity import column
from broximal.verify import Verdict
from broximal.verify.checking import check_case
from broximal.verify.coverage import coverage
from tests.theory.finished import records_of

THEOREMS = list(catalogue().values())
TRUE = [theorem for theorem in THEOREMS if theorem.truth]
FALSE = [theorem for theorem in THEOREMS if not theorem.truth]
CLAIMS = [(theorem, claim) for theorem in TRUE for claim in theorem.claims]
# the columns that are values of f or of an envelope of f, not differences of values
MOVES_WITH_F = {"f", "N_t", "N_mid", "N_half", "N_twice", "N_N", "moreau", "moreau_min"}


def by_name(value):
    return getattr(value, "name", None) or getattr(value, "label", str(value))


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


def covered(claim, records):
    return coverage(record for record in records if record["claim"] == claim.label)


@pytest.mark.parametrize("theorem", TRUE, ids=by_name)
def test_the_cases_hold_and_show_every_part_of_every_bound(theorem):
    """Each claim is refuted with 3% less on one of its cases, and without each of its parts, or says why not."""
    done = {place: records_of(theorem.name, place) for place, case in enumerate(theorem.cases) if not case.slow}
    records = [record for found in done.values() for record in found]
    for record in records:
        assert record["as_expected"], (record["case"], record["why"])
    for claim in theorem.claims:
        own = [record for record in records if record["claim"] == claim.label and record["power"]]
        errors = {r["case"]: r["power"]["smallest"] for r in own if r["power"]["smallest"] is not None}
        best = min(errors, key=lambda place: errors[place], default=None)
        if claim.sharpness:
            assert best is None or errors[best] > 0.03, "a case refutes the tighter bound, so the excuse is out of date"
            assert claim.sharpness in theorem.card()
        else:
            assert best is not None and errors[best] < 0.03, claim.label
            refuted = check_case(theorem.altered(0.97, claim.label), best)
            assert refuted.verdict is Verdict.VIOLATED, (claim.label, best)
            assert refuted.witness["claim"] == claim.label
        parts = covered(claim, records)
        if parts.unexplained:  # the main job has a second seed too
            others = [records_of(theorem.name, place, 1) for place, case in enumerate(theorem.cases) if not case.fixed]
            parts = covered(claim, [*records, *(record for found in others for record in found)])
        assert not parts.unexplained, f"{claim.label}: no case shows {parts.unexplained}"
        assert not parts.idle, f"{claim.label}: a case shows {parts.idle}"
        assert all(f"`{label}`" in theorem.card() for label in parts.remarks)
    for place, found in done.items():
        if (sharp := theorem.cases[place].sharp) is not None:
            reached = max(float(record["worst_ratio"] or 0) for record in found)
            assert sharp <= reached <= 1 + 1e-6, place
            refuted = check_case(theorem.altered(0.97 * sharp), place)
            assert refuted.verdict is Verdict.VIOLATED and refuted.witness is not None, place


def test_one_claim_is_altered_and_the_others_are_not():
    theorem = find("bpm.strong_convexity_termination")
    twin = find("bpm.strong_convexity_termination*0.5@from the gap")
    assert twin == theorem.altered(0.5, "from the gap")
    assert [str(claim) for claim in twin.claims] == [
        str(theorem.altered(0.5).claims[0]),
        str(theorem.claims[1]),
    ]
    with pytest.raises(InvalidArgument, match=r"claim 'from the gpa' is none of .* Did you mean 'from the gap'"):
        theorem.altered(0.5, "from the gpa")


@pytest.mark.parametrize("theorem, claim", CLAIMS, ids=by_name)
def test_a_constant_added_to_f_changes_no_side_of_a_claim(theorem, claim):
    """Else 0.97 times a bound would be a larger or a smaller error, according to the constant."""
    c = sp.Symbol("c", real=True)
    for side in getattr(claim, "sides", ()):
        moved = side.replace(
            lambda node: isinstance(node, sp.Indexed) and str(node.base.label) in MOVES_WITH_F, lambda node: node + c
        )
        assert not sp.expand(moved).has(c)


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
    with pytest.raises(InvalidArgument, match=r"'gap' is defined twice: in broximal\.theory\.columns\.points"):
        column("gap", "g", "again", "f")(lambda now: 0.0)
    with pytest.raises(InvalidArgument, match="'k' is reserved"):
        column("k", "k", "an index", "1")(lambda now: 0.0)
