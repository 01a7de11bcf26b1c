"""Every formula of the catalogue is one that a parser reads."""

import pytest

from broximal.theory import catalogue
from broximal.verify.mathtext import drawn


@pytest.mark.parametrize("name", catalogue())
def test_formulas_of_claims_and_cards_are_read(name):
    theorem = catalogue()[name]
    formulas = [part for claim in theorem.claims for part in (claim.latex(), *claim.shown) if part]
    formulas += theorem.card().split("$")[1::2]
    assert formulas and [formula for formula in formulas if drawn(formula) is None] == []


@pytest.mark.parametrize("wrong", [r"a^{1}_{l}^{2}", r"\frac{1}", r"\sqrt{x", r"\left( x", r"\nosuchcommand x"])
def test_what_is_no_formula_is_refused(wrong):
    assert drawn(wrong) is None
