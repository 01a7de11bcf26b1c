"""Units: how a quantity scales under f -> s f and x -> r x, as the exponents of s and r.

Written "f", "x", "f/x", "f/x^2", "x^2/f", "1", "f/x^q", where q may be a constant of the vocabulary. Counts, indices,
probabilities, clocks and scalar sequences have none ("1").
"""

import re
from typing import Any, NamedTuple

import sympy as sp

from broximal.oracles.errors import InvalidArgument

_FACTOR = re.compile(r"([fx1])(?:\^([0-9]+(?:/[0-9]+)?|[A-Za-z_][A-Za-z_0-9]*))?")


class Units(NamedTuple):
    """f^of_f x^of_x; the exponents are sympy numbers, or expressions in constants that have no units."""

    of_f: Any
    of_x: Any

    def times(self, other: "Units") -> "Units":
        return Units(_tidy(self.of_f + other.of_f), _tidy(self.of_x + other.of_x))

    def power(self, exponent: Any) -> "Units":
        return Units(_tidy(exponent * self.of_f), _tidy(exponent * self.of_x))

    def equal(self, other: "Units") -> bool:
        """Are the exponents equal as expressions?"""
        return all(a == b or _tidy(a - b) == 0 for a, b in zip(self, other, strict=True))

    @property
    def none(self) -> bool:
        """Is it a plain number?"""
        return self.equal(NONE)

    def factor(self, s: float, r: float, values: dict[Any, float] | None = None) -> float:
        """By what a quantity of these units is multiplied when f -> s f and x -> r x, with values for its exponents' symbols."""
        of_f, of_x = (float(sp.sympify(exponent).subs(values or {})) for exponent in self)
        return s**of_f * r**of_x

    def __str__(self) -> str:
        over, under = [], []
        for letter, exponent in zip("fx", self, strict=True):
            if exponent == 0:
                continue
            below = sp.sympify(exponent).could_extract_minus_sign()
            size = -exponent if below else exponent
            text = letter if size == 1 else f"{letter}^{size}" if size.is_Atom else f"{letter}^({size})"
            (under if below else over).append(text)
        return " ".join(over or ["1"]) + ("/" + "/".join(under) if under else "")


NONE = Units(sp.S.Zero, sp.S.Zero)


def _tidy(exponent: Any) -> Any:
    return exponent if exponent.is_Rational else sp.cancel(sp.expand(exponent))


def parse_units(text: Any, name: str = "units") -> Units:
    """Units from their text: factors f, x and 1 with positive powers, divided by such factors.

        parse_units("f^2/x^2")  # Units(of_f=2, of_x=-2)

    A power may be a name, which becomes a positive sympy symbol. Raises InvalidArgument for other text.
    """
    parts = text.split("/") if isinstance(text, str) else []
    # a fraction as a power, x^1/2, is put together again
    joined: list[str] = []
    for part in parts:
        if joined and part.isdigit() and "^" in joined[-1] and "/" not in joined[-1]:
            joined[-1] += f"/{part}"
        else:
            joined.append(part)
    found = NONE
    for place, part in enumerate(joined):
        for word in part.split() or [""]:
            match = _FACTOR.fullmatch(word)
            if match is None:
                joined = []
                break
            letter, power = match.groups()
            exponent = _exponent(power) * (-1 if place else 1)
            if letter != "1":
                found = found.times(Units(exponent, sp.S.Zero) if letter == "f" else Units(sp.S.Zero, exponent))
    if not joined:
        raise InvalidArgument(f"{name} must be written like 'f', 'x', 'f/x^2' or '1', not {text!r}.")
    return found


def _exponent(power: str | None) -> Any:
    if power is None:
        return sp.S.One
    return sp.Rational(power) if power[0].isdigit() else sp.Symbol(power, positive=True)
