"""What is declared once for every symbol of claims: key, LaTeX, how a user spells it, what may be given for it.

The command line's options, `--set NAME=VALUE`, what is missing for a stepsize, and the messages for a wrong name or number
are derived from these declarations. They are plain data, so that they can be kept and read without what they describe.
"""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from broximal.oracles.arguments import as_real
from broximal.oracles.errors import BroximalError, InvalidArgument

RESERVED = ("k", "K", "i", "l", "p", "worker", "workers", "arm", "arms")  # the indices and counts of claims
Kind = Literal["state", "step", "run", "layer", "constant"]


class Range(NamedTuple):
    """What a value that a user gives may be: at least `low` (above it if `strict`), at most `high`, finite, perhaps `whole`."""

    low: float = 0.0
    high: float = math.inf
    strict: bool = False
    whole: bool = False

    def check(self, value: Any, name: str) -> float:
        """The value as a float. Raises InvalidArgument, naming it, outside of the range."""
        found = as_real(value, name, low=self.low, high=self.high, open_low=self.strict)
        if math.isinf(found):
            raise InvalidArgument(f"{name} is infinite.")
        if self.whole and not found.is_integer():
            raise InvalidArgument(f"{name} must be a whole number, but is {found:g}.")
        return found

    def __str__(self) -> str:
        return f"{self._bounds()}, whole" if self.whole else self._bounds()

    def _bounds(self) -> str:
        if self.high == math.inf:
            return f"{'>' if self.strict else '>='} {self.low:g}"
        if self.low == self.high:
            return f"= {self.low:g}"
        return f"in {'(' if self.strict else '['}{self.low:g}, {self.high:g}]"


@dataclasses.dataclass(frozen=True)
class Declaration:
    """A symbol (constant) or indexed base (column) of claims; hashable by name.

    kind      state, step, run: a sequence along the run;  layer: one number a layer;  constant: one number
    units     how it scales under f -> s f and x -> r x, such as "f", "x", "f/x^2", "1" (see `units`)
    axis      the index `layer`, `worker` or `arm` where it has one entry for each of them
    option    how users spell it, where that is not its key: one word may stand for the constant of the whole space and
              for those of the layers
    range     what a user may give for it
    safe      is a "larger" or a "smaller" value than the true one safe to give? Empty where neither is
    fixed     nobody can give it: a unit
    parameter is it a parameter of a method, which a theorem's rule sets where nobody gives it?
    ratio     does it compare two norms, so that it is 1 where they are the same?
    nonnegative  a column: is it never below 0?
    """

    key: str
    symbol: Any
    latex: str
    meaning: str
    units: str
    kind: Kind
    axis: Any = None
    option: str = ""
    range: Range = Range()
    safe: str = ""
    fixed: bool = False
    parameter: bool = False
    ratio: bool = False
    nonnegative: bool = False

    @property
    def along(self) -> bool:
        """Is it a sequence along the run?"""
        return self.kind in ("state", "step", "run")

    @property
    def name(self) -> str:
        """How users spell it."""
        return self.option or self.key

    @property
    def given(self) -> bool:
        """Can a user give it?"""
        return not (self.along or self.fixed)


_DECLARED: dict[str, Declaration] = {}


def declare(declarations: Iterable[Declaration]) -> None:
    """Make the declarations known, in the place of those of the same keys."""
    _DECLARED.update({each.key: each for each in declarations})


def every() -> list[Declaration]:
    """All declarations."""
    return list(_DECLARED.values())


def to_plain(declaration: Declaration, writer: Any) -> list[Any]:
    """The declaration as JSON, without its measurement; its symbol is kept by the writer (see `coding`)."""
    values = {field.name: getattr(declaration, field.name) for field in dataclasses.fields(Declaration)}
    axis = None if declaration.axis is None else writer.keep(declaration.axis)
    plain = {"symbol": writer.keep(declaration.symbol), "range": list(declaration.range), "axis": axis}
    return list((values | plain).values())


def from_plain(found: list[Any], reader: Any) -> Declaration:
    """The declaration that `to_plain` wrote. Raises KeyError, IndexError, TypeError or ValueError for anything else."""
    values = dict(zip((field.name for field in dataclasses.fields(Declaration)), found, strict=True))
    axis = None if values["axis"] is None else reader.make(values["axis"])
    own = {"symbol": reader.make(values["symbol"]), "range": Range(*values["range"]), "axis": axis}
    return Declaration(**(values | own))


def is_known(key: str) -> bool:
    """Does a vocabulary define a quantity of this key?"""
    return key in _DECLARED


def declared(key: str) -> Declaration:
    """The declaration of this key. Raises BroximalError if no vocabulary defines it."""
    if key not in _DECLARED:
        raise BroximalError(f"no quantity {key!r} is defined; known are {', '.join(sorted(_DECLARED))}.")
    return _DECLARED[key]


def named(name: str) -> list[Declaration]:
    """What users mean by this word: all that is spelled so, or has it for its key. Empty for a word that means nothing."""
    return [each for each in _DECLARED.values() if each.given and name in (each.name, each.key)]


def range_of(name: str) -> Range:
    """What a user may give for what is spelled so: what suits all that is meant; any number from 0 on for other names."""
    ranges = [each.range for each in named(name)] or [Range()]
    low = max(each.low for each in ranges)
    strict = any(each.strict for each in ranges if each.low == low)
    return Range(low, min(each.high for each in ranges), strict, any(each.whole for each in ranges))
