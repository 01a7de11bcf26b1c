"""Constants and parameters as the command line gives them: NAME=VALUE, a norm with a shape, and a file of layers.

What there is to give, and which values, is declared with the quantities (`theory.language.declaration`); that the
declarations of the catalogue are known is up to the caller.
"""

import dataclasses
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from broximal.oracles.arguments import as_real, nearest
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import every, range_of
from broximal.theory.prescriptions.numbers import HORIZON, spelled
from broximal.verify.files import read_bytes

COMPRESSORS = {"server": "alpha_P", "worker": "alpha_D"}  # who compresses, and the constant that a theorem needs of it
MOST_LAYERS = 10_000


@dataclasses.dataclass(frozen=True)
class Constants:
    """Constants and parameters by name, numbers or one number a layer.

    layers   names of the layers, where they come from a file, else None
    derived  (name, how it was found) of those that were computed from norms, shapes and compressors
    """

    values: dict[str, Any]
    layers: list[str] | None = None
    derived: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def computed(self) -> set[str]:
        """The names of what was computed, of any layer."""
        return {name.partition("[")[0] for name in self.derived}


def assigned(words: Iterable[str]) -> dict[str, str]:
    """Name -> value of every NAME=VALUE. Raises InvalidArgument for other words, and for a name that comes twice."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and value):
            raise InvalidArgument(f"--set takes NAME=VALUE, not {word!r}.")
        if name in found:
            raise InvalidArgument(f"{name} is given twice; it takes one value.")
        found[name] = value
    return found


def numbers(values: dict[str, str]) -> dict[str, Any]:
    """The numbers of constants and parameters by name, one a layer where they are written with commas; names of compressors.

    Raises InvalidArgument for a name that no quantity has, and for what is no number or outside of the declared range.
    """
    found: dict[str, Any] = {}
    for key, text in values.items():
        if key in COMPRESSORS:
            found[key] = text
            continue
        name = spelled(key)
        if name == HORIZON and text.isdecimal():  # in every digit
            found[name] = int(text)
            continue
        try:
            several = [float(part) for part in text.split(",")]
        except ValueError:
            raise InvalidArgument(
                f"{name} must be a number, or numbers with commas for layers, not {text!r}."
            ) from None
        if name in found:
            raise InvalidArgument(f"{name} is given twice, as {name} and as {key}.")
        if name != HORIZON:
            several = [range_of(name).check(number, name) for number in several]
        found[name] = several if len(several) > 1 else several[0]
    return found


def constants(values: dict[str, Any], norm: str | None, shape: Sequence[int] | None, layers: Path | None) -> Constants:
    """What is given by name, with what a norm and a shape, or a file of layers, say besides: rho, and alpha of compressors.

    In a file they come from the norm and the shape (rho times the layer's radius factor, if there is one) where they are
    not given, and a value from outside is that of the layers that do not have their own. Raises InvalidArgument for what
    does not fit together, a constant that is given twice among it.
    """
    if layers is not None:
        if norm is not None or shape:
            raise InvalidArgument("--norm and --shape belong to one layer; with --layers they stand in the file.")
        return _from_file(layers, values)
    if (norm is None) != (not shape):
        raise InvalidArgument("--norm and --shape are needed together; rho is a constant of both.")
    if norm is not None and "rho" in values:
        raise InvalidArgument("--rho and --norm with --shape are two ways to give rho; use one of them.")
    row = values if norm is None else values | {"norm": norm, "shape": list(shape or ())}
    row, derived = _measured(row)
    return Constants(row, None, derived)


def _measured(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A layer's constants with rho and the alphas, and how they were found; without its norm, shape and compressors."""
    own = {
        key: value
        for key, value in row.items()
        if key not in ("norm", "shape", "radius", "name", "count", *COMPRESSORS)
    }
    derived: dict[str, str] = {}
    with_shape = "norm" in row and "shape" in row
    for side, alpha in COMPRESSORS.items():
        if side not in row:
            continue
        if alpha in own:
            raise InvalidArgument(f"--{side} and --{alpha} are two ways to give {alpha}; use one of them.")
        if not with_shape:
            raise InvalidArgument(f"{side} = {row[side]} needs --norm and --shape, in which it contracts.")
        own[alpha] = _alpha(row[side], row["norm"], row["shape"], side)
        dual = "dual of the " if side == "worker" else ""
        derived[alpha] = f"of {row[side]} in the {dual}{_space(row)}"
    if with_shape and "rho" not in own:
        own["rho"] = _rho(row["norm"], row["shape"]) * row.get("radius", 1.0)
        factor = f" of radius {row['radius']:g}" if "radius" in row else ""
        derived["rho"] = f"of the {_space(row)}{factor}"
    return own, derived


def _space(row: dict[str, Any]) -> str:
    return f"{row['norm']} norm, {' x '.join(map(str, row['shape']))}"


def _norm(name: Any, shape: Any) -> Any:
    """The norm. Raises InvalidArgument for one that is not defined on the shape."""
    from broximal.oracles import norms  # here: numbers alone are computed without JAX

    found = norms.parse(name)
    if not isinstance(shape, (list, tuple)) or not shape or not all(isinstance(n, int) and n > 0 for n in shape):
        raise InvalidArgument(f"shape must be positive integers, not {shape!r}.")
    found._check_shape(tuple(shape), "shape")
    return found


def _rho(norm: Any, shape: Any) -> float:
    return float(_norm(norm, shape).l2_bounds(tuple(shape)).rho)


def _alpha(name: Any, norm: Any, shape: Any, side: str) -> float:
    """How much a compressor contracts: the server's in the norm, a worker's in its dual."""
    from broximal.oracles import compressors

    space = _norm(norm, shape)
    return float(compressors.parse(name).contraction(space if side == "server" else space.dual, tuple(shape)).alpha)


def _from_file(path: Path, values: dict[str, Any]) -> Constants:
    try:
        content = tomllib.loads(read_bytes(path, "layers", 2**24).decode())
    except (ValueError, RecursionError) as error:
        said = "it is too deep" if isinstance(error, RecursionError) else error
        raise InvalidArgument(f"layers {path} is not TOML ({said}).") from None
    rows = content.get("layers")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InvalidArgument(f"layers {path} must hold one [[layers]] table for every layer.")
    quantities = sorted({each.name for each in every() if each.given and each.kind == "layer"})
    known = ("name", "count", "norm", "shape", "radius", *COMPRESSORS, *quantities)
    for place, row in enumerate(rows):
        _check_row(path, place, row, known)
    sides = {side: values[side] for side in COMPRESSORS if side in values}
    measured = [_measured(sides | row) for row in rows]
    names, repeated = _names_of(path, rows)
    own = {key: value for key, value in values.items() if key not in COMPRESSORS}
    found: dict[str, Any] = {}
    for key in quantities:
        having = [place for place, (row, _) in enumerate(measured) if key in row]
        if not having:
            continue
        if len(having) < len(rows) and key not in own:
            missing = next(place for place in range(len(rows)) if place not in having)
            raise InvalidArgument(f"layers {path}: layer {missing} has no {key}, but others have.")
        if len(having) == len(rows) and key in own:
            raise InvalidArgument(f"--{key} is given, but every layer of {path} has its own {key}; give it once.")
        found[key] = [measured[place][0].get(key, own.get(key)) for place in repeated]
    derived: dict[str, str] = {}
    for name, place in zip(names, repeated, strict=True):
        derived |= {f"{key}[{name}]": why for key, why in measured[place][1].items()}
    return Constants(own | found, names, derived)


def _check_row(path: Path, place: int, row: dict[str, Any], known: Sequence[str]) -> None:
    """Raises InvalidArgument for a table with unknown keys or values of the wrong kind; numbers are checked with the constants."""
    for key, value in row.items():
        if key not in known:
            raise InvalidArgument(
                f"layers {path}: layer {place} has the unknown key {key!r}; known are {', '.join(known)}."
                f"{nearest(key, known)}"
            )
        if key in ("name", "norm", *COMPRESSORS):
            if not isinstance(value, str) or not value:
                raise InvalidArgument(f"layers {path}: {key} of layer {place} must be text, not {value!r}.")
        elif key == "count":
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_LAYERS:
                raise InvalidArgument(
                    f"layers {path}: count of layer {place} must be a whole number from 1 to {MOST_LAYERS}, not {value!r}."
                )
        elif key != "shape" and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise InvalidArgument(f"layers {path}: {key} of layer {place} must be a number, not {value!r}.")
    as_real(row.get("radius", 1.0), f"radius of layer {place}", low=0, open_low=True)


def _names_of(path: Path, rows: list[dict[str, Any]]) -> tuple[list[str], list[int]]:
    """Every layer with its name, and the table it comes from. Raises InvalidArgument for a name that comes twice, and too many."""
    if sum(row.get("count", 1) for row in rows) > MOST_LAYERS:
        raise InvalidArgument(f"layers {path} has more than {MOST_LAYERS} layers.")
    found: list[str] = []
    repeated: list[int] = []
    for place, row in enumerate(rows):
        count, name = row.get("count", 1), row.get("name")
        for copy in range(count):
            if name is None:
                found.append(str(len(found)))
            else:
                found.append(f"{name} {copy + 1}" if count > 1 else name)
            repeated.append(place)
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise InvalidArgument(f"layers {path}: the name {twice!r} comes twice.")
    return found, repeated
