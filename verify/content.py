"""What a check depends on, as one hash: the key under which a finished check may be taken for the same one.

    theorem  claims, rules, hypotheses, method, cases, with every number exact, and the source of its modules
    instance the bytes of a data file, the fields of a problem or norm given as an object, the source of own classes
    how      seed, steps, radius and the other numbers of the job
    with     the sources of this package and the versions of the packages that compute

An object that cannot be described stands for itself alone: it never equals anything, and its check is run again.
"""

import functools
import hashlib
import itertools
import platform
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import broximal
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.catalogue import origin
from broximal.theory.language.theorem import Theorem
from broximal.verify.description import Description, is_installed
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
        found.update(Description().of(part).encode())
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


@functools.cache
def everything() -> str:
    """The hash of versions and of all sources of the package."""
    papers = Path(str(sys.modules["broximal.theory"].__file__)).parent / "papers"
    return digest(surroundings(), _sources(papers))


def _sources(root: Path) -> list[tuple[str, str]]:
    """The hash of every source file below a folder, by its place there."""
    return [(path.relative_to(root).as_posix(), _source(path)) for path in sorted(root.rglob("*.py"))]


def _source(path: Path) -> str:
    """The hash of a source file that this process has imported; of nothing that could be had again if it is newer."""
    if path.stat().st_mtime > broximal._imported:
        return f"newer than what was imported: {time.time_ns()} {next(_unknown)} {platform.node()}"
    return file_digest(path)


@functools.lru_cache(maxsize=64)
def _paper(package: str) -> str:
    """The hash of the sources of a paper's folder: its theorems share cases and words."""
    root = Path(str(sys.modules[package].__file__)).parent
    return digest(_sources(root))


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
        if other.split(".")[0] == name.split(".")[0] or (folder in Path(path).parents and not is_installed(other)):
            found[path] = _source(Path(path))
    return sorted((Path(path).name, sha256) for path, sha256 in found.items())
