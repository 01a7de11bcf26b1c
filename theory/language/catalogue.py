"""All theorems, found by folder: a module in a package of `theory.papers` that defines Theorem objects is in the catalogue."""

import functools
import importlib
import pkgutil
import sys

from broximal.oracles.arrays import nearest
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.theorem import Theorem


def catalogue() -> dict[str, Theorem]:
    """Name -> theorem, sorted by name. Raises BroximalError on two theorems with one name."""
    return {name: theorem for name, (theorem, _) in _found().items()}


def origin(name: str) -> str:
    """The module that defines the theorem of this name."""
    return _found()[name][1]


@functools.cache
def _found() -> dict[str, tuple[Theorem, str]]:
    room = importlib.import_module("broximal.theory.papers")
    found: dict[str, tuple[Theorem, str]] = {}
    for package in pkgutil.iter_modules(room.__path__):
        if not package.ispkg:
            continue
        parent = importlib.import_module(f"{room.__name__}.{package.name}")
        for module in pkgutil.iter_modules(parent.__path__):
            name = f"{parent.__name__}.{module.name}"
            importlib.import_module(name)
            for value in vars(sys.modules[name]).values():
                if not isinstance(value, Theorem):
                    continue
                if not value.name.startswith(package.name + "."):
                    raise BroximalError(f"theorem {value.name!r} in {name} must be named {package.name}.something.")
                if found.setdefault(value.name, (value, name)) != (value, name):
                    raise BroximalError(f"theorem {value.name!r} is defined twice: {found[value.name][1]} and {name}.")
    return dict(sorted(found.items()))


def find(name: str) -> Theorem:
    """The theorem of this name; `name*0.9` is its twin with every bound times 0.9, `name*0.9@label` with that claim's.

    Raises InvalidArgument, with the nearest name, if there is none.
    """
    known = catalogue()
    base, star, twin = str(name).partition("*")
    factor, at, label = twin.partition("@")
    if base not in known:
        raise InvalidArgument(f"name {base!r} is no theorem of the catalogue.{nearest(base, known)}")
    if not star:
        return known[base]
    try:
        number = float(factor)
    except ValueError:
        raise InvalidArgument(f"name {name!r} must end in a number after the star.") from None
    return known[base].altered(number, label if at else None)
