"""Approximate polar factors of random matrices with prescribed extreme singular values: for statements about oracles."""

from typing import Any, ClassVar, Literal

import equinox as eqx
import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.polar import NewtonSchulz
from broximal.problems.instance import Instance
from broximal.theory.language.algorithm import Algorithm, State, World
from broximal.theory.language.keys import generator


class Matrices(Instance):
    """Matrices of one shape."""

    rows: int = eqx.field(static=True)
    columns: int = eqx.field(static=True)

    @property
    def name(self) -> str:
        return f"matrices({self.rows}, {self.columns})"

    @property
    def geometry(self) -> str:
        return "spectral"

    @property
    def dims(self) -> list[int]:
        return [self.rows, self.columns]


class PolarState(State):
    """x: the matrix M of the step;  error = |X - polar(M)|_op,  defect = |P - X X'|_op on the range of M."""

    x: Any
    error: Any = 0.0
    defect: Any = 0.0


class PolarProbe(Algorithm):
    """X from M of Frobenius length one with singular values in [low, 1], the least of them equal to low at every other step.

    taylor  NewtonSchulz.taylor(kappa, rounds);  greedy  NewtonSchulz.greedy(low, rounds, degree 2 q + 1)
    """

    family: Literal["taylor", "greedy"] = eqx.field(static=True)
    host: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    name = "approximate polar factors of random matrices"
    update = r"X_{j+1} = p_j(X_j X_j^\top) X_j,\ X_0 = M / \|M\|_F"

    def method(self, world: World) -> NewtonSchulz:
        """The composition of polynomials that the parameters `low`, `order`, `composed` say."""
        rounds, order = int(world["composed"]), int(world["order"])
        if self.family == "taylor":
            return NewtonSchulz.taylor(order, rounds)
        return NewtonSchulz.greedy(float(world["low"]), rounds, 2 * order + 1)

    def init(self, world, x0, key):
        if not isinstance(world.instance, Matrices):
            raise MissingConstant(f"{world.instance.name} is no family of matrices")
        return PolarState(np.zeros((world.instance.rows, world.instance.columns)))

    def step(self, world, state, k, key):
        rng = generator(key)
        low, share = float(world["low"]), rng.uniform() if k % 2 else 0.0
        least = low ** (1 - share) * max(low, min(state.x.shape) ** -0.5) ** share
        U, s, V = _matrix(rng, state.x.shape, least)
        M = (U * s) @ V
        X = -self.method(world)._point(M)
        return PolarState(M, float(np.linalg.norm(X - U @ V, 2)), float(np.linalg.norm(U @ U.T - X @ X.T, 2)))


def _matrix(rng: np.random.Generator, shape: tuple[int, int], low: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors with singular values of length one in all, the least of them `low`."""
    r = min(shape)
    rest = rng.uniform(0.3, 1.0, r - 1)
    s = np.append(rest * np.sqrt((1 - low**2) / (rest @ rest)), low)
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0][:, :r] for n in shape)
    return U, s, V.T
