"""Approximate polar factors of random matrices with prescribed extreme singular values: no method, for oracle statements."""

import dataclasses
from typing import ClassVar, Literal

import numpy as np

from broximal.oracles.polar import NewtonSchulz
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


@dataclasses.dataclass(frozen=True)
class PolarProbe(Method):
    """X from M of Frobenius length one with singular values in [low, 1], the least of them equal to low.

    taylor  NewtonSchulz.taylor(kappa, rounds);  greedy  NewtonSchulz.greedy(low, rounds, degree 2 q + 1)

    A record's `extra` holds error = |X - polar(M)|_op and defect = |P - X X'|_op on the range of M.
    """

    family: Literal["taylor", "greedy"]
    name: ClassVar[str] = "approximate polar factors of random matrices"

    @property
    def update(self) -> str:  # type: ignore[override]
        return r"X_{j+1} = p_j(X_j X_j^\top) X_j,\ X_0 = M / \|M\|_F"

    def method(self, setting: Setting) -> NewtonSchulz:
        given = setting.parameters
        rounds = int(given["rounds"])
        if self.family == "taylor":
            return NewtonSchulz.taylor(int(given["order"]), rounds)
        return NewtonSchulz.greedy(float(given["low"]), rounds, 2 * int(given["order"]) + 1)

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        rng = np.random.default_rng(setting.seed)
        approximate, low = self.method(setting), float(setting.parameters["low"])
        points, records = [setting.x0], []
        for step in range(setting.steps):
            U, s, V = _matrix(rng, setting.x0.shape, low)
            points.append((U * s) @ V)
            X = -approximate._point(points[-1])
            error = float(np.linalg.norm(X - U @ V, 2))
            defect = float(np.linalg.norm(U @ U.T - X @ X.T, 2))
            records.append(Record(None, 1.0, extra={"error": error, "defect": defect}))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)


def _matrix(rng: np.random.Generator, shape: tuple[int, int], low: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors with singular values of length one in all, the least of them `low`."""
    r = min(shape)
    rest = rng.uniform(0.3, 1.0, r - 1)
    s = np.append(rest * np.sqrt((1 - low**2) / (rest @ rest)), low)
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0][:, :r] for n in shape)
    return U, s, V.T
