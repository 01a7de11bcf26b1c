"""Sums, maxima and products of star-convex functions of the sizes |z_i - c_i|: exact over l_inf."""

from typing import Any, ClassVar

import equinox as eqx

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.problems._checks import like
from broximal.problems._data import as_start
from broximal.problems.nonsmooth.distance import NormDistance
from broximal.problems.nonsmooth.sizes import OfSizes


class Combination(OfSizes):
    """Combination(parts, how): the sum, maximum or product of non-negative functions of the sizes about one center.

    parts are problems with a `sizes_center` (norm distances of absolute norms, even separable functions, composites of
    these, and the families of this file) and minimum 0 there; how is "sum", "max" or "product".
    """

    alias: ClassVar[str] = "combination"

    parts: tuple
    how: str = eqx.field(static=True)

    def __init__(self, parts, how: str = "product", x0=None):
        """Raises InvalidArgument."""
        self.parts = tuple(parts)
        if how not in ("sum", "max", "product"):
            raise InvalidArgument(f"how must be sum, max or product, not {how!r}.")
        centers: list[Any] = [getattr(part, "sizes_center", None) for part in self.parts]
        if not centers or any(c is None or c.shape != centers[0].shape or (c != centers[0]).any() for c in centers):
            raise InvalidArgument("parts must be functions of |z - c| with one center c.")
        if not all(part.star_convex and part.f_star.value == 0 for part in self.parts):
            raise InvalidArgument("parts must be star-convex with minimum zero.")
        self.how, self.center = how, centers[0]
        self.start = as_start(x0, self.parts[0].x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Combination":
        """The product of the l_inf and the l1 distance: star-convex, not convex."""
        from broximal.oracles.norms import L1

        inside = NormDistance.example(dim, seed)
        return cls((inside, NormDistance(inside.center, L1())), "product", inside.x0)

    @property
    def name(self) -> str:
        return f"{self.how} of {', '.join(part.name for part in self.parts)}"

    def _facts(self):
        return (
            super()
            ._facts()
            .but(
                convex=lambda: self.how != "product" and all(part.convex for part in self.parts),
                unique=lambda: (
                    all(p.unique_minimiser for p in self.parts)
                    or (self.how != "product" and any(p.unique_minimiser for p in self.parts))
                ),
            )
        )

    def of_sizes(self, s):
        xp = namespace(s)
        values = xp.stack([part.value(like(part.sizes_center, s) + s) for part in self.parts])
        return {"sum": xp.sum, "max": xp.max, "product": xp.prod}[self.how](values)

    def value(self, x):
        xp = namespace(x)
        values = xp.stack([part.value(x) for part in self.parts])
        return {"sum": xp.sum, "max": xp.max, "product": xp.prod}[self.how](values)

    def gradient(self, x):
        """Of the parts' gradients: their sum, that of the first largest one, or the product rule."""
        xp = namespace(x)
        values, gradients = [p.value(x) for p in self.parts], [p.gradient(x) for p in self.parts]
        if self.how == "sum":
            return sum(gradients[1:], start=gradients[0])
        if self.how == "max":
            return xp.stack(gradients)[xp.argmax(xp.stack(values))]
        total = xp.zeros_like(x)
        for i, gradient in enumerate(gradients):
            others = xp.prod(xp.stack([v for j, v in enumerate(values) if j != i] or [xp.ones_like(values[0])]))
            total = total + others * gradient
        return total
