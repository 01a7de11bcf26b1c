"""Facts are stated once: wrappers pass on what they do not change, and nothing is computed before it is asked for."""

import copy
import pickle

import jax
import numpy as np
import pytest

from broximal import problems
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norms import L1, L2
from broximal.problems import Noisy, NormDistance, Quadratic, Rotated, Smallest
from broximal.problems.constant import Known
from broximal.problems.distributed.workers import Workers
from broximal.problems.facts import Facts
from broximal.problems.problem import STATED
from broximal.problems.stochastic.growing import DistanceNoise, GradientNoise
from broximal.problems.stochastic.noise import Signs

NAMES = ("convex", "smooth", "star_convex", "f_star", "lower", "minimiser", "unique", "growth")
INSIDE = [NormDistance([0.0, 0.0], L1(), [3.0, 1.0]), Quadratic.semidefinite(3, 2), problems.make("saw_tooth", 1)]
WRAPPERS = [
    lambda f: Noisy(f, Signs(0.1)),
    lambda f: DistanceNoise(f, 0.1),
    lambda f: GradientNoise(f, 0.1),
    lambda f: Workers([f, f], f),
    lambda f: Rotated(np.eye(f.x0.size), f),
]


def same(a, b):
    if isinstance(a, Known):
        return a.value == b.value and b.error <= a.error + 1e-12
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("inside", INSIDE, ids=lambda f: f.name)
@pytest.mark.parametrize("wrap", WRAPPERS)
def test_wrappers_forget_no_fact(inside, wrap):
    outside = wrap(inside)
    for name in NAMES:
        assert same(getattr(inside.facts, name), getattr(outside.facts, name)), name
    for name in ("kappa", "mu", "R0"):
        try:
            found = inside.constant(name, L2())
        except MissingConstant:
            continue
        assert outside.constant(name, L2()).value == pytest.approx(found.value)
    x = inside.x0 + 0.5
    assert outside.distance(x, L2()).value == pytest.approx(inside.distance(x, L2()).value)
    assert outside.distance(x, L2()).why.endswith(inside.distance(x, L2()).why)


def test_the_mean_of_equal_distances_grows_linearly():
    d = NormDistance([0.0] * 3, L1(), [3.0, 1.0, 2.0])
    assert Workers([d, d], d).growth_exponent == d.growth_exponent == 1.0
    shifted = Workers(
        [Quadratic(np.eye(2), about=np.zeros(2), offset=2.0)] * 2, Quadratic(np.eye(2), about=np.zeros(2)), 2.0
    )
    assert shifted.f_star.value == shifted.lower.value == 2.0


def test_smallest_has_a_lower_bound_where_one_part_has_no_minimum():
    network = problems.make("two_layer_network", 4)
    both = Smallest([network, network])
    assert both.lower.value == network.lower.value
    with pytest.raises(MissingConstant):
        both.f_star  # noqa: B018


@pytest.mark.parametrize("alias", problems.families())
def test_facts_are_those_of_the_properties(alias):
    f = problems.make(alias, 4, seed=1)
    assert f.facts is f.facts and isinstance(f.facts, Facts)
    for name, own in zip(NAMES, (*NAMES[:6], "unique_minimiser", "growth_exponent"), strict=True):
        try:
            stated = getattr(f.facts, name)
        except MissingConstant:
            with pytest.raises(MissingConstant):
                getattr(f, own)
            continue
        assert same(stated, getattr(f, own)) or isinstance(f.x0, (list, dict))
    assert isinstance(f.convex, (bool, np.bool_)) and isinstance(f.unique_minimiser, (bool, np.bool_))
    assert not f.convex or f.minimiser is None or f.star_convex
    assert not f.unique_minimiser or f.minimiser is not None
    again = pickle.loads(pickle.dumps(f))
    assert again.convex == f.convex and jax.tree.structure(again) == jax.tree.structure(f)
    assert not hasattr(copy.copy(f), "_kept")


def test_flags_are_read_under_jit_and_numbers_are_not_asked_for():
    asked = []

    class Slow(Quadratic):
        def _facts(self):
            return super()._facts().but(f_star=lambda: asked.append(1) or Known(0.0, 0.0, "asked"))

    f = Slow.example(3)
    value = jax.jit(lambda g, x: g.value(x) if g.convex and g.smooth else 0 * x.sum())(f, f.x0)
    assert not asked and float(value) == pytest.approx(float(f.value(f.x0)), rel=1e-5)
    assert f.f_star.value == f.lower.value == f.f_star.value == 0.0 and len(asked) == 1


def test_facts_are_stated_in_one_place():
    for name in sorted(STATED):
        with pytest.raises(InvalidArgument, match=f"Own must state {name} in _facts"):
            type("Own", (Quadratic,), {name: property(lambda self: None), "__module__": __name__})
    with pytest.raises(AttributeError, match="immutable"):
        Quadratic.example(2).facts.convex = False
