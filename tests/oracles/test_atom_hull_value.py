"""The value of the atom_hull norm next to a face, where a linear program may drop what is below its tolerance."""

import numpy as np
import pytest

from broximal.oracles.norms import AtomHull, MaxAbsLinear


@pytest.mark.parametrize("size", [3, 10, 30])
def test_never_too_small_and_sharp_next_to_a_face(size):
    rng = np.random.default_rng(0)
    atoms = rng.standard_normal((2 * size, size))
    hull, polar = AtomHull(atoms), MaxAbsLinear(atoms)
    for power in range(5, 13):
        face = atoms[: size // 3].T @ rng.standard_normal(size // 3)
        y = face + 10.0**-power * rng.standard_normal(size)
        value, x = float(hull(y)), -np.asarray(polar.lmo(y))
        lower = float(x @ y) / max(1.0, np.abs(atoms @ x).max())  # <x, y> <= |y| for every x of the polar ball
        assert lower * (1 - 1e-14) <= value <= lower * (1 + 2e-9)
