"""Checks of layer-wise methods on degenerate instances end in a verdict with a reason, and never pass."""

import numpy as np
import pytest

from broximal.oracles.norms import L2, LInf, Product
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.verify import check

NORM = Product([L2(), LInf()])
THEOREMS = (
    "gluon.adaptive_radius",
    "gluon.sharp_descent",
    "gluon.pl",
    "gluon.star_constant",
    "gluon.star_adaptive",
    "drop_muon.descent",
    "momentum.average",
    "trust_region.trust_region",
)


@pytest.mark.parametrize("name", THEOREMS)
def test_a_start_at_the_minimum(name):
    still = RidgeLayer("square", np.ones(3), np.ones(3), np.zeros(3), np.zeros(3))
    report = check(name, Ridges(still, still), NORM, steps=5)
    assert report.verdict in ("inconclusive", "not applicable")
    assert "failed" not in report.why


@pytest.mark.parametrize("name", THEOREMS)
def test_an_objective_that_is_zero(name):
    zero = CoupledQuadratic(np.zeros((4, 4)), [np.zeros(2)] * 2, [np.ones(2)] * 2)
    report = check(name, zero, NORM, steps=5)
    assert report.verdict in ("inconclusive", "not applicable")
    assert "failed" not in report.why and "not a number" not in report.why


def test_a_layer_on_which_the_objective_does_not_depend_is_named():
    half = CoupledQuadratic(np.diag([1.0, 1, 0, 0]), [np.zeros(2)] * 2, [np.ones(2)] * 2)
    report = check("drop_muon.descent", half, NORM, steps=5)
    assert report.verdict == "not applicable"
    assert "L0 = L1 = 0 in layer 1" in report.why
