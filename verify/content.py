"""What a check depends on, as one hash: the key under which a finished check may be taken for the same one.

    theorem  claims, rules, hypotheses, method, cases, with every number exact, and the source of its modules
    instance the bytes of a data file, the fields of a problem or norm given as an object, the source of own classes
    how      seed, steps, radius and the other numbers of the job
    with     the sources of this package and the versions of the packages that compute

An object that cannot be described stands for itself alone: it never equals anything, and its check is run again.
"""

import dataclasses
import functools
import hashlib
import inspect
import itertools
import platform
import sys
import time
import types
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

import broximal
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.catalogue import origin
from broximal.theory.language.theorem import Theorem
from broximal.verify.files import read_bytes
from broximal.verify.loading import PREFIX, loaded

COMPUTE = (
    *("broximal", "clarabel", "cvxpy", "equinox", "jax", "jaxlib", "numpy", "scikit-learn", "scipy", "scs", "sympy"),
)
_PAPERS = "broximal.theory.papers"
_unknown = itertools.count()


def digest(*parts: Any) -> str:
    """The hash of what the parts are, in hexadecimal; equal for equal content in every process."""
    found = hashlib.sha256()
    for part in parts:
        found.update(_Description().of(part).encode())
        found.update(b"\0")
    return found.hexdigest()


def file_digest(path: str | Path) -> str:
    """The hash of the bytes of a file. Raises InvalidArgument if it cannot be read."""
    path = Path(path)
    try:
        found = path.stat()
    except OSError as error:
        raise InvalidArgument(f"file {path} cannot be read ({error.strerror}).") from None
    return _file_digest(str(path), found.st_mtime_ns, found.st_size, found.st_ino)


@functools.lru_cache(maxsize=4096)
def _file_digest(path: str, *_: int) -> str:
    return hashlib.sha256(read_bytes(Path(path), "file")).hexdigest()


@functools.cache
def surroundings() -> str:
    """The hash of what every check depends on: versions, and the sources of the package without its papers."""
    found = hashlib.sha256(platform.python_version().encode())
    for name in COMPUTE:
        found.update(f"{name} {metadata.version(name)}\n".encode())
    for room in ("oracles", "problems", "theory", "verify"):
        package = sys.modules[f"broximal.{room}"]
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root)
            if (room, inside.parts[0]) != ("theory", "papers"):
                found.update(f"{room}/{inside.as_posix()} {_source(path)}\n".encode())
    return found.hexdigest()


def _source(path: Path) -> str:
    """The hash of a source file that this process has imported; of nothing that could be had again if it is newer."""
    if path.stat().st_mtime > broximal._imported:
        return f"newer than what was imported: {time.time_ns()} {next(_unknown)} {platform.node()}"
    return file_digest(path)


@functools.lru_cache(maxsize=64)
def _paper(package: str) -> str:
    """The hash of the sources of a paper's folder: its theorems share cases and words."""
    root = Path(str(sys.modules[package].__file__)).parent
    return digest([(path.name, _source(path)) for path in sorted(root.rglob("*.py"))])


_theorems: dict[int, tuple[Theorem, str]] = {}  # by identity; the theorem is kept, so that its id stays its own


def theorem_digest(theorem: Theorem) -> str:
    """The hash of a theorem: what it says, and the sources in which it says it."""
    kept = _theorems.get(id(theorem))
    if kept is None or kept[0] is not theorem:
        kept = _theorems[id(theorem)] = (theorem, digest(theorem, _source_of(theorem)))
    return kept[1]


def statement_digest(theorem: Theorem) -> str:
    """The hash of claims, rules, hypotheses and method alone: what a violation is a violation of."""
    return digest(theorem.claims, theorem.parameters, theorem.assumes, theorem.method)


def _source_of(theorem: Theorem) -> Any:
    try:
        module = origin(theorem.name.partition("*")[0])
    except KeyError:
        return None  # an object from Python: its functions are described one by one
    if module.startswith(_PAPERS + "."):
        return _paper(module.rpartition(".")[0])
    return _beside(module)


def _beside(name: str) -> list[tuple[str, str]]:
    """An own module, what belongs to its package, and what is imported from its folder: (file, hash)."""
    if (own := next((file for file in loaded() if file.module.__name__ == name), None)) is not None:
        found = {str(own.path): own.sha256}
        folder = own.path.parent
    else:
        path = Path(str(sys.modules[name].__file__))
        found = {str(path): _source(path)}
        folder = path.parent
    for other, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or path in found or not path.endswith(".py") or other.startswith(PREFIX):
            continue
        if other.split(".")[0] == name.split(".")[0] or (folder in Path(path).parents and not _installed(other)):
            found[path] = _source(Path(path))
    return sorted((Path(path).name, sha256) for path, sha256 in found.items())


class _Description:
    """Any value as text that is equal for equal values."""

    def __init__(self):
        self.inside: list[int] = []  # what is being described, for what contains itself

    def of(self, value: Any) -> str:
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            return f"{type(value).__name__}:{value!r}"
        if id(value) in self.inside:
            return f"again:{len(self.inside) - self.inside.index(id(value))}"
        self.inside.append(id(value))
        try:
            return self._compound(value)
        finally:
            self.inside.pop()

    def _compound(self, value: Any) -> str:
        if isinstance(value, sp.Basic):
            return f"sympy:{sp.srepr(value)}"
        if isinstance(value, (np.ndarray, np.generic)) or type(value).__module__.startswith("jax"):
            return self._array(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, (tuple, list)):
            return f"{_name(type(value))}[{','.join(map(self.of, value))}]"
        if isinstance(value, (set, frozenset)):
            return f"{_name(type(value))}[{','.join(sorted(map(self.of, value)))}]"
        if isinstance(value, dict):
            items = sorted(f"{self.of(key)}={self.of(item)}" for key, item in value.items())
            return f"{_name(type(value))}[{','.join(items)}]"
        if isinstance(value, functools.partial):
            return f"partial[{self.of([value.func, value.args, value.keywords])}]"
        if isinstance(value, types.MethodType):
            return f"method[{self.of(value.__func__)},{self.of(value.__self__)}]"
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.CodeType):
            consts = ",".join(map(self.of, value.co_consts))
            return f"code[{value.co_code.hex()},{value.co_names},{value.co_varnames},{consts}]"
        if isinstance(value, types.ModuleType):
            return f"module:{value.__name__}"
        if isinstance(value, Path):
            return f"path:{value}"
        if dataclasses.is_dataclass(value):
            fields = [field.name for field in dataclasses.fields(value)]
            return self._fields(type(value), {name: getattr(value, name) for name in fields if hasattr(value, name)})
        if isinstance(getattr(value, "__dict__", None), dict):
            return self._fields(type(value), vars(value))
        if inspect.isbuiltin(value) or isinstance(value, np.ufunc):
            return f"built in:{getattr(value, '__module__', '')}.{value.__name__}"
        return f"unknown:{platform.node()}:{time.time_ns()}:{next(_unknown)}"

    def _array(self, value: Any) -> str:
        try:
            array = np.ascontiguousarray(value)
        except Exception:  # a key of jax.random, a tracer
            return f"jax:{value!r}"
        if array.dtype.hasobject:
            return f"array[{array.shape},{self.of(array.ravel().tolist())}]"
        return f"array[{array.dtype.str},{array.shape},{hashlib.sha256(array.tobytes()).hexdigest()}]"

    def _fields(self, cls: type, fields: dict[str, Any]) -> str:
        return f"{self.of(cls)}({','.join(f'{name}={self.of(item)}' for name, item in sorted(fields.items()))})"

    def _class(self, cls: type) -> str:
        """Its name; with the code of its functions unless they are those of an installed package."""
        own = [base for base in cls.__mro__ if not _installed(base.__module__)]
        parts = [_name(cls)]
        for base in own:
            for name, item in sorted(vars(base).items()):
                item = getattr(item, "__func__", item)
                item = getattr(item, "fget", item)
                if isinstance(item, (types.FunctionType, bool, int, float, str, tuple)) and name not in _BOOKKEEPING:
                    parts.append(f"{name}={self.of(item)}")
        return f"class[{';'.join(parts)}]"

    def _function(self, function: types.FunctionType) -> str:
        name = f"{function.__module__}.{function.__qualname__}"
        if _installed(function.__module__) and not function.__closure__ and "<" not in name:
            return f"function:{name}"
        inside = [function.__code__, function.__defaults__, function.__kwdefaults__]
        for cell in function.__closure__ or ():
            try:
                inside.append(cell.cell_contents)
            except ValueError:  # not yet set
                inside.append("empty")
        if not _installed(function.__module__):  # what it uses of its own module: numbers, arrays, other functions
            for used in _names(function.__code__):
                if used in function.__globals__:
                    inside.append((used, function.__globals__[used]))
        return f"function[{name},{self.of(inside)}]"


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


_BOOKKEEPING = {"__module__", "__qualname__", "__doc__", "__firstlineno__", "__static_attributes__"}


def _names(code: types.CodeType) -> list[str]:
    inner = [name for const in code.co_consts if isinstance(const, types.CodeType) for name in _names(const)]
    return sorted({*code.co_names, *inner})


@functools.lru_cache(maxsize=4096)
def _installed(module: str | None) -> bool:
    """Is the module of this package, of an installed one, or of Python itself? Its version or source then stands for it."""
    if module is None:  # what dataclasses write for a class whose module was not registered
        return False
    if module.split(".")[0] == "broximal":
        return True
    found = sys.modules.get(module)
    path = getattr(found, "__file__", None)
    if found is None or module == "__main__":
        return False
    if path is None:
        return True  # built in
    return "site-packages" in Path(path).parts or Path(path).is_relative_to(Path(inspect.__file__).parent)
