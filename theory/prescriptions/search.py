"""The least number of steps after which a bound is small enough, decided exactly."""

import math
from collections.abc import Callable

LIMIT = 10**300  # steps that are looked for
FIRST = 64  # steps that are tried one by one: bounds with logarithms rise before they fall


def least(works: Callable[[int], bool], level: Callable[[int], float], target: float) -> int | None:
    """The least K with works(K), where level(K) <= target says the same in floating point; None if LIMIT steps are too few.

    K works and K - 1 does not. A bound that falls, or first rises and then falls, has no smaller one.
    """
    near = _guess(level, target)
    if near is None:
        near = next((2**power for power in range(0, LIMIT.bit_length(), 8) if works(2**power)), None)
        if near is None:
            return LIMIT if works(LIMIT) else None
    return _exact(works, near)


def _guess(level: Callable[[int], float], target: float) -> int | None:
    """Where the bound is about the target, in floating point: the end of the first interval in which it falls below."""
    low = 0
    for high in (*range(1, FIRST), *(2**power for power in range(6, LIMIT.bit_length()))):
        if level(high) <= target:
            break
        low = high
    else:
        return _dip(level, target)
    while high - low > max(1, high >> 50):
        middle = (low + high) // 2
        low, high = (low, middle) if level(middle) <= target else (middle, high)
    return high


def _dip(level: Callable[[int], float], target: float) -> int | None:
    """A place between powers of two at which a bound that falls and rises again is below the target."""
    places = [2**power for power in range(LIMIT.bit_length())]
    values = [level(place) for place in places]
    known = [(value, place) for value, place in zip(values, places, strict=True) if math.isfinite(value)]
    if not known:
        return None
    _, best = min(known)
    low, high = max(1, best // 2), best * 2
    while high - low > 2:
        third = (high - low) // 3
        a, b = low + max(1, third), high - max(1, third)
        low, high = (low, b) if level(a) <= level(b) else (a, high)
    best = min(range(low, high + 1), key=level)
    return best if level(best) <= target else None


def _exact(works: Callable[[int], bool], near: int) -> int | None:
    """From a place near it: K with works(K) and not works(K - 1)."""
    stride = 1
    if works(near):
        high, low = near, near - 1
        while low >= 1 and works(low):
            high, stride = low, 2 * stride
            low = high - stride
        low = max(low, 0)
    else:
        low, high = near, near + 1
        while not works(high):
            if high > LIMIT:
                return None
            low, stride = high, 2 * stride
            high = low + stride
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high
