"""A run whose columns are given, for tests of the arithmetic of claims."""

from types import SimpleNamespace

import numpy as np

from broximal.theory.language.quantity import Measured


class FakeRun:
    """Columns by key as (values, noise, oracle) or just values; constants likewise."""

    def __init__(self, length, terminated=None, count=1, **columns):
        self.length, self.terminated, self.algorithm = length, terminated, None
        self.layers = SimpleNamespace(count=count)
        self.columns = {}
        for key, given in columns.items():
            values, noise, oracle = given if isinstance(given, tuple) else (given, 0.0, 0.0)
            values = np.asarray(values, dtype=float)
            self.columns[key] = Measured(
                values, np.broadcast_to(noise, values.shape) + 0.0, np.broadcast_to(oracle, values.shape) + 0.0
            )

    def measure(self, quantity):
        return self.columns[quantity.key]
