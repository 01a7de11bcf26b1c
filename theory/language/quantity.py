"""Quantities: the symbols of a claim, each knowing how it is measured on a run.

A column is a sequence along the run (gap, distance, radius); a constant is one number (mu, L, D_0). Both carry an
absolute error for every entry, so that a claim can be compared with an error budget.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import sympy as sp
from sympy.printing.latex import LatexPrinter

from broximal.oracles.errors import BroximalError

# sympy has no types for arithmetic that checkers follow, so symbols are Any to them
k: Any = sp.Symbol("k", integer=True, nonnegative=True)
K: Any = sp.Symbol("K", integer=True, positive=True)
i: Any = sp.Symbol("i", integer=True, nonnegative=True)
layer: Any = sp.Symbol("l", integer=True, nonnegative=True)  # the index of a layer, counted from 0
layers: Any = sp.Symbol("p", integer=True, positive=True)  # how many layers there are


@dataclasses.dataclass(frozen=True)
class Measured:
    """A column or constant as measured.

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
        noise = 4 * np.finfo(float).eps * np.abs(values) if noise is None else noise
        oracle = 0.0 if oracle is None else oracle
        return cls(values, np.broadcast_to(noise, values.shape) + 0.0, np.broadcast_to(oracle, values.shape) + 0.0)


_KNOWN: dict[str, "Quantity"] = {}


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A symbol (constant) or indexed base (column) with its measurement; hashable by name."""

    key: str
    symbol: Any
    meaning: str
    measure: Callable[[Any], Measured] = dataclasses.field(compare=False)
    positive: bool = True


def _register(quantity: Quantity) -> None:
    if quantity.key in _KNOWN:
        raise BroximalError(f"the quantity {quantity.key!r} is defined twice.")
    _KNOWN[quantity.key] = quantity


def column(key: str, latex: str, meaning: str) -> Callable[[Callable[[Any], Measured]], Any]:
    """Decorator: a function run -> Measured becomes a column that claims index as `column[k]`."""

    def define(measure):
        base = sp.IndexedBase(key, real=True)
        _LATEX[key] = latex
        _register(Quantity(key, base, meaning, measure))
        return base

    return define


def constant(key: str, latex: str, meaning: str, **assumptions: bool) -> Callable[[Callable[[Any], Measured]], Any]:
    """Decorator: a function run -> Measured (of one number) becomes a constant symbol of claims."""

    def define(measure):
        symbol = sp.Symbol(key, **(assumptions or {"positive": True}))
        _LATEX[key] = latex
        _register(Quantity(key, symbol, meaning, measure))
        return symbol

    return define


_LATEX: dict[str, str] = {}


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


def quantities(expression: Any) -> tuple[list[Quantity], list[Quantity]]:
    """(columns, constants) that an expression mentions."""
    bases = {str(base.label) for base in expression.atoms(sp.IndexedBase)}
    bound = {str(symbol) for symbol in (k, K, i, layer, layers)}
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
    """What is taken over the layers of an expression in `layer`; sympy's own Sum would merge with sums over steps."""

    word: ClassVar[str]
    join: ClassVar[Callable[..., Any]]

    def __new__(cls, expr, limits=(layer, 0, layers - 1)):
        return sp.Expr.__new__(cls, sp.sympify(expr), sp.Tuple(*limits))

    def _latex(self, printer):
        return rf"{self.word}_{{{printer._print(layer)}}} {printer._print(self.args[0])}"

    def spelled_out(self, count: int) -> Any:
        """Written out for this many layers."""
        return type(self).join(*(self.args[0].subs(layer, place) for place in range(count)))


class LayerSum(OverLayers):
    """LayerSum(expr): the sum over the layers."""

    word = r"\sum"
    join = sp.Add


class Largest(OverLayers):
    """Largest(expr): the largest value over the layers."""

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
