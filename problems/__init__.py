"""Objectives that own what is known about them: minimisers, noise, and constants in any norm."""

from broximal.problems.constant import Constant, Known
from broximal.problems.problem import CONSTANTS, Problem

__all__ = ["CONSTANTS", "Constant", "Known", "Problem"]
