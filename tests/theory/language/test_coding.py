"""Formulas that were kept are read back exactly, and nothing else is read."""

import json

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from broximal.oracles.errors import BroximalError
from broximal.theory import catalogue
from broximal.theory.language.coding import Reader, Writer
from broximal.theory.language.quantity import Best, K, Largest, LayerSum, i, k, latex, layer

x, y = sp.symbols("x y", positive=True)
gap = sp.IndexedBase("gap", real=True)


def through(*exprs):
    writer = Writer()
    places = [writer.keep(expr) for expr in exprs]
    reader = Reader(json.loads(json.dumps(writer.rows)))
    return [reader.make(place) for place in places]


@pytest.mark.parametrize(
    "expr",
    [
        sp.Float("0.1", 30),
        sp.Float(0.1),
        sp.Integer(-(10**40)),
        sp.Rational(2, 7),
        sp.pi,
        sp.E**x,
        -sp.oo,
        sp.true,
        sp.Symbol("x"),  # not the positive one
        gap[2 * k + 1],
        sp.Le(x, 2 * x, evaluate=False),
        sp.And(x < y, sp.Ne(k, 0)),
        sp.Sum(gap[i] / (i + 1), (i, 0, K - 1)),
        sp.Product(1 - 1 / (i + 2), (i, 0, K - 1)),
        Best(gap[i], (i, 0, K - 1)),
        LayerSum(sp.IndexedBase("L0l", real=True)[layer] * x),
        Largest(sp.IndexedBase("L0l", real=True)[layer]),
        sp.Max(0, 1 - x / y) ** K,
        sp.ceiling(sp.log(x) / sp.log(1 - y)),
        2 * (x + y),
    ],
    ids=str,
)
def test_an_expression_comes_back_as_it_was(expr):
    (found,) = through(expr)
    assert found == expr and type(found) is type(expr)
    assert sp.srepr(found) == sp.srepr(expr) and latex(found) == latex(expr)


def test_numbers_that_are_equal_are_kept_apart():
    one, single = through(sp.Integer(1), sp.Float(1))
    assert isinstance(one, sp.Integer) and isinstance(single, sp.Float)


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_every_float_keeps_its_digits(value):
    (found,) = through(sp.Float(value) + x)
    assert found == sp.Float(value) + x and sp.srepr(found) == sp.srepr(sp.Float(value) + x)


def test_every_formula_of_the_catalogue_can_be_kept():
    writer, kept = Writer(), []
    for theorem in catalogue().values():
        parts = [getattr(claim, name, None) for claim in theorem.claims for name in ("relation", "within")]
        parts += [part for rule in theorem.parameters for part in (rule.symbol, rule.formula, rule.domain)]
        kept += [(sp.sympify(part), writer.keep(sp.sympify(part))) for part in parts if part is not None]
    reader = Reader(json.loads(json.dumps(writer.rows)))
    assert len(kept) > 300
    for expr, place in kept:
        assert sp.srepr(reader.make(place)) == sp.srepr(expr)


def test_what_is_no_part_of_a_formula_is_refused():
    with pytest.raises(BroximalError, match="has a gamma, which cannot be kept"):
        Writer().keep(sp.gamma(x))


@pytest.mark.parametrize(
    "row",
    [
        ["__import__", 0],
        ["eval", "print(1)"],
        ["Lambda", 0],
        ["Add", 0, 1],  # itself: an endless descent
        ["Add", "x"],
        ["atom", "os"],
        ["number", "1", "z"],
        [],
        ["symbol"],
    ],
)
def test_rows_that_no_writer_made_are_refused(row):
    with pytest.raises((KeyError, IndexError, TypeError, ValueError)):
        Reader([["number", "1", "1"], row]).make(1)
