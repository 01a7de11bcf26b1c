"""Geometry: norms, dual norms, balls, and what can be solved on them, each answer with its certificate."""

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from broximal.oracles import compressors, norms, polar
    from broximal.oracles.answers import LmoAnswer, ProjectionAnswer, ProxAnswer
    from broximal.oracles.arrays import combine, namespace, subtract
    from broximal.oracles.ball import Ball
    from broximal.oracles.brox import BroxAnswer, brox, certify
    from broximal.oracles.cvxpy_bridge import cvxpy
    from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant, MissingPackage, NotCertified
    from broximal.oracles.norm import L2Bounds, Norm
    from broximal.oracles.objective import Move, Objective
    from broximal.oracles.verbs import lmo, project, prox, sharp

__all__ = [
    "Ball",
    "BroxAnswer",
    "BroximalError",
    "InvalidArgument",
    "L2Bounds",
    "LmoAnswer",
    "MissingConstant",
    "MissingPackage",
    "Move",
    "Norm",
    "NotCertified",
    "Objective",
    "ProjectionAnswer",
    "ProxAnswer",
    "brox",
    "certify",
    "combine",
    "compressors",
    "cvxpy",
    "lmo",
    "namespace",
    "norms",
    "polar",
    "project",
    "prox",
    "sharp",
    "subtract",
]

_HOME = {
    "Ball": "ball",
    "BroxAnswer": "brox",
    "BroximalError": "errors",
    "InvalidArgument": "errors",
    "L2Bounds": "norm",
    "LmoAnswer": "answers",
    "MissingConstant": "errors",
    "MissingPackage": "errors",
    "Move": "objective",
    "Norm": "norm",
    "NotCertified": "errors",
    "Objective": "objective",
    "ProjectionAnswer": "answers",
    "ProxAnswer": "answers",
    "certify": "brox",
    "combine": "arrays",
    "cvxpy": "cvxpy_bridge",
    "lmo": "verbs",
    "namespace": "arrays",
    "project": "verbs",
    "prox": "verbs",
    "sharp": "verbs",
    "subtract": "arrays",
}


def __getattr__(name: str) -> Any:
    # On first use only: the command line says what is wrong with a number, and prints what it has kept, without JAX.
    if name in ("compressors", "norms", "polar"):
        return importlib.import_module(f"broximal.oracles.{name}")
    if name in _HOME:
        found = globals()[name] = getattr(importlib.import_module(f"broximal.oracles.{_HOME[name]}"), name)
        return found
    raise AttributeError(f"module 'broximal.oracles' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


class _Room(types.ModuleType):
    """`oracles.brox` is the verb; its package, which an import would put in its place, is reached by `from ... import`."""

    @property
    def brox(self) -> Any:
        return importlib.import_module("broximal.oracles.brox").brox

    @brox.setter
    def brox(self, package: Any) -> None:
        pass


sys.modules[__name__].__class__ = _Room
