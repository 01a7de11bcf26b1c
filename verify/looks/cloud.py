"""Points of a run and near them, each with its value and gradient, and pairs of them: what constants are tried on."""

import dataclasses
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, combine, inner, l2, subtract
from broximal.oracles.errors import BroximalError
from broximal.oracles.layers import Layers
from broximal.problems.problem import Problem
from broximal.theory.columns.points import CLEARLY, EPS
from broximal.theory.language.run import Run
from broximal.verify.looks.trying import direction, gradient_at, size_of, value_at
from broximal.verify.running import on_host

ON_RUN = 5  # points of the run
EARLY = 16  # steps that are made again where points were not kept
NEAR = (1e-3, 1e-1)  # relative distances of the random neighbours of each
FAR = (3.0, 10.0)  # of the size of the run and the start: what is stated of all points is tried there too
ALONE, LAYERS = 2, 4  # points around which one layer is moved alone, and how many layers are
SHORT = 1e-2  # of the size of the start: a run that is shorter is looked at on this scale
CLOSE = 1e-6  # of the size of points: differences of closer ones are rounding
PAIRS = 10  # of any two points


@dataclasses.dataclass(frozen=True)
class Tried:
    """A point, f and its gradient there, and how far both may be rounded (a Euclidean length for the gradient)."""

    x: Tree
    value: float
    gradient: Tree
    rounding: float
    turning: float


@dataclasses.dataclass(frozen=True)
class Cloud:
    """points: those of the run first, then those near them, then those far away; pairs: of indices, both orders of which
    are tried."""

    points: list[Tried]
    pairs: list[tuple[int, int]]
    on_run: int
    near: int

    @classmethod
    def of(cls, run: Run, seed: int, closely: bool = True) -> "Cloud":
        """Around a run; points at which the problem's code fails are left out.

        closely  make the first steps again where a traced run has not kept its points; else such a run has its two ends
        """
        problem, rng = run.problem, np.random.default_rng(seed)
        kept = (
            run.points if len(run.views) == run.length + 1 else [*(_early(run) if closely else [run.start.x]), run.end]
        )
        chosen = [_as_numpy(kept[place]) for place in sorted({*np.linspace(0, len(kept) - 1, ON_RUN).astype(int)})]
        size = max(float(l2(subtract(chosen[-1], chosen[0]))), SHORT * size_of(chosen[0]))
        base = [tried for x in chosen if (tried := _tried(problem, x)) is not None]
        points, pairs = list(base), [(j, j + 1) for j in range(len(base) - 1)]
        for place, origin in enumerate(base):
            steps = [(length * size, direction(rng, origin.x)) for length in NEAR]
            if (slope := float(l2(origin.gradient))) > 0:
                steps.append((-NEAR[-1] * size / slope, origin.gradient))
            if place < ALONE and run.layers.count > 1:
                steps += [(NEAR[-1] * size, along) for along in _one_layer(run.layers, rng, origin.x)]
            for length, along in steps:
                if (found := _tried(problem, combine(1.0, origin.x, length, along))) is not None:
                    pairs.append((place, len(points)))
                    points.append(found)
        known = len(points)
        for length in FAR if base else ():
            away = length * max(size, size_of(base[0].x))
            if (found := _tried(problem, combine(1.0, base[0].x, away, direction(rng, base[0].x)))) is not None:
                pairs.append((0, len(points)))
                points.append(found)
        if known > 1:
            pairs += [tuple(rng.choice(known, 2, replace=False)) for _ in range(PAIRS)]
        apart = [pair for pair in pairs if _apart(points[pair[0]].x, points[pair[1]].x)]
        return cls(points, apart, on_run=len(base), near=known)

    def ordered(self) -> list[tuple[Tried, Tried]]:
        """Both orders of every pair."""
        return [(self.points[a], self.points[b]) for pair in self.pairs for a, b in (pair, pair[::-1])]


def _early(run: Run) -> list[Tree]:
    """The points of the first steps, of a run whose points were not kept."""
    few = dataclasses.replace(run.experiment, steps=min(run.length, EARLY))
    try:
        return on_host(run.algorithm, few, run.seed).points
    except (BroximalError, ArithmeticError, ValueError):
        return [run.start.x]


def above_tangent(x: Tried, y: Tried) -> tuple[float, float]:
    """f(y) - f(x) - <g, y - x>, and how far it may be rounded."""
    d = subtract(y.x, x.x)
    linear = float(inner(x.gradient, d))
    return y.value - x.value - linear, x.rounding + y.rounding + CLEARLY * 8 * EPS * abs(linear) + x.turning * float(
        l2(d)
    )


def _tried(problem: Problem, x: Tree) -> Tried | None:
    value, gradient = value_at(problem, x), gradient_at(problem, x)
    if gradient is None or not np.isfinite(value):
        return None
    linear = float(sum(np.abs(g * u).sum() for g, u in zip(jax.tree.leaves(gradient), jax.tree.leaves(x), strict=True)))
    own, turning = (float(part) for part in problem.rounding(x))
    rounding = CLEARLY * (8 * EPS * (abs(value) + linear) + own)
    return Tried(x, value, gradient, rounding, CLEARLY * (8 * EPS * float(l2(gradient)) + turning))


def _apart(x: Tree, y: Tree) -> bool:
    return float(l2(subtract(x, y))) > CLOSE * max(float(l2(x)), float(l2(y)))


def _one_layer(layers: Layers, rng: np.random.Generator, x: Tree) -> list[Tree]:
    """Directions in which one layer moves: what tells the meanings of layer-wise smoothness apart."""
    parts = layers.split(direction(rng, x))
    chosen = rng.permutation(layers.count)[:LAYERS]
    still = [jax.tree.map(np.zeros_like, part) for part in parts]
    return [layers.join([*still[:j], parts[j], *still[j + 1 :]]) for j in chosen]


def _as_numpy(x: Any) -> Tree:
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), x)
