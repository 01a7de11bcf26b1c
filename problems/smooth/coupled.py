"""Quadratics whose layers are coupled: smooth layer by layer only with a matrix of constants.

f(X) = <x - b, H (x - b)> / 2, x the entries of all layers one after the other, H symmetric and positive semidefinite.
|grad_i f(X) - grad_i f(Y)|_i* = |sum_j H_ij (x_j - y_j)|_i* <= sum_j L_ij |x_j - y_j|_j with
L_ij = sup { |H_ij x|_i* : |x|_j <= 1 }: the spectral norm of H_ij between l2 layers, the largest entry between l1 layers,
at most the sum of the entries' sizes between l_inf layers, and at most rho_i rho_j |H_ij|_2 in general.
"""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers, shape_of, unscaled
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Product
from broximal.problems._checks import as_symmetric, like
from broximal.problems._data import dimension
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.smoothness import Smoothness


class CoupledQuadratic(Problem):
    """<x - b, H (x - b)> / 2 over the layers of a pytree, with minimum 0 at b."""

    alias: ClassVar[str] = "coupled"
    H: Any
    b: Any
    start: Any

    def __init__(self, H, b, x0):
        """H (n, n) positive semidefinite, b and x0 pytrees of arrays with n entries in all. Raises InvalidArgument."""
        self.H = as_symmetric(H, "H")
        w = np.linalg.eigvalsh(self.H)
        if w[0] < -1e-12 * max(w[-1], 1e-300):
            raise InvalidArgument(f"H has the negative eigenvalue {w[0]:.3g}.")
        self.b, self.start = (jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), tree) for tree in (b, x0))
        if jax.tree.map(np.shape, self.b) != jax.tree.map(np.shape, self.start):
            raise InvalidArgument("b and x0 must have the same layers.")
        if sum(leaf.size for leaf in jax.tree.leaves(self.b)) != len(self.H):
            raise InvalidArgument(f"b must have as many entries as H has rows ({len(self.H)}).")

    @classmethod
    def example(cls, dim: int, seed: int = 0, correlation: float = 0.6) -> "CoupledQuadratic":
        """Two layers of about half the entries each, every pair of them correlated."""
        n = max(dimension(dim), 2)
        rng = np.random.default_rng(seed)
        A = rng.standard_normal((n, n)) / np.sqrt(n)
        H = (1 - correlation) * A @ A.T + correlation * np.ones((n, n)) / n + 0.1 * np.eye(n)
        cut = n // 2
        b, x0 = rng.standard_normal(n), 2 * rng.standard_normal(n)
        return cls(H, [b[:cut], b[cut:]], [x0[:cut], x0[cut:]])

    @property
    def name(self) -> str:
        sizes = ", ".join("x".join(map(str, leaf.shape)) for leaf in jax.tree.leaves(self.b))
        return f"coupled quadratic({sizes})"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=self.b,
            unique=self._unique_minimiser,
            f_star=Known(0.0, 0.0, "a positive semidefinite form at 0"),
        )

    @property
    def x0(self):
        return self.start

    def _unique_minimiser(self) -> bool:
        w = np.linalg.eigvalsh(self.H)
        return bool(w[0] > 1e-12 * w[-1])

    def _flat(self, x: Any) -> Any:
        leaves = [leaf.reshape(-1) for leaf in jax.tree.leaves(jax.tree.map(lambda a, b: a - like(b, a), x, self.b))]
        return namespace(*leaves).concatenate(leaves)

    def value(self, x):
        d = self._flat(x)
        return d @ (like(self.H, d) @ d) / 2

    def gradient(self, x):
        d = self._flat(x)
        flat, place = like(self.H, d) @ d, 0
        leaves, structure = jax.tree.flatten(x)
        parts = []
        for leaf in leaves:
            parts.append(flat[place : place + leaf.size].reshape(leaf.shape))
            place += leaf.size
        return jax.tree.unflatten(structure, parts)

    def _l2_constant(self, name):
        w = np.linalg.eigvalsh(self.H)
        value = max(float(w[-1 if name == "L" else 0]), 0.0)
        return Constant(name, value, "exact", "extreme eigenvalue of H") if name in ("L", "mu") else None

    def _constant_PL(self, norm):
        """|grad|_2^2 >= 2 lambda f over the range of H, and every dual norm dominates |.|_2 / theta."""
        w = np.linalg.eigvalsh(self.H)
        if not w[-1] > 0:  # f is constant
            return None
        positive = float(w[w > 1e-12 * w[-1]].min())
        split = Layers(norm)
        shapes = [shape_of(part) for part in split.split(self.start)]
        theta = max(part.l2_bounds(shape).theta for part, shape in zip(split.norms, shapes, strict=True))
        return Constant("PL", positive / theta**2, "lower bound", "least positive eigenvalue of H over theta^2")

    def block(self, norm: Norm, i: int, j: int) -> float:
        """L_ij between two layers of this norm; see the module."""
        split = Layers(norm)
        parts = split.split(self.start)
        sizes = np.cumsum([0, *(sum(leaf.size for leaf in jax.tree.leaves(part)) for part in parts)])
        B = self.H[sizes[i] : sizes[i + 1], sizes[j] : sizes[j + 1]]
        (first, c), (second, d) = (unscaled(split.norms[at], shape_of(parts[at])) for at in (i, j))
        if isinstance(first, L1) and isinstance(second, L1):
            found = float(np.abs(B).max())
        elif isinstance(first, LInf) and isinstance(second, LInf):
            found = float(np.abs(B).sum())
        else:
            rho = [
                1.0 if isinstance(base, (L2, Frobenius)) else base.l2_bounds(shape_of(parts[at])).rho
                for base, at in ((first, i), (second, j))
            ]
            found = float(np.linalg.norm(B, 2)) * rho[0] * rho[1]
        return found / (c * d)

    def smoothness(self, norm):
        count = Layers(norm).count
        if count == 1 and not isinstance(norm, Product):
            return super().smoothness(norm)
        matrix = [[self.block(norm, i, j) for j in range(count)] for i in range(count)]
        return (Smoothness.coupled(matrix, "norms of the blocks of H"),)
