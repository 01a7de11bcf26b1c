"""Wrong theorems that an own case refutes, and what is said of those that no case can judge."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from broximal.theory import find
from broximal.verify.checking import case_experiment
from broximal.verify.evaluate import Sides

PLACE = Path(__file__).parents[2] / "benchmarks" / "mutants.py"


@pytest.fixture(scope="module")
def mutants():
    spec = importlib.util.spec_from_file_location("mutants", PLACE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judged(mutants, name, claim, note, labels):
    """The mutants of a claim with these labels, after the first case with these words in its note."""
    theorem = find(name)
    stated = next(own for own in theorem.claims if own.label == claim)
    found = [mutant for mutant in mutants.of_claim(stated, mutants.pool_of(theorem)) if mutant.label in labels]
    case = next(own for own in theorem.cases if note in own.note)
    mutants.Case(theorem, case_experiment(case, 0)).judge(stated, found)
    return found


@pytest.mark.parametrize(
    "name, claim, note, labels",
    [
        ("ef21_muon.radius_steps", "feedback", "axes of their own", ["L_mean -> L_w", "behind -> server_off"]),
        ("ef21_muon.sharp_uplink", "feedback", "axes of their own", ["L_rms -> L_w"]),
        ("trust_region.trust_region", "one step", "concave", ["without -3*L*eta**2/2 (left)"]),
        ("scion.average_of_lmos", "path", "turns a step back", ["Sum over 1..K - 1"]),
        ("gluon.stochastic", "descent", "rare noise", ["el[k, l] -> el[k + 1, l] (left)"]),
        ("gluon.adaptive_radius", "descent", "ends it", ["without -f[k + 1]"]),
        ("gluon.secant", "secant", "attained", ["dl[k, l] -> dl[k - 1, l]", "dl[k, l] -> dl[k + 1, l]"]),
        ("drop_muon.smooth_average", "average", "without chance", ["K -> K + 1"]),
        ("momentum.inexact_lmo", "one step", "keeps its size", ["hi_k -> lo_k (left)", "lo_k -> hi_k (left)"]),
        ("momentum.inexact_lmo", "average", "way to 0", ["lo -> hi"]),
        ("momentum.star_convex", "last iterate", "far beyond", ["without 4*L*reach**2*theta*(1 - a)/a"]),
        ("clipping.conditional_gradient_average", "average", "one step to", ["K -> K + 1"]),
        ("bpm.generalised_stationarity", "best gradient", "one step to", ["K -> K + 1"]),
        ("bpm.inexact_strong", "root of the gap", "rise and fall", ["t[k] -> t[k - 1]", "t[k] -> t[k + 1]"]),
    ],
)
def test_a_slip_of_the_pen_is_refuted(mutants, name, claim, note, labels):
    found = judged(mutants, name, claim, note, labels)
    assert {mutant.label for mutant in found if mutant.refuted} == set(labels)


def sides(small, large):
    return Sides(np.arange(len(small)), np.array(small), np.array(large), np.zeros(len(small)))


def test_what_is_no_number_on_any_case_is_no_survivor(mutants):
    mutant = mutants.Mutant("sign", "- (1)", None)
    mutant.compare(sides([1.0], [2.0]), sides([1.0], [np.nan]))
    assert not mutant.survives
    mutant.compare(sides([1.0], [2.0]), sides([1.0], [1.5]))
    assert mutant.survives and mutant.nearest == pytest.approx(2 / 3)


def test_a_least_mean_is_as_near_as_its_farthest_step(mutants):
    mutant = mutants.Mutant("factor", "1/2 (whole)", None)
    mutant.compare(sides([1.0, 3.0], [4.0, 4.0]), sides([1.0, 3.0], [2.0, 2.0]), least=True)
    assert mutant.nearest == pytest.approx(0.5)


def test_a_mean_beyond_the_bound_is_judged_on_as_many_paths_as_a_check_follows(mutants):
    """On the paths that decide the theorem itself, the bound without its lasting noise is exceeded, but not surely."""
    (found,) = judged(mutants, "trust_region.error", "error", "", ["without sqrt(a)*rho_n*sigma_n"])
    assert found.refuted


def test_a_smaller_count_is_refuted_and_a_larger_one_is_another_claim(mutants):
    less, more = judged(mutants, "bpm.termination", "finite", "", ["1/2 (whole)", "2 (whole)"])
    assert less.refuted
    assert not more.refuted and more.moved and not more.survives
