"""Reading and writing files so that nothing is lost and nothing hangs."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from broximal.oracles.errors import InvalidArgument

LARGEST = 2**32  # bytes of a file that is read as a whole


def read_bytes(path: Path, name: str, largest: int = LARGEST) -> bytes:
    """The content of a regular file. Raises InvalidArgument; a pipe or a device would never end."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "folder" if stat.S_ISDIR(found.st_mode) else "pipe or device"
            raise InvalidArgument(f"{name} {path} is a {kind}, not a regular file.")
        if found.st_size > largest:
            raise InvalidArgument(f"{name} {path} has {found.st_size} bytes, more than the {largest} that are read.")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        if isinstance(error, InvalidArgument):
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidArgument(f"{name} {path} cannot be read ({reason}).") from None


def replace(path: Path, content: bytes) -> None:
    """Write the whole file or leave it as it was: a temporary file in its folder, fsync, rename. Raises OSError.

    What is no regular file (a terminal, /dev/stdout, a pipe that somebody reads) is written to directly.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        # without O_NONBLOCK a pipe that nobody reads would be waited for without end
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(handle, True)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a loss of power, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
