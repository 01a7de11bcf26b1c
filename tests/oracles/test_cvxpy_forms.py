"""The cvxpy form of a norm serves one solver after another: what the first leaves behind must not stop the second."""

import cvxpy as cp
import numpy as np
import pytest

from broximal.oracles.norms import OWL, KSupport, KyFan, OWLDual, TopK, TopKDual, TopKL2

CASES = [
    (OWL([2.0, 1.0]), (2,)),
    (OWL([3.0, 2.0, 2.0, 0.5]), (4,)),
    (OWLDual([2.0, 1.0]), (2,)),
    (TopK(2), (2,)),
    (TopKDual(2), (2,)),
    (KyFan(2), (2, 3)),
    (TopKL2(2), (2,)),
    (KSupport(2), (2,)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name} {case[1]}")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_two_solvers_in_turn(case):
    norm, shape = case
    slope = np.random.default_rng(0).standard_normal(shape)
    z = cp.Variable(shape)
    program = cp.Problem(cp.Minimize(cp.sum(cp.multiply(slope, z))), [norm.cvxpy(z) <= 1])
    for solver in ("CLARABEL", "SCS", "CLARABEL"):
        assert program.solve(solver=solver) == pytest.approx(-float(norm.dual(slope)), abs=1e-3)
