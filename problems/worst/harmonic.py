"""The unconditional rate (D_0 - t) / (D_0 + (K - 1) t) (f(x_0) - f*) attained with equality for every K, in l_inf.

f(z) = max_j W_j |z_j| on R^(K+1), x_0 = D_0 (1, .., 1), W_0 = 1, W_{k+1} = W_k (D_k - t) / (D_k + t), D_k = D_0 + k t.

Proof that equality holds. Claim: after k steps |x_k|_inf = D_k, the coordinates j >= k have size D_k, and
W_k D_k = f(x_k) is the largest term (the weights decrease). No point of the ball has a value below
s = W_k (D_k - t), the least value of term k, and every z with |z_j| <= s / W_j is a minimiser. The one farthest from
x* = 0 has |z_j| = min(|x_j| + t, s / W_j): coordinate k falls to D_k - t, and each later one rises to D_k + t since
W_j (D_k + t) <= W_{k+1} (D_k + t) = s. The subgradient W_k e_k is active and aligned. So the claim holds for k + 1, and
f(x_{k+1}) = (1 - t / D_k) f(x_k): every step attains the star form, while the distance grows by t. The factors
(D_0 + (k - 1) t) / (D_0 + k t) telescope. QED

With D_0 alone known, the dimension-free truth in general norms is therefore of order D_0 / (K t).
"""

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import LInf
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import dimension, positive
from broximal.problems._equivalence import ratio
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class Harmonic(Problem):
    """Harmonic(steps, radius=1, distance=3): attains the bound for K = 1 .. steps with this radius, 0 < radius < distance.

    `move` returns the minimiser of the l_inf ball that is farthest from the origin. `exact_weights`, `exact_points` hold
    the weights and the run in rational numbers. Raises InvalidArgument.
    """

    alias: ClassVar[str] = "harmonic"

    weights: Any
    start: Any
    radius: Any
    far: Any

    def __init__(self, steps: int, radius: float = 1.0, distance: float = 3.0):
        dimension(steps, "steps")
        self.radius, self.far = positive(radius, "radius"), positive(distance, "distance")
        if self.radius >= self.far:
            raise InvalidArgument(f"radius must be below distance = {self.far:g}, but is {self.radius:g}.")
        self.start = np.full(steps + 1, self.far)
        self.weights = np.array([float(w) for w in self.exact_weights])

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "Harmonic":
        return cls(max(dimension(dim) - 1, 1))

    @property
    def exact_weights(self) -> list[Fraction]:
        t, D, weights = Fraction(float(self.radius)), Fraction(float(self.far)), [Fraction(1)]
        for k in range(self.start.size - 1):
            weights.append(weights[-1] * (D + (k - 1) * t) / (D + (k + 1) * t))
        return weights

    @property
    def exact_points(self) -> list[list[Fraction]]:
        """x_0, .., x_steps in rational numbers, by the rule of the proof."""
        t, weights = Fraction(float(self.radius)), self.exact_weights
        points = [[Fraction(float(self.far))] * len(weights)]
        for _ in range(len(weights) - 1):
            x = points[-1]
            s = max(w * max(v - t, 0) for w, v in zip(weights, x, strict=True))
            points.append([min(v + t, s / w) for w, v in zip(weights, x, strict=True)])
        return points

    @property
    def name(self) -> str:
        return f"harmonic({self.start.size})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=lambda: np.zeros_like(self.start),
            unique=True,
            f_star=Known(0.0, 0.0, "a norm is zero at zero"),
            growth=1.0,
        )

    def value(self, x):
        xp = namespace(x)
        return (like(self.weights, x) * xp.abs(x)).max()

    def gradient(self, x):
        xp, w = namespace(x), like(self.weights, x)
        top = xp.argmax(w * xp.abs(x))
        return xp.where(xp.arange(x.size) == top, w * xp.sign(x), 0.0 * w)

    def cvxpy(self, z):
        return cvxpy().norm_inf(cvxpy().multiply(self.weights, z))

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        """The farthest minimiser over the l_inf ball; exact for every x and radius."""
        ball, t = plain(norm, radius)
        if not isinstance(ball, LInf):
            return None
        xp, w = namespace(x), like(self.weights, x)
        size = xp.abs(x)
        terms = w * xp.maximum(size - t, 0)
        top, s = xp.argmax(terms), terms.max()
        sign = xp.where(x < 0, -1.0, 1.0).astype(x.dtype)
        point = sign * xp.minimum(size + t, s / w)
        # The leading coordinate moves by exactly t; s / w would round it.
        leading = (xp.arange(x.size) == top) & (s > 0)
        point = xp.where(leading, sign * (size - t), point).astype(x.dtype)
        return Move(point, xp.where(leading, w * sign, 0.0 * w), s)

    @property
    def x0(self):
        return self.start

    def _constant_G(self, norm: Norm) -> Constant | None:
        value = max(float(norm.dual(unit)) for unit in np.diag(self.weights))
        return Constant("G", value, "exact", "the largest dual norm of a slope W_j e_j")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """max W_j |d_j| >= min W |d|_inf, attained at e_j of the smallest weight."""
        found = ratio(norm, LInf(), self.start.shape)
        kind = "exact" if isinstance(norm, LInf) else "lower bound"
        return Constant(
            "kappa", float(self.weights.min()) / found.value, kind, "the smallest weight, carried to the norm"
        )
