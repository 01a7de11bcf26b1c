"""Closed convex sets with a nearest point in some norms, as the targets of distance functions.

HalfSpace(a, b)          <a, z> <= b        in every norm: z - (<a, z> - b)_+ / |a|_* v, v = -lmo(a)
Box(low, high)           low <= z <= high   in every absolute norm: clip
NormBall(norm, c, r)     |z - c| <= r       in the same norm, radially; in the Euclidean norm by projection
Affine(A, b)             A z = b            in the Euclidean norm
"""

import abc
from typing import Any

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.module import Module
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import L2
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems._data import as_center, finite, positive


class ConvexSet(Module):
    """A set C with a nearest point and, at a point outside, a normal of C there that is a subgradient of the distance."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of its points."""

    @property
    @abc.abstractmethod
    def label(self) -> str: ...

    @abc.abstractmethod
    def knows(self, norm: Norm) -> bool:
        """Is there a nearest point in this norm?"""

    @abc.abstractmethod
    def nearest(self, x: Any, norm: Norm) -> Any:
        """A nearest point of C."""

    @abc.abstractmethod
    def member(self) -> np.ndarray:
        """Some point of C."""

    @abc.abstractmethod
    def cvxpy(self, z: Any) -> list:
        """The constraints z in C."""

    def normal(self, x: Any, norm: Norm) -> Any:
        """g in the subdifferential of the distance at x outside C: |g|_* = 1, <g, x - P(x)> = dist, g normal to C."""
        return norm.subgradient(x - self.nearest(x, norm))


class HalfSpace(ConvexSet):
    """HalfSpace(a, b) with a not zero."""

    a: Any
    b: Any

    def __init__(self, a, b: float = 0.0):
        self.a, self.b = as_center(a, "a"), finite(b, "b")
        if not self.a.any():
            raise InvalidArgument("a is zero, so the half-space is empty or everything.")

    label = "half-space"

    @property
    def shape(self):
        return self.a.shape

    def knows(self, norm):
        return True

    def nearest(self, x, norm):
        a = like(self.a, x)
        above = namespace(x).maximum((a * x).sum() - self.b, 0)
        return (x + (above / norm.dual._value(a)) * norm._lmo(a)).astype(x.dtype)

    def normal(self, x, norm):
        a = like(self.a, x)
        return a / norm.dual._value(a)

    def member(self):
        return self.a * (float(self.b) / float((self.a * self.a).sum()))

    def cvxpy(self, z):
        return [cvxpy().sum(cvxpy().multiply(self.a, z)) <= float(self.b)]


class Box(ConvexSet):
    """Box(low, high) with low <= high, finite arrays of one shape."""

    low: Any
    high: Any

    def __init__(self, low, high):
        self.low = as_center(low, "low")
        self.high = as_array(high, "high", self.low.shape)
        if (self.low > self.high).any():
            raise InvalidArgument("low exceeds high, so the box is empty.")

    label = "box"

    @property
    def shape(self):
        return self.low.shape

    def knows(self, norm):
        return norm.absolute or isinstance(plain(norm)[0], L2)

    def nearest(self, x, norm):
        return namespace(x).clip(x, like(self.low, x), like(self.high, x))

    def normal(self, x, norm):
        """Zero where the coordinate lies inside: the norm is absolute, so that is a subgradient too."""
        d = x - self.nearest(x, norm)
        return namespace(x).where(d != 0, norm.subgradient(d), 0.0 * d)

    def member(self):
        return 0.5 * self.low + 0.5 * self.high

    def cvxpy(self, z):
        return [z >= self.low, z <= self.high]


class NormBall(ConvexSet):
    """NormBall(norm, center, radius) with radius > 0."""

    norm: Norm
    center: Any
    radius: Any

    def __init__(self, norm: Norm, center, radius: float = 1.0):
        as_norm(norm)
        self.norm, self.center = norm, norm.prepare(as_center(center, "center"), "center")
        self.radius = positive(radius, "radius")

    @property
    def label(self):
        return f"{self.norm.name} ball"

    @property
    def shape(self):
        return self.center.shape

    def knows(self, norm):
        norm = plain(norm)[0]
        return isinstance(norm, L2) or same(norm, plain(self.norm)[0])

    def nearest(self, x, norm):
        xp, center = namespace(x), like(self.center, x)
        d = x - center
        size = self.norm._value(d)
        if isinstance(plain(norm)[0], L2):
            inside = self.norm._project(d, self.radius)
        else:
            inside = d * (self.radius / xp.where(size > 0, size, 1.0))
        return xp.where(size > self.radius, center + inside, x).astype(x.dtype)

    def normal(self, x, norm):
        if isinstance(plain(norm)[0], L2):
            return super().normal(x, norm)
        return norm.subgradient(x - like(self.center, x))

    def member(self):
        return np.array(self.center)

    def cvxpy(self, z):
        return [self.norm.cvxpy(z - self.center) <= float(self.radius)]


class Affine(ConvexSet):
    """Affine(A, b): { z : A z = b }, A of full row rank up to rounding, in the Euclidean norm."""

    A: Any
    b: Any
    rows: Any  # orthonormal basis of the row space
    point: Any

    def __init__(self, A, b):
        self.A = as_matrix(A, "A")
        self.b = as_array(b, "b", (self.A.shape[0],))
        u, s, vt = np.linalg.svd(self.A, full_matrices=False)
        if s[-1] <= 1e-12 * s[0] or self.A.shape[0] > self.A.shape[1]:
            raise InvalidArgument("A must have full row rank.")
        self.rows, self.point = vt, vt.T @ ((u.T @ self.b) / s)

    label = "affine subspace"

    @property
    def shape(self):
        return (self.A.shape[1],)

    def knows(self, norm):
        return isinstance(plain(norm)[0], L2)

    def nearest(self, x, norm):
        rows = like(self.rows, x)
        return x - rows.T @ (rows @ (x - like(self.point, x)))

    def member(self):
        return np.array(self.point)

    def cvxpy(self, z):
        return [self.A @ z == self.b]


__all__ = ["Affine", "Box", "ConvexSet", "HalfSpace", "NormBall"]
