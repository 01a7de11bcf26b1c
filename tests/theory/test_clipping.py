"""Stochastic clipping with momentum: the constants of its proof, and the stepsizes that a share below one allows."""

import pytest
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems.stochastic.noise import Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory import Experiment, find
from broximal.theory.hypotheses.whole import LocalSmooth
from broximal.theory.papers.clipping.stochastic import bound, hill
from broximal.theory.prescriptions.resolve import resolved
from broximal.verify import Verdict, check
from broximal.verify.verdict import SEEN

HILL = Noisy(hill(0), Signs(0.1))


def test_the_linear_system_of_the_proof_has_the_solution_that_is_stated():
    """S <= 4 D + 5 R and R <= V + theta (S + R), both with equality; all of S, R grow with D and V as theta < 1/6."""
    S, R, D, V, theta = sp.symbols("S R D V theta", positive=True)
    found = sp.solve([sp.Eq(S, 4 * D + 5 * R), sp.Eq(R, V + theta * (S + R))], [S, R], dict=True)[0]
    claimed = (4 * (1 + theta) * D + 7 * V) / (1 - 6 * theta)
    assert sp.simplify(found[S] + 2 * found[R] - claimed) == 0
    for which in (S, R):
        for cause in (D, V):
            slope = sp.together(sp.diff(found[which], cause))
            assert all(slope.subs(theta, sp.Rational(n, 100)) >= 0 for n in range(16))


def test_the_largest_theta_gives_the_printed_constants():
    theta = sp.Rational(1, 13)
    assert (1 + theta) / (1 - 6 * theta) == 2
    assert 1 / (1 - 6 * theta) < 2
    assert bound(sp.Symbol("x"), theta=0).has(7)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_the_default_stepsize_keeps_theta_small_for_every_share(share):
    given = Experiment.make(HILL, L2(), steps=5, parameters={"a": share, "cap": 0.5})
    theorem = find("clipping.stochastic")
    smooth = LocalSmooth(accepts=("A1",), within=0.5).establish(given)
    gam, L1 = resolved(theorem, given.established(smooth)).parameters["gam"], smooth.L1[0]
    assert 13 * (1 - share) * gam * 0.5 * L1 / share <= 1 + 1e-12
    assert check(theorem, HILL, L2(), steps=5, parameters={"a": share, "cap": 0.5}).verdict in SEEN


def test_a_step_too_long_for_its_share_is_refused_though_the_errors_are_bounded_by_it():
    given = {"a": 0.01, "cap": 0.5, "gam": 0.5}
    report = check("clipping.stochastic", HILL, L2(), steps=5, parameters=given)
    assert report.verdict is Verdict.NOT_APPLICABLE and "outside the domain" in report.why
    assert check("clipping.stochastic_errors", HILL, L2(), steps=5, parameters=given).verdict in SEEN
    assert check("clipping.stochastic", HILL, L2(), steps=5, parameters=given | {"a": 1.0}).verdict in SEEN
