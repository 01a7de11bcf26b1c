"""The catalogue: found by folder, one alias each, every family keeps the contract of a problem."""

import jax
import numpy as np
import pytest

from broximal import problems
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import shape_of
from broximal.oracles.norms import L2, Spectral
from broximal.problems import CONSTANTS, Problem
from broximal.problems.smoothness import Smoothness
from tests.problems.smoothness_checks import layered_l2

FAMILIES = problems.families()


def test_found_by_folder():
    assert {"linear", "max_affine", "norm_distance", "smallest", "composite", "doubling", "quadratic"} <= set(FAMILIES)
    assert all(issubclass(family, Problem) and family.alias == alias for alias, family in FAMILIES.items())
    assert list(FAMILIES) == sorted(FAMILIES)


def test_unknown_names():
    with pytest.raises(InvalidArgument, match="Did you mean 'linear'"):
        problems.make("linaer")
    with pytest.raises(InvalidArgument, match="is no family"):
        problems.make("qqqq")
    with pytest.raises(InvalidArgument, match="dim"):
        problems.make("linear", 0)
    with pytest.raises(InvalidArgument, match="dim"):
        problems.make("linear", 2.5)
    for seed in (-1, "a"):
        with pytest.raises(InvalidArgument, match="seed"):
            problems.make("linear", 2, seed)


def test_constants_of_a_wrong_norm_or_start_are_refused():
    f = problems.make("quadratic", 4)
    with pytest.raises(InvalidArgument, match="norm must be a norm, not the text 'l1'"):
        f.constant("L", "l1")
    with pytest.raises(InvalidArgument, match="x0 has shape"):
        f.constant("L", Spectral())
    with pytest.raises(InvalidArgument, match="x0 has shape"):
        f.constant("R0", L2(), x0=np.zeros(3))
    for dtype in (np.float32, np.longdouble):  # only the shape of a start matters
        assert f.constant("R0", L2(), x0=f.x0.astype(dtype)).value > 0


@pytest.mark.parametrize("alias", FAMILIES)
@pytest.mark.parametrize("dim", [1, 4])
def test_contract(alias, dim):
    try:
        f = problems.make(alias, dim, seed=1)
    except InvalidArgument as reason:
        pytest.skip(f"{alias} has no member of dimension {dim}: {reason}") if dim == 1 else pytest.fail(str(reason))
    again = problems.make(alias, dim, seed=1)
    x = f.x0
    norm = layered_l2(x)
    assert f.name and repr(f)
    assert all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(again.x0), strict=True))
    assert np.isfinite(float(f.value(x))) and shape_of(f.gradient(x)) == shape_of(x)
    assert all(isinstance(s, Smoothness) for s in f.smoothness(norm))
    try:
        f_star = f.f_star
        assert float(f.value(x)) >= f_star.value - f_star.error - 1e-12
        assert np.isfinite(f_star.error) and f_star.why
    except MissingConstant:
        assert f.minimiser is None
    try:
        assert float(f.value(x)) >= f.lower.value - f.lower.error - 1e-12
    except MissingConstant:
        assert f.minimiser is None
    if f.minimiser is not None:
        assert float(f.value(f.minimiser)) <= f.f_star.value + f.f_star.error + 1e-12 * (1 + abs(f.f_star.value))
        assert f.distance(f.minimiser, norm).value <= 1e-9
        assert float(f.gap(x)) >= 0
    for name in CONSTANTS:
        try:
            found = f.constant(name, norm)
        except MissingConstant:
            continue
        assert found.why and found.value >= 0 and found.name == name


def test_distances_of_points_elsewhere_are_refused():
    f = problems.make("quadratic", 4)
    with pytest.raises(InvalidArgument, match=r"x has shape \(3,\), but quadratic\(4\) lives on \(4,\)"):
        f.distance(np.zeros(3), L2())
    with pytest.raises(InvalidArgument, match="norm must be a norm"):
        f.distance(f.x0, "l2")


@pytest.mark.parametrize("alias", FAMILIES)
def test_points_of_integers_do_not_cut_off_the_digits_of_the_data(alias):
    f = problems.make(alias, 4, seed=1)
    whole = jax.tree.map(lambda leaf: np.arange(1, 1 + leaf.size).reshape(leaf.shape) % 3, f.x0)
    real = jax.tree.map(lambda leaf: leaf.astype(float), whole)
    assert float(f.value(whole)) == float(f.value(real))
    for own, other in zip(*(jax.tree.leaves(f.gradient(x)) for x in (whole, real)), strict=True):
        assert np.array_equal(own, other)
    if f.minimiser is not None:
        assert float(f.gap(whole)) == float(f.gap(real))
