"""Finding compressors by name: those of the classes with an alias in this folder; there is no list to keep."""

import ast
import functools
import importlib
import pkgutil
import re
from typing import Any, NamedTuple

from broximal.oracles.arguments import nearest
from broximal.oracles.compressors.compressor import Compressor
from broximal.oracles.errors import InvalidArgument


class Entry(NamedTuple):
    """A class of the catalogue with example instances, each with the shape (or tree of shapes) of its points."""

    alias: str
    cls: type[Compressor]
    examples: tuple[tuple[Compressor, Any], ...]


@functools.cache
def _classes() -> dict[str, type[Compressor]]:
    package = importlib.import_module("broximal.oracles.compressors")
    found: dict[str, type[Compressor]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        for value in vars(importlib.import_module(f"{package.__name__}.{module}")).values():
            if isinstance(value, type) and issubclass(value, Compressor) and value.alias:
                if found.setdefault(value.alias, value) is not value:
                    raise RuntimeError(f"two compressors have the alias {value.alias!r}.")
    return dict(sorted(found.items()))


def catalogue() -> tuple[Entry, ...]:
    """Every compressor class of the folder, by alias, with examples."""
    return tuple(Entry(alias, cls, tuple(cls.examples())) for alias, cls in _classes().items())


def parse(text: str) -> Compressor:
    """The compressor that a name such as `top-k(3)`, `half-polar` or `compose(top-k(3), natural)` stands for.

    Hyphens and underscores are the same, letter case does not matter. Raises InvalidArgument for anything that is not
    such a name, with the nearest match.
    """
    if isinstance(text, Compressor):
        return text
    plain = re.sub(r"(?<=[a-z])-(?=[a-z])", "_", str(text).strip().lower())
    try:
        value = _build(ast.parse(plain, mode="eval").body, text)
    except (SyntaxError, ValueError) as error:
        if isinstance(error, InvalidArgument):
            raise
        value = None
    if not isinstance(value, Compressor):
        raise InvalidArgument(f"{text!r} is not the name of a compressor.{nearest(plain, _classes())}")
    return value


def _build(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_build(item, text) for item in items]
        case ast.Name(id=word):
            return _make(word, [], text)
        case ast.Call(func=ast.Name(id=word), args=arguments, keywords=[]):
            return _make(word, [_build(argument, text) for argument in arguments], text)
    raise InvalidArgument(f"{text!r} is not the name of a compressor.")


def _make(word: str, arguments: list, text: str) -> Compressor:
    shown = word.replace("_", "-")
    if word not in _classes():
        raise InvalidArgument(f"there is no compressor called {shown!r}.{nearest(shown, map(_shown, _classes()))}")
    try:
        return _classes()[word](*arguments)
    except TypeError:
        raise InvalidArgument(f"{text!r} does not give the compressor {shown!r} the arguments it needs.") from None


def _shown(alias: str) -> str:
    return alias.replace("_", "-")
