"""Sums of ridge functions from what users write."""

import numpy as np

from broximal.oracles.norms import L2
from broximal.problems.smooth.ridges import RidgeLayer, Ridges


def test_numbers_in_lists_are_arrays():
    lists = Ridges(RidgeLayer("cosh", [1, 1], [20, 1], [0, 0], [6, -4]))
    arrays = Ridges(RidgeLayer("cosh", *(np.array(part, dtype=float) for part in ([1, 1], [20, 1], [0, 0], [6, -4]))))
    assert lists.x0.shape == (2,) and lists.value(lists.x0) == arrays.value(arrays.x0)
    assert lists.smoothness(L2()) == arrays.smoothness(L2())
