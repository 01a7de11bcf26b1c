"""Records as files: whole or not at all, under names that stay in their folder."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.verify.beside import move_out
from broximal.verify.files import replace


def save_json(records: list[dict[str, Any]], path: Path) -> None:
    """The records as one JSON list. Raises InvalidArgument if the file cannot be written."""
    _save(path, records, lambda found: json.dumps(found, indent=1, allow_nan=False) + "\n")


def save_lines(records: list[dict[str, Any]], path: Path) -> None:
    """The records as JSON, one a line. Raises InvalidArgument if the file cannot be written."""
    _save(path, records, lambda found: "".join(json.dumps(record, allow_nan=False) + "\n" for record in found))


def _save(path: Path, records: list[dict[str, Any]], text: Callable[[list[dict[str, Any]]], str]) -> None:
    try:
        if path.is_file() or not path.exists():  # beside a terminal there is nothing
            records = move_out(records, path)
        replace(path, text(records).encode())
    except OSError as error:
        raise InvalidArgument(f"file {path} cannot be written ({error.strerror}).") from None


def writable(path: Path) -> None:
    """Raise InvalidArgument if a file cannot be written there; said before a long run, not after it."""
    make_folder(path.parent)
    try:
        if not path.is_fifo():  # whose reader would take the closing for its end
            path.open("a").close()
    except OSError as error:
        raise InvalidArgument(f"file {path} cannot be written ({error.strerror}).") from None


def make_folder(folder: Path) -> None:
    """Make it and its parents. Raises InvalidArgument."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidArgument(f"folder {folder} cannot be made ({error.strerror}).") from None


def file_name(name: str) -> str:
    """A name as that of a file: itself where it can be, else without what leads elsewhere, told apart by its hash.

    >>> file_name("bpm.star_rate*0.97")
    'bpm.star_rate*0.97'
    >>> file_name("../../escaped")
    'escaped-ea03bc47'
    """
    safe = re.sub(r"[^\w.*@+ -]", "_", name).lstrip("._ ")[:100]
    return name if safe == name else f"{safe or 'theorem'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
