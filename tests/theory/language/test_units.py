"""Units of expressions, and formulas whose terms scale differently."""

import dataclasses

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from broximal.oracles.errors import InvalidArgument
from broximal.theory import EachHorizon, EachStep, Reaches, Rule, Terminates, catalogue
from broximal.theory.columns.clocks import elapsed
from broximal.theory.columns.layers import L0, L1, a, g, rho, tau
from broximal.theory.columns.points import (
    D0,
    Best,
    K,
    L,
    d0,
    distance,
    gap,
    i,
    k,
    kappa,
    mu,
    q,
    radius,
    t,
    unit_f,
    unit_x,
    value,
)
from broximal.theory.columns.whole import gam
from broximal.theory.language.claims import Expected
from broximal.theory.language.grammar import Possibly
from broximal.theory.language.quantity import Largest, LayerSum, _register, column, known, layer, layers
from broximal.theory.language.scaling import check_rule, check_units, quantity_units, units_of
from broximal.theory.language.units import NONE, Units, parse_units
from broximal.theory.prescriptions.outline import outline_of
from broximal.theory.prescriptions.unroll import single

RATE = 1 - radius[i] / distance[i]
PARTS = ("relation", "where", "trivial", "ceiling", "second", "within")
SYMBOLIC = sp.Symbol("q", positive=True)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1", (0, 0)),
        ("f", (1, 0)),
        ("x", (0, 1)),
        ("f/x", (1, -1)),
        ("f/x^2", (1, -2)),
        ("f^2/x^2", (2, -2)),
        ("x^2/f", (-1, 2)),
        ("1/x", (0, -1)),
        ("f x", (1, 1)),
        ("x^1/2", (0, sp.Rational(1, 2))),
        ("f/x^q", (1, -SYMBOLIC)),
    ],
)
def test_units_are_read(text, expected):
    found = parse_units(text)
    assert found == expected
    assert parse_units(str(found)).equal(found)


@pytest.mark.parametrize("text", ["", "m", "f/", "f//x", "f^", "f^-1", "2", "f*x", None, 3, "x^2.5"])
def test_other_text_is_refused(text):
    with pytest.raises(InvalidArgument, match="units must be written"):
        parse_units(text)


def test_a_quantity_with_unreadable_units_is_refused_when_it_is_defined():
    with pytest.raises(InvalidArgument, match="units of 'weight' must be written"):
        column("weight", "w", "", "kg")(lambda now: 1.0)


FOUND = {
    "product": (L * D0**2 / 2, "f"),
    "symbolic power": (kappa * distance[k] ** q, "f"),
    "its inverse": ((d0 / kappa) ** (1 / q), "x"),
    "root": (sp.sqrt(2 * d0 / (L * K)), "x"),
    "sum": (sp.Sum(gap[i] * radius[i], (i, 0, K - 1)), "f x"),
    "layers": (LayerSum(L1[layer] * tau[layer] * g[k, layer]), "f/x"),
    "largest": (Largest(g[k, layer] / L0[layer]), "x"),
    "best": (Best(gap[i], (i, 0, K)), "f"),
    "product of rates": (gap[0] * sp.Product(RATE, (i, 0, K - 1)), "f"),
    "zero": (sp.Max(0, value[k]), "f"),
    "exponential": (d0 * sp.exp(-mu / L * K), "f"),
    "counts": (layers * K / (k + 1) + rho[0], "1"),
    "sign": (sp.sign(value[k]), "1"),
    "modulo": (sp.Mod(gap[k], d0), "f"),
    "angle": (sp.atan2(d0, gap[k]), "1"),
    "units": (3 * unit_f / unit_x, "f/x"),
    "power of a rate": ((1 - a) ** k * d0, "f"),
}


@pytest.mark.parametrize("name", FOUND)
def test_units_of_expressions(name):
    expr, expected = FOUND[name]
    units = units_of(expr)
    symbols = {SYMBOLIC: q}
    assert units is not None and units.equal(Units(*(part.subs(symbols) for part in parse_units(expected))))


@pytest.mark.parametrize("number", [0, sp.Float(0.0), sp.oo, sp.S.Zero * d0])
def test_zero_and_infinity_fit_anything(number):
    assert units_of(number) is None


REFUSED = {
    "relation": (lambda: EachStep(gap[k] <= D0), r"gap\[k\], which has units f, and D_0, which has x\."),
    "sum": (lambda: EachStep(gap[k] <= d0 + D0), "D_0"),
    "number": (lambda: EachStep(gap[k] <= 0.1), "0.1, which has 1; a number with units is written"),
    "number in a sum": (lambda: EachStep(gap[k] <= d0 + 1), "a number with units"),
    "maximum": (lambda: EachStep(gap[k] <= sp.Max(d0, D0)), "D_0"),
    "difference on one side": (lambda: EachStep(gap[k + 1] - gap[k] + radius[k] ** 2 <= 0), "f"),
    "exponential": (lambda: EachStep(gap[k] <= d0 * sp.exp(-mu * k)), r"exp of .*units f/x\^2 and must have none"),
    "logarithm": (lambda: Terminates(sp.log(D0)), "log of D_0"),
    "exponent": (lambda: EachStep(gap[k] <= d0 * a**D0), "exponent of D_0"),
    "product": (lambda: EachHorizon(gap[K] <= sp.Product(radius[i], (i, 0, K - 1)) * d0), "Product of"),
    "powers in a sum": (lambda: EachHorizon(d0 <= sp.Sum(D0**i, (i, 0, K - 1))), "different units"),
    "where": (lambda: EachStep(gap[k] <= d0, where=sp.And(k > 1, distance[k] > 1)), "where of EachStep"),
    "possibly": (lambda: EachStep(gap[k] <= d0, where=Possibly(gap[k] <= 1)), "where of EachStep"),
    "trivial": (lambda: EachStep(gap[k] <= d0, trivial=D0), "trivial of EachStep is D_0, which has units x"),
    "ceiling": (lambda: Expected(gap[K] <= d0, ceiling=2), "ceiling of Expected is 2"),
    "second": (lambda: Expected(gap[K] <= d0, second=d0), r"second of Expected .* asks for f\^2"),
    "steps": (lambda: Terminates(D0), "a number of steps has 1"),
    "clock": (lambda: Reaches(gap[k] <= d0 / 2, D0, clock=elapsed), "within of Reaches"),
    "layers": (lambda: EachStep(LayerSum(L0[layer] + L1[layer]) <= L), "L1l"),
    "rule": (lambda: Rule(t, 1 / L), "formula of the rule for t_const"),
    "rule in a sum": (lambda: Rule(t, D0 + 1, free=True), "a number with units"),
    "rule that is no choice": (lambda: Rule(t, 1), "formula of the rule for t_const is 1"),
    "domain": (lambda: Rule(t, D0, t * L <= 1), "domain of the rule for t_const"),
    "symbolic power": (lambda: EachStep(gap[k] <= kappa * distance[k] ** (2 * q)), "f"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_terms_that_scale_differently_are_refused_with_their_units(name):
    make, words = REFUSED[name]
    with pytest.raises(InvalidArgument, match=words):
        make()


def test_what_scales_alike_is_accepted():
    EachStep(gap[k] <= 0.1 * unit_f, where=distance[k] > 2 * unit_x, trivial=value[0])
    Expected(gap[K] <= d0, ceiling=2 * d0, second=d0**2)
    Reaches(gap[k] <= d0 / 2, D0, clock=radius)
    Rule(t, 1, free=True)  # a value of a free parameter is no formula
    Rule(gam, 1 / L, gam * L <= 1)


def test_what_is_derived_is_not_refused():
    """A twin may add a number to a side that is 0; formulas for layers have symbols that no vocabulary knows."""
    assert EachStep(value[k] <= 0).strengthened(0.75).relation.lhs != value[k]
    for name in ("gluon.stochastic_horizon", "drop_muon.stochastic_coupled_average", "bpm.geometric_radii"):
        if name in catalogue():
            assert single(outline_of(catalogue()[name])).name == name


def test_every_theorem_scales():
    """It was checked when it was made; a unit that is altered is then found in the formulas that use it."""
    found = 0
    for theorem in catalogue().values():
        for claim in theorem.claims:
            check_units(claim, tuple(name for name in PARTS if hasattr(claim, name)))
            found += 1
        for rule in theorem.parameters:
            check_rule(rule)
    assert len(catalogue()) >= 154 and found >= 235


@pytest.mark.parametrize("key, wrong", [("gap", "x"), ("L", "f/x"), ("rho", "x"), ("tau", "1"), ("D_0", "f")])
def test_a_wrong_unit_is_found_by_the_catalogue(key, wrong):
    right = known(key)
    try:
        _register(dataclasses.replace(right, units=wrong))
        with pytest.raises(InvalidArgument):
            test_every_theorem_scales()
    finally:
        _register(right)
    assert quantity_units(key) == parse_units(right.units)


@given(st.fractions(-3, 3, max_denominator=4), st.fractions(-3, 3, max_denominator=4), st.integers(-3, 3))
@settings(max_examples=50)
def test_powers_and_products(first, second, power):
    units = Units(sp.Rational(first), sp.Rational(second))
    assert units.power(power).times(units.power(-power)).none
    assert units.times(NONE) == units
    assert units.factor(2.0, 4.0) == pytest.approx(2.0 ** float(first) * 4.0 ** float(second))
