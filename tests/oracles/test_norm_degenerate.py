"""Zero, ties, rank loss, single rows and entries, huge and tiny scales: the same laws hold, and nothing is NaN."""

import jax
import numpy as np
import pytest

from broximal.oracles import norms
from broximal.oracles.arrays import scale
from broximal.oracles.norms import CvxpyDual, CvxpyNorm
from tests.oracles.norm_laws import check_at, draw, filled, is_shape

MEMBERS = [
    (member, shape)
    for entry in norms.catalogue()
    for norm, shape in entry.examples
    for member in {norm.name: norm, norm.dual.name: norm.dual}.values()
]


def over(shape, make):
    return jax.tree.map(make, shape, is_leaf=is_shape)


def alternating(shape):
    return over(shape, lambda s: np.where(np.arange(np.prod(s)) % 2 == 0, 1.0, -1.0).reshape(s))


def spike(shape):
    return over(shape, lambda s: np.where(np.arange(np.prod(s)) == np.prod(s) - 1, -2.0, 0.0).reshape(s))


def rank_one(shape):
    return over(shape, lambda s: np.multiply.outer(np.arange(1.0, s[0] + 1), np.ones(s[1:])))


POINTS = {
    "zero": lambda shape, rng: filled(shape, 0.0),
    "ties": lambda shape, rng: filled(shape, 1.0),
    "ties of both signs": lambda shape, rng: alternating(shape),
    "one entry": lambda shape, rng: spike(shape),
    "rank one": lambda shape, rng: rank_one(shape),
    "huge": lambda shape, rng: scale(1e150, draw(shape, rng)),
    "tiny": lambda shape, rng: scale(1e-150, draw(shape, rng)),
}


def by_solver(norm) -> bool:
    return isinstance(norm, CvxpyNorm | CvxpyDual)


@pytest.mark.parametrize(
    ("norm", "shape", "kind"),
    [
        pytest.param(norm, shape, kind, id=f"{norm.name}-{kind}")
        for norm, shape in MEMBERS
        for kind in POINTS
        if not (by_solver(norm) and kind in ("huge", "tiny"))  # outside of what a convex solver takes
    ],
)
def test_degenerate(norm, shape, kind, rng):
    x = POINTS[kind](shape, rng)
    check_at(norm, x, x, rng, 1e-6 if by_solver(norm) else 1e-9)


SINGLE = [
    "l1", "l2", "linf", "lp(1.5)", "lp(4)", "topk(1)", "topk_dual(1)", "ksupport(1)", "topk_l2(1)",
    "weighted_l1([2])", "owl([2])", "owl_dual([2])", "ellipsoid([[2]])", "group([1])",
]  # fmt: skip


@pytest.mark.parametrize("name", SINGLE)
def test_one_dimension(name, rng):
    norm = norms.parse(name)
    x = np.array([-3.0])
    check_at(norm, x, x, rng)
    assert norm.lmo(x) == pytest.approx(1 / norm(np.ones(1)))


MATRIX = [
    "spectral", "nuclear", "frobenius", "schatten(1.5)", "kyfan(1)", "kyfan_dual(1)", "mixed(l1, l2)",
    "mixed(linf, l1, columns)", "one_to_two", "two_to_inf", "one_to_inf", "one_to_rms", "rms_to_inf", "rms_to_rms",
]  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1)], ids=str)
@pytest.mark.parametrize("name", MATRIX)
def test_single_rows_and_columns(name, shape, rng):
    norm = norms.parse(name)
    check_at(norm, rng.standard_normal(shape), rng.standard_normal(shape), rng)
    check_at(norm, np.zeros(shape), np.zeros(shape), rng)


def test_lmo_at_zero_is_an_extreme_point():
    assert np.array_equal(norms.L1().lmo(np.zeros(3)), [-1, 0, 0])
    assert np.array_equal(norms.LInf().lmo(np.zeros(3)), [-1, -1, -1])
    for name in ("l2", "lp(3)", "ksupport(2)"):
        assert np.array_equal(norms.parse(name).lmo(np.zeros(3)), [1, 0, 0])
    full = norms.Spectral().lmo(np.zeros((2, 3)))
    assert np.allclose(full @ full.T, np.eye(2))
    assert np.linalg.matrix_rank(norms.Nuclear().lmo(np.zeros((2, 3)))) == 1


def test_spectral_lmo_is_a_full_isometry_at_rank_loss(rng):
    g = np.outer(rng.standard_normal(4), rng.standard_normal(3))
    v = norms.Spectral().lmo(g)
    assert np.allclose(v.T @ v, np.eye(3))


def test_ties_are_broken_by_position():
    assert np.array_equal(norms.L1().lmo(np.array([1.0, -1.0])), [-1, 0])
    assert np.array_equal(norms.KSupport(1).lmo(np.array([1.0, -1.0])), [-1, 0])
    assert np.array_equal(norms.OWLDual([2.0, 1.0]).lmo(np.array([1.0, 1.0])), [-2, -1])
    assert np.array_equal(norms.TopK(2).lmo(np.array([1.0, 1.0, 1.0])), [-0.5, -0.5, -0.5])
