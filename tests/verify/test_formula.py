"""The formula of an expression is the same on every run with as many layers, and says what stands behind each stand-in."""

import sympy as sp

from broximal.theory.columns.layers import L0
from broximal.theory.columns.points import L, gap
from broximal.theory.language.quantity import Best, K, LayerSum, SumOver, k, layer, layers
from broximal.verify.formula import Belongs, compiled, formula_of, stand_in

j = sp.Symbol("j", integer=True)


def three(axis):
    return 3


def test_everything_measured_is_a_stand_in_and_nothing_else():
    least = Best(gap[j], (j, 0, K))
    found = formula_of(L * gap[k] ** 2 / 2 + least, three)
    assert set(found.sources) == {L, gap[k], least} and not found.over
    stood = {source: stand_in(place) for place, source in enumerate(found.sources)}
    assert found.body == stood[L] * stood[gap[k]] ** 2 / 2 + stood[least]
    values = {L: 3.0, gap[k]: 2.0, least: 0.5}
    assert compiled(found.body, 3)(*(values[source] for source in found.sources)) == 6.5


def test_it_is_made_once_for_each_number_of_layers():
    expr = LayerSum(L0[layer]) / layers
    assert formula_of(expr, three) is formula_of(LayerSum(L0[layer]) / layers, three)
    assert formula_of(expr, three).sources == (L0[0], L0[1], L0[2])
    assert formula_of(expr, lambda axis: 2).sources == (L0[0], L0[1])


def test_nobody_is_asked_for_layers_where_there_are_none_in_it():
    def none(axis):
        raise AssertionError

    assert formula_of(gap[k] + L, none).sources


def test_what_is_no_real_number_for_so_many_layers_is_nan():
    for expr in (1 / (layers - 3), sp.sqrt(layers - 4)):
        assert formula_of(L * expr, three).body.has(sp.nan)


def test_a_condition_stands_beside_each_term_that_it_decides():
    found = formula_of(SumOver(L0[layer], layer, where=L0[layer] > 1), three)
    assert [source.condition for source in found.sources if isinstance(source, Belongs)] == [
        L0[i] > 1 for i in range(3)
    ]
    assert len(found.over) == 1
