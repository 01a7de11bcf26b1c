"""Constants as the command line gives them: options, a norm with a shape, and a file of layers."""

import tomllib
from pathlib import Path
from typing import Any

from broximal.oracles import norms
from broximal.oracles.arguments import nearest
from broximal.oracles.arrays import as_number
from broximal.oracles.errors import InvalidArgument
from broximal.verify.files import read_bytes

NUMBERS = ("L0", "L1", "sigma", "rho", "P", "R", "tau", "gamma")
LAYER_KEYS = ("name", "norm", "shape", "radius", *NUMBERS)


def constants(
    options: dict[str, float | None], norm: str | None, shape: tuple[int, ...] | None, layers: Path | None
) -> dict[str, Any]:
    """Values by key: numbers, or one number a layer.

    In a file rho comes from the norm and the shape (times the layer's radius factor, if there is one) where it is not
    given, and an option is the value of the layers that do not have their own. Raises InvalidArgument for what does not
    fit together, a constant that is given twice among it.
    """
    values: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    if layers is not None:
        if norm is not None or shape:
            raise InvalidArgument("--norm and --shape belong to one layer; with --layers they stand in the file.")
        return values | _from_file(layers, values)
    if (norm is None) != (not shape):
        raise InvalidArgument("--norm and --shape are needed together; rho is a constant of both.")
    if norm is not None and "rho" in values:
        raise InvalidArgument("--rho and --norm with --shape are two ways to give rho; use one of them.")
    if norm is not None and shape:
        values["rho"] = _rho(norm, shape)
    return values


def _rho(norm: str, shape: Any) -> float:
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
    for place, row in enumerate(rows):
        for key in row:
            if key not in LAYER_KEYS:
                raise InvalidArgument(
                    f"layers {path}: layer {place} has the unknown key {key!r}; known are {', '.join(LAYER_KEYS)}."
                    f"{nearest(key, LAYER_KEYS)}"
                )
            if key in (*NUMBERS, "radius") and (isinstance(row[key], bool) or not isinstance(row[key], (int, float))):
                raise InvalidArgument(f"layers {path}: {key} of layer {place} must be a number, not {row[key]!r}.")
        radius = float(as_number(row.get("radius", 1.0), f"radius of layer {place}", low=0, open_low=True))
        if "rho" not in row and "norm" in row and "shape" in row:
            row["rho"] = _rho(row["norm"], row["shape"]) * radius
    found: dict[str, Any] = {}
    for key in NUMBERS:
        having = [place for place, row in enumerate(rows) if key in row]
        if not having:
            continue
        if len(having) < len(rows) and key not in values:
            missing = next(place for place in range(len(rows)) if place not in having)
            raise InvalidArgument(f"layers {path}: layer {missing} has no {key}, but others have.")
        if len(having) == len(rows) and key in values:
            raise InvalidArgument(f"--{key} is given, but every layer of {path} has its own {key}; give it once.")
        found[key] = [row.get(key, values.get(key)) for row in rows]
    for key in ("L0", "L1", "sigma"):  # one number from the options counts for every layer
        if key in values and key not in found:
            found[key] = [values[key]] * len(rows)
    return found
