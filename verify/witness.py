"""How to make the check of a violation again: the recipe in its witness.

{"kind": "case", theorem, case, seed, steps, ..}                  a theorem known by name, on a case of its own
{"kind": "names", theorem, problem, norm, dim, data, seed, ..}    on a problem and a norm known by name, or a data file
{"kind": "objects", theorem, problem, norm, x0, radius, ..}       on objects, written down as plain data (see `freeze`)
{"kind": "none", why}                                             something that is no plain data stands in the way
"""

import contextlib
from collections.abc import Callable
from typing import Any

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.catalogue import find, origin
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.theorem import Theorem
from broximal.verify.content import statement_digest
from broximal.verify.freeze import freeze, freeze_theorem, source_of


def recipe(theorem: Theorem, experiment: Experiment, named: dict[str, Any] | None, paths: int) -> dict[str, Any]:
    """The recipe of a check; `named` is the one by names, where there is one."""
    known = is_known(theorem)
    common: dict[str, Any] = {"theorem": theorem.name, "statement": statement_digest(theorem)}
    if known and not (module := origin(theorem.name.partition("*")[0])).startswith("broximal."):
        common["source"] = source_of(module)
    common |= {"steps": experiment.steps, "seed": experiment.seed, "tol": experiment.tol, "paths": paths}
    if known and named is not None:
        return {"kind": "case" if "case" in named else "names"} | named | common
    try:
        if not known:
            common["says"] = freeze_theorem(theorem)
        own = experiment.instance
        found: dict[str, Any] = {"problem": own, "norm": None, "x0": None}
        if isinstance(own, Optimisation):
            found = {"problem": own.problem, "norm": own.norm, "x0": own.x0}
        found |= {"constants": experiment.constants, "parameters": experiment.parameters}
        radius = experiment.radius if experiment.constant_radius else _values(experiment.radius_at, experiment.steps)
        return {"kind": "objects"} | common | {name: freeze(item) for name, item in found.items()} | {"radius": radius}
    except Exception as error:  # fields of the user's own classes may raise anything
        why = str(error) if isinstance(error, BroximalError) else f"{type(error).__name__}: {error}"
        return {"kind": "none", "theorem": theorem.name, "why": why}


def is_known(theorem: Theorem) -> bool:
    """Does the name of the theorem stand for what it says?"""
    try:
        found = find(theorem.name)
    except InvalidArgument:
        return False
    return found is theorem or statement_digest(found) == statement_digest(theorem)


def _values(radius_at: Callable[[int], float], steps: int) -> list[float]:
    """The radii of a schedule as far as it goes, one more than there are steps at most."""
    found = [radius_at(0)]
    with contextlib.suppress(InvalidArgument):
        for step in range(1, steps + 1):
            found.append(radius_at(step))
    return found
