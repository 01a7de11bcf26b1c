"""A homogeneous function of the plane with an uneven profile over the angles: star-convex, with a certified search.

f(z) = |z|_2^p (c + sin(m theta)), p >= 1, c > 1: f(l z) = l^p f(z) <= l f(z), so 0 is a star centre with f* = 0. For p = 2
it is smooth too, and mostly not convex.

Over a ball that does not contain 0 the minimum is on its side facing 0. The Euclidean ball is seen from 0 under the angles
|theta - theta_x| <= asin(t / |x|); on the ray of angle theta it begins at
r = |x| cos d - sqrt(t^2 - |x|^2 sin^2 d), d = theta - theta_x, and since f rises along rays the minimum over the ball is that
of F(theta) = r^p (c + sin(m theta)) over this interval: one-dimensional. With the substitution |x| sin d = t sin b,
b in [-pi/2, pi/2], F is smooth in b, and a branch and bound with the bound |F''| <= M proves the minimum.
"""

from typing import Any, ClassVar

import equinox as eqx
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.objective import Move
from broximal.problems._checks import as_array
from broximal.problems._data import dimension, finite
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Homogeneous(Problem):
    """Homogeneous(p=1.5, waves=5, level=1.2, x0=[3, 1]): |z|^p (level + sin(waves theta)) in the plane, level > 1, p >= 1.

    Exact over the Euclidean ball, on the host.
    """

    alias: ClassVar[str] = "homogeneous"

    start: Any
    p: float = eqx.field(static=True)
    waves: int = eqx.field(static=True)
    level: float = eqx.field(static=True)

    def __init__(self, p: float = 1.5, waves: int = 5, level: float = 1.2, x0=None):
        """Raises InvalidArgument."""
        self.p, self.waves = float(finite(p, "p", low=1.0)), dimension(waves, "waves")
        self.level = float(finite(level, "level", low=1.0, open_low=True))
        self.start = as_array([3.0, 1.0] if x0 is None else x0, "x0", (2,))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Homogeneous":
        """In the plane, whatever dim says."""
        return cls(x0=3 * np.random.default_rng(seed).standard_normal(2))

    @property
    def name(self) -> str:
        return f"|z|^{self.p:g}({self.level:g}+sin {self.waves} theta)"

    def _facts(self):
        return Facts(
            convex=False,
            star_convex=True,
            minimiser=lambda: np.zeros(2),
            unique=True,
            f_star=Known(0.0, 0.0, "f is non-negative and zero at zero"),
            growth=self.p,
        )

    def _polar(self, x):
        xp = namespace(x)
        return xp.sqrt((x * x).sum()), xp.arctan2(x[1], x[0])

    def value(self, x):
        r, theta = self._polar(x)
        return r**self.p * (self.level + namespace(x).sin(self.waves * theta))

    def gradient(self, x):
        xp = namespace(x)
        r, theta = self._polar(x)
        safe = xp.where(r > 0, r, 1.0)
        radial, around = xp.stack([x[0], x[1]]) / safe, xp.stack([-x[1], x[0]]) / safe
        wave = self.level + xp.sin(self.waves * theta)
        slope = self.waves * xp.cos(self.waves * theta)
        return xp.where(r > 0, safe ** (self.p - 1) * (self.p * wave * radial + slope * around), 0.0 * x)

    def rounding(self, x):
        r, _ = self._polar(x)
        return 16 * arrays.eps(x) * self.waves * r**self.p * (self.level + 1), 0.0

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if not isinstance(ball, L2):
            return None
        if not (arrays.is_concrete(x) and arrays.is_concrete(t)):
            raise InvalidArgument(
                "Homogeneous searches over angles on the host and cannot run under jit; call it outside."
            )
        xp, center, t = namespace(x), np.asarray(x, dtype=np.float64), float(t)
        size, theta = self._polar(center)
        if size <= t:
            return Move(xp.zeros_like(x), None, xp.zeros_like(x[0]))
        angle, low = self._search(float(size), float(theta), t)
        d = angle[0]
        r = size * np.cos(d) - t * np.cos(angle[1])
        point = r * np.array([np.cos(theta + d), np.sin(theta + d)])
        step = point - center
        point = center + step * min(1.0, t / float(np.linalg.norm(step)))
        return Move(xp.asarray(point, dtype=x.dtype), None, xp.asarray(low, dtype=x.dtype), "branch and bound")

    def _search(self, size: float, theta: float, t: float) -> tuple[tuple[float, float], float]:
        """((d, b), lower bound) of the best angle, by branch and bound on F with |F''| <= M on [-pi/2, pi/2] in b.

        In b: sin d = q sin b, q = t / size < 1, r = size cos d - t cos b. d' = q cos b / cos d, so |d'| <= 1 (cos^2 b q^2 <=
        1 - q^2 sin^2 b), |d''| <= 2 / cos d, and cos d >= sqrt(1 - q^2). M collects the chain and product rules.
        """
        q, p, m = t / size, self.p, self.waves
        steep = 1 / np.sqrt(max((1 - q) * (1 + q), 1e-300))
        second = 2 * steep
        r1 = size * (1 + q)
        r2 = size * (1 + second) + t
        top, bottom = size, size - t  # bounds of r
        power = max(top ** (p - 2), bottom ** (p - 2))
        a1, a2 = p * top ** (p - 1) * r1, p * abs(p - 1) * power * r1**2 + p * top ** (p - 1) * r2
        M = a2 * (self.level + 1) + 2 * a1 * m + top**p * (m * m + m * second)

        def parts(b):
            d = np.arcsin(np.clip(q * np.sin(b), -1, 1))
            return d, size * np.cos(d) - t * np.cos(b)

        def F(b):
            d, r = parts(b)
            return np.maximum(r, 0) ** p * (self.level + np.sin(m * (theta + d)))

        edges = np.linspace(-np.pi / 2, np.pi / 2, 513)
        left, width = edges[:-1], edges[1] - edges[0]
        values = F(edges)
        best = float(values.min())
        argbest = float(edges[np.argmin(values)])
        low = best
        for _ in range(60):
            ends = np.minimum(F(left), F(left + width))
            if ends.min() < best:
                best, argbest = (
                    float(ends.min()),
                    float(np.where(F(left) <= F(left + width), left, left + width)[ends.argmin()]),
                )
            bound = ends - M * width**2 / 8
            tolerance = 8 * np.finfo(float).eps * abs(best)
            low = float(min(bound.min(), best - tolerance))  # what was dropped is not below the latter
            if best - low <= tolerance:
                break
            keep = left[bound < best - tolerance]
            if keep.size > 200_000:
                break
            if keep.size == 0:
                low = best - tolerance
                break
            left, width = np.r_[keep, keep + width / 2], width / 2
        d, _ = parts(argbest)
        return (float(d), argbest), low

    @property
    def x0(self):
        return self.start

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        theta = norm.l2_bounds((2,)).theta
        value = (self.level - 1) / theta**self.p
        return Constant("kappa", value, "lower bound", "f >= (level - 1) |z|_2^p, over theta^p")

    def _l2_constant(self, name: str) -> Constant | None:
        """For p = 2, with phi = level + sin(m theta): the Hessian in polar coordinates is [[2 phi, phi'], [phi', 2 phi + phi'']].

        In s = sin(m theta) its eigenvalues are 2 level + (2 - m^2/2) s +- m sqrt(1 + (m^2/4 - 1) s^2). For m >= 2 the upper one
        is convex in s and the lower one concave, so both are extreme at s = +-1; for m = 1 the upper one increases up to 1.
        """
        if name != "L" or self.p != 2:
            return None
        value = 2 * self.level - 2 + max(self.waves**2, 4)
        return Constant("L", value, "exact", "largest eigenvalue of the Hessian over the angles")
