"""Constants and parameters as the command line gives them: NAME=VALUE, a norm with a shape, and a file of layers.

What there is to give, and which values, is declared with the quantities (`theory.language.declaration`); that the
declarations of the catalogue are known is up to the caller.
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from broximal.oracles.arguments import as_real, nearest
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.declaration import every, range_of
from broximal.theory.prescriptions.stepsize import HORIZON, spelled
from broximal.verify.files import read_bytes


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


def numbers(values: dict[str, str]) -> dict[str, float | list[float]]:
    """The numbers of constants and parameters by name, one a layer where they are written with commas.

    Raises InvalidArgument for a name that no quantity has, and for what is no number or outside of the declared range.
    """
    found: dict[str, float | list[float]] = {}
    for key, text in values.items():
        name = spelled(key)
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


def constants(
    values: dict[str, Any], norm: str | None, shape: Sequence[int] | None, layers: Path | None
) -> dict[str, Any]:
    """Values by name, numbers or one number a layer, with what a norm and a shape, or a file of layers, say besides.

    In a file rho comes from the norm and the shape (times the layer's radius factor, if there is one) where it is not
    given, and a value from outside is that of the layers that do not have their own. Raises InvalidArgument for what does
    not fit together, a constant that is given twice among it.
    """
    if layers is not None:
        if norm is not None or shape:
            raise InvalidArgument("--norm and --shape belong to one layer; with --layers they stand in the file.")
        return values | _from_file(layers, values)
    if (norm is None) != (not shape):
        raise InvalidArgument("--norm and --shape are needed together; rho is a constant of both.")
    if norm is not None and "rho" in values:
        raise InvalidArgument("--rho and --norm with --shape are two ways to give rho; use one of them.")
    return values | ({"rho": _rho(norm, shape)} if norm is not None else {})


def _rho(norm: str, shape: Any) -> float:
    from broximal.oracles import norms  # here: numbers alone are computed without JAX

    found = norms.parse(norm)
    if not isinstance(shape, (list, tuple)) or not shape or not all(isinstance(n, int) and n > 0 for n in shape):
        raise InvalidArgument(f"shape must be positive integers, not {shape!r}.")
    found._check_shape(tuple(shape), "shape")
    return float(found.l2_bounds(tuple(shape)).rho)


def _from_file(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    try:
        content = tomllib.loads(read_bytes(path, "layers", 2**24).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidArgument(f"layers {path} is not TOML ({error}).") from None
    rows = content.get("layers")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InvalidArgument(f"layers {path} must hold one [[layers]] table for every layer.")
    quantities = sorted({each.name for each in every() if each.given and each.kind == "layer"})
    known = ("name", "norm", "shape", "radius", *quantities)
    for place, row in enumerate(rows):
        for key in row:
            if key not in known:
                raise InvalidArgument(
                    f"layers {path}: layer {place} has the unknown key {key!r}; known are {', '.join(known)}."
                    f"{nearest(key, known)}"
                )
            if key in (*quantities, "radius") and (
                isinstance(row[key], bool) or not isinstance(row[key], (int, float))
            ):
                raise InvalidArgument(f"layers {path}: {key} of layer {place} must be a number, not {row[key]!r}.")
        radius = as_real(row.get("radius", 1.0), f"radius of layer {place}", low=0, open_low=True)
        if "rho" not in row and "norm" in row and "shape" in row:
            row["rho"] = _rho(row["norm"], row["shape"]) * radius
    found: dict[str, Any] = {}
    for key in quantities:
        having = [place for place, row in enumerate(rows) if key in row]
        if not having:
            continue
        if len(having) < len(rows) and key not in values:
            missing = next(place for place in range(len(rows)) if place not in having)
            raise InvalidArgument(f"layers {path}: layer {missing} has no {key}, but others have.")
        if len(having) == len(rows) and key in values:
            raise InvalidArgument(f"--{key} is given, but every layer of {path} has its own {key}; give it once.")
        found[key] = [row.get(key, values.get(key)) for row in rows]
    return found
