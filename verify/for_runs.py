"""Constants and parameters for runs: which of the two a name is, and whether the theorems that are checked have it."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import InvalidArgument
from broximal.problems.problem import CONSTANTS
from broximal.theory.language.declaration import RESERVED, range_of
from broximal.theory.language.theorem import Theorem
from broximal.theory.prescriptions.resolve import parameter_names

SMOOTHNESS = "smoothness"  # says what L0 and L1 mean; its value is a word


def read(values: Mapping[str, str], theorems: Iterable[Theorem]) -> dict[str, Any]:
    """`as_given` of NAME=VALUE as text: numbers, numbers with commas for layers, or a word such as the name of a compressor."""
    constants = {name: _value(text) for name, text in values.items() if name in (*CONSTANTS, SMOOTHNESS)}
    parameters = {name: _value(text) for name, text in values.items() if name not in constants}
    return as_given(list(theorems), constants, parameters)


def as_given(
    theorems: list[Theorem], constants: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, tuple[tuple[str, Any], ...]]:
    """{"constants": (name, value) .., "parameters": ..} as plain data.

    Raises InvalidArgument for a name that problems have no constant of, a parameter that one of the theorems has not, a
    number outside the range that is declared for it, and a value that is neither numbers nor a word.
    """
    for name in constants:
        if name not in (*CONSTANTS, SMOOTHNESS):
            raise InvalidArgument(f"{name!r} is no constant of problems.{nearest(name, CONSTANTS)}")
    for theorem in theorems:
        names = parameter_names(theorem)
        for name in parameters:
            if name in RESERVED:
                raise InvalidArgument(f"{name} is an index of claims, and cannot be given.")
            if name not in names:
                has = f"has {', '.join(names)}" if names else "has none"
                raise InvalidArgument(
                    f"{name!r} is no constant of problems and no parameter of {theorem.name}, which {has}."
                    f"{nearest(name, [*names, *CONSTANTS])}"
                )
    return {
        "constants": tuple((name, _plain(value, name)) for name, value in constants.items()),
        "parameters": tuple((name, _plain(value, name)) for name, value in parameters.items()),
    }


def _value(text: str) -> Any:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return text
    return tuple(found) if len(found) > 1 else found[0]


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(range_of(name).check(entry, name) for entry in value)
    return range_of(name).check(value, name)
