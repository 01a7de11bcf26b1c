"""Finding norms by name. The norms are those of the classes with an alias in this folder; there is no list to keep."""

import ast
import functools
import importlib
import math
import pkgutil
from typing import Any, NamedTuple

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm


class Entry(NamedTuple):
    """A class of the catalogue with example instances, each with the shape (or tree of shapes) of its points."""

    alias: str
    cls: type[Norm]
    examples: tuple[tuple[Norm, Any], ...]


# Norms of matrices by the names that Scion (arXiv:2502.07529) gives them; its Spectral is `rms_to_rms`, as `spectral` is |.|_op.
SCION = {"sign": "one_to_inf", "colnorm": "one_to_rms", "rownorm": "rms_to_inf"}

_added: dict[str, type[Norm]] = {}


def add(cls: type[Norm]) -> None:
    """Let a norm from elsewhere be parsed by its alias; one of the same module and class is replaced.

    Raises InvalidArgument for an alias that is no lower-case word, or that another norm has.
    """
    alias = cls.alias
    if not (alias.isidentifier() and alias == alias.lower()) or alias in (
        "inf",
        "rows",
        "columns",
        "slices",
        "dual",
        *SCION,
    ):
        raise InvalidArgument(
            f"alias {alias!r} of {cls.__name__} must be a lower-case word that `norms.parse` can read."
        )
    other = _classes().get(alias)
    if other is None:
        _added[alias] = cls
        return
    if alias not in _added or (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
        raise InvalidArgument(f"norm {alias!r} is there already, {other.__name__} in {other.__module__}.")
    _added[alias] = cls


def withdraw(module: str) -> None:
    """Forget the norms that were added from this module."""
    for alias in [alias for alias, cls in _added.items() if cls.__module__ == module]:
        del _added[alias]


def _classes() -> dict[str, type[Norm]]:
    """Alias -> class, of this folder and those that were added."""
    return _found() | _added


@functools.cache
def _found() -> dict[str, type[Norm]]:
    package = importlib.import_module("broximal.oracles.norms")
    found: dict[str, type[Norm]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        for value in vars(importlib.import_module(f"{package.__name__}.{module}")).values():
            if isinstance(value, type) and issubclass(value, Norm) and value.alias:
                if found.setdefault(value.alias, value) is not value:
                    raise RuntimeError(f"two norms have the alias {value.alias!r}.")
    return dict(sorted(found.items()))


def catalogue() -> tuple[Entry, ...]:
    """Every norm class of the folder, by alias, with examples."""
    return tuple(Entry(alias, cls, tuple(cls.examples())) for alias, cls in _classes().items())


def parse(text: str) -> Norm:
    """The norm that a name such as `lp(3)`, `schatten(topk(2))` or `scaled(2, rms_to_rms)` stands for.

    Letter case does not matter; Scion's `Sign`, `ColNorm` and `RowNorm` are read as well; arguments are those of the class: numbers (`inf` too), lists, words, norms. The dual
    of any norm is `dual(...)`. Raises InvalidArgument for anything that is not such a name, with the nearest match.
    """
    if isinstance(text, Norm):
        return text
    try:
        tree = ast.parse(str(text).strip().lower(), mode="eval").body
    except (SyntaxError, ValueError):
        raise InvalidArgument(f"{text!r} is not the name of a norm.") from None
    value = _build(tree, text)
    if not isinstance(value, Norm):
        raise InvalidArgument(f"{text!r} is not the name of a norm.{nearest(str(text).lower(), _classes())}")
    return value


def _build(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _build(operand, text)
            if isinstance(value, int | float):
                return -value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_build(item, text) for item in items]
        case ast.Name(id="inf"):
            return math.inf
        case ast.Name(id="rows" | "columns" | "slices" as word):
            return word
        case ast.Name(id=word):
            return _make(word, [], text)
        case ast.Call(func=ast.Name(id="dual"), args=[inner], keywords=[]):
            norm = _build(inner, text)
            if isinstance(norm, Norm):
                return norm.dual
        case ast.Call(func=ast.Name(id=word), args=arguments, keywords=[]):
            return _make(word, [_build(argument, text) for argument in arguments], text)
    raise InvalidArgument(f"{text!r} is not the name of a norm.")


def _make(word: str, arguments: list, text: str) -> Norm:
    word = SCION.get(word, word)
    if word not in _classes():
        raise InvalidArgument(f"there is no norm called {word!r}.{nearest(word, _classes())}")
    try:
        return _classes()[word](*arguments)
    except TypeError:
        raise InvalidArgument(f"{text!r} does not give the norm {word!r} the arguments it needs.") from None
