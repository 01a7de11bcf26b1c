"""Files to start from: `broximal new KIND FILE`. A template is a file KIND.py.txt of this folder, and runs as it is.

Its first line says how, after "# Run it with: ", with FILE for its own name.
"""

from importlib import resources
from pathlib import Path

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument

_END = ".py.txt"
_RUN = "# Run it with: "


def kinds() -> list[str]:
    """What there is a template for."""
    folder = resources.files(__name__)
    return sorted(entry.name.removesuffix(_END) for entry in folder.iterdir() if entry.name.endswith(_END))


def write(kind: str, file: Path) -> str:
    """Write the template of this kind into a new file, and return the command that runs it.

    Raises InvalidArgument for an unknown kind, and for a file that exists or cannot be written.
    """
    known = kinds()
    if kind not in known:
        raise InvalidArgument(f"kind {kind!r} is none of {', '.join(known)}.{nearest(kind, known)}")
    if file.suffix != ".py":
        raise InvalidArgument(f"file {file} must be a Python file (.py).")
    text = resources.files(__name__).joinpath(kind + _END).read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    command = first.removeprefix(_RUN).replace("FILE", str(file))
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(f"{_RUN}{command}\n{rest}")
    except FileExistsError:
        raise InvalidArgument(f"file {file} exists; nothing is overwritten.") from None
    except OSError as error:
        raise InvalidArgument(f"file {file} cannot be written ({error.strerror}).") from None
    return command
