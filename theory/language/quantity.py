"""Quantities: the symbols of a claim, each knowing how it is measured.

A column is a sequence along the run (gap, distance, radius), measured by whoever runs the method from views of its
states; a constant is one number (mu, L, D_0). Both carry an absolute error for every entry, so that a claim can be compared
with an error budget. One key stands for one quantity.
"""

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import sympy as sp
from sympy.printing.latex import LatexPrinter

from broximal.oracles.arrays import as_number
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.units import parse_units

# sympy has no types for arithmetic that checkers follow, so symbols are Any to them
k: Any = sp.Symbol("k", integer=True, nonnegative=True)
K: Any = sp.Symbol("K", integer=True, positive=True)
i: Any = sp.Symbol("i", integer=True, nonnegative=True)
layer: Any = sp.Symbol("l", integer=True, nonnegative=True)  # the index of a layer, counted from 0
layers: Any = sp.Symbol("p", integer=True, positive=True)  # how many layers there are
worker: Any = sp.Symbol("worker", integer=True, nonnegative=True)
workers: Any = sp.Symbol("workers", integer=True, positive=True)
arm: Any = sp.Symbol("arm", integer=True, nonnegative=True)
arms: Any = sp.Symbol("arms", integer=True, positive=True)
AXES = {layer: layers, worker: workers, arm: arms}  # the index of every axis, and how many entries it has

EPS = float(np.finfo(float).eps)


@dataclasses.dataclass(frozen=True)
class Measured:
    """A quantity as measured on a whole run: one number, or one entry a step (and a layer, a worker).

    noise   absolute error of each entry from rounding and from f_star
    oracle  how far one inexact oracle call can have moved the entry from its value after an exact call (entry k + 1
            is charged for step k); accumulated over the steps for claims about a whole run
    """

    values: np.ndarray
    noise: np.ndarray
    oracle: np.ndarray

    @classmethod
    def of(cls, values: Any, noise: Any = None, oracle: Any = None) -> "Measured":
        values = np.asarray(values, dtype=float)
        noise = rounding_of(values) if noise is None else noise
        oracle = 0.0 if oracle is None else oracle
        return cls(values, np.broadcast_to(noise, values.shape) + 0.0, np.broadcast_to(oracle, values.shape) + 0.0)


def rounding_of(values: Any) -> Any:
    """The noise of values of which nothing else is said: a few roundings, 4 eps |value|."""
    return 4 * EPS * abs(values)


class Entry(NamedTuple):
    """A column at one state or one step: a number, or one a layer, worker or arm. See `Measured`; noise None is 4 eps |value|."""

    value: Any
    noise: Any = None
    oracle: Any = 0.0


class Range(NamedTuple):
    """What a value that a user gives may be: at least `low` (above it if `strict`) and at most `high`."""

    low: float = 0.0
    high: float = math.inf
    strict: bool = False

    def check(self, value: Any, name: str) -> float:
        """The value as a float. Raises InvalidArgument, naming it, outside of the range."""
        return float(as_number(value, name, low=self.low, high=self.high, open_low=self.strict))


Kind = Literal["state", "step", "run", "layer", "constant"]

_KNOWN: dict[str, "Quantity"] = {}
RESERVED = ("k", "K", "i", *(symbol.name for pair in AXES.items() for symbol in pair))  # indices and counts of claims


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A symbol (constant) or indexed base (column) of claims, with its measurement; hashable by name.

    kind      state: `measure(now) -> Entry` at x_0, ..., x_K;  step: `measure(now, after) -> Entry` at the K steps;
              run: `measure(run) -> Measured` of a whole run, an entry a state or a step;
              layer: `measure(run) -> Measured`, one number for each entry of its axis;  constant: `measure(run) -> Measured` of one number
    units     how it scales under f -> s f and x -> r x, such as "f", "x", "f/x^2", "1" (see `units`)
    uses      keys of the columns that a run, layer or constant quantity is computed from
    points    does it look at the points of the run?
    axis      `layer`, `worker` or `arm` where it has one entry for each of them, else None
    host      can it not be traced, so that it must be measured at points that were kept?
    option    the word of the command line for a constant, if it can be given there
    range     what a user may give for it
    """

    key: str
    symbol: Any
    latex: str
    meaning: str
    units: str
    kind: Kind
    measure: Callable[..., Any] = dataclasses.field(compare=False)
    uses: tuple[str, ...] = ()
    points: bool = False
    axis: Any = None
    host: bool = False
    option: str = ""
    range: "Range" = Range()

    @property
    def origin(self) -> tuple[str, str]:
        """Where it is defined."""
        return self.measure.__module__, self.measure.__qualname__

    @property
    def along(self) -> bool:
        """Is it a sequence along the run?"""
        return self.kind in ("state", "step", "run")


def _register(quantity: Quantity) -> Any:
    if quantity.key in RESERVED:
        raise InvalidArgument(f"key {quantity.key!r} is reserved; {', '.join(RESERVED)} are indices of claims.")
    parse_units(quantity.units, f"units of {quantity.key!r}")
    old = _KNOWN.get(quantity.key)
    # a notebook's cell, or a file that is read again, may define its quantities anew
    if old is not None and old.origin != quantity.origin:
        raise InvalidArgument(
            f"key {quantity.key!r} is defined twice: in {old.origin[0]} and in {quantity.origin[0]}; choose another one."
        )
    _KNOWN[quantity.key] = quantity
    _LATEX[quantity.key] = quantity.latex
    return quantity.symbol


def _keys(uses: Iterable[Any]) -> tuple[str, ...]:
    return tuple(part if isinstance(part, str) else str(getattr(part, "label", part)) for part in uses)


def column(
    key: str, latex: str, meaning: str, units: str, *, axis: Any = None, host: bool = False
) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: a function of a view of a state, or of the views before and after a step, becomes a column of claims.

        @column("moved", r"\\|x_{#+1} - x_{#}\\|", "length of the step", "x")
        def moved(now, after):
            return now.norm._value(subtract(after.x, now.x))

    `now` and `after` are `View`s. Claims index it as `moved[k]`, or `moved[k, worker]` where axis is `worker` (`layer`,
    `arm`) and an entry is an array with one number for each; it returns an `Entry` or a number. One argument makes a column of states (x_0, ..., x_K), two one of steps. It is written against
    `arrays.namespace`, so that it can be traced, unless it is declared `host`.
    Raises InvalidArgument for a key that another place defines.
    """

    def define(measure: Callable[..., Any]) -> Any:
        arguments = len(inspect.signature(measure).parameters)
        if arguments not in (1, 2):
            raise InvalidArgument(f"column {key!r} must take (now) or (now, after), not {arguments} arguments.")
        kind: Kind = "state" if arguments == 1 else "step"
        base = sp.IndexedBase(key, real=True)
        return _register(Quantity(key, base, latex, meaning, units, kind, measure, axis=_axis(axis, key), host=host))

    return define


def of_run(
    key: str,
    latex: str,
    meaning: str,
    units: str,
    *,
    uses: Iterable[Any] = (),
    points: bool = False,
    axis: Any = None,
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured becomes a column, computed from other columns (`uses`) or all points."""

    def define(measure: Callable[..., Any]) -> Any:
        base = sp.IndexedBase(key, real=True)
        return _register(
            Quantity(
                key, base, latex, meaning, units, "run", measure, _keys(uses), points=points, axis=_axis(axis, key)
            )
        )

    return define


def of_axis(
    axis: Any, key: str, latex: str, meaning: str, units: str, *, uses: Iterable[Any] = (), range: Range = Range()
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured of one number a layer, worker or arm becomes a constant `times[worker]`."""

    def define(measure: Callable[..., Any]) -> Any:
        base = sp.IndexedBase(key, real=True)
        own = {"axis": _axis(axis, key), "range": range}
        return _register(Quantity(key, base, latex, meaning, units, "layer", measure, _keys(uses), **own))

    return define


of_layers = functools.partial(of_axis, layer)
of_workers = functools.partial(of_axis, worker)
of_arms = functools.partial(of_axis, arm)


def _axis(axis: Any, key: str) -> Any:
    if axis is not None and axis not in AXES:
        raise InvalidArgument(f"axis of {key!r} must be layer, worker or arm, not {axis!r}.")
    return axis


def constant(
    key: str,
    latex: str,
    meaning: str,
    units: str,
    *,
    uses: Iterable[Any] = (),
    points: bool = False,
    option: str = "",
    range: Range = Range(),
    **assumptions: bool,
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured (of one number) becomes a constant symbol of claims.

    It may look at the experiment and the start (`run.start`); `uses` names the columns that it looks at besides.
    """

    def define(measure: Callable[..., Any]) -> Any:
        symbol = sp.Symbol(key, **(assumptions or {"positive": True}))
        return _register(
            Quantity(
                key,
                symbol,
                latex,
                meaning,
                units,
                "constant",
                measure,
                _keys(uses),
                points=points,
                option=option,
                range=range,
            )
        )

    return define


_LATEX: dict[str, str] = {"worker": "j", "workers": "n", "arm": "a", "arms": "A"}


def key_of(node: Any) -> str:
    """The key of the quantity that an Indexed node is of."""
    return str(node.base.label)


def place_in(node: Any, axis: int = 0) -> int:
    """An index of an Indexed node that is a number."""
    return int(node.indices[axis])


def is_known(key: str) -> bool:
    """Does a vocabulary define a quantity of this key?"""
    return key in _KNOWN


def known(key: str) -> Quantity:
    """The quantity of this key. Raises BroximalError if no vocabulary defines it."""
    if key not in _KNOWN:
        raise BroximalError(f"no quantity {key!r} is defined; known are {', '.join(sorted(_KNOWN))}.")
    return _KNOWN[key]


def range_of(name: str) -> Range:
    """What a user may give for the quantity of this key or option; any number from 0 on for a name that is neither."""
    found = _KNOWN.get(name) or next((q for q in _KNOWN.values() if q.option == name), None)
    return Range() if found is None else found.range


def quantities(expression: Any) -> tuple[list[Quantity], list[Quantity]]:
    """(columns, constants) that an expression mentions."""
    bases = {str(base.label) for base in expression.atoms(sp.IndexedBase)}
    bound = {str(symbol) for symbol in (k, K, i, *AXES, *AXES.values())}
    plain = {str(symbol) for symbol in expression.free_symbols if not isinstance(symbol, (sp.IndexedBase, sp.Indexed))}
    return (
        [known(key) for key in sorted(bases)],
        [known(key) for key in sorted(plain - bases - bound)],
    )


class Best(sp.Expr):
    """Best(expr, (i, a, b)): the smallest value of expr over a <= i <= b, as Sum and Product are the total."""

    is_commutative = True
    is_extended_real = True

    def __new__(cls, expr, limits):
        return sp.Expr.__new__(cls, sp.sympify(expr), sp.Tuple(*limits))

    args: Any  # sympy types it as Basic; here it is (expression, limits)

    @property
    def bound_symbols(self):
        return [self.args[1][0]]

    @property
    def free_symbols(self):
        expr, limits = self.args
        return (expr.free_symbols - {limits[0]}) | limits[1].free_symbols | limits[2].free_symbols

    def _latex(self, printer):
        expr, (index, low, high) = self.args
        p = printer._print
        return rf"\min_{{{p(low)} \le {p(index)} \le {p(high)}}} {p(expr)}"


class OverLayers(Best):
    """What is taken over all layers, workers or arms of an expression in that index; sympy's own Sum would merge with sums
    over steps."""

    word: ClassVar[str]
    join: ClassVar[Callable[..., Any]]

    def __new__(cls, expr, over=layer):
        limits = (over, 0, AXES[over] - 1) if over in AXES else over
        return sp.Expr.__new__(cls, sp.sympify(expr), sp.Tuple(*limits))

    @property
    def axis(self) -> Any:
        """`layer`, `worker` or `arm`."""
        return self.args[1][0]

    def _latex(self, printer):
        return rf"{self.word}_{{{printer._print(self.axis)}}} {printer._print(self.args[0])}"

    def spelled_out(self, count: int) -> Any:
        """Written out for this many entries."""
        return type(self).join(*(self.args[0].subs(self.axis, place) for place in range(count)))


class SumOver(OverLayers):
    """SumOver(expr, worker): the sum over the workers (layers, arms)."""

    word = r"\sum"
    join = sp.Add


def LayerSum(expr: Any) -> Any:
    """The sum over the layers."""
    return SumOver(expr, layer)


class Largest(OverLayers):
    """Largest(expr, worker): the largest value over the workers (arms, and without a second argument the layers)."""

    word = r"\max"
    join = sp.Max


class _Printer(LatexPrinter):
    def _print_Indexed(self, expr):
        name = _LATEX.get(str(expr.base.label), str(expr.base.label))
        if len(expr.indices) == 2:  # a column with one entry a layer: @ is where the layer goes
            name = name.replace("@", self._print(expr.indices[1]))
            return name.replace("#", self._print(expr.indices[0]))
        index = ",".join(self._print(e) for e in expr.indices)
        return name.replace("#", index) if "#" in name else f"{name}_{{{index}}}"

    def _print_Symbol(self, expr, style="plain"):
        name = _LATEX.get(expr.name, "#")
        if "#" in name:  # a column without its index is some other symbol of the same name
            return r"\varepsilon" if expr.name == "eps" else super()._print_Symbol(expr, style)
        return name


def latex(expression: Any) -> str:
    """LaTeX of a claim, with the names of the vocabulary (a `#` in a column's LaTeX is where the index goes)."""
    return _Printer({"fold_short_frac": False}).doprint(expression)
