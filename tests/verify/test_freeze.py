"""Objects as plain data, and back; nothing that `freeze` did not write is ever made."""

import json

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, strategies as st

from broximal.oracles import norms
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norms import L2, CvxpyNorm, Lp
from broximal.problems import LeastSquares, Quadratic
from broximal.problems.catalogue import families
from broximal.problems.regression import least_squares
from broximal.theory import catalogue, find
from broximal.verify.content import digest, statement_digest
from broximal.verify.expressions import freeze_expression, thaw_expression
from broximal.verify.freeze import CannotFreeze, freeze, freeze_theorem, thaw, thaw_theorem


def through_json(frozen):
    return json.loads(json.dumps(frozen, allow_nan=False))


@pytest.mark.parametrize("alias", families())
def test_every_family_comes_back_as_it_was(alias):
    family = families()[alias]
    try:
        problem = family.example(3, 0)
    except InvalidArgument:  # a family of data
        problem = family.from_data()
    again = thaw(through_json(freeze(problem)))
    assert digest(again) == digest(problem)
    assert float(again.value(again.x0)) == float(problem.value(problem.x0))


def test_wide_data_come_back_as_they_were(monkeypatch):
    monkeypatch.setattr(least_squares, "DENSE", 3)
    problem = LeastSquares(np.arange(10.0).reshape(2, 5) ** 0.5, [1.0, 3.0])
    again = thaw(through_json(freeze(problem)))
    assert again.A is None and digest(again) == digest(problem)
    assert float(again.gap(again.x0)) == float(problem.gap(problem.x0)) > 0


@pytest.mark.parametrize("entry", norms.catalogue(), ids=lambda entry: entry.alias)
def test_every_norm_comes_back_as_it_was(entry):
    for norm, _ in entry.examples:
        again = thaw(through_json(freeze(norm)))
        assert digest(again) == digest(norm) and again.name == norm.name


def test_every_statement_of_the_catalogue_comes_back_as_it_was():
    came_back = 0
    for theorem in catalogue().values():
        try:
            frozen = freeze_theorem(theorem)
        except CannotFreeze:
            continue
        again = thaw_theorem(through_json(frozen))
        assert statement_digest(again) == statement_digest(theorem), theorem.name
        assert [claim.relation for claim in again.claims if hasattr(claim, "relation")] == [
            claim.relation for claim in theorem.claims if hasattr(claim, "relation")
        ]
        came_back += 1
    assert came_back > 0.9 * len(catalogue())


ARRAYS = [
    np.array(3.0),
    np.float32(0.1),
    np.arange(5),
    np.array([True, False]),
    np.array([np.inf, -np.nan, -0.0]),
    np.array([1 / 3], dtype=np.longdouble),
    np.asfortranarray(np.random.default_rng(0).standard_normal((20, 7))),
    np.zeros((0, 3)),
    np.arange(3, dtype=">f8"),
    np.array([2**63], dtype=np.uint64),
    jnp.arange(4.0, dtype=jnp.float32),
    jnp.ones(3, dtype=jnp.bfloat16),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_come_back_bit_for_bit(array):
    again = thaw(through_json(freeze(array)))
    assert isinstance(again, type(array))
    assert again.dtype == array.dtype.newbyteorder("=") and again.shape == array.shape
    assert np.ascontiguousarray(again).tobytes() == np.asarray(array).astype(again.dtype).tobytes()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_subnormal=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_come_back_equal(value):
    again = thaw(through_json(freeze(value)))
    assert again == value and digest(again) == digest(value)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_subnormal=False)
    | st.sampled_from(["class", "broximal.oracles.norms.lp", "L1", "float64", "numpy", "Add", "os", "system"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "class fields source array kind dtype shape values base64 npz sympy function list tuple dict float".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JUNK)
def test_junk_is_refused_in_one_sentence_or_is_data(junk):
    for read in (thaw, thaw_theorem, thaw_expression):
        try:
            read(junk)
        except InvalidArgument as error:
            assert "\n" not in str(error)


def _class(module, name, **fields):
    return {"class": [module, name], "fields": fields}


HOSTILE = {
    "a class of another package": _class("subprocess", "Popen", args="x"),
    "a class of another package, with a source": _class("subprocess", "Popen")
    | {"source": {"file": "a", "sha256": ""}},
    "not a class of fields": _class("broximal.oracles.errors", "InvalidArgument"),
    "imported from elsewhere": _class("broximal.oracles.norm", "Module"),
    "imported from another module": _class("broximal.problems.smooth.quadratic", "L2"),
    "the command line": _class("broximal.verify.__main__", "app"),
    "a function of another package": {"function": ["os", "system"]},
    "a function of verify": {"function": ["broximal.verify.summary", "make_folder"]},
    "a function that a module imported": {"function": ["broximal.oracles.norms.user", "cvxpy"]},
    "an abstract class": _class("broximal.problems.problem", "Problem"),
    "a field too many": _class("broximal.oracles.norms.lp", "L1", __class__=1),
    "a module that there is not": _class("broximal.oracles.nothing", "L1"),
    "a path": _class("broximal.oracles/../x", "L1"),
    "an expression that is text": {"sympy": ["Symbol", "__import__('os')", {"positive": "yes"}]},
    "an expression of another package": {"sympy": ["broximal.verify.files:replace", ["Integer", "1"]]},
    "a function of sympy": {"sympy": ["sympify", ["Integer", "1"]]},
    "a huge integer": {"sympy": ["Integer", "9" * 5000]},
    "a huge float": {"sympy": ["Float", 0, "1", 10**9, 53]},
    "an array of nothing": {"array": {"kind": "numpy", "dtype": "float64", "shape": [2**39], "base64": ""}},
    "an array of objects": {"array": {"kind": "numpy", "dtype": "object", "shape": [1], "values": [1]}},
    "an array too short": {"array": {"kind": "numpy", "dtype": "float64", "shape": [2], "values": [1.0]}},
    "an array of text": {"array": {"kind": "numpy", "dtype": "float64", "shape": [1], "values": ["1"]}},
    "an array elsewhere": {"array": {"kind": "numpy", "dtype": "float64", "shape": [1], "npz": "../x.npz"}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_made_that_was_not_frozen(name):
    with pytest.raises(InvalidArgument):
        thaw(HOSTILE[name])


def test_a_huge_power_is_not_computed():
    power = ["Pow", ["Integer", "10"], ["Integer", str(10**12)]]
    assert thaw_expression(power).args == (10, 10**12)


def test_deep_data_are_refused():
    deep: object = 1
    for _ in range(100_000):
        deep = {"list": [deep]}
    with pytest.raises(InvalidArgument, match="too deep"):
        thaw(deep)


def test_what_is_no_plain_data_says_where_it_is():
    class Local(Quadratic):
        pass

    with pytest.raises(CannotFreeze, match="inside a function"):
        freeze(Local(np.eye(2), about=np.zeros(2)))
    with pytest.raises(CannotFreeze, match=r"CvxpyNorm\.fn is the function .*<lambda>, which has no name"):
        import cvxpy

        freeze(CvxpyNorm(lambda x: cvxpy.norm1(x), (2,)))
    with pytest.raises(CannotFreeze, match=r"list\[1\] is a object"):
        freeze([1, object()])
    ring: list = []
    ring.append(ring)
    with pytest.raises(CannotFreeze, match="holds itself"):
        freeze(ring)


class Elsewhere(eqx.Module):
    norm: L2
    weight: float


def test_an_own_class_is_made_only_of_a_module_that_was_given():
    import sys

    frozen = through_json(freeze(Elsewhere(L2(), 2.5)))
    assert frozen["source"]["file"] == "test_freeze.py"
    with pytest.raises(InvalidArgument, match=r"Elsewhere is defined in test_freeze\.py; give the file"):
        thaw(frozen)
    again = thaw(frozen, [sys.modules[__name__]])
    assert isinstance(again, Elsewhere) and again.weight == 2.5


def test_the_constructor_is_not_called(monkeypatch):
    frozen = freeze(Lp(3))
    monkeypatch.setattr(Lp, "__init__", lambda *_: pytest.fail("called"))
    assert digest(thaw(frozen))


def test_expressions_keep_their_numbers():
    import sympy as sp

    x = sp.Symbol("x", positive=True)
    for value in (sp.Float(0.1), sp.Rational(1, 3), sp.oo, sp.pi, sp.Max(x, 2) ** sp.Float("1e-300"), sp.true, -x < 3):
        again = thaw_expression(json.loads(json.dumps(freeze_expression(value))))
        assert again == value and sp.srepr(again) == sp.srepr(value)
    assert find("bpm.star_rate").claims[0].relation.has(sp.Max)
