"""Exponentially many steps in a fixed polyhedral norm although every iterate is within 3 t / 2 of the minimiser.

Take sign vectors e_0, .., e_N in {-1, 1}^d, 3 | d, consecutive ones differing in exactly d / 3 entries, all other pairs in
more. With a_i = 3 e_i / d the norm is |z| = max_i |<a_i, z>|, the run x_k = e_k, the minimiser 0 and

    f(z) = max(0, max_k F_{k+1} + c_k (<a_k, z> - 1)),    F_N = 1,  c_k = F_{k+1} / c,  F_k = F_{k+1} + 2 c_k,

where c <= 1 is the smallest value of 1 - <a_i, e_j> over |i - j| > 1. Then x_0 -> x_1 -> .. -> x_N is a run of radius t = 2.

Proof. <a_k, e_k> = 3 and <a_k, e_{k+1}> = 1, while <a_i, e_j> <= 1 - c for |i - j| > 1. For every i, |<a_i, e_k - e_{k+1}>|
<= (3 / d) 2 (d / 3) = 2 since d / 3 entries change by 2; with equality for i = k, so |x_k - x_{k+1}| = 2 = t. Also
|e_k| = 3: no <a_i, e_k> exceeds 3. At x_{k+1} piece k has the value F_{k+1}, piece k + 1 has F_{k+2} + 2 c_{k+1} = F_{k+1},
piece k + 2 has F_{k+3}, and any other piece i has F_{i+1} + c_i (<a_i, x_{k+1}> - 1) <= F_{i+1} - c_i c = 0. So
f(x_{k+1}) = F_{k+1}, piece k is active there, its slope has |c_k a_k|_* = c_k (a_k is an atom of the dual ball, and
<a_k, e_k> / |e_k| = 1) and <c_k a_k, x_k - x_{k+1}> = 2 c_k = t |c_k a_k|_*: it is aligned, and x_{k+1} a minimiser over the
ball. f(0) = 0 = f*, since F_{k+1} - c_k <= 0. As f(x_N) = 1 > 0, more than N steps are made. QED

D_0 = max_k |x_k| = 3 = 1.5 t throughout. Random choices of the changing entries satisfy the distances with high probability
for N exponential in d (Hoeffding), so that a bound like (1 + 2 R / t)^d is of the right type. (A variant, with random
unit vectors, is the usual packing argument; sign vectors make everything exact in integers.)
"""

from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms.polyhedral import MaxAbsLinear
from broximal.oracles.numerals import number_of
from broximal.oracles.objective import Move
from broximal.problems._checks import like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem


class PolyhedralPacking(Problem):
    """PolyhedralPacking(d=24, seed=0, limit=60): `steps` moves of radius 2 in `norm` with all iterates at distance 3.

    d is a multiple of 3; vectors are added greedily at random until none fits or `limit` is reached. `vectors` (N + 1, d)
    are the iterates, `exact_levels` the values F_0, .., F_N as integers or fractions. Raises InvalidArgument.
    """

    alias: ClassVar[str] = "polyhedral_packing"

    vectors: Any
    slopes: Any
    constants: Any
    norm: Norm

    def __init__(self, d: int = 24, seed: int = 0, limit: int = 60):
        if dimension(d, "d", 6) % 3:
            raise InvalidArgument(f"d must be a multiple of 3, but is {d}.")
        dimension(limit, "limit", 2)
        self.vectors = _pack(d, seed, limit)
        a = self.vectors * (3.0 / d)
        levels, rises = self.exact_levels, self.exact_rises
        if len(levels) > 200:
            raise InvalidArgument("limit must be at most 200: the values grow geometrically.")
        self.slopes = np.array([float(c) for c in rises])[:, None] * a[:-1]
        self.constants = np.array([float(f - c) for f, c in zip(levels[1:], rises, strict=True)])
        self.norm = MaxAbsLinear(_spanning(a))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "PolyhedralPacking":
        return cls(max(6, 3 * (dimension(dim) // 3)), seed)

    @property
    def steps(self) -> int:
        """The number of moves that are claimed; the last point is not yet optimal."""
        return len(self.vectors) - 1

    @property
    def exact_margin(self) -> Fraction:
        """c: the smallest 1 - <a_i, e_j> over |i - j| > 1, at most 1."""
        d = self.vectors.shape[1]
        gram = np.rint(self.vectors @ self.vectors.T).astype(int)
        i, j = np.indices(gram.shape)
        far = abs(i - j) > 1
        largest = int(gram[far].max()) if far.any() else 0
        return min(Fraction(1), 1 - Fraction(3 * largest, d))

    @property
    def exact_levels(self) -> list[Fraction]:
        """F_0, .., F_N."""
        growth, levels = 1 + 2 / self.exact_margin, [Fraction(1)]
        for _ in range(self.steps):
            levels.append(levels[-1] * growth)
        return levels[::-1]

    @property
    def exact_rises(self) -> list[Fraction]:
        """c_0, .., c_{N-1}."""
        return [level / self.exact_margin for level in self.exact_levels[1:]]

    @property
    def name(self) -> str:
        return f"polyhedral packing({self.vectors.shape[1]}, {number_of(self.steps, 'step')})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=lambda: np.zeros(self.vectors.shape[1]),
            f_star=Known(0.0, 0.0, "f is non-negative and zero at zero"),
        )

    def _pieces(self, x):
        return like(self.slopes, x) @ x + like(self.constants, x)

    def value(self, x):
        return namespace(x).maximum(self._pieces(x).max(), 0.0)

    def gradient(self, x):
        xp, pieces = namespace(x), self._pieces(x)
        return xp.where(pieces.max() > 0, like(self.slopes, x)[xp.argmax(pieces)], 0.0 * x)

    def rounding(self, x):
        """Of the pieces near the largest one; the others are smaller by factors."""
        slope = self.gradient(x)
        return 16 * arrays.eps(x) * (namespace(x).abs(slope) @ namespace(x).abs(x)), 0.0

    def cvxpy(self, z):
        return cvxpy().maximum(cvxpy().max(self.slopes @ z + self.constants), 0)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        """From x_k with radius 2 in the norm of the instance: x_{k+1}; None elsewhere."""
        ball, t = plain(norm, radius)
        if not (same(ball, self.norm) and arrays.is_concrete(x) and arrays.is_concrete(t) and float(t) == 2.0):
            return None
        at = np.flatnonzero((self.vectors == np.asarray(x)).all(axis=1))
        if not at.size or at[0] == self.steps:
            return None
        k = int(at[0])
        level = np.float64(float(self.exact_levels[k + 1]))
        point, g = like(self.vectors[k + 1], x), like(self.slopes[k], x)
        return Move(point, g, like(level, x))

    @property
    def x0(self):
        return np.array(self.vectors[0])

    def _constant_G(self, norm: Norm) -> Constant | None:
        value = max(float(norm.dual(g)) for g in self.slopes)
        return Constant("G", value, "upper bound", "the largest dual norm of a slope")


def _pack(d: int, seed: int, limit: int) -> np.ndarray:
    """Sign vectors: consecutive ones differ in d / 3 entries, others in more; greedy with random restarts."""
    rng, flips = np.random.default_rng(seed), d // 3
    found = [np.ones(d)]
    for _ in range(4000):
        new = found[-1].copy()
        new[rng.choice(d, flips, replace=False)] *= -1
        if len(found) == 1 or max(float(new @ old) for old in found[:-1]) < d - 2 * flips:
            found.append(new)
            if len(found) > limit:
                break
    return np.array(found)


def _spanning(a: np.ndarray) -> np.ndarray:
    """The rows, and small multiples of the unit vectors if they do not span the space.

    A row delta e_i with delta = 1 changes no length of an iterate or of a step: their entries are at most 1 and 2.
    """
    d = a.shape[1]
    return a if np.linalg.matrix_rank(a) == d else np.r_[a, np.eye(d)]
