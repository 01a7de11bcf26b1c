"""weight |z| + |z - c|_2^2 / 2 in any norm: the problem that a proximal operator solves, itself solved by proximal steps.

prox_{gamma f}(x) = prox_{s weight |.|}((x + gamma c) / (1 + gamma)) with s = gamma / (1 + gamma), so the Euclidean
broximal point is the one whose length |x - prox_{gamma f}(x)| is the radius (`broximal.oracles.brox.level_set`).
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox import separable
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.level_set import proximal_step
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.norms import L1, L2, LInf, Lp, WeightedL1, WeightedLInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import as_center, as_start, dimension, positive
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Regularised(Problem):
    """f(z) = weight |z| + |z - center|_2^2 / 2, strongly convex, not smooth; structured over the Euclidean ball.

    With the l1 norm it is a sum over the entries, structured over (weighted) l1 and l_inf and lp balls too.

    The minimiser is prox_{weight |.|}(center), so the projection onto the dual ball must be exact.
    """

    alias: ClassVar[str] = "regularised"

    center: Any
    norm: Norm
    weight: Any
    start: Any
    solution: Any

    def __init__(self, center, norm: Norm | None = None, weight: float = 1.0, x0=None):
        """center an array, norm (default l1) a norm on its shape, weight > 0, x0 (default center). Raises InvalidArgument."""
        norm = L1() if norm is None else norm
        as_norm(norm)
        self.center = norm.prepare(as_center(center, "center"), "center")
        self.norm, self.weight = norm, positive(weight, "weight")
        self.start = as_start(x0, self.center)
        self.solution = norm.prox(self.center, float(self.weight))

    @classmethod
    def example(cls, dim: int, seed: int = 0, norm: Norm | None = None) -> "Regularised":
        rng = np.random.default_rng(seed)
        return cls(2 * rng.standard_normal(dimension(dim)), norm, 0.5, 3 * rng.standard_normal(dim))

    @property
    def name(self) -> str:
        return f"{self.norm.name} regularised({self.center.size})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=self.solution,
            unique=True,
            f_star=self._f_star,
        )

    def value(self, x):
        d = x - like(self.center, x)
        return like(self.weight, x) * self.norm._value(x) + 0.5 * (d * d).sum()

    def gradient(self, x):
        xp, d = namespace(x), x - like(self.center, x)
        zero = xp.clip(-d, -like(self.weight, x), like(self.weight, x)) if isinstance(self.norm, L1) else 0.0 * d
        slope = xp.where(xp.any(x != 0), like(self.weight, x) * self.norm.subgradient(x), zero)
        return d + slope

    def minorant(self, u, g):
        """The square's gradient is d = u - center; what g has beside it is brought to the face of the dual ball at u.

        h is in weight d|u| if and only if h = P(h + u), P the projection onto the dual ball of radius `weight`; of an h
        that is off by a little, P(h + u) is off by its square.
        """
        xp, d, weight = namespace(u), u - like(self.center, u), like(self.weight, u)
        h = self.norm.dual._project(g - d + u, weight)
        size = self.norm.dual._value(h) / weight
        h = h / xp.where(size > 1, size, 1.0).astype(u.dtype)
        return h + d, weight * self.norm._value(u) - (h * u).sum()

    def cvxpy(self, z):
        return float(self.weight) * self.norm.cvxpy(z) + cvxpy().sum_squares(z - self.center) / 2

    def prox(self, x: Any, gamma: Any) -> Any:
        """argmin f(z) + |z - x|_2^2 / (2 gamma)."""
        share = gamma / (1 + gamma)
        base = x + share * (like(self.center, x) - x)
        return base - self.norm.dual._project(base, share * like(self.weight, x))

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, t = plain(norm, radius)
        if isinstance(self.norm, L1) and isinstance(ball, L1 | LInf | Lp | WeightedL1 | WeightedLInf):
            return self._separable(ball, x, t)
        if not isinstance(ball, L2):
            return None
        xp, solution = namespace(x), like(self.solution, x)
        distance = arrays.l2(x - solution)
        inside = distance <= t
        t = xp.asarray(t, dtype=x.dtype)
        if xp is np and inside:
            return Move(solution, 0.0 * solution)
        # |x - u| = gamma |g| with |g| <= |grad f(x)|; and |x - u| >= |x - x*| gamma / (1 + gamma), as f is 1-strongly convex.
        slope = arrays.l2(self.gradient(x))
        low = 0.5 * t / xp.where(slope > 0, slope, 1.0)
        high = 2 * t / xp.where(inside, 1.0, xp.maximum(distance - t, arrays.eps(x) * t))
        point, gamma = proximal_step(lambda g: self.prox(x, g), x, t, xp.minimum(low, high), high)
        point = xp.where(inside, solution, point).astype(x.dtype)
        g = xp.where(inside, 0.0, (x - point) / gamma).astype(x.dtype)
        return Move(point, g, path="proximal")

    def _separable(self, ball: Norm, x: Any, t: Any) -> Move:
        """l1 is a sum over the entries: solved one by one over boxes, by one multiplier over (weighted) l1 and lp."""
        xp, target, c, w = namespace(x), like(self.solution, x), like(self.center, x), like(self.weight, x)
        scale = like(getattr(ball, "weights", np.float64(1.0)), x)
        if isinstance(ball, LInf | WeightedLInf):
            point = xp.clip(target, x - t / scale, x + t / scale)
            d = point - c
            left, right = d + xp.where(point > 0, w, -w), d + xp.where(point < 0, -w, w)
            return Move(point, xp.clip(0.0 * d, left, right), path="closed form")

        def slopes(v):
            z = v / scale
            return (z - c + xp.where(z > 0, w, -w)) / scale, (z - c + xp.where(z < 0, -w, w)) / scale

        def between(s):
            """The minimiser of w |z| + (z - c)^2 / 2 + s scale |z - x|, whose slopes change at 0 and at x."""
            low, high, s = xp.minimum(x, 0.0), xp.maximum(x, 0.0), s * scale
            middle = c - xp.where(x > 0, w - s, s - w)
            return scale * xp.minimum(c + w + s, xp.maximum(low, xp.minimum(middle, xp.maximum(high, c - w - s))))

        p, best = (1.0, between) if isinstance(ball, L1 | WeightedL1) else (ball.p, None)
        found = separable.convex_ball(slopes, (np.float64(0.0),), scale * x, scale * target, p, t, best)
        point = xp.where(found.resting, found.point / scale, x + found.step / scale)
        return Move(point, scale * found.subgradient, path="multiplier")

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        value = float(self.value(self.solution))
        rest = self.center - self.solution  # the projection onto the dual ball: <rest, z> <= weight |z|
        lower = float((rest * self.solution).sum()) + 0.5 * float((rest * rest).sum())
        scale = max(1.0, float(self.norm.dual(rest)) / float(self.weight)) - 1.0
        error = float(abs(value - lower) + scale * abs(value)) + 8 * np.finfo(float).eps * abs(value)
        return Known(value, float(error), "value at the proximal point of the center, and its dual")

    def _constant_mu(self, norm: Norm) -> Constant | None:
        """A norm is linear on rays, so the square alone is strongly convex; exact in the Euclidean norm."""
        return self._from_l2("mu", norm)

    def _constant_L(self, norm: Norm) -> Constant | None:
        return None

    def _l2_constant(self, name: str) -> Constant | None:
        return Constant("mu", 1.0, "exact", "the square; a norm is linear on rays") if name == "mu" else None
