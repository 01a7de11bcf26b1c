"""LaTeX of claims: what is read from it is what is checked, and it is LaTeX."""

import re

import pytest
import sympy as sp

from broximal.theory import catalogue
from broximal.theory.columns.layers import L1 as lipschitz, g
from broximal.theory.columns.points import R0, K, d0, gap, i, k
from broximal.theory.language.quantity import Best, Largest, LayerSum, latex, layer

SIZE = r"\|\nabla_{l} f(x_{k})\|_{(l)\ast}"


@pytest.mark.parametrize(
    "expression, said",
    [
        (LayerSum(g[k, layer]), rf"\sum_{{l}} {SIZE}"),
        (LayerSum(2 * g[k, layer]), rf"\sum_{{l}} 2 {SIZE}"),
        (LayerSum(g[k, layer] ** 2), rf"\sum_{{l}} {SIZE}^{{2}}"),
        (LayerSum(g[k, layer]) ** 2, rf"\left(\sum_{{l}} {SIZE}\right)^{{2}}"),
        (LayerSum(g[k, layer] + 1), rf"\sum_{{l}} \left({SIZE} + 1\right)"),
        (LayerSum(g[k, layer]) + 1, rf"\sum_{{l}} {SIZE} + 1"),
        (LayerSum(-g[k, layer]), rf"\sum_{{l}} \left(- {SIZE}\right)"),
        (Largest(lipschitz[layer] ** 2), r"\max_{l} \left(L^1_{l}\right)^{2}"),
        (Largest(lipschitz[layer]) ** 2, r"\left(\max_{l} L^1_{l}\right)^{2}"),
        (R0 * Best(-gap[i], (i, 0, K - 1)), r"R_0 \min_{0 \le i \le K - 1} \left(- (f(x_{i}) - f^\star)\right)"),
    ],
)
def test_a_sum_is_of_what_it_is_said_to_be_of(expression, said):
    assert latex(expression) == said


def test_what_multiplies_a_sum_is_outside_of_it():
    assert latex(LayerSum(g[k, layer]) * sp.sqrt(d0)).startswith((r"\left(\sum_{l}", r"\sqrt{"))
    shown = latex(LayerSum(g[k, layer]) * sp.exp(-d0))
    assert re.search(r"\\left\(\\sum_\{l\} .*\\right\) e", shown) or shown.endswith(rf"\sum_{{l}} {SIZE}")


def test_no_formula_of_the_catalogue_has_two_superscripts():
    """`a^{1}_{l}^{2}` is an error of LaTeX."""
    twice = re.compile(r"\^(?:\{[^{}]*\}|\w)_(?:\{[^{}]*\}|\w)\^")
    assert twice.search("L^1_{l}^{2}") and not twice.search(r"\left(L^1_{l}\right)^{2}")
    for name, theorem in catalogue().items():
        for claim in theorem.claims:
            assert not twice.search(claim.latex()), f"{name}: {claim.latex()}"
