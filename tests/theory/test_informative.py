"""Bounds in expectation that say something: below what holds anyway, and made use of, on a case of their theorem."""

import numpy as np
import pytest

from broximal.oracles.norms import L2, Product
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.theory import Experiment, Run, find
from broximal.theory.columns.layers import g
from broximal.theory.language.claims import Expected
from broximal.theory.papers.drop_muon.exact_gradients import seldom
from broximal.theory.prescriptions.resolve import established, number, resolved
from broximal.verify import check
from broximal.verify.checking import check_case
from broximal.verify.running import run
from broximal.verify.verdict import SEEN

TWO = CoupledQuadratic(np.diag([1.0, 2.0]), [np.zeros(1), np.zeros(1)], [np.ones(1), np.ones(1)])
PAIR = Product([L2(), L2()])


@pytest.mark.parametrize(
    "name, label, start",
    [
        ("scion.unconstrained", "average", "gradient"),
        ("scion.unconstrained_vanishing", "average", "gradient"),
        ("scion.constrained", "average", "gap in the ball"),
        ("scion.constrained_vanishing", "average", "gap in the ball"),
        ("scion.average_of_lmos", "average", "gradient"),
        ("gluon.star_stochastic", "last", "gap"),
        ("gluon.stochastic_horizon", "average", "weighted gradient"),
        ("drop_muon.stochastic_horizon", "average", "weighted gradient"),
    ],
)
def test_a_case_has_a_bound_below_the_start_of_which_a_third_is_used(name, label, start):
    theorem = find(name)
    place = next(at for at, case in enumerate(theorem.cases) if "straight" in case.note or "across" in case.note)
    report = check_case(theorem, place)
    assert report.verdict in SEEN, report.why
    claim = next(claim for claim in report.claims if claim.label == label)
    assert not claim.vacuous
    assert claim.worst_ratio > 0.3
    assert claim.curve["bound"][0] < at_start(theorem.cases[place], start)


def at_start(case, quantity: str) -> float:
    problem, norm = case.problem(0), case.norm
    x, given = problem.x0, case.parameters
    slope = problem.gradient(x)
    if quantity == "gradient":
        return float(norm.dual(slope))
    if quantity == "gap in the ball":
        return float((slope * x).sum()) + given["rad"] * float(norm.dual(slope))
    if quantity == "gap":
        return float(problem.gap(x))
    sizes = [float(part.dual(own)) for part, own in zip(norm.layers, slope, strict=True)]
    chances = given.get("P", (1.0, 1.0))
    return float(np.dot(np.broadcast_to(given["tau"], 2) * np.asarray(chances), sizes))


@pytest.mark.parametrize(
    "chances, largest", [((1.0, 1.0), 0.0), ((0.4, 1.0), 0.4), ((0.4, 0.7), 0.7), ((1.0, 0.7), 0.7)]
)
def test_the_ceiling_of_drop_muon_is_that_of_a_layer_that_is_never_drawn(chances, largest):
    """The average of K steps at f(x_0) that lose nothing, one of which may use up the rest."""
    theorem = find("drop_muon.smooth_average")
    experiment = Experiment.make(TWO, PAIR, steps=8, parameters={"P": chances})
    experiment = established(theorem, experiment)
    runs = run(theorem.method, resolved(theorem, experiment), (g,), range(64))
    assert runs[0].column(str(seldom)).values == largest
    d0 = float(TWO.gap(TWO.x0))
    L, P = np.array([1.0, 2.0]), np.asarray(chances)
    averages = [(P * one.column("gl").values[:8] ** 2 / (2 * L)).sum(axis=1).mean() for one in runs]
    assert max(averages) <= d0 * (largest + (1 - largest) / 8) * (1 + 1e-12)
    if largest == 0:  # both layers at their minima after the first step
        assert max(averages) == pytest.approx(d0 / 8)


def test_drop_muon_is_decided_for_more_than_a_few_steps():
    theorem = find("drop_muon.smooth_average")
    case = theorem.cases[0]
    for steps, given in ((24, {"P": (0.2, 0.2)}), (12, None)):
        report = check(theorem, case.problem(0), case.norm, steps=steps, parameters=given)
        assert report.verdict in SEEN, report.why


def test_the_ceiling_of_constant_radii_is_what_their_steps_can_reach():
    """Steps of theta R away from the minimiser reach (1/2 + K theta) R, where the gap is the ceiling."""
    theorem, K, theta = find("gluon.star_stochastic"), 10, 0.04
    claim = next(claim for claim in theorem.claims if isinstance(claim, Expected))
    experiment = Experiment.make(TWO, PAIR, steps=K, parameters={"part": theta, "a": 1.0})
    experiment = established(theorem, experiment)
    ceiling = float(number(claim.ceiling, Run.at_start(experiment, theorem.method)))
    astray = [x + K * theta * 2.0 for x in TWO.x0]  # R = 2 in both layers
    assert ceiling == pytest.approx(float(TWO.gap(astray)), rel=1e-12)
