"""Two arithmetics in which a formula is evaluated: floating point, which is fast, and intervals, which are proofs.

Numbers are what users write: 0.1 is one tenth. One over 0 is infinite, so that constants that are 0 are the limit of small
ones; what has no limit (0 times infinity, infinity less infinity, a root of a negative number) raises Undefined.
"""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mpmath.libmp import (
    finf,
    fninf,
    from_int,
    from_rational,
    fzero,
    mpf_ceil,
    mpf_cmp,
    mpf_floor,
    mpf_sign,
    mpf_sub,
    round_ceiling,
    round_floor,
    to_float,
    to_int,
)
from mpmath.libmp.libmpi import mpi_add, mpi_div, mpi_exp, mpi_log, mpi_mul, mpi_pi, mpi_pow_int, mpi_sqrt

ZERO, ONE = (fzero, fzero), (from_int(1), from_int(1))
INFINITE = (finf, finf)
LINE = (fninf, finf)
SURE = 1000  # bits in which two numbers agree that are then taken for equal


class Undefined(ArithmeticError):
    """A formula has no value for these numbers."""


def rational(value: Any) -> Fraction:
    """The number that prints as this one: of 0.1 one tenth."""
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)) if isinstance(value, float) else value)


class Floats:
    """Floating point; overflow is infinite."""

    def number(self, q: Any) -> float:
        try:
            return float(q)
        except OverflowError:
            return math.inf if q > 0 else -math.inf

    def pi(self) -> float:
        return math.pi

    def total(self, terms: Iterable[float]) -> float:
        return sum(terms)

    def product(self, factors: Iterable[float]) -> float:
        found = 1.0
        for factor in factors:
            found *= factor
        return found

    def raised(self, base: float, exponent: float) -> float:
        try:
            if base == 0 and exponent < 0:
                return math.inf
            return math.nan if base < 0 and not exponent.is_integer() else base**exponent
        except OverflowError:
            return math.inf

    def exp(self, x: float) -> float:
        try:
            return math.exp(x)
        except OverflowError:
            return math.inf

    def log(self, x: float) -> float:
        return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan

    def largest(self, values: list[float]) -> float:
        return math.nan if any(map(math.isnan, values)) else max(values)

    def least(self, values: list[float]) -> float:
        return math.nan if any(map(math.isnan, values)) else min(values)

    def absolute(self, x: float) -> float:
        return abs(x)

    def floor(self, x: float) -> float:
        return float(math.floor(x)) if math.isfinite(x) else x

    def zero(self, x: float) -> bool:
        return x == 0


class Intervals:
    """Intervals [low, high] of numbers with `prec` bits that hold the exact value, as pairs of mpmath's raw numbers."""

    def __init__(self, prec: int):
        self.prec = prec

    def number(self, q: Any) -> Any:
        q = Fraction(q)
        return tuple(from_rational(q.numerator, q.denominator, self.prec, way) for way in (round_floor, round_ceiling))

    def pi(self) -> Any:
        return mpi_pi(self.prec)

    def total(self, terms: Iterable[Any]) -> Any:
        found = ZERO
        for term in terms:
            if (found[1] == finf and term[0] == fninf) or (found[0] == fninf and term[1] == finf):
                if found == LINE or term == LINE:
                    return LINE
                raise Undefined("infinity less infinity")
            found = mpi_add(found, term, self.prec)
        return found

    def product(self, factors: Iterable[Any]) -> Any:
        found = ONE
        for factor in factors:
            for one, other in ((found, factor), (factor, found)):
                if one == ZERO and (other[0] == fninf or other[1] == finf):
                    raise Undefined("0 times infinity")
            found = mpi_mul(found, factor, self.prec)
        return found

    def _over(self, x: Any) -> Any:
        if x == ZERO:
            return INFINITE
        return LINE if mpf_sign(x[0]) * mpf_sign(x[1]) < 0 else mpi_div(ONE, x, self.prec)

    def power(self, base: Any, exponent: Fraction) -> Any:
        if exponent < 0:
            return self._over(self.power(base, -exponent))
        if exponent.denominator == 1:
            return mpi_pow_int(base, exponent.numerator, self.prec)
        if mpf_sign(base[1]) < 0:
            raise Undefined("a root of a negative number")
        if mpf_sign(base[0]) < 0:  # a number that may be 0
            base = (fzero, base[1])
        if exponent.denominator in (2, 4):
            root = mpi_sqrt(base, self.prec + 8)
            root = mpi_sqrt(root, self.prec + 8) if exponent.denominator == 4 else root
            return mpi_pow_int(root, exponent.numerator, self.prec)
        return self.raised(base, self.number(exponent))

    def raised(self, base: Any, exponent: Any) -> Any:
        """base^exponent for a base of at least 0."""
        if mpf_sign(base[1]) < 0:
            raise Undefined("a power of a negative number")
        if base == ZERO:
            if mpf_sign(exponent[0]) <= 0:
                raise Undefined("0 to a power that is not positive")
            return ZERO
        return self.exp(self.product([self.log(base), exponent]))

    def exp(self, x: Any) -> Any:
        return mpi_exp(x, self.prec)

    def log(self, x: Any) -> Any:
        if mpf_sign(x[1]) < 0:
            raise Undefined("a logarithm of a negative number")
        if x == ZERO:
            return (fninf, fninf)
        return mpi_log(x, self.prec) if mpf_sign(x[0]) > 0 else (fninf, mpi_log((x[1], x[1]), self.prec)[1])

    def largest(self, values: list[Any]) -> Any:
        return _extreme(values, 1)

    def least(self, values: list[Any]) -> Any:
        return _extreme(values, -1)

    def absolute(self, x: Any) -> Any:
        return self.largest([x, self.product([x, self.number(-1)])])

    def floor(self, x: Any) -> Any:
        low, high = (mpf_floor(end) if end not in LINE else end for end in x)
        whole = low != high and self.prec >= SURE and narrow(x, self.prec // 2)  # as far as a thousand bits tell
        return (high, high) if whole else (low, high)

    def zero(self, x: Any) -> bool:
        return x == ZERO


def _extreme(values: list[Any], sign: int) -> Any:
    low, high = values[0]
    for a, b in values[1:]:
        low = a if mpf_cmp(a, low) == sign else low
        high = b if mpf_cmp(b, high) == sign else high
    return low, high


def at_most(x: Any, y: Any) -> bool | None:
    """x <= y for intervals; None where they do not tell."""
    if mpf_cmp(x[1], y[0]) <= 0:
        return True
    return False if mpf_cmp(x[0], y[1]) > 0 else None


def narrow(x: Any, bits: int) -> bool:
    """Is the interval so short that its ends agree in this many bits?"""
    if x[0] == x[1]:
        return True
    if x[0] in LINE or x[1] in LINE:
        return False
    size = max(abs_exponent(x[0]), abs_exponent(x[1]))
    return abs_exponent(mpf_sub(x[1], x[0], 32, round_ceiling)) <= size - bits


def abs_exponent(x: Any) -> int:
    """The exponent of the least power of two above |x|; hugely negative for 0."""
    return x[2] + x[3] if x[1] else -(10**9)


def to_number(x: Any) -> float:
    """A number of a short interval; infinite where it is too large for a float."""
    return to_float(x[1], rnd="n")


def ceilings(x: Any) -> tuple[int, int]:
    """The ceilings of both ends of a finite interval."""
    return tuple(to_int(mpf_ceil(end)) for end in x)  # type: ignore[return-value]
