"""The certificates of the verbs see what is wrong with a point, and bare answers of iterations are refused where it shows."""

import jax
import numpy as np
import pytest

from broximal import oracles
from broximal.oracles import arrays, norms
from broximal.oracles.arrays import combine, subtract
from broximal.oracles.errors import NotCertified
from broximal.oracles.norms import L1, AtomHull, CvxpyNorm, KSupport, LinearImage, LInf, MaxAbsLinear, Mixed, TopK
from tests.oracles.norm_laws import draw

EXAMPLES = [
    (norm, shape)
    for entry in norms.catalogue()
    for norm, shape in entry.examples[:1]
    if entry.examples[0][0].error == 0  # what a solver evaluates has that solver's errors
]
OFF = (1e-3, 1e-6)


def displaced(norm, point, radius, off, rng):
    """The point moved by a share of its length, inside the ball."""
    moved = combine(1.0, point, off * float(arrays.l2(point)), draw(jax.tree.map(np.shape, point), rng))
    size = float(norm(moved))
    return arrays.scale(min(1.0, radius / size), moved)


@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize(("norm", "shape"), EXAMPLES, ids=lambda v: getattr(v, "name", None))
def test_no_gap_of_a_verb_hides_an_error(norm, shape, off, monkeypatch, rng):
    x, kind = draw(shape, rng), type(norm)
    radius = 0.4 * float(norm(x))
    exact = {verb: getattr(oracles, verb)(norm, x, radius) for verb in ("project", "prox", "lmo")}
    wrong = {verb: displaced(norm, exact[verb].point, radius, off, rng) for verb in ("project", "lmo")}
    # The verbs ask for these two; a prox is made of a projection onto the dual ball.
    monkeypatch.setattr(kind, "_project", lambda self, x, radius: wrong["project"])
    answer = oracles.project(norm, x, radius)
    error = float(arrays.l2(subtract(wrong["project"], exact["project"].point))) ** 2
    assert answer.gap >= error * (1 - 1e-6) - 1e-14 * float(arrays.l2(x)) ** 2
    answer = oracles.prox(norm.dual, x, radius)
    assert type(norm.dual.dual) is not kind or answer.gap >= error * (1 - 1e-6) - 1e-14 * float(arrays.l2(x)) ** 2
    if kind._certified_lmo is norms.L1._certified_lmo:  # others take it from one decomposition, never from a point
        unit = arrays.scale(1 / radius, wrong["lmo"])
        monkeypatch.setattr(kind, "_lmo", lambda self, g: unit)
        answer = oracles.lmo(norm, x, radius)
        error = float(arrays.inner(x, wrong["lmo"]) - exact["lmo"].value)
        assert answer.gap >= error - 1e-14 * abs(float(exact["lmo"].value))


ITERATIVE = [
    (LinearImage(KSupport(2), np.eye(4) + np.diag(np.ones(3), 1)), (4,)),
    (LinearImage(L1(), np.eye(4) + np.diag(np.ones(3), 1)), (4,)),
    (Mixed(TopK(2), L1()), (3, 2)),
    (MaxAbsLinear(np.eye(3) + 0.3), (3,)),
    (AtomHull(np.eye(3) + 0.3), (3,)),
]


@pytest.mark.parametrize(("norm", "shape"), ITERATIVE, ids=lambda v: getattr(v, "name", None))
def test_a_bare_answer_that_is_wrong_is_refused_with_the_point(norm, shape, monkeypatch, rng):
    x = draw(shape, rng)
    radius = 0.4 * float(norm(x))
    exact = norm._project(x, radius)
    assert np.array_equal(norm.project(x, radius), exact)
    wrong = displaced(norm, exact, radius, 1e-3, rng)
    monkeypatch.setattr(type(norm), "_project", lambda self, x, radius: wrong)
    for call in (norm.project, norm.dual.prox):
        with pytest.raises(NotCertified, match="projection") as refused:
            call(x, radius)
        assert np.array_equal(refused.value.answer.point, wrong) and refused.value.answer.gap > 0
    low = norm._lmo(x)
    monkeypatch.setattr(type(norm), "_lmo", lambda self, g: low * (1 - 1e-6))
    with pytest.raises(NotCertified, match="LMO"):
        norm.lmo(x, radius)


def test_a_wrong_solver_of_a_users_norm_is_refused(monkeypatch, rng):
    norm = CvxpyNorm.examples()[0][0]
    x = rng.standard_normal(3)
    wrong = displaced(norm, norm._project(x, 1.0), 1.0, 1e-2, rng)
    monkeypatch.setattr(CvxpyNorm, "_project", lambda self, x, radius: wrong)
    with pytest.raises(NotCertified, match="projection"):
        norm.project(x, 1.0)


def rotated(n, condition, rng):
    q, p = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    return (q * np.geomspace(1, 1 / condition, n)) @ p


@pytest.mark.parametrize("condition", [1e1, 1e3, 1e5, 1e7])
@pytest.mark.parametrize("base", [LInf(), L1(), KSupport(2)], ids=str)
def test_images_of_any_condition_are_right_or_refused(base, condition, rng):
    """A point of the sphere plus a normal of the ball there is projected onto that point."""
    n, refused = 4, 0
    for _ in range(6):
        norm = LinearImage(base, rotated(n, condition, rng))
        p = norm.lmo(rng.standard_normal(n))
        normal = norm.subgradient(p)
        x = p + normal * (arrays.l2(p) / arrays.l2(normal))  # p is its projection: the normal is one of the ball at p
        try:
            found = norm.project(x, float(norm(p)))
        except NotCertified as answer:
            refused, found = refused + 1, answer.answer.point
            continue
        assert arrays.l2(found - p) <= 3e-5 * arrays.l2(x)
    assert refused == 0 or condition > 1e2


@pytest.mark.parametrize(("norm", "shape"), EXAMPLES, ids=lambda v: getattr(v, "name", None))
def test_a_tiny_radius_and_huge_and_tiny_points(norm, shape, rng):
    x = draw(shape, rng)
    size = float(norm(x))
    answer = oracles.project(norm, x, 1e-12 * size)
    assert float(answer.excess) <= 1e-12 * 1e-12 * size and not np.isnan(answer.gap)
    half = norm.project(x, 0.5 * size)
    for unit in (1e200, 1e-200):
        big = arrays.scale(unit, x)
        answer = oracles.project(norm, big, 0.5 * float(norm(big)))
        assert not np.isnan(answer.gap)
        again = arrays.divide(answer.point, unit)
        assert float(arrays.l2(subtract(again, half))) <= 1e-7 * float(arrays.l2(half))
        assert not np.isnan(oracles.lmo(norm, big, 0.5 * size).gap)
