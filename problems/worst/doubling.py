"""(2^d - 1) m steps from distance about m t, in l_inf on R^d: finite termination has no dimension-free bound in D_0 / t.

f = sum_j W_j |<a_j, z>| with a_j = e_j - eps sum_{l > j} e_l (see `PinnedSum`). In phase j coordinate j falls by t at
every step while all later ones rise by t, so <a_j, x> falls by t (1 + eps (d - j)). x_0 is found by substituting
backwards so that phase j takes exactly n_j = 2^(j-1) m steps and ends with <a_j, x> = 0: at its start every later
coordinate has risen by T_j = t (2^(j-1) - 1) m, so

    x_0j = n_j t (1 + eps (d - j)) - T_j + eps sum_{l > j} (x_0l + T_j) = m t + O(eps).

The phases sum up to N = (2^d - 1) m, every selection makes them, and the distance reaches 2^(d-1) m t. The Euclidean
count ceil(D_0^2 / t^2) would be about m^2.
"""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from broximal.problems._data import dimension
from broximal.problems.worst._pinned import PinnedSum, check_size


class Doubling(PinnedSum):
    """Doubling(d=3, m=1, bits=6): exactly (2^d - 1) m steps of radius 1 in l_inf, from x_0 at distance m (1 + O(2^-bits))."""

    alias: ClassVar[str] = "doubling"

    def __init__(self, d: int = 3, m: int = 1, bits: int = 6):
        dimension(m, "m")
        check_size(d, bits)
        eps, x = Fraction(1, 2**bits), [Fraction(0)] * d
        for j in range(d - 1, -1, -1):
            risen = (2**j - 1) * m
            x[j] = 2**j * m * (1 + eps * (d - 1 - j)) - risen + eps * sum(v + risen for v in x[j + 1 :])
        self._build(-np.ones((d, d)), bits, x)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Doubling":
        return cls(min(dimension(dim), 6))

    @property
    def name(self) -> str:
        return f"doubling({self.start.size})"

    @property
    def steps(self) -> int:
        """N, for the radius 1."""
        d = self.start.size
        return (2**d - 1) * int(np.floor(float(self.start[-1])))
