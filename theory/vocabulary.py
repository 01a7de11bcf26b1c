"""Every column, constant, hypothesis, method and part of a method by its name, for `broximal.theory`.

Where several vocabularies have the name, it is that of the whole space (`columns.points`, then `columns.whole`); those of
each layer or worker are imported from their own modules. A name that is left with several meanings has none here.
"""

import functools
import importlib
import inspect
import pkgutil
from collections import defaultdict
from typing import Any

import sympy as sp

from broximal.oracles.arguments import nearest
from broximal.oracles.errors import BroximalError
from broximal.theory import columns, hypotheses, methods
from broximal.theory.language.algorithm import Algorithm
from broximal.theory.language.declaration import is_known
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.quantity import key_of, known
from broximal.theory.methods import lmo

_QUANTITY = (sp.Symbol, sp.IndexedBase)
INDICES = {
    "k": "index of a step",
    "K": "how many steps are made; a claim about every horizon is about every K up to that",
    "i": "index of a sum, product or smallest value over steps",
    "l": "index of a layer, imported as `layer`",
    "layer": "index of a layer",
    "p": "number of layers, imported as `layers`",
    "worker": "index of a worker",
    "workers": "number of workers",
    "arm": "index of an arm",
    "arms": "number of arms",
}
_PLAIN = ("broximal.theory.columns.points", "broximal.theory.columns.whole")


@functools.cache
def vocabulary() -> dict[str, dict[str, Any]]:
    """For every name what it means: {module: object}, one entry unless several modules have it."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for package in (columns, hypotheses, methods):
        for entry in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            module = importlib.import_module(entry.name)
            for name, value in vars(module).items():
                if not name.startswith("_") and _own(value, entry.name):
                    found[name][entry.name] = value
    for name in lmo.__all__:
        value = getattr(lmo, name)
        found[name] = {value.__module__: value}
    return {name: _meant(places) for name, places in sorted(found.items())}


def _own(value: Any, module: str) -> bool:
    """Is it a quantity, a hypothesis, a method or a named method, and defined in this module?"""
    if isinstance(value, _QUANTITY):
        key = str(value)
        return is_known(key) and known(key).symbol is value and known(key).measure.__module__ == module
    if getattr(value, "__module__", None) != module:
        return False
    if inspect.isclass(value):
        return issubclass(value, (Algorithm, Hypothesis)) and value not in (Algorithm, Hypothesis)
    return module == f"{lmo.__name__}.named" and inspect.isfunction(value)


def _meant(places: dict[str, Any]) -> dict[str, Any]:
    for module in _PLAIN:
        if module in places:
            return {module: places[module]}
    return places


def word(name: str) -> Any:
    """What `name` means. Raises AttributeError for a name of nothing, ImportError for one that several vocabularies have."""
    places = vocabulary().get(name, {})
    if not places:
        raise AttributeError(f"module 'broximal.theory' has no attribute {name!r}")
    if len(places) > 1:
        raise ImportError(f"{name!r} means something else in {' and in '.join(places)}; import it from one of them.")
    return next(iter(places.values()))


def describe(thing: Any) -> str:
    """What a column, constant or parameter of claims is: meaning, units, axes, what may be given for it, and its source.

        from broximal.theory import describe, gap
        print(describe(gap))

    thing  the column or symbol, an entry of it such as `gap[k]`, its key, or the name that it is imported by: everything that
    has the name is described. Raises BroximalError for what no vocabulary defines.
    """
    key = thing if isinstance(thing, str) else key_of(thing) if isinstance(thing, sp.Indexed) else str(thing)
    if key in INDICES:
        return f"{key}: {INDICES[key]}"
    if is_known(key):
        return known(key).describe()
    named = {name: [q for q in places.values() if isinstance(q, _QUANTITY)] for name, places in vocabulary().items()}
    if is_known(key):  # now that all of them are loaded
        return known(key).describe()
    if not named.get(key):
        raise BroximalError(f"no quantity {key!r} is defined.{nearest(key, [name for name in named if named[name]])}")
    return "\n\n".join(known(str(quantity)).describe() for quantity in named[key])
