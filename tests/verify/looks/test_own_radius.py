"""Without a radius `check` takes the theorem's own rule where it has one, else D_0 / 9.7; other minimisers are no contradiction."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import LeastSquares, NormDistance, Quadratic
from broximal.problems.distributed.workers import Workers
from broximal.verify import Verdict, check
from broximal.verify.verdict import SEEN

QUADRATIC = Quadratic(np.diag([4.0, 1.0]), about=np.zeros(2), x0=np.array([1.0, -2.0]))


def test_the_rule_of_the_theorem_is_the_default():
    d0, L, mu, D0 = 4.0, 4.0, 1.0, np.sqrt(5)
    for theorem, radius in (
        ("bpm.smooth_nonconvex", np.sqrt(2 * d0 / (L * 40))),
        ("bpm.strong_convexity", np.sqrt(2 * d0 / mu) / 10),
        ("bpm.unconditional_constant", D0 / 4),
        ("bpm.star_rate", D0 / 9.7),
        ("bpm.sublevel_rate", D0 / 9.7),  # its rule is R_0, which may be any radius up to it, and ends in one step
    ):
        report = check(theorem, QUADRATIC, L2())
        assert report.radius == f"{radius:.6g}"
        assert report.verdict in SEEN, report.why
    assert check("bpm.smooth_nonconvex", QUADRATIC, L2(), radius=0.1).radius == "0.1"


@given(seed=st.integers(0, 10_000), size=st.floats(0.1, 300, allow_subnormal=False))
@settings(max_examples=15, deadline=None)
def test_a_start_at_another_minimiser_contradicts_nothing(seed, size):
    rng = np.random.default_rng(seed)
    rank = int(rng.integers(1, 4))
    B, centre = rng.standard_normal((rank, 4)), size * rng.standard_normal(4)
    x0 = centre + size * np.linalg.svd(B)[2][rank:].T @ rng.standard_normal(4 - rank)
    for problem in (Quadratic(B.T @ B, about=centre, x0=x0), LeastSquares(B, B @ centre)):
        report = check("bpm.star_rate", problem, LInf(), x0=x0, steps=2, radius=0.1)
        assert "lower" not in report.why
        assert report.verdict in (Verdict.INCONCLUSIVE, *SEEN), report.why


@pytest.mark.parametrize("parts", [2, 3])
def test_a_mean_of_equal_functions_grows_as_they_do(parts):
    single = NormDistance(np.zeros(3), L1(), x0=np.array([3.0, 1.0, 2.0]))
    mean = Workers([single] * parts, single)
    assert mean.growth_exponent == single.growth_exponent == 1
    for problem in (single, mean):
        assert check("bpm.growth", problem, L1(), radius=0.5, steps=5).verdict in SEEN
