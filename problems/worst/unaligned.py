"""max(z_1, 10 z_2) at x = (2, 0.1), t = 1, Euclidean: dual norms decrease for aligned subgradients only.

The step ends at u = (1, 0.1), where both pieces are 1. The aligned subgradient is (1, 0) (x - u = (1, 0)), of norm 1, not larger
than |grad f(x)|_2 = 1. But (0, 10) is in df(u) too, with norm 10: the statement that the dual norms of subgradients do not
increase along a run is false for an arbitrary choice.
"""

from typing import ClassVar

from broximal.problems.nonsmooth.max_affine import MaxAffine


class Unaligned(MaxAffine):
    """Unaligned(): the function above, unbounded below, x0 = (2, 0.1)."""

    alias: ClassVar[str] = "unaligned"

    def __init__(self):
        super().__init__([[1.0, 0.0], [0.0, 10.0]], x0=[2.0, 0.1])

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Unaligned":
        return cls()

    @property
    def name(self) -> str:
        return "max(z_1, 10 z_2)"
