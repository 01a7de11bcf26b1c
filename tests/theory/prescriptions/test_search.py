"""The least number of steps, for bounds that fall, that rise first, that rise again, and that floating point cannot tell."""

import math
from fractions import Fraction

import pytest

from broximal.theory.prescriptions.search import LIMIT, least


def search(bound, target):
    """`least` for a bound on fractions, with the number of exact looks."""
    looks = []

    def works(K):
        looks.append(K)
        return bound(K) <= target

    def level(K):
        try:
            return float(bound(K))
        except OverflowError:
            return math.inf

    return least(works, level, level, float(target)), len(looks)


@pytest.mark.parametrize("size", [1, 7, 64, 10**6 + 1, 3**40, 7**200])
def test_every_digit_of_a_rate(size):
    found, looks = search(lambda K: Fraction(size, K), Fraction(1))
    assert found == size and looks < 3000


def test_a_bound_that_rises_before_it_falls():
    assert search(lambda K: Fraction(K if K < 20 else 400, max(1, K - 19) if K >= 20 else 1), Fraction(10))[0] == 1
    rising = [Fraction(10 + K if K < 20 else 600 // K) for K in range(1, 200)]
    found = search(lambda K: rising[K - 1] if K < 200 else Fraction(1, K), Fraction(9))[0]
    assert found == 1 + next(place for place, value in enumerate(rising) if value <= 9)


def test_a_bound_that_rises_again_is_found_between_the_places():
    """(K - 3e6)^2: below the target around 3e6 only, between two powers of two."""
    found, _ = search(lambda K: Fraction((K - 3_000_000) ** 2), Fraction(100))
    assert found == 3_000_000 - 10


def test_limits():
    assert search(lambda K: Fraction(1), Fraction(1, 2))[0] is None
    assert search(lambda K: Fraction(1), Fraction(1))[0] == 1
    assert search(lambda K: Fraction(LIMIT * 10, K), Fraction(1))[0] is None


def test_floating_point_that_does_not_tell():
    """The level is 1 in floating point for every K, and the exact one decides."""
    goal = 10**30 + 1
    works = lambda K: K >= goal  # noqa: E731
    exact = lambda K: 0.5 if K >= goal else 2.0  # noqa: E731
    assert least(works, lambda K: 2.0, exact, 1.0) == goal
    assert least(works, lambda K: math.nan, exact, 1.0) == goal
    assert least(works, lambda K: 0.0, exact, 1.0) == goal  # it promises too few
