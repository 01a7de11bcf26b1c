"""What is ranked together: every number of steps by hand from the bound of its theorem."""

import math
import time

import pytest

from broximal.oracles.errors import InvalidArgument
from broximal.theory import catalogue
from broximal.theory.prescriptions.levels import GAP, GRADIENT
from broximal.verify.comparison import QUESTIONS, SINGLE_STEPS, compare, outlines_of_catalogue, promises, reasons


def answers(values, eps, question=GRADIENT):
    return {promise.theorem: promise for promise in promises(values, eps) if promise.question == QUESTIONS[question][0]}


def test_one_question_is_one_ranking():
    """Means, least ones, indices from 0 or 1, with and without expectation, L for L0."""
    values = {"L": 2.0, "d0": 1.0, "sigma": 0.0, "rho": 1.0}
    found = answers(values, 0.1)
    by_hand = {
        "clipping.steepest_descent": math.ceil((4 * 2.0 / 0.01 + 1) / 3),
        "clipping.conditional_gradient": 2 * 2.0 / 0.01,
        "gluon.adaptive_radius": 2 * 2.0 / 0.01,
        "trust_region.recipe": 128 * 2.0 / 0.01,
    }
    assert {name: found[name].steps for name in by_hand} == pytest.approx(by_hand)
    assert {"momentum.average", "trust_region.trust_region", "gluon.stochastic", "clipping.clipping"} <= found.keys()
    steps = [promise.steps for promise in promises(values, 0.1) if promise.question == QUESTIONS[GRADIENT][0]]
    assert steps == sorted(steps)


def test_layers_that_are_weighted_or_squared():
    """sum g / L1 by the largest L1; sum gamma g^2 by Cauchy-Schwarz: (sum g)^2 <= bound sum 1 / gamma."""
    found = answers({"L0": [1.0, 3.0], "L1": [2.0, 0.5], "d0": 1.0}, 0.1)
    ratio, goal = 1 / 4 + 3 / 0.25, 0.1 / 2.0
    assert found["gluon.adaptive_weighted"].steps == math.ceil(2 * ratio / goal**2 + 2 / goal)
    assert found["gluon.adaptive_radius"].steps == math.ceil(2 * 4.0 / 0.01 + 2 * 2.0 / 0.1)
    values = {"L_w": [1.0, 2.0], "L_rms": [1.5, 2.5], "alpha_D": [0.5, 0.25], "alpha_P": 1.0, "d0": 1.0}
    found = answers(values, 0.1)
    rows = zip((1.0, 2.0), (1.5, 2.5), (0.5, 0.25), strict=True)
    over = sum(w + math.sqrt(22 * rms**2 / alpha**2 + w**2) for w, rms, alpha in rows)
    assert found["ef21_muon.layerwise_uplink"].steps == math.ceil(4 * over / 0.01)


def test_the_end_in_a_minimiser_answers_the_question_of_the_gap():
    found = answers({"D0": 3.0, "d0": 4.0, "t": 0.3}, 1e-9, GAP)
    assert (
        found["bpm.termination"].steps == 100 and found["bpm.termination"].bounded == "the method ends in a minimiser"
    )
    assert found["bpm.unconditional"].steps == math.ceil((3 * 4 / 1e-9 - 3) / 0.3)
    assert found["bpm.euclid_product"].steps == 100  # its last factor is 0


def test_every_theorem_is_ranked_or_left_out_with_a_reason():
    found = compare({"L": 1.0, "d0": 4.0, "D0": 3.0, "t": 0.3, "mu": 0.5}, 0.01)
    ranked, left = {promise.theorem for promise in found.promises}, {name for name, _ in found.left_out}
    assert not ranked & left and ranked | left == {name for name, theorem in catalogue().items() if theorem.truth}
    grouped = reasons(found.left_out)
    assert "bpm.greedy" in grouped[SINGLE_STEPS] and "bpm.sublevel_rate" in grouped["needs R0"]
    assert any(
        "it is then still 0.15" in reason for reason, names in grouped.items() if "bpm.smooth_nonconvex" in names
    )
    assert all(reason and "\n" not in reason for reason in grouped)


def test_it_is_quick():
    values = {"L": 1.0, "d0": 4.0, "D0": 3.0, "t": 0.3, "sigma": 0.1, "rho": 2.0, "size": 3.0, "L_two": 1.0}
    outlines = outlines_of_catalogue()
    began = time.process_time()
    compare(values, 1e-6, outlines)
    assert time.process_time() - began < 6


def test_the_tightest_statement_changes_with_the_accuracy():
    found = compare({"D0": 3.0, "d0": 4.0, "L": 1.0, "t": 0.3}, 0.01)
    rows = found.tightest[QUESTIONS[GAP][0]]
    assert [accuracy for accuracy, _, _ in rows] == pytest.approx([1.0, 0.1, 0.01, 1e-3, 1e-4])
    assert rows[0][1].startswith("bpm.euclid_smooth") and rows[-1][1].startswith("bpm.euclid_product")


def test_constants_that_no_theorem_can_take_are_refused():
    with pytest.raises(InvalidArgument, match="mu = 2 is larger than L = 1"):
        compare({"mu": 2.0, "L": 1.0}, 0.1)
    with pytest.raises(InvalidArgument, match="eps must be positive"):
        compare({"L": 1.0}, 0.0)
