"""A bounded network with two trained layers and logistic loss: nonconvex, coupled, and smooth with constants from the data.

f(W, v) = mean_n log(1 + exp(-y_n s_n)),  s = c sum_k tanh(v_k) tanh(<w_k, z>),  W (h, d), v (h,).

A2, with (E, e) a direction, T = max |tanh''| = 4 / (3 sqrt 3), and for layer norms |.|_W and |.|_v

    p1 = sup { |E z|_1 : |E|_W <= 1 },  p2 = sup { |E z|_2^2 },  q1 = sup { |e|_1 : |e|_v <= 1 },  q2 = sup { |e|_2^2 }:

    L_WW = mean c^2 p1^2 / 4 + c T p2,   L_vv = c^2 q1^2 / 4 + c T q2,   L_Wv = mean c^2 p1 q1 / 4 + c min(p1, sqrt(p2 q2)).

Proof: |tanh|, |tanh'| <= 1 and |l'| <= 1, l'' <= 1/4 for the loss l. So |ds[E]| <= c |E z|_1, |ds[e]| <= c |e|_1,
|d2s[E, E']| <= c T sum |E_k z| |E'_k z| <= c T |E z|_2 |E' z|_2, in the same way for v, and d2s[E, e] <= c sum |E_k z| |e_k|,
which is at most c |E z|_1 max |e_k| and c |E z|_2 |e|_2; d2f = mean l'' ds ds + l' d2s; integrate along the segment. (The
first of the two needs max |e_k| <= |e|_v, as in all lp norms; otherwise it is left out.)

The suprema: |E z|_2 <= rho |z|_2 and |E z|_1 <= sqrt h |E z|_2 with rho = max |.|_2 / |.|_W, which for the spectral norm
(rho replaced by 1, as |E z|_2 <= |E| |z|_2) and the Frobenius norm is p1 = sqrt h |z|_2, p2 = |z|_2^2; for the largest entry
p1 = h |z|_1, p2 = h |z|_1^2. For v: q1 = h, q2 = h in l_inf, q1 = sqrt h, q2 = 1 in l2, q1 = q2 = 1 in l1.

inf f is not known. |s| < c h, so every loss exceeds log(1 + e^(-c h)): `lower`.
"""

from typing import Any, ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers, unscaled
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, Frobenius, LInf, Lp, Spectral
from broximal.oracles.numerals import number_of
from broximal.problems._checks import as_array, like
from broximal.problems._data import dimension, positive
from broximal.problems.constant import Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.regression import data
from broximal.problems.smoothness import Smoothness

BEND = 4 / (3 * np.sqrt(3.0))  # max |tanh''|


class TwoLayerNetwork(Problem):
    """The loss above on [W, v]; `samples` are the rows y_n and z_n of the data."""

    alias: ClassVar[str] = "two_layer_network"
    features: Any
    labels: Any
    scale: Any
    start: Any

    def __init__(self, X, y, x0, scale=1.0):
        """X (N, d), y (N,) with two values, the larger one counts as +1, x0 = [W, v] of shapes (h, d) and (h,).

        Raises InvalidArgument.
        """
        X, y = data.check(X, y)
        labels = np.unique(y)
        if labels.size != 2:
            raise InvalidArgument(f"y has {number_of(labels.size, 'class')}; the network separates two.")
        self.features, self.labels = X, np.where(y == labels[1], 1.0, -1.0)
        if not isinstance(x0, (list, tuple)) or len(x0) != 2 or np.ndim(x0[1]) != 1:
            raise InvalidArgument("x0 must be a list [W, v] of a matrix and a vector.")
        h = len(x0[1])
        self.start = [as_array(x0[0], "x0[0]", (h, X.shape[1])), as_array(x0[1], "x0[1]", (h,))]
        self.scale = positive(scale, "scale")

    @classmethod
    def example(cls, dim: int, seed: int = 0, hidden: int = 3) -> "TwoLayerNetwork":
        """Labels of a random network of `hidden` units, one in ten of them flipped; samples of length about 1."""
        d, h = dimension(dim), dimension(hidden, "hidden")
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((12 * h, d)) / np.sqrt(d)
        teacher = np.tanh(3 * X @ rng.standard_normal((d, h))) @ rng.standard_normal(h)
        y = np.where(teacher > np.median(teacher), 1.0, -1.0) * np.where(rng.uniform(size=len(X)) < 0.1, -1.0, 1.0)
        return cls(X, y, random_weights(h, d, rng), 1.0)

    @classmethod
    def from_data(cls, classes=(3, 8), hidden: int = 4, seed: int = 0, scale=1.0) -> "TwoLayerNetwork":
        """Two digits, the standardised features scaled so that the samples have mean squared length 1."""
        X, y = data.digits(tuple(classes))
        X = X / np.sqrt((X**2).sum(axis=1).mean())
        return cls(X, y, random_weights(dimension(hidden, "hidden"), X.shape[1], np.random.default_rng(seed)), scale)

    @property
    def name(self) -> str:
        n, d = self.features.shape
        return f"two-layer network({n}x{d}, {number_of(len(self.start[1]), 'unit')})"

    def _facts(self):
        return Facts(
            convex=False,
            smooth=True,
            f_star=self._f_star,
            lower=self._lower,
        )

    def _layers(self, x: Any) -> tuple[Any, Any, Any]:
        """(hidden units (N, h), tanh v, margins y s)."""
        W, v = x
        xp = namespace(W, v)
        hidden, outer = xp.tanh(like(self.features, W) @ W.T), xp.tanh(v)
        return hidden, outer, like(self.labels, W) * (like(self.scale, W) * (hidden @ outer))

    def value(self, x):
        margin = self._layers(x)[2]
        xp = namespace(margin)
        return xp.logaddexp(xp.zeros_like(margin), -margin).mean()

    def gradient(self, x):
        hidden, outer, margin = self._layers(x)
        xp = namespace(margin)
        wrong = xp.exp(-xp.logaddexp(xp.zeros_like(margin), margin))
        pull = -like(self.labels, margin) * wrong * like(self.scale, margin) / margin.shape[0]
        back = (pull[:, None] * (1 - hidden**2)) * outer
        return [back.T @ like(self.features, margin), (1 - outer**2) * (hidden.T @ pull)]

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return jax.tree.map(np.copy, self.start)

    def _f_star(self) -> Known:
        raise MissingConstant(f"{self.name} is not convex and its infimum is not known.")

    def _lower(self) -> Known:
        reach = float(self.scale) * len(self.start[1])
        return Known(float(np.log1p(np.exp(-reach))), 0.0, "no margin exceeds scale times the number of units")

    def _inner(self, norm: Norm) -> tuple[np.ndarray, np.ndarray]:
        """(p1, p2) of every sample, shapes (N,)."""
        h, z = len(self.start[1]), self.features
        base, factor = unscaled(norm, self.start[0].shape)
        euclid = np.linalg.norm(z, axis=1)
        if isinstance(base, LInf):
            entries = np.abs(z).sum(axis=1)
            p1, p2 = h * entries, h * entries**2
        elif isinstance(base, L1):
            largest = np.abs(z).max(axis=1)
            p1, p2 = largest, largest**2
        else:
            rho = 1.0 if isinstance(base, (L2, Frobenius, Spectral)) else base.l2_bounds(self.start[0].shape).rho
            p1, p2 = np.sqrt(h) * rho * euclid, (rho * euclid) ** 2
        return p1 / factor, p2 / factor**2

    def _outer(self, norm: Norm) -> tuple[float, float, float]:
        """(q1, q2, max |e_k|) over the unit ball."""
        h = len(self.start[1])
        base, factor = unscaled(norm, (h,))
        if isinstance(base, L1):
            q1, q2 = 1.0, 1.0
        else:
            rho = base.l2_bounds((h,)).rho
            q1, q2 = float(np.sqrt(h)) * rho, rho**2
        largest = 1.0 if isinstance(base, (L1, L2, LInf, Lp, Frobenius)) else min(q1, q2**0.5)
        return q1 / factor, q2 / factor**2, largest / factor

    def smoothness(self, norm: Norm):
        layers = Layers(norm)
        if layers.count != 2:
            return ()
        c, (p1, p2), (q1, q2, largest) = float(self.scale), self._inner(layers.norms[0]), self._outer(layers.norms[1])
        inside = float(np.mean(c**2 * p1**2 / 4 + c * BEND * p2))
        outside = c**2 * q1**2 / 4 + c * BEND * q2
        across = float(np.mean(c**2 * p1 * q1 / 4 + c * np.minimum(p1 * largest, np.sqrt(p2 * q2))))
        return (Smoothness.coupled([[inside, across], [across, outside]], "|tanh''| <= 4/(3 sqrt 3), chain rule"),)


def random_weights(hidden: int, d: int, rng: np.random.Generator) -> list[np.ndarray]:
    """[W, v] with standard normal entries."""
    return [rng.standard_normal((hidden, d)), rng.standard_normal(hidden)]
