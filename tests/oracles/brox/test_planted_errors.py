"""Wrong answers planted into every solver of every family: no gap may be below the true error."""

import numpy as np
import pytest

from broximal.oracles import arrays
from broximal.oracles.brox import brox, certify
from broximal.oracles.errors import BroximalError, NotCertified
from broximal.oracles.norms import (
    L1,
    L2,
    Ellipsoid,
    KSupport,
    LinearImage,
    LInf,
    Lp,
    Mixed,
    Nuclear,
    Scaled,
    Spectral,
    TopK,
    TopKDual,
    WeightedL1,
    WeightedLInf,
)
from broximal.problems import LeastSquares, MaxAffine, NormDistance, Quadratic, Regularised
from broximal.problems.catalogue import families

WEIGHTS = np.array([0.5, 1.0, 1.5, 2.0])
VECTORS = (
    *(L1(), L2(), LInf(), Lp(3.0), KSupport(2), TopK(2), Scaled(2.0, L2())),
    *(WeightedL1(WEIGHTS), WeightedLInf(WEIGHTS), Ellipsoid(np.diag(WEIGHTS))),
)
MATRICES = (L1(), L2(), LInf(), Spectral(), Nuclear(), Mixed(L1(), L2()))


def solved(f):
    """(norm, radius, move) wherever the family has a structured solver."""
    x = np.asarray(f.x0, dtype=float)
    for norm in VECTORS if x.ndim == 1 else MATRICES:
        try:
            far = float(norm(x if f.minimiser is None else x - f.minimiser))
            move = f.move(norm, x, radius := 0.4 * far or 1.0)
        except BroximalError:  # another dimension, or a starting point that the family has no answer for
            continue
        if move is not None:
            yield norm, radius, move


def planted(norm, x, radius, move, rng):
    """Moves with a point that is off by 1e-3 to 1e-9 of the step, and slopes that would certify it if they were believed."""
    step = np.asarray(move.point) - x
    for off in (1e-3, 1e-6, 1e-9):
        noise = off * float(arrays.l2(step)) * rng.standard_normal(x.shape)
        for wrong in (step + noise, (1 - off) * step):
            wrong = wrong * min(1.0, radius / (float(norm(wrong)) or 1.0))
            yield move._replace(point=x + wrong)
            if move.subgradient is not None:  # aligned with the wrong step, whatever f is
                size = float(norm.dual(move.subgradient))
                for slope in (size * norm.subgradient(-wrong), 0.3 * size * norm.subgradient(-wrong), 0.0 * wrong):
                    yield move._replace(point=x + wrong, subgradient=slope)


def missed(f, rng) -> list:
    """What the certificate of a planted error hides."""
    x, found = np.asarray(f.x0, dtype=float), []
    for norm, radius, move in solved(f):
        best = float(certify(f, norm, x, radius, move).value)
        for wrong in planted(norm, x, radius, move, rng):
            answer = certify(f, norm, x, radius, wrong)
            error = float(f.value(wrong.point)) - best
            if float(answer.gap + 16 * answer.rounding) < error * (1 - 1e-6) - 1e-15 * abs(best):
                found.append((norm.name, float(answer.gap), error))
    return found


@pytest.mark.parametrize("alias", families())
def test_no_gap_hides_an_error(alias, rng):
    f = families()[alias].example(4, 1)
    if hasattr(f.x0, "shape"):
        assert not missed(f, rng)


def test_a_certificate_that_believes_the_solver_is_caught(monkeypatch, rng):
    monkeypatch.setattr(Regularised, "minorant", lambda self, u, g: (g, 0.0))
    assert missed(Regularised.example(4, 1), rng)


def inexact(cls, monkeypatch, off):
    """Projections onto the balls of this class of norms are off by this share of their size."""
    exact = cls._project

    def project(self, x, radius):
        point = exact(self, x, radius)
        tilt = np.cos(np.arange(1.0, point.size + 1)).reshape(point.shape)
        moved = point + off * float(arrays.l2(point)) * tilt
        size = float(self._value(moved))
        return moved * min(1.0, float(radius) / size) if size > 0 else moved

    monkeypatch.setattr(cls, "_project", project)


SHEAR = np.array([[2.0, 1.0, 0.0, 0.3], [0.0, 1.0, -0.5, 0.0], [0.0, 0.0, 1.0, 0.7], [0.0, 0.0, 0.0, 0.5]])
INNER = {
    "first order": (lambda: LeastSquares.example(4, 1), Lp(3.0), Lp),
    "splitting": (lambda: Quadratic.example(4, 1), KSupport(2), KSupport),
    "distance over a ball": (lambda: NormDistance.example(4, 1, L2()), TopKDual(2), TopKDual),
    "distance to a level set": (lambda: NormDistance.example(4, 1, Lp(3.0)), L2(), Lp),
    "proximal steps": (lambda: Regularised.example(4, 1, TopK(2)), L2(), TopKDual),
    "proximal steps of an image": (lambda: Regularised.example(4, 1, LinearImage(LInf(), SHEAR)), L2(), LinearImage),
    "spectral splitting": (lambda: families()["matrix_least_squares"].example(9, 1), Mixed(L1(), L2()), Mixed),
    "none": (lambda: MaxAffine.example(4, 1), Lp(3.0), Lp),
}


@pytest.mark.parametrize("off", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("kind", INNER)
def test_inexact_projections_inside_are_seen(kind, off, monkeypatch):
    make, norm, inner = INNER[kind]
    f = make()
    x, radius = f.x0, 0.4 * float(norm(f.x0 - f.minimiser))
    best = brox(f, norm, x, radius, tol=1e-8)
    inexact(inner, monkeypatch, off)
    try:
        g = make()  # what is found at construction is inexact too
    except NotCertified:
        return
    try:
        answer = brox(g, norm, x, radius)
    except NotCertified as refused:
        answer = refused.answer
    error = float(f.value(answer.point)) - float(best.value)
    assert float(answer.gap + 16 * answer.rounding + best.gap) >= error
    hit = brox(f, norm, x, 1e3 * radius)
    try:
        answer = brox(g, norm, x, 1e3 * radius)
    except NotCertified as refused:
        answer = refused.answer
    assert float(answer.gap + 16 * answer.rounding) >= float(f.value(answer.point) - hit.value)
