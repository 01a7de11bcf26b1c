"""Logistic loss of the sum of two scores, one for each layer: convex, and coupled through the loss.

f(x1, x2) = mean_n log(1 + exp(-y_n (<z_n, x1> + <w_n, x2>))) + ridge (|x1|_2^2 + |x2|_2^2) / 2.

With the weights s_n in (0, 1/4] of the loss the blocks of the Hessian are mean s_n z_n w_n' and so on (the ridge on the
diagonal ones). Proved here, for layer norms |.|_1 and |.|_2:
* L_ii: the Hessian of layer i is largest at 0, where all s_n = 1/4, so L_ii is the smoothness of that quadratic (exact
  wherever that is), or mean |z_n|_i*^2 / 4 with the ridge, if smaller.
* L_12: |<u, H_12 d>| <= mean |<z_n, u>| |<w_n, d>| / 4 is at most mean |z_n|_1* |w_n|_2* / 4, and by Cauchy-Schwarz at most
  the root of the product of the two diagonal constants without the ridge.
The differences of gradients are integrals of the Hessian along segments, so the matrix is that of A2.
"""

from typing import Any, ClassVar

import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2
from broximal.oracles.numerals import number_of
from broximal.problems import _quadratic_constants as quadratics
from broximal.problems._checks import as_matrix
from broximal.problems._data import dimension
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.regression.logistic import Logistic
from broximal.problems.smoothness import Smoothness


class TwoBlockLogistic(Problem):
    """The loss above on [x1, x2] with shapes (d1,) and (d2,); everything else as for `Logistic` on all features."""

    alias: ClassVar[str] = "two_block_logistic"
    flat: Logistic
    cut: int

    def __init__(self, first, second, y, ridge=0.0, x0=None):
        """first (N, d1), second (N, d2), y (N,) with two values, x0 a list of two vectors. Raises InvalidArgument."""
        Z, W = as_matrix(first, "first"), as_matrix(second, "second")
        if len(Z) != len(W):
            raise InvalidArgument(
                f"first and second must have one row a sample, but have {len(Z)} and {number_of(len(W), 'row')}."
            )
        self.cut = Z.shape[1]
        if x0 is not None:
            shapes = [np.shape(part) for part in x0]
            if shapes != [(Z.shape[1],), (W.shape[1],)]:
                raise InvalidArgument(f"x0 has shapes {shapes}, but [({Z.shape[1]},), ({W.shape[1]},)] are needed.")
            x0 = np.concatenate([np.asarray(part, dtype=float) for part in x0])
        self.flat = Logistic(np.hstack([Z, W]), y, ridge, x0)

    @classmethod
    def example(cls, dim: int, seed: int = 0) -> "TwoBlockLogistic":
        """Noisy labels of a random direction, the features of both layers correlated, ridge 0.01."""
        n = max(dimension(dim), 2)
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((8 * n, n)) + 0.5 * rng.standard_normal((8 * n, 1))
        score = X @ rng.standard_normal(n) + rng.logistic(size=8 * n)
        start = 2 * rng.standard_normal(n)
        cut = n // 2
        y = np.where(score > np.median(score), 1.0, -1.0)
        return cls(X[:, :cut], X[:, cut:], y, 1e-2, [start[:cut], start[cut:]])

    @property
    def name(self) -> str:
        n, d = self.flat.samples.shape
        return f"two-block logistic({n}x({self.cut}+{d - self.cut}))"

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=lambda: None if self.flat.minimiser is None else self._parts(self.flat.minimiser),
            unique=lambda: self.flat.unique_minimiser,
            f_star=lambda: self.flat.f_star,
            growth=lambda: self.flat.growth_exponent,
        )

    def _parts(self, flat: Any) -> list:
        return [flat[: self.cut], flat[self.cut :]]

    def _flat(self, x: Any) -> Any:
        return namespace(x).concatenate(list(x))

    def value(self, x):
        return self.flat.value(self._flat(x))

    def gradient(self, x):
        return self._parts(self.flat.gradient(self._flat(x)))

    def rounding(self, x):
        return self.flat.rounding(self._flat(x))

    # ---- what is known ---------------------------------------------------------------------------------------------

    @property
    def x0(self):
        return self._parts(self.flat.x0)

    def _l2_constant(self, name):
        return getattr(self.flat, f"_constant_{name}")(L2())

    def smoothness(self, norm: Norm):
        layers = Layers(norm)
        if layers.count != 2:
            return ()
        blocks, loss, sizes = self._parts(self.flat.samples.T), [], []
        diagonal = []
        for block, inner in zip(blocks, layers.norms, strict=True):
            H = block @ block.T / (4 * block.shape[1])
            sizes.append(np.array([float(inner.dual._value(row)) for row in block.T]))
            mean = float(np.mean(sizes[-1] ** 2)) / 4
            loss.append(min(quadratics.smoothness(H, np.linalg.eigvalsh(H), inner).value, mean))
            identity = float(self.flat.ridge) * np.eye(len(H))
            ridge = quadratics.smoothness(identity, np.diag(identity), inner).value
            both = quadratics.smoothness(H + identity, np.linalg.eigvalsh(H + identity), inner).value
            diagonal.append(min(both, mean + ridge))
        across = min(float(np.mean(sizes[0] * sizes[1])) / 4, float(np.sqrt(loss[0] * loss[1])))
        matrix = [[diagonal[0], across], [across, diagonal[1]]]
        return (Smoothness.coupled(matrix, "the Hessian at 0, and Cauchy-Schwarz between the layers"),)
