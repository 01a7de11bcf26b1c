"""Numbers and names that a user gives, checked; without JAX, so that the command line can check them before it is loaded."""

import math
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument


def as_real(value: Any, name: str, *, low: float = -math.inf, high: float = math.inf, open_low: bool = False) -> float:
    """A real number in [low, high] (or (low, high]) as a float. Raises InvalidArgument."""
    try:
        if isinstance(value, (bool, np.bool_, str, bytes)):  # which float would take
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{name} must be a real number, not {value!r}.") from None
    if math.isnan(number):
        raise InvalidArgument(f"{name} is NaN.")
    if number < low or number > high or (open_low and number == low):
        if low == 0 and high == math.inf:
            raise InvalidArgument(f"{name} must be {'positive' if open_low else 'non-negative'}, but is {number:g}.")
        bracket = "(" if open_low else "["
        raise InvalidArgument(f"{name} must lie in {bracket}{low:g}, {high:g}], but is {number:g}.")
    return number


def as_integer(value: Any, name: str, low: int = 1) -> int:
    """A whole number of at least `low`, of Python or numpy. Raises InvalidArgument; truth values and floats are none."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        kind = {0: "a non-negative integer", 1: "a positive integer"}.get(low, f"an integer of at least {low}")
        raise InvalidArgument(f"{name} must be {kind}, not {value!r}.")
    return int(value)


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean ...?' for an unknown name, or nothing."""
    match = get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {match[0]!r}?" if match else ""
