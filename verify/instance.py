"""A problem from names, as the command line gives them."""

from pathlib import Path
from typing import Any

import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.problems import Problem, catalogue
from broximal.problems.regression.data import is_continuous, load


def make_problem(problem: str | None, dim: int | None, seed: int, data: str | None) -> Problem:
    """The problem of this name, or of a data file. Raises InvalidArgument for unknown names and unreadable data."""
    if data is not None:
        return _from_data(problem, Path(data))
    if problem is None:
        raise InvalidArgument("problem is missing; name a family (see `broximal list --problems`) or give --data.")
    return catalogue.make(problem, 10 if dim is None else dim, seed)


def _from_data(problem: str | None, path: Path) -> Problem:
    """Logistic regression for two classes, multinomial for more, least squares for measurements, unless named."""
    _, labels = load(path)
    if is_continuous(labels):
        fitting = "least_squares"
    else:
        fitting = "logistic" if len(np.unique(labels)) == 2 else "multinomial"
    family = problem or fitting
    found: Any = catalogue.families().get(family)
    if found is None or not hasattr(found, "from_data"):
        raise InvalidArgument(f"problem {family!r} cannot be built from a data file.")
    return found.from_data(path)
