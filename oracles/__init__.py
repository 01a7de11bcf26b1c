"""Geometry: norms, dual norms, balls, and what can be solved on them, each answer with its certificate."""

from broximal.oracles import norms
from broximal.oracles.answers import LmoAnswer, ProjectionAnswer, ProxAnswer
from broximal.oracles.ball import Ball
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant, MissingPackage, NotCertified
from broximal.oracles.norm import L2Bounds, Norm
from broximal.oracles.verbs import lmo, project, prox, sharp

__all__ = [
    "Ball",
    "BroximalError",
    "InvalidArgument",
    "L2Bounds",
    "LmoAnswer",
    "MissingConstant",
    "MissingPackage",
    "Norm",
    "NotCertified",
    "ProjectionAnswer",
    "ProxAnswer",
    "lmo",
    "norms",
    "project",
    "prox",
    "sharp",
]
