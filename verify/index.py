"""What the command line prints of the catalogue, kept between runs: lists, cards, outlines of theorems, declared constants.

Building 150 theorems takes seconds; reading their cards back takes milliseconds. The file is

    $XDG_CACHE_HOME/broximal/<key>.json     (~/.cache where the variable is not set)

and its key is the hash of everything that shapes what is printed: the bytes of every source file of this package, the
version of Python, the names and versions of all installed distributions, and of every distribution that brings theorems of
its own the bytes of its sources. All of them are read anew on every call (a twentieth of a second), so that no time stamp
has to be trusted. The one thing that is not seen is an edit inside another installed package that leaves its version as it is.

The index is never needed: where no key can be had, the folder cannot be written, or the file is not what was written
(another user's, cut short, altered), the catalogue is built as before. The file is JSON, and nothing in it is executed.
"""

import contextlib
import hashlib
import json
import os
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import broximal
from broximal.theory.language.names import GROUP
from broximal.verify.files import read_bytes, replace
from broximal.verify.listing import Answers, Kept, Listing, plain

ROOMS = ("oracles", "problems", "theory", "verify")
KEPT = 8  # files, of this version and others
LARGEST = 2**26
_CATALOGUE = "broximal.theory.language.catalogue"


def folder() -> Path | None:
    """Where indices are kept; None if there is no such place."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # others are to be ignored, says the standard
        return Path(given) / "broximal"
    with contextlib.suppress(RuntimeError):  # no home
        return Path.home() / ".cache" / "broximal"
    return None


def key() -> str | None:
    """The hash of what shapes the index; None if part of it cannot be had."""
    found = hashlib.sha256(f"{sys.version} {sys.flags.optimize}\0".encode())  # -OO drops the proofs
    try:
        top = Path(str(broximal.__file__))
        found.update(top.read_bytes())
        for room in ROOMS:
            _add_sources(found, top.parent / room)
        for place in sys.path:
            with contextlib.suppress(OSError):
                names = (name for name in os.listdir(place or ".") if name.endswith((".dist-info", ".egg-info")))
                found.update("\n".join(sorted(names)).encode())
        for entry in sorted(metadata.entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            found.update(f"{entry.name} = {entry.value}\0".encode())
            _add_package(found, entry.module.partition(".")[0])
    except (OSError, LookupError):
        return None
    return found.hexdigest()


def _add_sources(found: Any, root: Path) -> None:
    """Add the names and bytes of all Python files of a folder. Raises OSError."""
    for path, folders, files in os.walk(root, onerror=_raise):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".py.txt")):
                full = os.path.join(path, name)
                with open(full, "rb") as stream:
                    source = stream.read()
                found.update(f"{os.path.relpath(full, root)} {len(source)}\0".encode())
                found.update(source)


def _raise(error: OSError) -> None:
    raise error


def _add_package(found: Any, name: str) -> None:
    """Add the sources of an installed package or module. Raises LookupError where they are not found as files."""
    spec = find_spec(name)  # a name without a dot: nothing is imported
    if spec is None:
        raise LookupError(name)
    for place in spec.submodule_search_locations or ():
        _add_sources(found, Path(place))
    if spec.origin is not None:
        found.update(Path(spec.origin).read_bytes())


def answers() -> Answers:
    """What can be said of the catalogue: from the index where there is one for the catalogue as it is now.

    An index that is missing is made and kept. A process that has made the catalogue asks the catalogue itself: it may have
    added to it, or have read it from sources that were edited since.
    """
    if _CATALOGUE in sys.modules:
        return Listing()
    now, place = key(), folder()
    if now is None or place is None:
        return Listing()
    path = place / f"{now}.json"
    if (content := _load(path)) is not None:
        return Kept(content)
    if _usable(place):
        content = plain()
        if key() == now:  # else a source was edited while it was imported
            _save(path, content)
    return Listing()


def _load(path: Path) -> dict[str, Any] | None:
    """The content of an index; None if there is none, or what there is was not written by this user in one piece."""
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        seal, _, body = read_bytes(path, "index", LARGEST).partition(b"\n")
        return json.loads(body) if seal == _seal(path, body) else None
    except (OSError, ValueError, RecursionError):  # InvalidArgument is a ValueError
        return None


def _seal(path: Path, body: bytes) -> bytes:
    """What stands before a body that was written whole, and for this key."""
    return hashlib.sha256(path.stem.encode() + body).hexdigest().encode()


def _usable(place: Path) -> bool:
    """Is there a folder to write into? An index that could not be kept is not worth its making."""
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.access(place, os.W_OK | os.X_OK)
    return False


def _save(path: Path, content: dict[str, Any]) -> None:
    """Write the index in one piece, and forget those that were not written for long; a failure is no error."""
    body = json.dumps(content, separators=(",", ":")).encode()
    if path.exists() and not path.is_file():
        return  # a pipe would wait for a reader
    with contextlib.suppress(OSError):
        replace(path, _seal(path, body) + b"\n" + body)
        old = sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
        for each in old[KEPT:]:
            each.unlink(missing_ok=True)
