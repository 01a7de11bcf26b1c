"""Intervals hold the exact value, say when they do not tell, and take 1/0 for infinity."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from broximal.oracles.errors import InvalidArgument
from broximal.theory.columns.layers import L0, tau
from broximal.theory.columns.points import D0, K, d0, gap, i, t
from broximal.theory.language.quantity import Largest, LayerSum, layer, layers
from broximal.theory.prescriptions import formula
from broximal.theory.prescriptions.arithmetic import (
    INFINITE,
    ZERO,
    Floats,
    Intervals,
    Undefined,
    at_most,
    ceilings,
    narrow,
    rational,
    to_number,
)
from broximal.theory.prescriptions.formula import TooLong, Values, compiled, keys_in

NUMBERS = {"D_0": 3.0, "d_0": 0.1, "t_const": 0.3, "K": 7, "L0l": [1.0, 0.25], "tau": [0.1, 0.3]}
FORMULAS = [
    d0 * (1 - t / D0) ** K,
    sp.sqrt(d0 / K) + sp.log(K) * sp.exp(-t) - sp.pi + sp.E,
    (d0 / t) ** sp.Rational(2, 3) * K ** sp.Rational(-3, 4),
    sp.Max(t, d0) / sp.Min(t, d0, D0),
    LayerSum(L0[layer] * tau[layer] ** 2) / layers + Largest(L0[layer]),
    d0 * sp.Product(1 - t / sp.sqrt(D0**2 - i * t**2), (i, 0, K - 1)),
    sp.Sum(1 / (i + 1), (i, 0, K - 1)),
    sp.ceiling(D0 / t * sp.Rational(13, 9)) + sp.floor(-D0 / 2) + sp.Abs(t - D0),
    (1 + d0 * t**2) ** (K / 2),
]


def by_sympy(expr):
    for node in expr.atoms(sp.Indexed):
        assert node.indices[0] == layer
    expr = expr.replace(lambda node: hasattr(node, "spelled_out"), lambda node: node.spelled_out(2)).subs(layers, 2)
    for node in expr.atoms(sp.Indexed):
        expr = expr.subs(node, sp.Rational(repr(NUMBERS[str(node.base.label)][int(node.indices[0])])))
    expr = expr.subs(K, 7).doit()
    return expr.subs({symbol: sp.Rational(repr(NUMBERS[symbol.name])) for symbol in expr.free_symbols})


@pytest.mark.parametrize("expr", FORMULAS, ids=range(len(FORMULAS)))
def test_both_arithmetics_are_sympys(expr):
    exact = sp.N(by_sympy(expr), 60)
    assert compiled(expr)(Values(Floats(), NUMBERS, 2)) == pytest.approx(float(exact), rel=1e-12)
    for prec in (20, 60, 150):
        low, high = compiled(expr)(Values(Intervals(prec), NUMBERS, 2))
        low, high = (mpmath.make_mpf(end) for end in (low, high))
        with mpmath.workdps(70):
            value = mpmath.mpf(str(exact))
            slack = abs(value) * mpmath.mpf(10) ** -55
            assert low - slack <= value <= high + slack
            assert high - low <= abs(value) * mpmath.mpf(2) ** (12 - prec)


def test_numbers_are_the_decimals_that_they_print_as():
    assert rational(0.1) == Fraction(1, 10) and rational(1e-12) == Fraction(1, 10**12) and rational(3) == 3
    three = Intervals(200).product([Intervals(200).number(rational(0.1)), Intervals(200).number(10)])
    assert at_most(three, three) is None and narrow(three, 190) and not narrow(three, 250)


def test_one_over_zero_is_infinite_and_what_has_no_limit_is_undefined():
    on = Intervals(60)
    assert on.power(ZERO, Fraction(-1, 2)) == INFINITE and on.least([INFINITE, on.number(2)]) == on.number(2)
    for undefined in (
        lambda: on.product([ZERO, INFINITE]),
        lambda: on.total([INFINITE, on.product([INFINITE, on.number(-1)])]),
        lambda: on.power(on.number(-1), Fraction(1, 2)),
        lambda: on.log(on.number(-1)),
        lambda: on.raised(ZERO, ZERO),
    ):
        with pytest.raises(Undefined):
            undefined()
    assert to_number(on.exp(on.product([INFINITE, on.number(-1)]))) == 0.0


def test_ends_that_straddle_a_whole_number():
    on = Intervals(60)
    assert ceilings(on.power(on.number(16), Fraction(1, 2))) == (4, 4)
    low, high = ceilings(on.power(on.power(on.number(2), Fraction(1, 2)), Fraction(2)))
    assert (low, high) == (2, 3)
    third = compiled(sp.ceiling(K / 3))  # 7 / 3, and 6 / 3 in enough digits
    for horizon, prec, expected in ((7, 60, (3, 3)), (6, 60, (2, 3)), (6, 1200, (2, 2))):
        assert ceilings(third(Values(Intervals(prec), NUMBERS | {"K": horizon}, 1))) == expected


def test_a_product_ends_at_a_factor_zero():
    """Behind it there would be roots of negative numbers."""
    expr = sp.Product(sp.Max(0, 1 - t / sp.sqrt(D0**2 - i * t**2)), (i, 0, K - 1))
    values = Values(Intervals(80), NUMBERS | {"D_0": 1.0, "t_const": 1.0, "K": 100}, 1)
    assert compiled(expr)(values) == ZERO


def test_long_sums_are_kept_and_too_long_ones_refused(monkeypatch):
    expr = sp.Sum(1 / (i + 1) ** 2, (i, 0, K - 1))
    values, function = Values(Floats(), NUMBERS, 1), compiled(expr)
    found = []
    for horizon in (1000, 10, 999, 2000):
        values.numbers["K"] = float(horizon)
        found.append(function(values))
    assert found == [pytest.approx(sum(1 / n**2 for n in range(1, K + 1))) for K in (1000, 10, 999, 2000)]
    monkeypatch.setattr(formula, "LONGEST", 1500)
    with pytest.raises(TooLong):
        function(values)


def test_what_is_measured_or_not_computed_is_refused():
    for expr in (gap[K], sp.sin(t), sp.Mod(K, 2)):
        with pytest.raises(InvalidArgument, match=r"measured along the run|not computed for stepsizes"):
            compiled(expr)
    assert keys_in(LayerSum(L0[layer]) * t / layers) == {"L0l", "t_const"}
