"""Quantities: the symbols of a claim, each knowing how it is measured.

A column is a sequence along the run (gap, distance, radius), measured by whoever runs the method from views of its
states; a constant is one number (mu, L, D_0). Both carry an absolute error for every entry, so that a claim can be compared
with an error budget. One key stands for one quantity.
"""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple, TypedDict, Unpack

import numpy as np
import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.declaration import RESERVED, Declaration, Kind, Range, declare, declared, is_known
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


_ENTRIES = {
    "state": "one at every point x_0, ..., x_K",
    "step": "one at every step from x_0, ..., x_{K-1}",
    "run": "along the run, computed from all of it",
    "layer": "numbers that do not change along the run",
    "constant": "one number",
}


@dataclasses.dataclass(frozen=True)
class Quantity(Declaration):
    """A declaration with its measurement.

    measure   state: `measure(now) -> Entry` at x_0, ..., x_K;  step: `measure(now, after) -> Entry` at the K steps;
              run: `measure(run) -> Measured` of a whole run, an entry a state or a step;
              layer: `measure(run) -> Measured`, one number for each entry of its axis;  constant: of one number
    uses      keys of the columns that a run, layer or constant quantity is computed from
    points    does it look at the points of the run?
    host      can it not be traced, so that it must be measured at points that were kept?
    """

    measure: Callable[..., Any] = dataclasses.field(compare=False, kw_only=True)
    uses: tuple[str, ...] = ()
    points: bool = False
    host: bool = False

    @property
    def origin(self) -> tuple[str, str]:
        """Where it is defined."""
        return self.measure.__module__, self.measure.__qualname__

    def describe(self) -> str:
        """Meaning, LaTeX, units, where it has an entry, what may be given for it, and where it is measured."""
        axis = "" if self.axis is None else f", one for each {'layer' if self.axis == layer else self.axis}"
        lines = [
            f"{self.key}: {self.meaning}",
            f"  LaTeX     {self.latex}"
            + ("   (# is the step, @ the layer, worker or arm)" if set("#@") & set(self.latex) else ""),
            f"  units     {self.units}" + ("   (a plain number)" if self.units == "1" else ""),
            f"  entries   {_ENTRIES[self.kind]}{axis}",
        ]
        if self.given:
            safe = f"; a {self.safe} one is safe" if self.safe else ""
            lines.append(f"  given     as {self.name}, {self.range}{safe}")
        lines.append(f"  measured  by {'.'.join(self.origin)}")
        own = inspect.getdoc(self.measure)
        return "\n".join([*lines, *(["", own] if own else [])])


def _register(quantity: Quantity) -> Any:
    if quantity.key in RESERVED:
        raise InvalidArgument(f"key {quantity.key!r} is reserved; {', '.join(RESERVED)} are indices of claims.")
    parse_units(quantity.units, f"units of {quantity.key!r}")
    old = declared(quantity.key) if is_known(quantity.key) else None
    # a notebook's cell, or a file that is read again, may define its quantities anew
    if isinstance(old, Quantity) and old.origin != quantity.origin:
        raise InvalidArgument(
            f"key {quantity.key!r} is defined twice: in {old.origin[0]} and in {quantity.origin[0]}; choose another one."
        )
    declare([quantity])
    if isinstance(quantity.symbol, sp.IndexedBase):  # of a symbol sympy lets nobody change the documentation
        quantity.symbol.__doc__ = quantity.describe()
    return quantity.symbol


def _keys(uses: Iterable[Any]) -> tuple[str, ...]:
    return tuple(part if isinstance(part, str) else str(getattr(part, "label", part)) for part in uses)


def column(
    key: str,
    latex: str,
    meaning: str,
    units: str,
    *,
    axis: Any = None,
    host: bool = False,
    nonnegative: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: a function of a view of a state, or of the views before and after a step, becomes a column of claims.

        @column("moved", r"\\|x_{#+1} - x_{#}\\|", "length of the step", "x")
        def moved(now, after):
            return now.norm._value(subtract(after.x, now.x))

    `now` and `after` are `View`s. Claims index it as `moved[k]`, or `moved[k, worker]` where axis is `worker` (`layer`,
    `arm`) and an entry is an array with one number for each; it returns an `Entry` or a number. One argument makes a column of states (x_0, ..., x_K), two one of steps. It is written against
    `arrays.namespace`, so that it can be traced, unless it is declared `host`. `nonnegative` says that it is never below 0.
    Raises InvalidArgument for a key that another place defines.
    """

    def define(measure: Callable[..., Any]) -> Any:
        arguments = len(inspect.signature(measure).parameters)
        if arguments not in (1, 2):
            raise InvalidArgument(f"column {key!r} must take (now) or (now, after), not {arguments} arguments.")
        kind: Kind = "state" if arguments == 1 else "step"
        base = sp.IndexedBase(key, real=True)
        own = {"axis": _axis(axis, key), "measure": measure, "host": host, "nonnegative": nonnegative}
        return _register(Quantity(key, base, latex, meaning, units, kind, **own))

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
    nonnegative: bool = False,
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured becomes a column, computed from other columns (`uses`) or all points."""

    def define(measure: Callable[..., Any]) -> Any:
        base = sp.IndexedBase(key, real=True)
        own = {"axis": _axis(axis, key), "measure": measure, "uses": _keys(uses), "points": points}
        return _register(Quantity(key, base, latex, meaning, units, "run", nonnegative=nonnegative, **own))

    return define


def of_axis(
    axis: Any,
    key: str,
    latex: str,
    meaning: str,
    units: str,
    *,
    uses: Iterable[Any] = (),
    option: str = "",
    range: Range = Range(),
    safe: str = "",
    parameter: bool = False,
    ratio: bool = False,
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured of one number a layer, worker or arm becomes a constant `times[worker]`."""

    def define(measure: Callable[..., Any]) -> Any:
        base = sp.IndexedBase(key, real=True)
        given = {"option": option, "range": range, "safe": safe, "parameter": parameter, "ratio": ratio}
        own = given | {"axis": _axis(axis, key), "measure": measure, "uses": _keys(uses)}
        return _register(Quantity(key, base, latex, meaning, units, "layer", **own))

    return define


class Given(TypedDict, total=False):
    """What `of_axis` takes besides, by the names of `constant`."""

    uses: Iterable[Any]
    option: str
    range: Range
    safe: str
    parameter: bool
    ratio: bool


def of_layers(
    key: str, latex: str, meaning: str, units: str, **given: Unpack[Given]
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured of one number a layer becomes a constant that claims index by `layer`.

        @of_layers("mine.size", r"d_{#}", "entries of a layer", "1")
        def size(run):
            return Measured.of([float(part.size) for part in run.layers.split(run.experiment.x0)])

    The function gets the `Run` and returns `Measured.of(array)` with an array of the shape (layers,), float64; `run.experiment`
    has the instance, and `uses` names the columns that it looks at besides. Units and what may be given for it are as for
    `constant`. Raises InvalidArgument for units that are none, and for a key that another place defines.
    """
    return of_axis(layer, key, latex, meaning, units, **given)


def of_workers(
    key: str, latex: str, meaning: str, units: str, **given: Unpack[Given]
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured of one number a worker becomes a constant that claims index by `worker`.

        @of_workers("mine.L", r"L_{#}", "smoothness of a worker", "f/x^2")
        def L(run):
            return Measured.of([part.constant("L", run.norm).value for part in run.problem.parts])

    The function gets the `Run` and returns `Measured.of(array)` with an array of the shape (workers,), float64; `run.experiment`
    has the instance, and `uses` names the columns that it looks at besides. Units and what may be given for it are as for
    `constant`. Raises InvalidArgument for units that are none, and for a key that another place defines.
    """
    return of_axis(worker, key, latex, meaning, units, **given)


def of_arms(
    key: str, latex: str, meaning: str, units: str, **given: Unpack[Given]
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured of one number an arm becomes a constant that claims index by `arm`.

        @of_arms("mine.weight", r"1/\\Delta_{#}", "one over the gap, 0 of the best arm", "1/f")
        def weight(run):
            gaps = run.experiment.instance.gaps
            return Measured.of(np.divide(1.0, gaps, where=gaps > 0, out=np.zeros_like(gaps)))

    The function gets the `Run` and returns `Measured.of(array)` with an array of the shape (arms,), float64; `run.experiment`
    has the instance, and `uses` names the columns that it looks at besides. Units and what may be given for it are as for
    `constant`. Raises InvalidArgument for units that are none, and for a key that another place defines.
    """
    return of_axis(arm, key, latex, meaning, units, **given)


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
    safe: str = "",
    fixed: bool = False,
    parameter: bool = False,
    ratio: bool = False,
    **assumptions: bool,
) -> Callable[[Callable[..., Measured]], Any]:
    """Decorator: a function run -> Measured (of one number) becomes a constant symbol of claims.

    It may look at the experiment and the start (`run.start`); `uses` names the columns that it looks at besides. What a
    user may give for it, and how, is declared here and nowhere else: `option`, `range`, `safe`, `fixed` (see
    `Declaration`).
    """

    def define(measure: Callable[..., Any]) -> Any:
        symbol = sp.Symbol(key, **(assumptions or {"positive": True}))
        given = {"option": option, "range": range, "safe": safe, "fixed": fixed, "parameter": parameter, "ratio": ratio}
        own = {"measure": measure, "uses": _keys(uses), "points": points}
        return _register(Quantity(key, symbol, latex, meaning, units, "constant", **given, **own))

    return define


def key_of(node: Any) -> str:
    """The key of the quantity that an Indexed node is of, or a symbol."""
    base: Any = getattr(node, "base", node)
    return base.name


def place_in(node: Any, axis: int = 0) -> int:
    """An index of an Indexed node that is a number."""
    return int(node.indices[axis])


def known(key: str) -> Quantity:
    """The quantity of this key, with its measurement. Raises BroximalError if no vocabulary defines it."""
    found = declared(key)
    if not isinstance(found, Quantity):
        raise BroximalError(f"quantity {key!r} is only declared; its vocabulary has not been imported.")
    return found


def quantities(expression: Any) -> tuple[list[Quantity], list[Quantity]]:
    """(columns, constants) that an expression mentions."""
    bases = {str(base.label) for base in expression.atoms(sp.IndexedBase)}
    bound = {str(symbol) for symbol in (k, K, i, *AXES, *AXES.values())}
    plain = {str(symbol) for symbol in expression.free_symbols if not isinstance(symbol, (sp.IndexedBase, sp.Indexed))}
    return (
        [known(key) for key in sorted(bases)],
        [known(key) for key in sorted(plain - bases - bound)],
    )


def _factor(expr: Any, printer: Any) -> str:
    """LaTeX of what a sum or a minimum is of, in brackets where it would end with its first term."""
    return printer.parenthesize(expr, PRECEDENCE["Mul"], is_neg=expr.could_extract_minus_sign(), strict=True)


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
        expr, limits = self.args[:2]
        return (expr.free_symbols - {limits[0]}) | limits[1].free_symbols | limits[2].free_symbols

    def _latex(self, printer):
        expr, (index, low, high) = self.args
        p = printer._print
        return rf"\min_{{{p(low)} \le {p(index)} \le {p(high)}}} {_factor(expr, printer)}"


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
        return rf"{self.word}_{{{printer._print(self.axis)}}} {_factor(self.args[0], printer)}"

    def spelled_out(self, count: int) -> Any:
        """Written out for this many entries."""
        return type(self).join(*(self.args[0].subs(self.axis, place) for place in range(count)))


class SumOver(OverLayers):
    """SumOver(expr, worker, where=None): the sum over the workers (layers, arms), of those for which the condition holds.

        SumOver(1 / arm_gap[arm], arm, where=arm_gap[arm] > 0)  # over the arms that are not the best

    The condition is made of relations, And, Or and Not, in the index of the sum, in columns at the step and in constants.
    Where the error budget leaves open whether one of them belongs to the sum, its term is part of the budget.
    """

    word = r"\sum"
    join = sp.Add

    def __new__(cls, expr, over=layer, where=None):
        condition = sp.true if where is None else sp.sympify(where)
        if condition == sp.false:
            return sp.S.Zero
        whole = super().__new__(cls, expr, over)
        return whole if condition == sp.true else sp.Expr.__new__(cls, *whole.args, condition)

    @property
    def where(self) -> Any:
        """The condition, true where there is none."""
        return self.args[2] if len(self.args) == 3 else sp.true

    @property
    def free_symbols(self):
        return super().free_symbols | (self.where.free_symbols - {self.axis})

    def _latex(self, printer):
        if self.where == sp.true:
            return super()._latex(printer)
        under = rf"{printer._print(self.axis)} : {printer._print(self.where)}"
        return rf"{self.word}_{{{under}}} {_factor(self.args[0], printer)}"

    def spelled_out(self, count: int) -> Any:
        each = ((self.args[0].subs(self.axis, at), self.where.subs(self.axis, at)) for at in range(count))
        return sp.Add(*(term if holds == sp.true else sp.Piecewise((term, holds), (0, True)) for term, holds in each))


def LayerSum(expr: Any) -> Any:
    """The sum over the layers."""
    return SumOver(expr, layer)


class Largest(OverLayers):
    """Largest(expr, worker): the largest value over the workers (arms, and without a second argument the layers)."""

    word = r"\max"
    join = sp.Max


_LATEX = {"worker": "j", "workers": "n", "arm": "a", "arms": "A"}  # of the axes


def _latex_of(key: str, otherwise: str) -> str:
    return declared(key).latex if is_known(key) else _LATEX.get(key, otherwise)


class _Printer(LatexPrinter):
    def _print_Indexed(self, expr):
        name = _latex_of(str(expr.base.label), str(expr.base.label))
        if len(expr.indices) == 2:  # a column with one entry a layer: @ is where the layer goes
            name = name.replace("@", self._print(expr.indices[1]))
            return self._placed(name, expr.indices[0])
        index = ",".join(self._print(e) for e in expr.indices)
        return self._placed(name, expr.indices[0]) if "#" in name else f"{name}_{{{index}}}"

    def _helper_print_standard_power(self, expr, template):
        base = self._print(expr.base)
        # the power of a sum is no sum of powers, and a second superscript is no LaTeX
        if isinstance(expr.base, Best) or (isinstance(expr.base, sp.Indexed) and "^" in base):
            return template % (rf"\left({base}\right)", self._print(expr.exp))
        return super()._helper_print_standard_power(expr, template)

    def _needs_mul_brackets(self, expr, first=False, last=False):
        return (isinstance(expr, Best) and not last) or super()._needs_mul_brackets(expr, first, last)

    def _placed(self, name, index):
        """`#+1` stands for the index and one: x_{#-1} of k + 1 is x_k."""
        if index.is_Symbol:
            return name.replace("#", self._print(index))
        name = re.sub(r"#([+-]\d+)", lambda found: self._print(index + int(found[1])), name)
        return name.replace("#", self._print(index))

    def _print_Symbol(self, expr, style="plain"):
        name = _latex_of(expr.name, "#")
        if "#" in name:  # a column without its index is some other symbol of the same name
            return r"\varepsilon" if expr.name == "eps" else super()._print_Symbol(expr, style)
        return name


def latex(expression: Any) -> str:
    """LaTeX of a claim, with the names of the vocabulary (a `#` in a column's LaTeX is where the index goes)."""
    return _Printer({"fold_short_frac": False}).doprint(expression)
