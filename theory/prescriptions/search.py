"""The least number of steps after which a bound is small enough, decided exactly."""

import math
from collections.abc import Callable, Sequence

LIMIT = 10**300  # steps that are looked for
FAR = LIMIT.bit_length()
# one by one at first, as bounds with logarithms rise before they fall
PLACES = (*range(1, 32), *(2**power for power in range(5, 100)), *(2**power for power in range(100, FAR, 4)))
FEW = tuple(4**power for power in range(FAR // 2))


def least(
    works: Callable[[int], bool], level: Callable[[int], float], exact: Callable[[int], float], target: float
) -> int | None:
    """The least K with works(K); None if LIMIT steps are too few.

    level  where level(K) <= target says the same in floating point, nearly;  exact  the same, rounded only in the end
    K works and K - 1 does not. A bound that falls, or first rises and then falls, has no smaller one.
    """
    values: list[float] = []
    near = roughly(level, target, PLACES, 50, values)
    if near is None:
        near = _dip(level, target, values)
    if near is None and works(LIMIT):  # floating point does not tell 1 - 1/K from 1, say
        near = roughly(exact, target, PLACES[30::8], FAR) or LIMIT
    return None if near is None else _exact(works, near)


def roughly(
    level: Callable[[int], float],
    target: float,
    places: Sequence[int] = FEW,
    bits: int = 24,
    values: list[float] | None = None,
) -> int | None:
    """Where the bound falls below the target, in floating point and to so many bits; None where it does not.

    places  where it is looked at first;  values  takes the levels there
    """
    low = 0
    for high in places:
        value = level(high)
        if values is not None:
            values.append(value)
        if value <= target:
            break
        low = high
    else:
        return None
    while high - low > max(1, high >> bits):
        middle = (low + high) // 2
        low, high = (low, middle) if level(middle) <= target else (middle, high)
    return high


def _dip(level: Callable[[int], float], target: float, values: list[float]) -> int | None:
    """A step between the places at which a bound that falls and rises again is below the target."""
    known = [(value, place) for place, value in enumerate(values) if math.isfinite(value)]
    if not known:
        return None
    best = min(known)[1]
    low, high = PLACES[max(0, best - 1)], PLACES[min(len(PLACES) - 1, best + 1)]
    while high - low > 2:
        third = max(1, (high - low) // 3)
        low, high = (low, high - third) if level(low + third) <= level(high - third) else (low + third, high)
    found = min(range(low, high + 1), key=level)
    return found if level(found) <= target else None


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
