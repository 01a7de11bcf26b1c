"""The meanings of layer-wise (L0, L1)-smoothness, kept apart, and what follows from which.

For layers i with norms |.|_i, g_i = |grad_i f(X)|_i* and D = Y - X:

A1     for all X, Y:  |grad_i f(X) - grad_i f(Y)|_i* <= (L0_i + L1_i g_i) |D_i|_i
A1D    descent lemma:  f(X + D) <= f(X) + <grad f(X), D> + sum_i (L0_i + L1_i g_i) |D_i|_i^2 / 2  for |D_i|_i <= reach_i
A1H    f = sum_i f_i(X_i), twice differentiable, with second derivative D^2 f_i(X)[U, V] <= L0_i + L1_i g_i on unit U, V
A1loc  A1 for |D_i|_i <= reach_i only
A2     |grad_i f(X) - grad_i f(Y)|_i* <= sum_j L_ij |D_j|_j with a symmetric matrix

What follows (s = L1_i |D_i|_i):
A1 gives A1loc and A1D by integrating along the segment; where f is twice differentiable, A1H by the limit Y -> X.
A2 gives A1D with L0_i = sum_j L_ij and L1 = 0, as sum_ij L_ij a_i a_j <= sum_i a_i^2 sum_j L_ij.
A1H gives, by Gronwall's inequality for t -> |grad_i f(X + t D)|, differences (L0 + L1 g)(e^s - 1) / L1 and Bregman
distances (L0 + L1 g)(e^s - s - 1) / L1^2. So within L1 |D| <= r it gives A1loc with both constants times (e^r - 1) / r,
and A1D with both times 2 (e^r - r - 1) / r^2.

A1 read for all X and Y forces f to be a sum over the layers (take X_i = Y_i: grad_i f does not depend on the other
layers), and the gradient to grow at most linearly (let Y go to infinity), so exp, cosh and x^4 satisfy only A1H.
"""

import dataclasses
import math
from typing import Literal

import numpy as np

from broximal.oracles.errors import InvalidArgument, MissingConstant

Kind = Literal["A1", "A1D", "A1H", "A1loc", "A2"]
MEANING = {
    "A1": "gradient differences, for all pairs of points",
    "A1D": "descent lemma",
    "A1H": "second derivative of every layer",
    "A1loc": "gradient differences between close points",
    "A2": "coupled layers with bounded differences",
}


@dataclasses.dataclass(frozen=True)
class Smoothness:
    """One statement about a problem in the layer norms of a geometry.

    L0, L1    one number a layer; for A2, L0 holds the row sums of `coupling` and L1 is zero
    reach     the layer distances within which it holds; infinite for a global statement
    exact     no smaller constants would do; otherwise they are upper bounds
    coupling  the matrix of A2
    """

    kind: Kind
    L0: tuple[float, ...]
    L1: tuple[float, ...]
    why: str
    exact: bool = False
    reach: tuple[float, ...] = ()
    coupling: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self):
        if self.kind not in MEANING:
            raise InvalidArgument(f"kind must be one of {', '.join(MEANING)}, not {self.kind!r}.")
        if len(self.L0) != len(self.L1) or not self.L0:
            raise InvalidArgument(f"L0 and L1 must have one entry a layer, but have {len(self.L0)} and {len(self.L1)}.")
        for name, values in (("L0", self.L0), ("L1", self.L1)):
            if not all(math.isfinite(value) and value >= 0 for value in values):
                raise InvalidArgument(f"{name} must hold finite non-negative numbers, but is {values}.")
        if not self.reach:
            object.__setattr__(self, "reach", (math.inf,) * len(self.L0))

    @property
    def numbers(self) -> dict[str, tuple[float, ...]]:
        """L0 and L1, as methods ask for them."""
        return {"L0": self.L0, "L1": self.L1}

    @classmethod
    def coupled(cls, matrix, why: str, *, exact: bool = False) -> "Smoothness":
        """A2 from its matrix (p, p), symmetric up to rounding."""
        L = np.asarray(matrix, dtype=float)
        if L.ndim != 2 or L.shape[0] != L.shape[1] or not np.allclose(L, L.T, rtol=1e-12, atol=0):
            raise InvalidArgument(f"matrix must be square and symmetric, but is {L.tolist()}.")
        rows = tuple(float(row) for row in L.sum(axis=1))
        table = tuple(tuple(float(value) for value in row) for row in L)
        return cls("A2", rows, (0.0,) * len(rows), why, exact, coupling=table)

    def __str__(self) -> str:
        tag = "exact" if self.exact else "upper bounds"
        L0, L1 = (", ".join(f"{value:.6g}" for value in values) for values in (self.L0, self.L1))
        return f"{self.kind} ({MEANING[self.kind]}) with L0 = [{L0}], L1 = [{L1}] ({tag}: {self.why})"

    def scaled(self, factor: float, kind: Kind, reach: tuple[float, ...], why: str) -> "Smoothness":
        """Another kind with both constants multiplied, within these distances."""
        times = tuple(factor * value for value in self.L0), tuple(factor * value for value in self.L1)
        return Smoothness(kind, *times, f"{self.why}; {why}", False, reach)


# A1H read as a descent lemma: the least factor kappa for which the radii g / (kappa (L0 + L1 g)) stay within 1 / kappa of
# the scale 1 / L1 and 2 (e^r - r - 1) / r^2 <= kappa there. Solves 2 kappa (e^(1/kappa) - 1/kappa - 1) = 1.
KAPPA = 1.3111511714363160


def as_descent(s: Smoothness) -> Smoothness:
    """What `s` says as a descent lemma (A1D). For A1H both constants grow by KAPPA, within 1 / (KAPPA L1)."""
    if s.kind == "A1D":
        return s
    if s.kind in ("A1", "A1loc", "A2"):
        # Never exact: negative curvature counts for A1 only, and row sums bound the form of A2 from above.
        return Smoothness("A1D", s.L0, s.L1, f"{s.why}; {s.kind} integrated along the step", False, s.reach)
    return s.scaled(KAPPA, "A1D", _within(s.L1, 1 / KAPPA), f"A1H as a descent lemma, factor {KAPPA:.4f}")


def as_local(s: Smoothness, r: float) -> Smoothness:
    """What `s` says about gradient differences within |D_i|_i <= r / L1_i (in units of its own L1)."""
    if s.kind in ("A1", "A1loc"):
        return Smoothness("A1loc", s.L0, s.L1, s.why, s.exact, s.reach)
    if s.kind == "A1H":
        factor = math.expm1(r) / r
        return s.scaled(factor, "A1loc", _within(s.L1, r), f"A1H within {r:g} / L1, factor {factor:.4f}")
    raise MissingConstant(f"{s.kind} says nothing about the gradient difference of one layer.")


def _within(L1: tuple[float, ...], r: float) -> tuple[float, ...]:
    return tuple(r / value if value > 0 else math.inf for value in L1)
