"""Numbers that say where they come from."""

import dataclasses
from typing import Literal

import numpy as np

from broximal.oracles.errors import InvalidArgument

Kind = Literal["exact", "upper bound", "lower bound", "estimate"]


@dataclasses.dataclass(frozen=True)
class Constant:
    """A constant of a problem in a norm.

    kind  "exact": the best possible value; "upper bound" / "lower bound": proved on the safe side;
          "estimate": fitted, never accepted by a theorem's hypothesis without saying so
    why   one sentence: the proof or the reason
    """

    name: str
    value: float
    kind: Kind
    why: str
    norm: str = ""

    def __post_init__(self):
        if not np.isfinite(self.value) or self.value < 0:
            raise InvalidArgument(f"constant {self.name} must be a finite non-negative number, not {self.value!r}.")

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        where = f" in {self.norm}" if self.norm else ""
        return f"{self.name}{where} = {self.value:.6g} ({self.kind}: {self.why})"


@dataclasses.dataclass(frozen=True)
class Known:
    """A number known up to `error` (absolute): f_star, a distance to the solution set."""

    value: float
    error: float
    why: str

    def __float__(self) -> float:
        return float(self.value)
