"""Bands and published bounds: never exceeded over spectra, and nearly attained."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from broximal.oracles import InvalidArgument, polar
from broximal.oracles.errors import MissingConstant
from tests.oracles.polar.test_remez import composed


@pytest.mark.parametrize(
    ("l", "low", "high"), [(0.01, 0.6818, 1.1344), (0.003, 0.6818, 1.2024), (0.001, 0.4705, 1.2024)]
)
def test_bands_of_five_steps_of_jordans_quintic(l, low, high):
    assert polar.band((polar.JORDAN,) * 5, l) == pytest.approx((low, high), abs=6e-5)


def test_jordans_quintic_never_converges():
    assert polar.band((polar.JORDAN,) * 80, 0.01) == pytest.approx((0.6818, 1.1344), abs=6e-5)


rows_of_numbers = st.lists(st.tuples(*[st.floats(-3, 3, allow_subnormal=False)] * 3), min_size=1, max_size=3)


@hypothesis.given(rows_of_numbers, st.floats(0, 1, allow_subnormal=False))
def test_band_is_the_image(rows, l):
    low, high = polar.band(tuple(rows), l)
    values = composed(rows, np.linspace(l, 1, 20001))
    slack = 1e-9 * (1 + abs(low) + abs(high))
    assert low - slack <= values.min()
    assert values.max() <= high + slack
    if max(abs(low), abs(high)) < 10:  # else the grid is too coarse
        assert values.min() <= low + 0.02
        assert values.max() >= high - 0.02


TAYLOR = [(kappa, steps) for kappa in (1, 2, 4, 7) for steps in (1, 2, 4)]


@pytest.mark.parametrize(("kappa", "steps"), TAYLOR)
def test_taylor_bound_over_spectra(kappa, steps):
    """Theorem 2 of Kim and Oh: also sharp where the smallest singular value is small."""
    row = polar.taylor(kappa)
    ratios = []
    for l in np.geomspace(1e-3, 1, 200):
        delta, promised = polar.taylor_bound(l, kappa, steps)
        s = composed((row,) * steps, np.linspace(l, 1, 400))
        assert (1 - s**2).max() <= delta + 1e-12
        assert (1 - s).max() <= promised.error + 1e-9
        assert s.max() <= promised.hi + 1e-9
        ratios.append(((1 - s**2).max() + 1e-15) / (delta + 1e-15))
    assert max(ratios) > 0.99


def test_a_larger_exponent_would_be_refuted():
    l, kappa = 0.01, 1
    s = composed((polar.taylor(kappa),), l)
    assert 1 - s**2 > (1 - l**2) ** ((kappa + 1) * 1.13)


@pytest.mark.parametrize("degree", [3, 5])
def test_the_greedy_bound_has_the_right_order(degree):
    """Near l = 1 the error is of order (1 - l)^(q + 1), so q + 2 in its place would be refuted."""
    l = 0.999
    error = polar.greedy(l, 1, degree=degree)[1]
    assert (1 - l**2) ** ((degree + 3) / 2) < error <= polar.greedy_bound(l, degree, 1)


@pytest.mark.parametrize("degree", [3, 5])
@pytest.mark.parametrize("steps", [1, 2, 4, 6])
def test_greedy_bound_over_ends(degree, steps):
    """Theorem 3.3 of Polar Express, sharp for small l."""
    ratios = []
    for l in np.geomspace(1e-4, 0.99, 60):
        error, bound = polar.greedy(l, steps, degree=degree)[1], polar.greedy_bound(l, degree, steps)
        assert error <= bound + 1e-12
        ratios.append((error + 1e-15) / (bound + 1e-15))
    assert max(ratios) > 0.99 or steps > 2


@hypothesis.given(st.floats(1e-3, 1, allow_subnormal=False), st.sampled_from(["jordan", "cubic", "greedy", "taylor"]))
def test_guarantee_is_the_band(l, name):
    method = polar.method(name)
    lo, hi, error = method.guarantee(l)
    s = composed(method.coefficients, np.linspace(l, 1, 2001))
    assert lo <= s.min() + 1e-9
    assert s.max() <= hi + 1e-9
    assert np.abs(1 - s).max() <= error + 1e-9


WRONG = [
    (lambda: polar.band((polar.CUBIC,), -0.1), "low must be non-negative, but is -0.1."),
    (lambda: polar.band((polar.CUBIC,), 0.5, 0.4), "low = 0.5 is larger than high = 0.4."),
    (lambda: polar.taylor_bound(0.0, 1, 1), "l must lie in (0, 1], but is 0."),
    (lambda: polar.taylor_bound(0.5, 0, 1), "kappa must lie in [1, inf], but is 0."),
    (lambda: polar.greedy_bound(0.5, 4, 1), "degree must be odd and at least 3, not 4."),
    (lambda: polar.greedy_bound(0.5, 5, -1), "steps must lie in [1, inf], but is -1."),
    (lambda: polar.guarantee((polar.CUBIC,), 1.5), "l must lie in (0, 1], but is 1.5."),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_call(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message


@hypothesis.given(
    st.sampled_from(
        [
            polar.NewtonSchulz.jordan(epsilon=0.0),
            polar.NewtonSchulz.taylor(2, 2),
            polar.NewtonSchulz.polar_express(epsilon=0.0),
        ]
    ),
    st.lists(st.floats(-6, 0, allow_subnormal=False), min_size=1, max_size=4),
)
def test_universal_bounds_hold_whatever_the_singular_values(method, exponents):
    answer, bound = method.lmo(np.diag(10.0 ** np.array(exponents))), method.universal(len(exponents))
    assert bound.lo - 1e-12 <= answer.lo <= answer.hi + 1e-12
    assert answer.hi <= bound.hi + 1e-12


def test_universal_bounds_are_nearly_attained():
    """By one singular value, and at rank two over a fine scan of their ratio."""
    method = polar.NewtonSchulz.jordan(epsilon=0.0)
    assert method.universal(1)[:2] == pytest.approx(tuple(polar.band(method.coefficients, 1.0)), rel=1e-12)
    seen = [method.lmo(np.diag([1.0, ratio])) for ratio in np.geomspace(1e-6, 1, 4001)]
    bound = method.universal(2)
    assert min(float(answer.lo) for answer in seen) < 1.03 * bound.lo
    assert max(float(answer.hi) for answer in seen) > 0.9999 * bound.hi


def test_a_negative_polynomial_costs_what_it_may():
    """p(s) = s^3 - s / 2 is negative below sqrt(1/2): rank one captures 1/2, two equal singular values nothing."""
    rows = ((-0.5, 1.0),)
    assert polar.universal(rows, 1).lo == pytest.approx(0.5)
    s = np.array([np.cos(np.linspace(0, np.pi / 4, 1001)), np.sin(np.linspace(0, np.pi / 4, 1001))])
    least = ((s**4 - s**2 / 2).sum(axis=0) / s.sum(axis=0)).min()
    assert polar.universal(rows, 2).lo <= least


@pytest.mark.parametrize("options", [{"epsilon": 1e-7}, {"shrink_only": True}, {"precision": "bfloat16"}])
def test_there_are_no_universal_bounds_where_the_size_of_the_matrix_counts(options):
    with pytest.raises(MissingConstant, match="no \\(lo, hi\\) for all matrices"):
        polar.NewtonSchulz.cubic(3, **options).universal(2)


def test_universal_bounds_of_no_rank_are_refused():
    with pytest.raises(InvalidArgument, match="rank"):
        polar.universal(((1.5, -0.5),), 0)
