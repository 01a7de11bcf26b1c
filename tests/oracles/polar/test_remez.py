"""Best odd polynomials against a linear program; the greedy composition against perturbations and the published list."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.optimize import linprog

from broximal.oracles import InvalidArgument, polar


def value(row, x):
    return sum(c * x ** (2 * j + 1) for j, c in enumerate(row))


def composed(rows, x):
    for row in rows:
        x = value(row, x)
    return x


def by_linear_program(x, degree):
    """min E with |1 - p(x_i)| <= E."""
    powers = x[:, None] ** np.arange(1, degree + 1, 2)
    one = np.ones((len(x), 1))
    sides = np.vstack([np.hstack([powers, -one]), np.hstack([-powers, -one])])
    cost = np.eye(1, sides.shape[1], sides.shape[1] - 1)[0]
    found = linprog(cost, sides, np.concatenate([np.ones(len(x)), -np.ones(len(x))]), bounds=(None, None))
    return found.fun


@pytest.mark.parametrize("degree", [3, 5])
@hypothesis.settings(max_examples=25)
@hypothesis.given(l=st.floats(1e-3, 0.9, allow_subnormal=False), u=st.floats(0.5, 2.0, allow_subnormal=False))
def test_best_polynomial_against_a_linear_program(degree, l, u):
    row, error = polar.best_odd(l * u, u, degree)
    x = np.linspace(l * u, u, 3001)
    assert np.abs(1 - value(row, x)).max() == pytest.approx(error, rel=1e-5, abs=1e-13)
    assert by_linear_program(x[::10], degree) <= error * (1 + 1e-9) + 1e-9
    assert by_linear_program(x, degree) >= error * (1 - 1e-4) - 1e-9


@pytest.mark.parametrize("degree", [3, 5])
@pytest.mark.parametrize("l", [1e-6, 1e-3, 0.3, 0.9, 0.999, 0.99999, 1.0])
def test_error_is_the_largest_deviation_and_alternates(degree, l):
    row, error = polar.best_odd(l, 1.0, degree)
    deviation = 1 - value(row, np.linspace(l, 1, 100001))
    assert np.abs(deviation).max() <= error + 1e-14
    if error > 1e-12:
        assert deviation.max() == pytest.approx(error, rel=1e-6)
        assert deviation.min() == pytest.approx(-error, rel=1e-3)


@pytest.mark.parametrize(("degree", "limit"), [(3, polar.CUBIC), (5, polar.LIMIT)])
def test_limit_of_a_narrow_interval(degree, limit):
    assert polar.best_odd(1.0, 1.0, degree)[0] == limit
    assert polar.best_odd(0.99, 1.0, degree)[0] == pytest.approx(limit, rel=0.05)
    assert polar.best_odd(2.0, 2.0, degree)[0] == pytest.approx([c / 2 ** (2 * j + 1) for j, c in enumerate(limit)])


def test_the_cubic_has_its_closed_form():
    l, u = 0.2, 1.3
    a = (3 / (u**2 + l * u + l**2)) ** 0.5
    b = 4 / (2 + l * u * (l + u) * a**3)
    assert polar.best_odd(l, u, 3)[0] == pytest.approx((1.5 * a * b, -0.5 * a**3 * b), rel=1e-14)


def test_the_published_list_is_reproduced():
    rows, _ = polar.greedy(1e-3, 7, cushion=polar.CUSHION)
    assert np.abs(np.array(rows) - np.array(polar.POLAR_EXPRESS)).max() < 5e-9
    other, _ = polar.greedy(1e-3, 7, cushion=0.02)
    assert np.abs(np.array(other) - np.array(polar.POLAR_EXPRESS)).max() > 1e-2


@pytest.mark.parametrize("cushion", [0.0, 0.024, 0.2])
@pytest.mark.parametrize("degree", [3, 5])
def test_the_image_is_centred_at_one(degree, cushion):
    for steps in (1, 3, 6):
        rows, error = polar.greedy(1e-2, steps, degree=degree, cushion=cushion)
        assert polar.band(rows, 1e-2) == pytest.approx((1 - error, 1 + error), rel=1e-9)


def test_no_cushion_is_the_best_and_a_cushion_costs_little():
    errors = [polar.greedy(1e-3, 5, cushion=c)[1] for c in (0.0, polar.CUSHION, 0.1)]
    assert errors == sorted(errors)
    assert errors[:2] == pytest.approx([0.11345, 0.12356], abs=1e-5)


@pytest.mark.parametrize(("degree", "steps"), [(3, 2), (3, 3), (5, 2), (5, 3)])
def test_no_perturbation_beats_the_greedy_composition(degree, steps, rng):
    """Theorem 3.1, also far away: pattern search from perturbed coefficients."""
    l, x = 0.05, np.concatenate([np.geomspace(0.05, 1, 600), np.linspace(0.05, 1, 600)])
    rows, error = polar.greedy(l, steps, degree=degree)
    best = np.array(rows)
    for size in (1e-6, 1e-4, 1e-2, 0.3):
        current, reached, width = best * (1 + size * rng.standard_normal(best.shape)), np.inf, size
        for _ in range(400):
            trial = current * (1 + width * rng.standard_normal(best.shape))
            found = np.abs(1 - composed(trial, x)).max()
            current, reached, width = (
                (trial, found, 1.5 * width) if found < reached else (current, reached, 0.9 * width)
            )
        assert reached >= error * (1 - 1e-4)


WRONG = [
    (lambda: polar.best_odd(0.0, 1.0), "l must be positive, but is 0."),
    (lambda: polar.best_odd(0.5, 0.4), "l = 0.5 is larger than u = 0.4."),
    (lambda: polar.best_odd(0.5, np.inf), "u is infinite."),
    (lambda: polar.best_odd(0.5, 1.0, 7), "degree must be 3 or 5, not 7."),
    (lambda: polar.greedy(0.5, 0), "steps must lie in [1, inf], but is 0."),
    (lambda: polar.greedy(0.5, 3, cushion=1.0), "cushion must be below 1."),
    (lambda: polar.greedy(np.nan, 3), "l is NaN."),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_call(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message
