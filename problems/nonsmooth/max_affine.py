"""The maximum of finitely many affine functions: sharp minima, exact over the l1, l_inf and Euclidean balls."""

import functools
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import linprog

from broximal.oracles import arrays
from broximal.oracles.arrays import namespace
from broximal.oracles.brox import lp_max_affine
from broximal.oracles.brox.kinds import plain
from broximal.oracles.brox.program_max_affine import polyhedral
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, LInf, WeightedL1, WeightedLInf
from broximal.oracles.objective import Move
from broximal.problems._checks import as_array, as_matrix, like
from broximal.problems._data import as_start, dimension, finite
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem

EPS = float(np.finfo(np.float64).eps)
RATIONAL = 8  # dimensions in which the balance of the slopes is decided in rational numbers
FEW = 8  # dimensions in which cutting planes end over a polyhedron before cvxpy has written its program


class MaxAffine(Problem):
    """f(z) = level + max_i (<a_i, z - about> + b_i) on vectors of length n, with m pieces (m, n up to a few hundred).

    The minimum is found by a linear program when the problem is built, unless `about` is given as a minimiser: then the
    largest b_i is zero and f - f* carries no cancellation. Brox over (weighted) l1 and l_inf is a linear program too, over
    the Euclidean ball an active-set method, over other polyhedra a linear program that cvxpy writes; the dual weights w
    give the aligned subgradient A'w and the lower bound <A'w, x> + <b, w> - t |A'w|_*. These run on the host.
    """

    alias: ClassVar[str] = "max_affine"

    A: Any
    b: Any
    about: Any
    level: Any
    start: Any
    weights: Any  # simplex weights w with A'w = 0 on the active pieces of `about`: it is a minimiser; None: unbounded
    blur: Any  # rounding error of the level, where a linear program found it

    def __init__(self, A, b=None, x0=None, *, about=None, offset=0.0):
        """A (m, n), b (m,), x0 (n,), default 0.

        With `about` (n,), f(z) = offset + max_i (<a_i, z - about> + b_i - max b), and `about` must be a minimiser.
        Raises InvalidArgument, also if it is not.
        """
        self.A = as_matrix(A, "A")
        m, n = self.A.shape
        b = np.zeros(m) if b is None else as_array(b, "b", (m,))
        given = about is not None
        if given:
            about, level, b = as_array(about, "about", (n,)), finite(offset, "offset"), b - b.max()
        else:
            found = lp_max_affine.everywhere(self.A, b)
            about = np.zeros(n) if found is None else found.step
            values = self.A @ about + b
            level = finite(offset, "offset") + (0.0 if found is None else values.max())
            b = b if found is None else values - values.max()
            blur = 64 * EPS * float((np.abs(self.A) @ np.abs(about)).max() + np.abs(level))
            if found is not None:  # what agrees up to rounding is active
                noise = 64 * EPS * (np.abs(self.A) @ np.abs(about) + np.abs(values).max())
                b = np.where(b > -noise, 0.0, b)
        self.about, self.level, self.b, self.blur = about, np.float64(level), b, np.float64(0.0 if given else blur)
        self.weights = _balance(self.A, b == 0) if given or found is not None else None
        if given and self.weights is None:
            raise InvalidArgument("about is not a minimiser: no convex combination of its active slopes is zero.")
        if not given and found is not None and self.weights is None:
            raise InvalidArgument("A and b have a minimum that no linear program locates up to rounding.")
        self.start = as_start(x0, np.zeros(n))

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "MaxAffine":
        """3 dim pieces, about two thirds of them active at the unique minimiser."""
        rng, dim = np.random.default_rng(seed), dimension(dim)
        active = 2 * dim
        A = rng.standard_normal((active, dim))
        A[-1] = -A[:-1].T @ rng.uniform(0.2, 1.0, active - 1)  # zero lies inside their convex hull
        A[-1] *= np.sqrt(dim) / max(float(np.linalg.norm(A[-1])), 1e-9)
        other = rng.standard_normal((dim, dim))
        b = np.r_[np.zeros(active), -rng.uniform(0.1, 1.0, dim)]
        about = rng.standard_normal(dim)
        return cls(np.r_[A, other], b, about + 3 * rng.standard_normal(dim), about=about)

    @property
    def sharp(self) -> bool:
        """Does f grow linearly around a single minimiser? Linear programs find out when this is asked for."""
        return self.weights is not None and _sharpness(self.A[self.b == 0].tobytes(), self.A.shape[1]) > 1e-9

    @property
    def name(self) -> str:
        return f"max of {self.A.shape[0]} affine({self.A.shape[1]})"

    def _facts(self):
        return Facts(
            convex=True,
            minimiser=lambda: None if self.weights is None else self.about,
            unique=lambda: self.sharp,
            f_star=self._f_star,
            growth=lambda: 1.0 if self.sharp else None,
        )

    def _values(self, x):
        return like(self.A, x) @ (x - like(self.about, x)) + like(self.b, x)

    def value(self, x):
        return like(self.level, x) + self._values(x).max()

    def gradient(self, x):
        """The slope of the first largest piece; at the minimiser that is known, the zero subgradient."""
        xp, values = namespace(x), self._values(x)
        slope = like(self.A, x)[xp.argmax(values)]
        if self.weights is None:
            return slope
        return xp.where((x == like(self.about, x)).all(), xp.zeros_like(slope), slope)

    def rounding(self, x):
        xp = namespace(x)
        d = x - like(self.about, x)
        size = (xp.abs(like(self.A, x)) @ (xp.abs(d) + xp.abs(x)) + xp.abs(like(self.b, x))).max()
        steepest = xp.sqrt((like(self.A, x) ** 2).sum(axis=1).max())
        return 2 * arrays.eps(x) * size, 2 * arrays.eps(x) * steepest

    def cvxpy(self, z):
        return cvxpy().max(self.A @ (z - self.about) + self.b) + float(self.level)

    def move(self, norm: Norm, x: Any, radius: Any) -> Move | None:
        ball, reach = plain(norm, radius)
        standard = isinstance(ball, L1 | L2 | LInf | WeightedL1 | WeightedLInf)
        if not standard and x.size <= FEW:
            return None
        if not (arrays.is_concrete(x) and arrays.is_concrete(radius)):
            raise InvalidArgument(
                "MaxAffine runs linear programs on the host and cannot run under jit; call it outside."
            )
        center = np.asarray(x, dtype=np.float64)
        c, reach = self._values(center), float(reach)
        if not standard:
            found, path = polyhedral(self.A, c, ball, reach), "lp"
            if found is None:
                return None
        elif isinstance(ball, L2):
            found, path = lp_max_affine.euclidean_ball(self.A, c, reach), "active set"
        else:
            weights = np.asarray(getattr(ball, "weights", np.ones(center.shape)), dtype=np.float64)
            solver = lp_max_affine.box if isinstance(ball, LInf | WeightedLInf) else lp_max_affine.cross_polytope
            found, path = solver(self.A, c, reach / weights), "lp"
        point, g = like(center + found.step, x), like(self.A.T @ found.weights, x)
        return Move(point, g, like(np.float64(self.level + found.lower), x), path, found.iterations)

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        if self.weights is None:
            raise MissingConstant(f"{self.name} is unbounded below, so inf f is not a number.")
        error = EPS * abs(float(self.level)) + float(self.blur)
        if not (self.A.shape[1] <= RATIONAL and _balances_exactly(self.A[self.weights > 0])):
            defect = float(np.abs(self.A.T @ self.weights).sum())
            error += defect * (1 + float(np.abs(self.start - self.about).max()))
        return Known(float(self.level), error, "the active slopes balance with the dual weights of a linear program")

    def gap(self, x):
        """f - f*, without the cancellation of the level."""
        self.f_star  # noqa: B018
        return self._values(x).max()

    def _constant_G(self, norm: Norm) -> Constant | None:
        """An extreme point of the hull of the slopes has the largest dual norm, and far out it is the active one."""
        value = max(float(norm.dual(a)) for a in self.A)
        return Constant("G", value, "exact", "the largest dual norm of a slope")

    def _constant_kappa(self, norm: Norm) -> Constant | None:
        """min over unit directions of the largest active slope; exact for l_inf (a linear program for every face)."""
        if not self.sharp:
            return None
        n = self.A.shape[1]
        kappa = _sharpness(self.A[self.b == 0].tobytes(), n)
        if isinstance(norm, LInf):
            return Constant("kappa", kappa, "exact", "linear programs over the faces of the cube")
        size = float(norm(np.ones(n))) if norm.absolute else norm.l2_bounds((n,)).theta * np.sqrt(n)
        return Constant("kappa", kappa / size, "lower bound", "kappa in l_inf over the largest norm on the cube")


def _balance(A: np.ndarray, active: np.ndarray) -> np.ndarray | None:
    """Simplex weights on the active rows whose combination is zero, or None."""
    from scipy.optimize import nnls

    B = A[active]
    scale = float(np.abs(B).max()) or 1.0
    E = np.r_[B.T / scale, np.ones((1, len(B)))]
    w, rest = nnls(E, np.r_[np.zeros(A.shape[1]), 1.0], maxiter=200 * len(B))
    if rest > 1e-10:
        return None
    weights = np.zeros(len(A))
    weights[active] = w / w.sum()
    return weights


def _balances_exactly(rows: np.ndarray) -> bool:
    """Is zero exactly a convex combination of these rows, which are as independent as those of a vertex?"""
    system = [[Fraction(float(v)) for v in column] + [Fraction(0)] for column in rows.T]
    system.append([Fraction(1)] * (len(rows) + 1))
    for j in range(len(rows)):
        pivot = next((i for i in range(j, len(system)) if system[i][j]), None)
        if pivot is None:
            return False
        system[j], system[pivot] = system[pivot], system[j]
        lead = system[j] = [v / system[j][j] for v in system[j]]
        for i, row in enumerate(system):
            if i != j and row[j]:
                system[i] = [v - row[j] * u for v, u in zip(row, lead, strict=True)]
    weights, rest = [row[-1] for row in system[: len(rows)]], [row[-1] for row in system[len(rows) :]]
    return min(weights) >= 0 and not any(rest)


@functools.lru_cache(maxsize=256)
def _sharpness(slopes: bytes, n: int) -> float:
    """min over |d|_inf = 1 of max_i <a_i, d>: one linear program for each of the 2n faces."""
    B = np.frombuffer(slopes).reshape(-1, n)
    scale = float(np.abs(B).max()) or 1.0
    best = np.inf
    for i in range(n):
        for sign in (-1.0, 1.0):
            bounds = [(-1.0, 1.0)] * n + [(None, None)]
            bounds[i] = (sign, sign)
            found = linprog(
                np.r_[np.zeros(n), 1.0],
                A_ub=np.c_[B / scale, -np.ones(len(B))],
                b_ub=np.zeros(len(B)),
                bounds=bounds,
                method="highs",
            )
            best = min(best, float(found.fun))
    return max(best, 0.0) * scale * (1 - 1e-12)
