"""All theorems, found by folder: a module in a package of `theory.papers` that defines Theorem objects is in the catalogue.

Beside them stand the theorems of installed packages, whose entry points in the group `broximal.theorems` name a module each

    [project.entry-points."broximal.theorems"]
    mine = "my_package.theorems"

and those that `add` has let in from a file. No name is ever taken twice.
"""

import functools
import importlib
import pkgutil
import sys
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.names import GROUP, unknown
from broximal.theory.language.theorem import Theorem


def catalogue() -> dict[str, Theorem]:
    """Name -> theorem, sorted by name. Raises BroximalError on two theorems with one name."""
    return {name: theorem for name, (theorem, _) in _all().items()}


def origin(name: str) -> str:
    """The module that defines the theorem of this name. Raises KeyError if there is none."""
    return _all()[name][1]


_added: dict[str, tuple[Theorem, str]] = {}


def add(theorems: Iterable[Theorem], module: str) -> None:
    """Let the theorems of a module in, instead of those it had before: all of them, or none and InvalidArgument.

    A name must be printable, without spaces at its ends and without a star (`name*0.9` is an altered theorem), and new.
    """
    theorems = list(theorems)
    others = _found() | _from_packages() | {name: entry for name, entry in _added.items() if entry[1] != module}
    for theorem in theorems:
        _refuse_name(theorem.name)
        if theorem.name in others:
            module = others[theorem.name][1]
            where = module if module.startswith("broximal.") else getattr(sys.modules.get(module), "__file__", module)
            raise InvalidArgument(f"theorem {theorem.name!r} is there already, in {where}.")
    for name in [name for name, entry in _added.items() if entry[1] == module]:
        del _added[name]
    _added.update({theorem.name: (theorem, module) for theorem in theorems})


def theorems_in(names: dict[str, Any]) -> list[Theorem]:
    """The theorems that a module's names stand for, those in a list, tuple or dict among them, each once.

    What the catalogue of this package holds is not counted: the module has only imported it. Raises InvalidArgument for
    two theorems of one name.
    """
    imported = {id(theorem) for theorem, _ in _found().values()}
    found: dict[str, Theorem] = {}
    for value in list(names.values()):
        group = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
        for theorem in group:
            if isinstance(theorem, Theorem) and id(theorem) not in imported:
                if found.setdefault(theorem.name, theorem) is not theorem:
                    raise InvalidArgument(f"two theorems are called {theorem.name!r}.")
    return list(found.values())


def _refuse_name(name: Any) -> None:
    if not isinstance(name, str) or not name or not name.isprintable() or name != name.strip() or "*" in name:
        raise InvalidArgument(f"a theorem must have a printable name without a star, not {name!r}.")


def _all() -> dict[str, tuple[Theorem, str]]:
    return dict(sorted((_found() | _from_packages() | _added).items()))


@functools.cache
def _from_packages() -> dict[str, tuple[Theorem, str]]:
    """The theorems of installed packages. Raises BroximalError, with the entry point, if one cannot be had."""
    found: dict[str, tuple[Theorem, str]] = {}
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        where = f"entry point {entry.name!r} = {entry.value!r} of {GROUP}"
        try:
            module = entry.load()
        except Exception as failure:  # whatever the package's own code raises
            raise BroximalError(f"{where} cannot be loaded ({type(failure).__name__}: {failure}).") from failure
        try:
            theorems = theorems_in(vars(module) if hasattr(module, "__dict__") else {"": module})
            for theorem in theorems:
                _refuse_name(theorem.name)
        except InvalidArgument as error:
            raise BroximalError(f"{where}: {error}") from None
        if not theorems:
            raise BroximalError(f"{where} holds no theorem.")
        for theorem in theorems:
            before = _found().get(theorem.name) or found.get(theorem.name)
            if before is not None and before[0] is not theorem:
                raise BroximalError(f"{where}: theorem {theorem.name!r} is there already, in {before[1]}.")
            found[theorem.name] = (theorem, entry.module)
    return found


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
        raise unknown(base, known)
    if not star:
        return known[base]
    try:
        number = float(factor)
    except ValueError:
        raise InvalidArgument(f"name {name!r} must end in a number after the star.") from None
    return known[base].altered(number, label if at else None)
