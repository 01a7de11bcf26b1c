"""Any value as text: equal for equal content in every process, and for nothing else.

Functions and classes of installed packages stand for themselves by name, own ones by their code and what it uses.
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
from pathlib import Path
from typing import Any

import jax
import numpy as np
import sympy as sp

_unknown = itertools.count()
_JITTED: Any = type(jax.jit(lambda: None))  # what jax.jit makes of a function


class Description:
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
        if isinstance(value, (np.ndarray, np.generic, jax.Array)):
            return self._array(value)
        if isinstance(value, type):
            return self.of_class(value)
        if isinstance(value, (tuple, list)):
            return f"{self.kind(type(value))}[{','.join(map(self.of, value))}]"
        if isinstance(value, (set, frozenset)):
            return f"{self.kind(type(value))}[{','.join(sorted(map(self.of, value)))}]"
        if isinstance(value, dict):
            items = sorted(f"{self.of(key)}={self.of(item)}" for key, item in value.items())
            return f"{self.kind(type(value))}[{','.join(items)}]"
        if isinstance(value, functools.partial):
            return f"partial[{self.of([value.func, value.args, value.keywords])}]"
        if isinstance(value, types.MethodType):
            return f"method[{self.of(value.__func__)},{self.of(value.__self__)}]"
        if isinstance(value, types.FunctionType):
            return self.of_function(value)
        if isinstance(value, _JITTED):
            return f"{self.kind(type(value))}[{self.of(value.__wrapped__)}]"
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
        if isinstance(value, np.dtype):
            return f"dtype:{value.str}:{value.name}"
        return self.unknown(value)

    def kind(self, cls: type) -> str:
        """The class of a container."""
        return _name(cls)

    def unknown(self, value: Any) -> str:
        """Of what is like nothing else: it equals nothing."""
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

    def of_class(self, cls: type) -> str:
        """Its name; with the code of its functions unless they are those of an installed package."""
        own = [base for base in cls.__mro__ if not is_installed(base.__module__)]
        parts = [_name(cls)]
        for base in own:
            for name, item in sorted(vars(base).items()):
                item = getattr(item, "__func__", item)
                item = getattr(item, "fget", item)
                if isinstance(item, (types.FunctionType, bool, int, float, str, tuple)) and name not in _BOOKKEEPING:
                    parts.append(f"{name}={self.of(item)}")
        return f"class[{';'.join(parts)}]"

    def of_function(self, function: types.FunctionType) -> str:
        name = f"{function.__module__}.{function.__qualname__}"
        if is_installed(function.__module__) and not function.__closure__ and "<" not in name:
            return f"function:{name}"
        inside = [function.__code__, function.__defaults__, function.__kwdefaults__]
        for cell in function.__closure__ or ():
            try:
                inside.append(cell.cell_contents)
            except ValueError:  # not yet set
                inside.append("empty")
        if not is_installed(function.__module__):  # what it uses of its own module: numbers, arrays, other functions
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
def is_installed(module: str | None) -> bool:
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
