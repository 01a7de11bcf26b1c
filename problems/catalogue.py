"""The families of problems by name, found by scanning this folder: every Problem class with an alias is in it."""

import functools
import importlib
import inspect
import math
import pkgutil

import jax
import numpy as np

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems._data import dimension
from broximal.problems.problem import Problem


@functools.cache
def _found() -> dict[str, type[Problem]]:
    import broximal.problems as room

    found: dict[str, type[Problem]] = {}
    for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if not (inspect.isclass(value) and issubclass(value, Problem)) or inspect.isabstract(value):
                continue
            alias = value.__dict__.get("alias", "")
            if alias and found.setdefault(alias, value) is not value:
                raise BroximalError(f"two families are called {alias!r}: {found[alias].__name__} and {value.__name__}.")
    return dict(sorted(found.items()))


_added: dict[str, type[Problem]] = {}


def add(family: type[Problem]) -> None:
    """Let a family from elsewhere be found by its alias; one of the same module and class is replaced.

    Raises InvalidArgument for an alias that another family has.
    """
    alias = family.alias
    other = (_found() | _added).get(alias)
    if other is None:
        _added[alias] = family
        return
    if alias not in _added or (other.__module__, other.__qualname__) != (family.__module__, family.__qualname__):
        raise InvalidArgument(f"problem {alias!r} is there already, {other.__name__} in {other.__module__}.")
    _added[alias] = family


def withdraw(module: str) -> None:
    """Forget the families that were added from this module."""
    for alias in [alias for alias, family in _added.items() if family.__module__ == module]:
        del _added[alias]


def families() -> dict[str, type[Problem]]:
    """Alias -> class, sorted by alias. Raises BroximalError if two families share one."""
    return dict(sorted((_found() | _added).items()))


catalogue = families


def make(alias: str, dim: int = 10, seed: int = 0) -> Problem:
    """A random member of the family of about this dimension. Raises InvalidArgument for an unknown alias or a bad size."""
    known = families()
    if alias not in known:
        raise InvalidArgument(f"problem {alias!r} is no family of the catalogue.{nearest(alias, known)}")
    dim, seed = dimension(dim), dimension(seed, "seed", low=0)
    _check_size(known[alias], dim)
    return known[alias].example(dim, seed)


SMALL = 512  # dimensions below which no size is looked at
LARGEST, LARGEST_MATRIX = 2**26, 2**23  # numbers of an array: one that grows as dim, and one that is decomposed


def _check_size(family: type[Problem], dim: int) -> None:
    """Raise InvalidArgument for a dimension whose arrays would take all memory, or hours; their growth is seen in small ones."""
    if dim <= SMALL:
        return
    few, many = (max((np.size(leaf) for leaf in jax.tree.leaves(family.example(n, 0))), default=1) for n in (8, 16))
    growth = math.log2(many / few) if many > few else 0.0
    numbers = many * (dim / 16) ** growth
    if numbers > (LARGEST if growth < 1.5 else LARGEST_MATRIX):
        raise InvalidArgument(
            f"dim {dim} is too large: a {family.alias} of it holds an array of {numbers:.2g} numbers."
        )
