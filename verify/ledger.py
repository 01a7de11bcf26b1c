"""The ledger of a sweep: one JSON line for every record of a finished check, which no kill and no full disk loses.

A check is appended as a whole and flushed to the disk before it counts; the file is rewritten only by a temporary file
and a rename; a lock beside it keeps a second run away. What cannot be read (half a line of a killed run, zeros after a loss
of power) is left out and said. A file that is no ledger is refused and never overwritten.
"""

import contextlib
import dataclasses
import fcntl
import glob
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.verify.beside import move_out, names
from broximal.verify.files import read_bytes, replace

_START = b'{"job": "'  # how every line begins
_BLANK = b"\0 \t\r"

# What a record must hold to be counted, printed and compared.
_FIELDS: dict[str, Any] = {
    "job": str,
    "claims_in_job": int,
    "as_expected": bool,
    "theorem": str,
    "claim": (str, type(None)),
    "problem": str,
    "norm": str,
    "verdict": str,
    "expected": str,
    "why": str,
    "worst_ratio": (float, int, str, type(None)),
    "max_certificate_gap": (float, int, str),
    "wall_s": (float, int),
    "power": (dict, type(None)),
}


@dataclasses.dataclass(frozen=True)
class Content:
    """The records of the finished checks, with large arrays in files beside the ledger, and in words what was left out."""

    records: list[dict[str, Any]]
    damage: str = ""


def line(record: dict[str, Any]) -> bytes:
    """The record as one line, its job first."""
    ordered = {"job": record["job"]} | record
    return json.dumps(ordered, allow_nan=False).encode() + b"\n"


def load(path: str | Path) -> Content:
    """What a ledger holds, nothing for a file that does not exist.

    Raises InvalidArgument for a file that is no ledger, or of a record that lacks what every record has.
    """
    path = Path(path)
    if not path.exists():
        return Content([])
    lines = read_bytes(path, "ledger").split(b"\n")
    records, unreadable = [], []
    for number, raw in enumerate(lines, start=1):
        raw = raw.strip(_BLANK)
        if not raw:
            continue
        try:
            record = json.loads(raw.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            if not records and not _begun(raw):
                if isinstance(error, UnicodeDecodeError):
                    raise InvalidArgument(f"ledger {path} is not text.") from None
                raise InvalidArgument(f"ledger {path} is not JSON lines: line {number} cannot be read.") from None
            unreadable.append(number)
            continue
        if not isinstance(record, dict) or "job" not in record or "claims_in_job" not in record:
            raise InvalidArgument(f"ledger {path} was not written by a sweep: line {number} names no job.")
        for field, kind in _FIELDS.items():
            value = record.get(field)
            if (
                field not in record
                or not isinstance(value, kind)
                or (isinstance(value, bool) and field != "as_expected")
            ):
                raise InvalidArgument(f"ledger {path} was not written by a sweep: {field!r} of line {number} is wrong.")
        records.append(record)
    counts = Counter((record["job"], record.get("content")) for record in records)
    whole = [r for r in records if counts[r["job"], r.get("content")] == r["claims_in_job"]]
    found = []
    if unreadable:
        found.append(f"line {unreadable[0]}" if len(unreadable) == 1 else number_of(len(unreadable), "line"))
    if half := len({r["job"] for r in records} - {r["job"] for r in whole}):
        found.append(number_of(half, "unfinished check"))
    return Content(whole, f"ledger {path}: {' and '.join(found)} left out, as a killed run leaves them." * bool(found))


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _begun(raw: bytes) -> bool:
    """May this be the first line of a ledger, cut short?"""
    return raw.startswith(_START) or _START.startswith(raw)


class Ledger:
    """The one writer of a ledger, as a context manager. Raises InvalidArgument on a path that cannot be one.

    with Ledger(path) as ledger:
        kept = ledger.content.records  # what was finished before
        ledger.start(kept)
        ledger.append(records)  # of one finished check
    """

    def __init__(self, path: str | Path):
        self.shown = self.path = Path(path)
        self._lock = self._stream = -1

    def __enter__(self) -> "Ledger":
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path = self.path.resolve()
            self._take()
        except OSError as error:
            raise InvalidArgument(f"ledger {self.shown} cannot be written ({error.strerror}).") from None
        try:
            self.content = load(self.path)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: Any) -> None:
        if self._stream >= 0:
            os.close(self._stream)
        if self._lock >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._lock, 0)
            os.close(self._lock)  # which unlocks; the file stays, as another run may wait for it already
        self._lock = self._stream = -1

    def _take(self) -> None:
        if self.path.exists() and not self.path.is_file():
            raise InvalidArgument(f"ledger {self.shown} cannot be written (it is no regular file).")
        beside = self.path.with_name(f".{self.path.name}.lock")
        self._lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 4096, 0).decode(errors="replace").strip() or "another process"
            os.close(self._lock)
            self._lock = -1
            raise InvalidArgument(
                f"ledger {self.shown} is being written by {holder}; wait for its end or name another ledger."
            ) from None
        with contextlib.suppress(OSError):  # on a full disk the lock holds without a name
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, f"process {os.getpid()} ({' '.join(sys.argv)[:200]})".encode(), 0)

    def start(self, kept: list[dict[str, Any]]) -> None:
        """Let the ledger hold these records and nothing else. Raises BroximalError, and leaves it as it was."""
        try:
            replace(self.path, b"".join(map(line, kept)))
            self._stream = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            used = names(kept)
            for array in self.path.parent.glob(f"{glob.escape(self.path.name)}.*.npz"):
                if array.name not in used:
                    array.unlink()
        except OSError as error:
            raise InvalidArgument(
                f"ledger {self.shown} cannot be written ({error.strerror}); it is as it was."
            ) from None

    def append(self, records: list[dict[str, Any]]) -> None:
        """Add one finished check; it is on the disk on return. Raises BroximalError, with what came before kept."""
        before = os.fstat(self._stream).st_size
        try:
            content = memoryview(b"".join(line(move_out(record, self.path)) for record in records))
            while content:
                content = content[os.write(self._stream, content) :]
            os.fsync(self._stream)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._stream, before)
            raise BroximalError(
                f"ledger {self.shown} cannot be written any more ({error.strerror}); the checks finished before are "
                "kept, and --resume goes on."
            ) from None
