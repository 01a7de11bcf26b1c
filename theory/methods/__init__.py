"""Methods: how the points of a run are made."""

from broximal.theory.methods.broximal_point import BroximalPoint
from broximal.theory.methods.method import Method, Record

__all__ = ["BroximalPoint", "Method", "Record"]
