"""Problems, norms and statements as plain data, and back: what travels with a witness, and to other processes.

`freeze` walks equinox modules and dataclasses and writes down the class, the fields and the arrays; `thaw` makes the object
again without calling its constructor, and only of classes of this package or of a module that the user has given. Nothing
in frozen data is ever run.

    number, text, True, None    themselves (a float that is not finite: {"float": "inf"})
    list, tuple, dict           {"list": [..]}, {"tuple": [..]}, {"dict": [[key, value], ..]}
    array                       {"array": {"kind", "dtype", "shape", and "values", "base64" or "npz"}}
    object                      {"class": [module, name], "fields": {..}}, with "source" for a class that is not of the package
    function                    {"function": [module, name]}, one that a module defines under its name
    expression                  {"sympy": [class, argument, ..]}
"""

import base64
import binascii
import dataclasses
import functools
import hashlib
import importlib
import inspect
import math
import re
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.theorem import Theorem
from broximal.verify.expressions import freeze_expression, thaw_expression
from broximal.verify.loading import loaded

FEW = 64  # entries of an array that are written as numbers
LARGEST = 2**31  # bytes of one array
_ROOMS = ("broximal.oracles", "broximal.problems", "broximal.theory")
_DTYPES = {name: np.dtype(name) for name in ("bool", "float16", "float32", "float64", "longdouble")} | {
    f"{sign}int{size}": np.dtype(f"{sign}int{size}") for sign in ("", "u") for size in (8, 16, 32, 64)
}
_DTYPES = {dtype.name: dtype for dtype in _DTYPES.values()} | {"bfloat16": np.dtype(jnp.bfloat16)}
_STATEMENT = ("name", "title", "source", "assumes", "method", "claims", "parameters", "truth", "repair")


class CannotFreeze(BroximalError):
    """An object holds something that is no plain data: a function without a name, a generator, an open file."""


def freeze(value: Any) -> Any:
    """value as JSON-ready data. Raises CannotFreeze, with the field that is in the way.

    >>> from broximal.oracles.norms import Lp
    >>> thaw(freeze(Lp(3))).name
    'lp(3)'
    """
    try:
        return _frozen(value, type(value).__name__)
    except RecursionError:
        raise CannotFreeze(f"{type(value).__name__} holds itself, or is too deep to be written down.") from None


def freeze_theorem(theorem: Theorem) -> dict[str, Any]:
    """What a theorem says, without its cases. Raises CannotFreeze."""
    return {"theorem": {name: _frozen(getattr(theorem, name), f"theorem.{name}") for name in _STATEMENT}}


def thaw(frozen: Any, modules: Iterable[types.ModuleType] = ()) -> Any:
    """The object of frozen data; modules are those whose classes may be made, besides the package's and the loaded files.

    Raises InvalidArgument for anything that `freeze` does not write.
    """
    try:
        return _thawed(frozen, (*(file.module for file in loaded()), *modules))
    except RecursionError:
        raise InvalidArgument("frozen data are too deep.") from None


def thaw_theorem(frozen: Any, modules: Iterable[types.ModuleType] = ()) -> Theorem:
    """The theorem of `freeze_theorem`, without cases. Raises InvalidArgument."""
    fields = frozen.get("theorem") if isinstance(frozen, dict) and set(frozen) == {"theorem"} else None
    if not isinstance(fields, dict) or set(fields) != set(_STATEMENT):
        raise InvalidArgument("a frozen theorem must hold " + ", ".join(_STATEMENT) + ".")
    try:
        return Theorem(cases=(), **{name: thaw(item, modules) for name, item in fields.items()})
    except BroximalError:
        raise
    except Exception as failure:  # fields of types that no theorem has
        raise InvalidArgument(f"a frozen theorem cannot be made ({type(failure).__name__}: {failure}).") from None


# ---- there -----------------------------------------------------------------------------------------------------------


def _frozen(value: Any, where: str) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if type(value) is int:
        return value if abs(value) < 2**63 else _refuse(where, "an integer of more than 64 bits")
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, (np.ndarray, np.generic, jax.Array)):
        return {"array": _frozen_array(value, where)}
    if isinstance(value, sp.Basic):
        return {"sympy": freeze_expression(value)}
    if type(value) in (list, tuple):
        items = [_frozen(item, f"{where}[{place}]") for place, item in enumerate(value)]
        return {type(value).__name__: items}
    if type(value) is dict:
        return {"dict": [[_frozen(k, f"{where} key"), _frozen(v, f"{where}[{k!r}]")] for k, v in value.items()]}
    if isinstance(value, types.FunctionType):
        return _frozen_function(value, where)
    cls = type(value)
    if _is_record(cls):
        names = [name for name in _fields(cls) if _has(value, name)]
        fields = {name: _frozen(_get(value, name), f"{where}.{name}") for name in names}
        return _class_path(cls, where) | {"fields": fields}
    return _refuse(where, f"a {cls.__name__}")


def _refuse(where: str, what: str) -> Any:
    raise CannotFreeze(f"{where} is {what}, and no plain data.")


def _is_record(cls: type) -> bool:
    return issubclass(cls, eqx.Module) or dataclasses.is_dataclass(cls) or _is_named_tuple(cls)


def _is_named_tuple(cls: type) -> bool:
    return issubclass(cls, tuple) and hasattr(cls, "_fields")


def _fields(cls: Any) -> tuple[str, ...]:
    return cls._fields if _is_named_tuple(cls) else tuple(field.name for field in dataclasses.fields(cls))


def _get(value: Any, name: str) -> Any:
    return object.__getattribute__(value, name)


def _has(value: Any, name: str) -> bool:
    try:
        _get(value, name)
    except AttributeError:
        return False
    return True


def _frozen_array(value: Any, where: str) -> dict[str, Any]:
    kind = "jax" if isinstance(value, jax.Array) else "numpy" if isinstance(value, np.ndarray) else "scalar"
    try:
        array = np.asarray(value)
    except Exception:  # a traced value, a key of jax.random
        return _refuse(where, f"a {type(value).__name__} without a value of numbers")
    if array.dtype.name not in _DTYPES:
        return _refuse(where, f"an array of {array.dtype}")
    if array.nbytes > LARGEST:
        return _refuse(where, f"an array of {array.nbytes} bytes")
    found = {"kind": kind, "dtype": array.dtype.name, "shape": list(array.shape)}
    if array.size <= FEW and array.dtype.itemsize <= 8 and np.isfinite(array).all():
        return found | {"values": array.astype(float).ravel().tolist() if _inexact(array) else array.ravel().tolist()}
    plain = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return found | {"base64": base64.b64encode(plain.tobytes()).decode("ascii")}


def _inexact(array: np.ndarray) -> bool:
    return array.dtype.kind not in "biu"


def _class_path(cls: type, where: str) -> dict[str, Any]:
    path = {"class": [cls.__module__, cls.__qualname__]}
    if "<" in cls.__qualname__:
        return _refuse(where, f"of the class {cls.__name__}, which is defined inside a function")
    if _in_package(cls.__module__):
        return path
    return path | {"source": source_of(cls.__module__)}


def source_of(module: str) -> dict[str, Any]:
    """The name and the hash of the file of a module; None for what is defined in a notebook."""
    for file in loaded():
        if file.module.__name__ == module:
            return {"file": file.path.name, "sha256": file.sha256}
    path = getattr(sys.modules.get(module), "__file__", None)
    if not isinstance(path, str) or not Path(path).is_file():
        return {"file": None, "sha256": None}
    return {"file": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()}


def _frozen_function(function: types.FunctionType, where: str) -> dict[str, Any]:
    module, name = function.__module__, function.__qualname__
    if name.isidentifier() and getattr(sys.modules.get(module), name, None) is function:
        if _in_package(module):
            return {"function": [module, name]}
        if not module.startswith("broximal."):
            return {"function": [module, name], "source": source_of(module)}
    return _refuse(where, f"the function {name}, which has no name in a module")


# ---- and back --------------------------------------------------------------------------------------------------------


def _thawed(frozen: Any, modules: tuple[types.ModuleType, ...]) -> Any:
    if frozen is None or isinstance(frozen, (bool, str, int)):
        return frozen
    if isinstance(frozen, float):
        return frozen if math.isfinite(frozen) else _malformed("a number that is not finite")
    if not isinstance(frozen, dict):
        return _malformed(f"a {type(frozen).__name__}")
    again = functools.partial(_thawed, modules=modules)
    match frozen:
        case {"float": "inf" | "-inf" | "nan" as word, **rest} if not rest:
            return float(word)
        case {"array": dict() as array, **rest} if not rest:
            return _thawed_array(array)
        case {"sympy": expression, **rest} if not rest:
            return thaw_expression(expression)
        case {"list": list() as items, **rest} if not rest:
            return [again(item) for item in items]
        case {"tuple": list() as items, **rest} if not rest:
            return tuple(again(item) for item in items)
        case {"dict": list() as items, **rest} if not rest:
            if not all(isinstance(pair, list) and len(pair) == 2 for pair in items):
                return _malformed("a dict whose entries are no pairs")
            try:
                return {again(key): again(item) for key, item in items}
            except TypeError:
                return _malformed("a dict with a key that cannot be one")
        case {"function": [str() as module, str() as name], **rest} if set(rest) <= {"source"}:
            return _found_function(module, name, rest.get("source"), modules)
        case {"class": [str() as module, str() as name], "fields": dict() as fields, **rest} if set(rest) <= {"source"}:
            cls = _found_class(module, name, rest.get("source"), modules)
            return _made(cls, {key: again(item) for key, item in fields.items()})
    return _malformed(f"an entry with the keys {', '.join(map(str, list(frozen)[:6])) or '(none)'}")


def _malformed(what: str) -> Any:
    raise InvalidArgument(f"frozen data hold {what:.200}, which `freeze` does not write.")


def _thawed_array(array: dict[str, Any]) -> Any:
    kind, name = array.get("kind"), array.get("dtype")
    shape: Any = array.get("shape")
    rest = set(array) - {"kind", "dtype", "shape"}
    if kind not in ("numpy", "jax", "scalar") or name not in _DTYPES or len(rest) != 1 or not _is_shape(shape):
        return _malformed("a malformed array")
    dtype, size = _DTYPES[name], math.prod(shape)
    if size * dtype.itemsize > LARGEST or (kind == "scalar" and shape):
        return _malformed(f"an array of shape {shape}")
    if rest == {"values"}:
        values = array["values"]
        numbers = bool if name == "bool" else (int, float)
        if not isinstance(values, list) or len(values) != size or not all(isinstance(v, numbers) for v in values):
            return _malformed("an array whose values do not fit its shape")
        try:
            found = np.array(values, dtype=dtype).reshape(shape)
        except (OverflowError, ValueError, TypeError):
            return _malformed(f"an array whose values are no {name}")
    elif rest == {"base64"}:
        try:
            content = base64.b64decode(array["base64"], validate=True)
        except (binascii.Error, ValueError, TypeError):
            return _malformed("an array that is no base64")
        if len(content) != size * dtype.itemsize:
            return _malformed("an array whose content does not fit its shape")
        found = np.frombuffer(content, dtype=dtype.newbyteorder("<")).astype(dtype).reshape(shape)
    else:
        return _malformed("an array whose content is in another file")
    if kind == "scalar":
        return found[()]
    if kind == "jax":
        with jax.enable_x64(True):
            return jnp.asarray(found)
    return found


def _is_shape(shape: Any) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= 16
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**40 for n in shape)
    )


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def _in_package(module: str) -> bool:
    return any(module == room or module.startswith(room + ".") for room in _ROOMS)


def _found_module(module: str, name: str, source: Any, modules: tuple[types.ModuleType, ...]) -> types.ModuleType:
    """The module of a class or function: of the package, or one that was given and is of the recorded file."""
    if not _WORD.fullmatch(module) or not _WORD.fullmatch(name):
        return _malformed(f"the name {module}:{name}")
    if source is None:
        if not _in_package(module):
            return _malformed(f"the class {module}:{name}, which is not of this package,")
        try:
            return importlib.import_module(module)
        except ImportError:
            return _malformed(f"the class {name} of a module {module} that there is not,")
    if not isinstance(source, dict) or set(source) != {"file", "sha256"}:
        return _malformed("a malformed source of a class")
    file = source["file"]
    for given in reversed(modules):
        path = getattr(given, "__file__", None)
        same = isinstance(path, str) and Path(path).name == file
        if (same or file is None or given.__name__ == module) and hasattr(given, name.split(".")[0]):
            return given
    where = f"in {file}" if isinstance(file, str) else "in a notebook"
    raise InvalidArgument(f"{name} is defined {where}; give the file that defines it with --theorems.")


def _attribute(module: types.ModuleType, name: str) -> Any:
    value: Any = module
    for part in name.split("."):
        value = inspect.getattr_static(value, part, None)
    return value


def _found_class(module: str, name: str, source: Any, modules: tuple[types.ModuleType, ...]) -> Any:
    home = _found_module(module, name, source, modules)
    cls = _attribute(home, name)
    if not isinstance(cls, type) or not _is_record(cls) or cls.__module__ != home.__name__:
        return _malformed(f"{name}, which is no class of fields of {home.__name__},")
    return cls


def _found_function(module: str, name: str, source: Any, modules: tuple[types.ModuleType, ...]) -> Any:
    home = _found_module(module, name, source, modules)
    function = _attribute(home, name)
    if not isinstance(function, types.FunctionType) or function.__module__ != home.__name__:
        return _malformed(f"{name}, which is no function of {home.__name__},")
    return function


def _made(cls: Any, fields: dict[str, Any]) -> Any:
    """An object of the class with these fields and no others."""
    known = _fields(cls)
    if unknown := set(fields) - set(known):
        return _malformed(f"a {cls.__name__} with the field {min(unknown)!r}, which it does not have,")
    if _is_named_tuple(cls):
        if set(fields) != set(known):
            return _malformed(f"a {cls.__name__} without all of its fields")
        return tuple.__new__(cls, [fields[name] for name in known])
    if inspect.isabstract(cls):
        return _malformed(f"a {cls.__name__}, which is abstract,")
    made = object.__new__(cls)
    for name, item in fields.items():
        object.__setattr__(made, name, item)
    return made
