"""Theorems, problems and norms from files of the user's own: `--theorems FILE` on the command line.

The file is imported under a name that follows from its path, so that a worker process finds the same classes when it
imports it again. What it defines is then known by name, beside the catalogue, and never instead of anything in it.
"""

import dataclasses
import hashlib
import inspect
import sys
import traceback
import types
from pathlib import Path
from typing import Any

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import registry
from broximal.problems import catalogue as families
from broximal.problems.problem import Problem
from broximal.theory.language import catalogue
from broximal.theory.language.theorem import Theorem
from broximal.verify.files import read_bytes

LARGEST = 2**24  # bytes of source
PREFIX = "broximal_own_"  # of the names of modules


@dataclasses.dataclass(frozen=True)
class Loaded:
    """A file that was imported: its bytes and their hash, its module, and what it defines."""

    path: Path
    sha256: str
    source: bytes = dataclasses.field(repr=False)
    module: types.ModuleType
    theorems: tuple[Theorem, ...]
    problems: tuple[type[Problem], ...]
    norms: tuple[type[Norm], ...]


_loaded: dict[str, Loaded] = {}  # by the name of the module


def loaded() -> list[Loaded]:
    """The files that were loaded in this process, in the order in which they were."""
    return list(_loaded.values())


def load(path: str | Path) -> Loaded:
    """Import the file, and let what it defines be found by name; a file that is loaded already is read again if it changed.

    Raises InvalidArgument, in one sentence with the file and the line, for a file that is missing, no Python, fails when it
    is run, defines nothing, or takes a name that is taken.
    """
    shown, path = Path(path), Path(path).resolve()
    if path.suffix != ".py":
        raise InvalidArgument(f"file {shown} must be a Python file (.py).")
    return _take(shown, path, read_bytes(path, "file", LARGEST))


def bring(path: str, source: bytes) -> Loaded:
    """Import a file as it was read on another machine. Raises InvalidArgument."""
    return _take(Path(path), Path(path), source)


def _take(shown: Path, path: Path, source: bytes) -> Loaded:
    sha256 = hashlib.sha256(source).hexdigest()
    name = module_name(path)
    if name in _loaded and _loaded[name].sha256 == sha256:
        return _loaded[name]
    before = sys.modules.get(name)
    module = _run(shown, path, name, source)
    try:
        found = Loaded(
            path,
            sha256,
            source,
            module,
            tuple(catalogue.theorems_in(vars(module))),
            tuple(_classes(module, Problem)),
            tuple(_classes(module, Norm)),
        )
        if not (found.theorems or found.problems or found.norms):
            raise InvalidArgument("it defines no theorem, and no problem or norm with an alias.")
        _let_in(name, found)
    except BroximalError as error:
        if before is None:
            _let_in(name, None)
            del sys.modules[name]
        else:
            sys.modules[name] = before
            _let_in(name, _loaded[name])
        raise InvalidArgument(f"file {shown}: {error}") from None
    _loaded[name] = found
    return found


def _let_in(name: str, file: Loaded | None) -> None:
    """Let the names of the module stand for what this file defines, and for nothing else."""
    families.withdraw(name)
    registry.withdraw(name)
    catalogue.add(file.theorems if file is not None else (), name)
    for problem in file.problems if file is not None else ():
        families.add(problem)
    for norm in file.norms if file is not None else ():
        registry.add(norm)


def ensure(path: str, sha256: str) -> None:
    """Have the file loaded as it was when it had this hash. Raises InvalidArgument if it cannot be had any more."""
    name = module_name(Path(path))
    if (name not in _loaded or _loaded[name].sha256 != sha256) and load(path).sha256 != sha256:
        raise InvalidArgument(f"file {path} has changed since the sweep began; begin it again.")


def module_name(path: Path) -> str:
    """The name of the module of this file, the same in every process."""
    stem = "".join(letter if letter.isalnum() else "_" for letter in path.stem)
    return f"{PREFIX}{stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"


def _run(shown: Path, path: Path, name: str, source: bytes) -> types.ModuleType:
    """The module, made from these bytes and no others (a compiled copy on the disk could be of older ones)."""
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        raise InvalidArgument(f"file {shown}{line}: {reason}.") from None
    module = types.ModuleType(name)
    module.__file__ = str(path)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # last: a file of the user's never hides a package
    before = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses and pickle look it up while it runs
    try:
        exec(code, vars(module))
    except (Exception, SystemExit) as failure:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        lines = [entry.lineno for entry in traceback.extract_tb(failure.__traceback__) if entry.filename == str(path)]
        said = " ".join(str(failure).split()).rstrip(".")
        what = f"{type(failure).__name__}: {said}" if said else type(failure).__name__
        raise InvalidArgument(f"file {shown}, line {lines[-1] if lines else 1}: {what}.") from failure
    return module


def _classes(module: types.ModuleType, base: type) -> list[Any]:
    """The classes with an alias of their own that the module itself defines. Raises InvalidArgument for an abstract one."""
    found = []
    for value in dict.fromkeys(v for v in vars(module).values() if isinstance(v, type)):
        if not (issubclass(value, base) and value.__module__ == module.__name__ and value.__dict__.get("alias", "")):
            continue
        if inspect.isabstract(value):
            missing = ", ".join(sorted(value.__abstractmethods__))
            raise InvalidArgument(f"class {value.__name__} has an alias, but does not define {missing}.")
        found.append(value)
    return found
