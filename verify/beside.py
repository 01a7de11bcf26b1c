"""Large arrays of a witness in files beside the JSON that mentions them: {"npz": NAME} instead of their base64.

The name follows from the content, so that equal arrays share a file and a file is never written over with another content.
"""

import base64
import binascii
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.verify.files import read_bytes, replace
from broximal.verify.freeze import LARGEST

INLINE = 2**16  # characters of base64 that stay in the JSON


def move_out(value: Any, path: Path) -> Any:
    """value with its large arrays written beside the file of this path. Raises OSError."""
    if isinstance(value, dict):
        text = value.get("base64")
        if isinstance(text, str) and len(text) > INLINE:
            return _written(value, path)
        return {key: move_out(item, path) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [move_out(item, path) for item in value]
    return value


def move_in(value: Any, folder: Path) -> Any:
    """value with the arrays that stand in files of the folder. Raises InvalidArgument for a file that does not hold them."""
    if isinstance(value, dict):
        if "npz" in value:
            return _read(value, folder)
        return {key: move_in(item, folder) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [move_in(item, folder) for item in value]
    return value


def names(value: Any) -> set[str]:
    """The files that value mentions."""
    if isinstance(value, dict):
        own = {value["npz"]} if isinstance(value.get("npz"), str) else set()
        return own.union(*map(names, value.values()))
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return set().union(*map(names, value))
    return set()


def _written(array: dict[str, Any], path: Path) -> dict[str, Any]:
    content = base64.b64decode(array["base64"])
    name = f"{path.name}.{hashlib.sha256(content).hexdigest()[:16]}.npz"
    target = path.with_name(name)
    if not target.exists():
        stream = io.BytesIO()
        np.savez_compressed(stream, content=np.frombuffer(content, dtype=np.uint8))
        replace(target, stream.getvalue())
    return {key: item for key, item in array.items() if key != "base64"} | {"npz": name}


def _read(array: dict[str, Any], folder: Path) -> dict[str, Any]:
    name = array["npz"]
    if not isinstance(name, str) or Path(name).name != name or not name.endswith(".npz") or name.startswith("."):
        raise InvalidArgument(f"npz {str(name)[:100]!r} is no file beside the report.")
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(folder / name, "file", LARGEST))) as archive:
            entry = archive.getinfo("content.npy")
            if entry.file_size > LARGEST:
                raise InvalidArgument(f"file {folder / name} holds more than {LARGEST} bytes.")
            content = np.lib.format.read_array(io.BytesIO(archive.read(entry)), allow_pickle=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, binascii.Error, NotImplementedError, EOFError) as error:
        if isinstance(error, InvalidArgument):
            raise
        raise InvalidArgument(f"file {folder / name} holds no array of a witness ({error}).") from None
    if content.dtype != np.uint8 or content.ndim != 1:
        raise InvalidArgument(f"file {folder / name} holds no array of a witness.")
    rest = {key: item for key, item in array.items() if key != "npz"}
    return rest | {"base64": base64.b64encode(content.tobytes()).decode("ascii")}
