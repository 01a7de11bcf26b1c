"""Along the run: is f convex on chords between its points and points near them, and are its gradients those of its values?"""

import numpy as np

from broximal.oracles.arrays import combine, l2, subtract
from broximal.problems.problem import Problem
from broximal.verify.looks.cloud import Cloud, Tried, above_tangent
from broximal.verify.looks.slopes import contradiction
from broximal.verify.looks.trying import rounding_at, value_at

FLAT = 1e-3  # of the largest gradient: a smaller one is not compared with values
SLOPES = 3  # points of the run at which the gradient is compared with values


def contradicted(problem: Problem, cloud: Cloud, seed: int) -> str:
    """What the problem declares and the points contradict, with the numbers; empty if nothing."""
    if problem.convex:
        for x, y in cloud.ordered():
            above, rounding = above_tangent(x, y)
            if above < -rounding:
                return f"{problem.name} is declared convex, but {_apart(x, y)} near the run f is {-above:.3g} below its tangent"
        for x, y in cloud.ordered()[::2]:
            if reason := _above_chord(problem, x, y.x, y.value, "convex"):
                return reason
    elif problem.star_convex and problem.minimiser is not None:
        for point in cloud.points:
            if reason := _above_chord(problem, point, problem.minimiser, problem.f_star.value, "star-convex"):
                return reason
    if not (problem.smooth or problem.convex):  # at a kink there is no gradient to be compared with
        return ""
    # of the neighbours too: at a minimiser the gradients of the run are rounding and nothing else
    scale = FLAT * max(float(l2(point.gradient)) for point in cloud.points[: cloud.near])
    for place in range(0, cloud.on_run, max(cloud.on_run // SLOPES, 1)):
        point = cloud.points[place]
        if off := contradiction(problem, point.x, point.gradient, seed + place, scale, directions=2):
            return f"{problem.name} has a gradient that its values contradict on the run: {off}"
    return ""


def _above_chord(problem: Problem, x: Tried, end, at_end: float, declared: str) -> str:
    middle = combine(0.5, x.x, 0.5, end)
    excess = value_at(problem, middle) - (x.value + at_end) / 2
    allowed = x.rounding + (problem.f_star.error if declared == "star-convex" else 0.0)
    if np.isfinite(excess) and excess > allowed and excess > allowed + 2 * rounding_at(problem, middle):
        return (
            f"{problem.name} is declared {declared}, but half way on a chord of Euclidean length "
            f"{float(l2(subtract(end, x.x))):.3g} near the run f is {excess:.3g} above it"
        )
    return ""


def _apart(x: Tried, y: Tried) -> str:
    return f"at a Euclidean distance of {float(l2(subtract(y.x, x.x))):.3g}"
