"""A problem from names, as the command line gives them."""

import functools
from typing import Any

from broximal.oracles.errors import InvalidArgument
from broximal.problems import Problem, catalogue
from broximal.problems.regression import data as files
from broximal.verify.content import file_digest

Reading = tuple[tuple[str, Any], ...]  # how a data file is read, as (name, value): see `problems.data.load`

_READING: dict[str, type] = {"sep": str, "header": bool, "label": str, "na": str, "task": str}


def as_reading(given: dict[str, Any]) -> Reading:
    """What is given of how a data file is read, None left out. Raises InvalidArgument for a name or type that is none."""
    for name, value in given.items():
        if name not in _READING or not isinstance(value, (_READING[name], type(None))):
            raise InvalidArgument(f"{name!r:.40} = {value!r:.40} is no way to read a data file.")
    return tuple(sorted((name, value) for name, value in given.items() if value is not None))


def make_problem(problem: str | None, dim: int | None, seed: int, data: str | None, reading: Reading = ()) -> Problem:
    """The problem of this name, or of a data file. Raises InvalidArgument for unknown names and unreadable data."""
    if data is not None:
        return from_data(problem, data, reading)[0]
    if problem is None:
        raise InvalidArgument("problem is missing; name a family (see `broximal list --problems`) or give --data.")
    return catalogue.make(problem, 10 if dim is None else dim, seed)


def from_data(problem: str | None, path: str, reading: Reading = ()) -> tuple[Problem, str]:
    """The problem of a data file, and in words how it was read and what was built.

    Logistic regression for two classes, multinomial for more, least squares for measurements, unless it is named.
    """
    return _from_data(problem, path, reading, file_digest(path))


@functools.lru_cache(maxsize=1)  # the theorems of a sweep share it
def _from_data(problem: str | None, path: str, reading: Reading, _: str) -> tuple[Problem, str]:
    how = dict(reading)
    if problem is None:
        found = files.load(path, **how)
        fitting = "logistic" if len(found.classes) == 2 else "multinomial"
        family: Any = catalogue.families()["least_squares" if found.task == "regression" else fitting]
    else:
        family = catalogue.families().get(problem)
        if family is None or not hasattr(family, "from_data") or not hasattr(family, "task"):
            raise InvalidArgument(f"problem {problem!r} cannot be built from a data file.")
        found = files.of(path, family.task, how)
    try:
        built = family.from_data(found)
    except InvalidArgument as error:
        raise InvalidArgument(f"path {path!r} ({found.said}): {error}") from None
    return built, f"{path}: {found.said}; problem: {built.name}"
