"""d steps while no iterate is farther than about 2 t from the minimiser, in l_inf on R^d, for every selection.

f = sum_j W_j |<a_j, z>| with a_j = e_j + eps sum_{l > j} sigma_jl e_l, sigma_jl = (-1)^(j + l + 1) (see `PinnedSum`).
Phase j is one step: coordinate j falls by t to (nearly) zero, and the later coordinate l moves by -t sigma_jl, which is
up and down in turn between t and 2 t, so that it stands at about t when its own phase comes. <a_j, x> falls by
t (1 + eps (d - j)) in its phase, and x_0 is found by substituting backwards. Hence N = d although max_k D_k <= 2 t (1 + o(1)):
no bound in R / t alone is possible. In the Euclidean norm a distance of 2 t (1 + o(1)) allows 5 steps at most.
"""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from broximal.problems._data import dimension
from broximal.problems.worst._pinned import PinnedSum, check_size


class Flipping(PinnedSum):
    """Flipping(d=5, bits=6): exactly d steps of radius 1 in l_inf, all iterates within 2 (1 + O(d 2^-bits)) of 0."""

    alias: ClassVar[str] = "flipping"

    def __init__(self, d: int = 5, bits: int = 6):
        check_size(d, bits)
        j, l = np.indices((d, d))
        sigma = np.where((j + l) % 2 == 0, -1.0, 1.0)
        eps, x = Fraction(1, 2**bits), [Fraction(0)] * d

        def at_phase(i, phase):
            """Coordinate i after the phases before `phase`."""
            return x[i] - sum(Fraction(int(sigma[p, i])) for p in range(phase))

        for p in range(d - 1, -1, -1):
            wanted = 1 + eps * (d - 1 - p) - eps * sum(int(sigma[p, i]) * at_phase(i, p) for i in range(p + 1, d))
            x[p] = wanted + sum(Fraction(int(sigma[q, p])) for q in range(p))
        self._build(sigma, bits, x)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Flipping":
        return cls(min(dimension(dim), 8))

    @property
    def name(self) -> str:
        return f"flipping({self.start.size})"

    @property
    def steps(self) -> int:
        """N, for the radius 1."""
        return self.start.size
