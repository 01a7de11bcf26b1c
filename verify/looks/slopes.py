"""Are a problem's gradient and its convexity those of its values? One of the user's own is asked before anything is run.

Along random directions the central difference of the value is compared with <gradient, d>; where f is convex and not
smooth, f(x + h d) >= f(x) + h <g, d> is. A gradient that is off by less than its rounding and truncation is not seen.
Convexity is tried at the midpoints of random chords, star-convexity at those of chords to the minimiser.
"""

import numpy as np

from broximal.oracles.arrays import Tree, combine, inner, l2
from broximal.oracles.errors import InvalidArgument
from broximal.problems.problem import Problem
from broximal.verify.looks.trying import direction, value_at

DIRECTIONS = 4
REACHES = (1e-2, 0.1, 1.0)  # how far the ends of a chord are from x, relative to its size
STEPS = (1e-3, 1e-4, 1e-5, 1e-6)  # relative to the size of x
ROUNDING = 1e-6  # of the values on a chord; a function that is not convex is off by as much as it bends
SLACK = 1e-3  # of |gradient| |d|; a planted error is far larger


def check_gradient(problem: Problem, x: Tree, seed: int) -> None:
    """Raise InvalidArgument if the gradient at a point near x contradicts the values around it."""
    rng = np.random.default_rng(seed)
    size = 1.0 + float(l2(x))
    # Off x itself, where a kink or a symmetry of the start would hide an error; but not where f is infinite.
    off = combine(1.0, x, 1e-2 * size, direction(rng, x))
    x = off if np.isfinite(value_at(problem, off)) else x
    gradient = problem.gradient(x)
    if wrong := contradiction(problem, x, gradient, seed):
        raise InvalidArgument(f"problem {problem.name} has a gradient that its values contradict near x0: {wrong}.")


def contradiction(
    problem: Problem, x: Tree, gradient: Tree, seed: int, scale: float = 0.0, directions: int = DIRECTIONS
) -> str:
    """How a gradient at x contradicts the values around it, with the numbers; empty if it does not.

    scale  the least length that errors are compared with (near a minimum the gradient itself is rounding)

    Raises InvalidArgument for one that is not finite.
    """
    rng, size = np.random.default_rng(seed), 1.0 + float(l2(x))
    with np.errstate(all="ignore"):
        here = float(problem.value(x))
    for _ in range(directions):
        d = direction(rng, x)
        slope = float(inner(gradient, d))
        if not np.isfinite(slope):
            raise InvalidArgument(f"problem {problem.name} has a gradient that is not finite near x0.")
        least, allowed = np.inf, SLACK * max(float(l2(gradient)) + abs(slope), scale)
        for h in STEPS:  # until one of them agrees
            with np.errstate(all="ignore"):
                error, rounding = _error(problem, x, here, d, slope, h * size)
            if np.isfinite(error) and np.isfinite(rounding):  # a value that is infinite next to x says nothing
                least = min(least, error - rounding)
            if least <= allowed:
                break
        if allowed < least < np.inf:
            return f"along a direction d the slope <gradient, d> = {slope:.6g} is off by {least:.2g}"
    return ""


def check_convexity(problem: Problem, x: Tree, seed: int) -> None:
    """Raise InvalidArgument if a function that is declared convex or star-convex lies above a chord near x."""
    rng = np.random.default_rng(seed)
    size = 1.0 + float(l2(x))
    for reach in REACHES:
        if problem.convex:
            a, b = (combine(1.0, x, reach * size, direction(rng, x)) for _ in range(2))
            _below_chord(problem, a, b, "convex")
        elif problem.star_convex and problem.minimiser is not None:
            _below_chord(problem, combine(1.0, x, reach * size, direction(rng, x)), problem.minimiser, "star-convex")


def _below_chord(problem: Problem, a: Tree, b: Tree, declared: str) -> None:
    try:
        first, second, middle = (float(problem.value(z)) for z in (a, b, combine(0.5, a, 0.5, b)))
    except Exception:  # a value that exists near x0 only says nothing here
        return
    excess = middle - (first + second) / 2
    if excess > ROUNDING * (abs(first) + abs(second) + abs(middle)):
        raise InvalidArgument(
            f"problem {problem.name} is declared {declared}, but half way on a chord near x0 it is {excess:.2g} above it."
        )


def _error(problem: Problem, x: Tree, here: float, d: Tree, slope: float, h: float) -> tuple[float, float]:
    """How far the slope is from the values at distance h, and how much of it may be rounding."""
    up, down = (float(problem.value(combine(1.0, x, s * h, d))) for s in (1.0, -1.0))
    rounding = 1e-14 * (abs(here) + abs(up) + abs(down)) / h
    if problem.convex and not problem.smooth:
        return max(slope - (up - here) / h, (here - down) / h - slope, 0.0), rounding
    return abs((up - down) / (2 * h) - slope), rounding
