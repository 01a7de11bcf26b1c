"""Any convex f over any ball: f is replaced from below by its cuts, the ball from within by its extreme points.

Cuts f(z) >= f(z_i) + <g_i, z - z_i> (Kelley, J. SIAM 8, 1960) and points v_j of the unit ball (simplicial decomposition:
von Hohenbalken, Math. Programming 13, 1977) make a matrix game,

    min over mu in the simplex, max over i of  f(z_i) + <g_i, x - z_i> + t <g_i, sum_j mu_j v_j>,

whose mu proposes the point x + t sum mu_j v_j, where the next cut is made, and whose lam proposes the slope
g = sum lam_i g_i, of which the next extreme point is the LMO. Further ones are made half-way to the best point and slope,
which helps where f or the ball is curved. f piecewise linear over a polyhedron ends at the solution.

Proved here: for every lam in the simplex f(z) >= sum lam_i (f(z_i) + <g_i, x - z_i>) + <g, z - x> for all z, so

    min over the ball >= sum lam_i (f(z_i) + <g_i, x - z_i>) - t |g|_*,

which holds whether or not anything has converged. Runs on the host.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import namespace
from broximal.oracles.brox.matrix_game import solve_game
from broximal.oracles.errors import BroximalError
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective

LIMIT = 150
EPS = float(np.finfo(np.float64).eps)
NEAR = 1e-6  # relative width of a neighbourhood: the accuracy of a solver's degenerate solutions
PATIENCE = 30  # rounds in which the gap must fall by a third; over polyhedra it stays and then ends


def cutting_planes(
    objective: Objective, norm: Norm, x: Any, radius: Any, tol: float, *, near: Any = None, limit: int = LIMIT
) -> Move | None:
    """Minimise f over |z - x| <= radius to a gap of tol relative to the decrease, or as far as `limit` rounds go.

    near = (step, slope): about the solution (u - x) / t and about the subgradient that is aligned there; the model then
    begins with the cuts and the extreme points of their neighbourhood. None if f is not convex or not finite at x.
    """
    if not objective.convex:
        return None
    model = _Model(objective, norm, x, float(radius))
    model.cut(np.zeros(model.center.size))
    if not model.slopes:
        return None
    model.extend(model.slopes[0])
    if near is not None:
        model.surround(model.pack(near[0]), model.radius * model.pack(near[1]))
    mark, since, rounds = np.inf, 0, 0
    for rounds in range(1, limit + 1):
        try:
            model.round()
        except BroximalError:  # a solver inside the norm gave up; what is proved so far stays
            break
        gap = model.best - model.lower
        if gap <= 0.5 * tol * -model.best + 4 * EPS * abs(model.start):
            break
        mark, since = (gap, rounds) if gap < 0.7 * mark else (mark, since)
        if rounds - since >= PATIENCE:
            break
    return model.move(rounds)


class _Model:
    """Cuts and extreme points, in steps d = (z - x) / t and with values relative to f(x)."""

    def __init__(self, objective, norm, x, radius):
        self.objective, self.norm, self.x, self.radius = objective, norm, x, radius
        self.center, self.start = self.pack(x), float(objective.value(x))
        self.slopes, self.constants, self.points = [], [], []
        self.best, self.step = np.inf, np.zeros(self.center.size)
        self.lower, self.slope, self.weights = -np.inf, None, np.zeros(0)

    # ---- trees and vectors -----------------------------------------------------------------------------------------

    def pack(self, tree) -> np.ndarray:
        return np.concatenate([np.asarray(leaf, dtype=np.float64).ravel() for leaf in jax.tree.leaves(tree)])

    def unpack(self, vector) -> Any:
        leaves, structure = jax.tree.flatten(self.x)
        ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
        parts = [
            namespace(leaf).asarray(part.reshape(leaf.shape), dtype=leaf.dtype)
            for leaf, part in zip(leaves, np.split(vector, ends), strict=True)
        ]
        return jax.tree.unflatten(structure, parts)

    def size(self, step) -> float:
        return float(self.norm._value(self.unpack(step)))

    # ---- the method ------------------------------------------------------------------------------------------------

    def cut(self, step):
        point = self.unpack(self.center + self.radius * step)
        value, slope = self.objective.value_and_gradient(point)
        value, slope = float(value) - self.start, self.radius * self.pack(slope)
        if not (np.isfinite(value) and np.isfinite(slope).all()):  # an overflow: the model can do without this cut
            return
        self.slopes.append(slope)
        self.constants.append(value - slope @ step)
        if value < self.best:
            self.best, self.step = value, step

    def extend(self, slope):
        self.points.append(self.pack(self.norm._lmo(self.unpack(slope))))

    def surround(self, step, slope):
        """Cuts at random points around the step and extreme points at random slopes around the slope."""
        rng = np.random.default_rng(0)
        self.points.append(step)
        self.cut(step)
        self.extend(slope)
        widths = NEAR * float(np.abs(step).max()), NEAR * float(np.abs(slope).max())
        for _ in range(2 * step.size):
            around = step + widths[0] * rng.standard_normal(step.size)
            self.cut(around / max(1.0, self.size(around)))
            self.extend(slope + widths[1] * rng.standard_normal(step.size))

    def round(self):
        slopes, constants, points = np.array(self.slopes), np.array(self.constants), np.array(self.points)
        game = solve_game(constants[:, None] + slopes @ points.T)
        step, slope = game.mu @ points, game.lam @ slopes
        step = step / max(1.0, self.size(step))
        lower = float(game.lam @ constants - self.norm.dual._value(self.unpack(slope)))
        self.extend(slope)
        if lower > self.lower:
            self.lower, self.slope, self.weights = lower, slope, game.lam
        else:
            self.extend(0.5 * (slope + self.slope))
        if self.step.any():
            self.cut(0.5 * (step + self.step))
        self.cut(step)

    def move(self, rounds) -> Move:
        point = self.unpack(self.center + self.radius * self.step)
        lower = float(self.start + self.lower)
        return Move(point, self._subgradient(point), lower, "cutting planes", rounds)

    def _subgradient(self, point) -> Any:
        """The better aligned one of two elements of df(u): the gradient, and the slope of the cuts that touch f at u."""
        own = self.pack(self.objective.gradient(point))
        slopes, constants = np.array(self.slopes[: self.weights.size]), np.array(self.constants[: self.weights.size])
        noise = 64 * EPS * (np.abs(slopes) @ np.abs(self.step) + np.abs(constants) + abs(self.start))
        lam = np.where(constants + slopes @ self.step >= self.best - noise, self.weights, 0.0)
        if not lam.any():
            return self.unpack(own)
        mixed = lam @ slopes / (lam.sum() * self.radius)
        return self.unpack(min(own, mixed, key=self._misaligned))

    def _misaligned(self, slope) -> float:
        return float(slope @ self.step + self.norm.dual._value(self.unpack(slope)))
