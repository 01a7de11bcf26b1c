"""A run whose columns are given, for tests of the arithmetic of claims."""

from types import SimpleNamespace

import numpy as np

from broximal.theory.columns.points import unit_f, unit_x
from broximal.theory.language.quantity import Measured

SLOPE = unit_f / unit_x  # of one function value to one length, for sums of both


class FakeRun:
    """Columns by key as (values, noise, oracle) or just values; constants likewise."""

    def __init__(self, length, terminated=None, count=1, **columns):
        self.length, self.terminated, self.algorithm = length, terminated, None
        self.layers = SimpleNamespace(count=count)
        self.columns = {}
        for key, given in {"unit_f": 1.0, "unit_x": 1.0, **columns}.items():
            values, noise, oracle = given if isinstance(given, tuple) else (given, 0.0, 0.0)
            values = np.asarray(values, dtype=float)
            self.columns[key] = Measured(
                values, np.broadcast_to(noise, values.shape) + 0.0, np.broadcast_to(oracle, values.shape) + 0.0
            )

    def count(self, axis):
        return self.layers.count

    def measure(self, quantity):
        return self.columns[quantity.key]
