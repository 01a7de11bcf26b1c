"""Geometry: norms, dual norms, balls, and what can be solved on them, each answer with its certificate."""

from broximal.oracles import compressors, norms, polar
from broximal.oracles.answers import LmoAnswer, ProjectionAnswer, ProxAnswer
from broximal.oracles.ball import Ball
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant, MissingPackage, NotCertified
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.objective import Move, Objective
from broximal.oracles.verbs import lmo, project, prox, sharp

# last: from here on `oracles.brox` is the verb, and its package is reached by `from broximal.oracles.brox import ...`
from broximal.oracles.brox import BroxAnswer, brox, certify  # isort: skip

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
    "compressors",
    "lmo",
    "norms",
    "polar",
    "project",
    "prox",
    "sharp",
]
