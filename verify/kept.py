"""Compiled programs that are found by what they are made of, so that another process need not trace them again.

JAX keeps what it compiled under the text of a program, which has to be traced and lowered to be looked up: a third of the
time of checks that are made again. Here the key is the content of the arguments instead: every field of the method, the
instance, the norm and the columns, the shapes of the arrays that are traced, the sources of the whole package, the versions
of the packages that compute, and the processor. A program with a part that is not of these packages is not kept, and
only worker processes of the command line keep any: elsewhere somebody may have changed the package in memory.
"""

import functools
import hashlib
import os
import pickle
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
from jax import export

from broximal.verify.content import everything
from broximal.verify.description import Description
from broximal.verify.files import replace

PACKAGES = {"builtins", "collections", "functools", "broximal", "equinox", "jax", "jaxlib", "numpy", "sympy"}
_config: Any = jax.config  # whose entries no type checker knows
_keeping = False


def keep() -> None:
    """From now on this process keeps programs, in the folder where JAX keeps what it compiled, if that is set."""
    global _keeping
    _keeping = True


def keeps() -> bool:
    """Are programs kept here? Only for one device: how arrays lie on several is not in the key."""
    return _keeping and bool(_config.jax_compilation_cache_dir) and len(jax.devices()) == 1


def forget() -> None:
    """Forget the programs that this process has loaded; what is in the folder stays."""
    _programs.clear()


def call(function: Callable[..., Any], options: dict[str, Any], args: tuple[Any, ...]) -> Any:
    """function(*args), jitted with these options of the compiler; arrays are traced, everything else is as it is.

    Raises NotKept, before anything is computed, for a program that is not one to keep, or fails when it is traced.
    """
    dynamic, static = eqx.partition(args, eqx.is_array)
    leaves, structure = jax.tree.flatten(dynamic)
    path = Path(_config.jax_compilation_cache_dir) / f"{_key(function, options, dynamic, static)}.program"
    if path not in _programs:
        exported, kind = _read(path) or _made(function, leaves, structure, static, path)
        _programs[path] = jax.jit(exported.call, compiler_options=options), kind
    compiled, kind = _programs[path]
    return jax.tree.unflatten(kind, compiled(*leaves))


_programs: dict[Path, tuple[Callable[..., Any], Any]] = {}  # jitted, and how its results are arranged


class NotKept(Exception):
    """A program with a part that no key describes."""


class _Described(Description):
    """Of what is of known packages alone, whose sources or versions are in the key."""

    def kind(self, cls: type) -> str:
        _known(cls.__module__)
        return super().kind(cls)

    def of_class(self, cls: type) -> str:
        _known(cls.__module__)
        return super().of_class(cls)

    def of_function(self, function: Any) -> str:
        _known(function.__module__)
        return super().of_function(function)

    def unknown(self, value: Any) -> str:
        raise NotKept(f"{type(value).__name__} cannot be described")


def _known(module: str | None) -> None:
    if (package := (module or "").split(".")[0]) not in PACKAGES:
        raise NotKept(f"{package} may change")


def _key(function: Callable[..., Any], options: dict[str, Any], dynamic: Any, static: Any) -> str:
    traced = [
        (jax.tree_util.keystr(path), str(leaf.dtype), leaf.shape, bool(getattr(leaf, "weak_type", False)))
        for path, leaf in jax.tree_util.tree_leaves_with_path(dynamic)
    ]
    said = _Described().of([function, options, static, traced, bool(_config.jax_enable_x64)])
    return hashlib.sha256(f"{everything()} {_machine()} {said}".encode()).hexdigest()


@functools.cache
def _machine() -> str:
    """What compiled code is for: the device, and what the processor can do."""
    able = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        able = next((line for line in lines if line.startswith(("flags", "Features"))), able)
    except OSError:
        pass
    device = jax.devices()[0]
    return f"{platform.machine()} {able} {device.device_kind} {device.client.platform_version} {os.environ.get('XLA_FLAGS')}"


def _made(function: Callable[..., Any], leaves: list[Any], structure: Any, static: Any, path: Path) -> tuple[Any, Any]:
    """The program and how its results are arranged, traced now and written into a file, whole or not at all."""
    made: list[Any] = []

    def flat(*leaves: Any) -> Any:
        found = function(*eqx.combine(jax.tree.unflatten(structure, leaves), static))
        made.append(jax.tree.structure(found))
        return jax.tree.leaves(found)

    flat.__name__ = function.__name__  # by which logs call it
    try:
        exported = export.export(jax.jit(flat))(*leaves)
    except Exception as failure:
        raise NotKept(str(failure)) from failure
    try:
        found = pickle.dumps((exported.serialize(), made[0]))
        replace(path, hashlib.sha256(found).hexdigest().encode() + b"\n" + found)
    except Exception:  # a full disk, or results that no file holds: it is traced again where it is needed
        pass
    return exported, made[0]


def _read(path: Path) -> tuple[Any, Any] | None:
    """The program in a file and how its results are arranged; None where there is none, or only a part of one."""
    try:
        said, found = path.read_bytes().split(b"\n", 1)
        if said.decode() != hashlib.sha256(found).hexdigest():
            return None
        payload, kind = pickle.loads(found)  # of this folder, whose programs are run anyway
        return export.deserialize(payload), kind
    except Exception:
        return None
