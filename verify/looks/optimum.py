"""Is the stated minimum one? f(minimiser) is compared with f*, and nothing lower may be found from the minimiser or x0.

What is tried: a descent with backtracking from both points, steps that aim below the stated minimum (where f is not
smooth, a subgradient need not be a descent direction), random directions of several lengths, and the line through both.
"""

from collections.abc import Iterator

import numpy as np

from broximal.oracles.arrays import Tree, combine, l2, subtract
from broximal.oracles.brox import brox
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant
from broximal.oracles.norm import Norm
from broximal.problems.constant import Known
from broximal.problems.problem import Problem
from broximal.theory.columns.points import CLEARLY, EPS
from broximal.verify.looks.trying import Point, descend, direction, gradient_at, rounding_at, size_of, value_at

DESCENT = 20  # steps from either point
AIMED = 24  # subgradient steps that aim below the stated minimum
DIRECTIONS = 4
LENGTHS = (1e-3, 1e-2, 0.1, 1.0)  # relative to the size of the points
SOLVED = 1e-6  # tolerance of the minimum over a ball, relative to the decrease
ALONG = (0.25, 0.5, 0.75, 0.9, 1.1, 1.5, 2.0)  # from x0, the minimiser at 1


def check_optimum(problem: Problem, x0: Tree, seed: int) -> None:
    """Raise InvalidArgument if f* (or the lower bound) or the minimiser that a problem states is contradicted by values."""
    minimiser = problem.minimiser
    try:
        f_star, stated = problem.f_star, "f*"
    except MissingConstant:
        try:
            f_star, stated = problem.lower, "the lower bound"
        except MissingConstant:
            return
    if not np.isfinite(f_star.value):
        if f_star.value == -np.inf:
            return
        raise InvalidArgument(f"problem {problem.name} states {stated} = {f_star.value:g}, which is not finite.")
    if minimiser is not None and stated == "f*":
        _check_value(problem, minimiser, f_star)
    for found in _tries(problem, x0, minimiser, f_star.value, np.random.default_rng(seed)):
        below = f_star.value - f_star.error - found.value
        if below > 0 and below > rounding_at(problem, found.x) + CLEARLY * 8 * EPS * abs(f_star.value):
            _refuse(problem, found, f_star, stated, minimiser)


def check_distance(problem: Problem, norm: Norm, x0: Tree, seed: int, solve: bool = False) -> None:
    """Raise InvalidArgument if a distance to the minimisers is not that of one of them, or too short for values and slopes.

    The minimiser is at |x - x*|, which is the distance where it is unique; else, for convex f, f(x) - f* <= |g|_* dist(x, X*).
    solve  minimise f over the ball around x0 that has it as its radius as well, where a minimiser must be
    """
    minimiser = problem.minimiser
    if minimiser is None:
        return
    rng = np.random.default_rng(seed)
    away = combine(1.0, x0, 0.1 * size_of(x0, minimiser), direction(rng, x0))
    for where, x in (
        ("x0", x0),
        ("a point near x0", away),
        ("a point on the way to x*", combine(0.3, x0, 0.7, minimiser)),
    ):
        try:
            found = problem.distance(x, norm)
        except BroximalError:  # what is not known says nothing
            return
        straight = float(norm(subtract(x, minimiser)))
        blurred = found.error + (CLEARLY * 16 * EPS + norm.error) * (straight + float(norm(x)) + float(norm(minimiser)))
        stated = f"problem {problem.name} states the distance {found.value:.6g} of {where} from its minimisers in {norm.name}"
        if found.value > straight + blurred:
            raise InvalidArgument(f"{stated}, and one of them is {straight:.6g} away.")
        if problem.unique_minimiser and found.value < straight - blurred:
            raise InvalidArgument(f"{stated}, and the only one is {straight:.6g} away.")
        if (least := _least_distance(problem, norm, x)) > found.value + blurred:
            raise InvalidArgument(f"{stated}, and its value and its slope there say that it is at least {least:.6g}.")
        if solve and where == "x0" and (above := _least_in_ball(problem, norm, x, found.value + blurred)) > 0:
            raise InvalidArgument(f"{stated}, and no value so near is less than {above:.3g} above f*.")


def _least_in_ball(problem: Problem, norm: Norm, x: Tree, radius: float) -> float:
    """How far the certified minimum of a convex f over a ball is above f*; 0 where that is not known."""
    if problem.unique_minimiser or not problem.convex:  # the one minimiser says it all
        return 0.0
    try:
        found, f_star = brox(problem, norm, x, radius, tol=SOLVED), problem.f_star
        above = value_at(problem, found.point) - float(found.gap) - f_star.value - f_star.error
    except Exception:  # no solver, or one that does not get there
        return 0.0
    return above if above > rounding_at(problem, found.point) else 0.0


def _least_distance(problem: Problem, norm: Norm, x: Tree) -> float:
    """What a value and a subgradient of a convex function say about the distance to X*, with what may be rounding taken off."""
    if problem.unique_minimiser or not problem.convex:  # the one minimiser says it all
        return 0.0
    g = gradient_at(problem, x)
    if g is None:
        return 0.0
    try:
        gap = value_at(problem, x) - problem.f_star.value - problem.f_star.error - rounding_at(problem, x)
    except MissingConstant:
        return 0.0
    slope = float(norm.dual(g)) * (1 + 1e-9 + norm.error)
    return gap / slope if gap > 0 and slope > 0 else 0.0


def _check_value(problem: Problem, minimiser: Tree, f_star: Known) -> None:
    try:
        with np.errstate(all="ignore"):
            value = float(problem.value(minimiser))
    except Exception:  # a value that exists on the run only says nothing here
        return
    off = abs(value - f_star.value) - f_star.error
    allowed = rounding_at(problem, minimiser) + CLEARLY * 8 * EPS * abs(f_star.value)
    if not np.isfinite(value) or off > allowed:
        raise InvalidArgument(
            f"problem {problem.name} states f* = {f_star.value:.10g} up to {f_star.error:.1g}, but f(minimiser) = "
            f"{value:.10g} at the minimiser that it states."
        )


def _refuse(problem: Problem, found: Point, f_star: Known, stated: str, minimiser: Tree | None) -> None:
    where = ""
    if minimiser is not None:
        where = f" at a distance of {float(l2(subtract(found.x, minimiser))):.3g} from its minimiser"
        slope = gradient_at(problem, minimiser)
        if problem.smooth and slope is not None:
            where += f", where the gradient has length {float(l2(slope)):.3g} and should be 0"
    raise InvalidArgument(
        f"problem {problem.name} states {stated} = {f_star.value:.10g} up to {f_star.error:.1g}, but f is lower by "
        f"{f_star.value - found.value:.3g}{where}."
    )


def _tries(
    problem: Problem, x0: Tree, minimiser: Tree | None, level: float, rng: np.random.Generator
) -> Iterator[Point]:
    """Points that might be lower than they should."""
    origins = [x0] if minimiser is None else [minimiser, x0]
    size = size_of(*origins) if minimiser is None else size_of(*origins, subtract(x0, minimiser))
    for origin in origins:
        yield descend(problem, origin, DESCENT, 1e-2 * size)
    if minimiser is not None:
        for along in ALONG:
            x = combine(1 - along, x0, along, minimiser)
            yield Point(x, value_at(problem, x))
    for origin in origins:
        for _ in range(DIRECTIONS):
            d = direction(rng, origin)
            for length in LENGTHS:
                for sign in (-1.0, 1.0):
                    x = combine(1.0, origin, sign * length * size, d)
                    yield Point(x, value_at(problem, x))
        if not problem.smooth:
            yield _aimed(problem, origin, level)


def _aimed(problem: Problem, x: Tree, level: float) -> Point:
    """The best point of subgradient steps of Polyak's length towards values below the level, nearer and nearer to it."""
    best = Point(x, value_at(problem, x))
    depth = max(best.value - level, 1e-1 * (1 + abs(level)))
    for step in range(AIMED):
        g = gradient_at(problem, x)
        value = value_at(problem, x)
        if g is None or not np.isfinite(value) or (slope := float(l2(g))) == 0:
            break
        best = min(best, Point(x, value), key=lambda point: point.value)
        aim = level - depth * 0.5 ** (step // 2)
        x = combine(1.0, x, -max(value - aim, 0.0) / slope**2, g)
    return best
