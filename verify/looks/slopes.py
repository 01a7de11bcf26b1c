"""Are a problem's gradient and its convexity those of its values? One of the user's own is asked before anything is run.

Along random directions the central difference of the value is compared with <gradient, d> at finer and finer steps, until
one agrees or rounding drowns it: f may bend on a far smaller scale than x. Where f is convex, f(x + h d) >= f(x) + h <g, d>
must fail too, which it does at no h for a subgradient. A gradient that is off by less than its rounding and truncation is
not seen. Convexity is tried at the midpoints of random chords and by gradients on short ones, which may not turn back;
star-convexity at the midpoints of chords to the minimiser.
"""

import numpy as np

from broximal.oracles.arrays import Tree, combine, inner, l2, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.problems.problem import Problem
from broximal.verify.looks.trying import direction, gradient_at, value_at

DIRECTIONS = 4
REACHES = (1e-2, 0.1, 1.0)  # how far the ends of a chord are from x, relative to its size
STEPS = 10.0 ** -np.arange(1, 11)  # relative to the size of x
TURNS, SHORT = 32, (1e-3, 1e-2)  # short chords on which the gradient may not turn back, and how long they are
BACK = 1e-6  # of |gradient| |step|, by which it may seem to
ROUNDING = 1e-6  # of the values on a chord; a function that is not convex is off by as much as it bends
SLACK = 1e-3  # of |gradient| |d|; a planted error is far larger
FINE = 0.99e-6  # finer steps are asked where they are more than rounding


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
        allowed = SLACK * max(float(l2(gradient)) + abs(slope), scale)
        if off := _off(problem, x, here, d, slope, allowed, size):
            return f"along a direction d the slope <gradient, d> = {slope:.6g} is off by {off:.2g}"
    return ""


def _off(problem: Problem, x: Tree, here: float, d: Tree, slope: float, allowed: float, size: float) -> float:
    """By how much the slope along d is off at every step that shows anything; 0 if one of them agrees with it."""
    kink, own = problem.convex and not problem.smooth, float(problem.rounding(x)[0])
    least, beyond = np.inf, 0.0
    for h in STEPS:
        with np.errstate(all="ignore"):
            up, down = (value_at(problem, combine(1.0, x, s * h * size, d)) for s in (1.0, -1.0))
            rounding = (1e-14 * (abs(here) + abs(up) + abs(down)) + own) / (h * size)
            central = abs((up - down) / (2 * h * size) - slope)
            # at most 0 for a subgradient of a convex f
            above = max(slope - (up - here) / (h * size), (here - down) / (h * size) - slope)
        if not np.isfinite([central, rounding]).all():  # a value that is infinite next to x says nothing
            continue
        if rounding > allowed and (h < FINE or (problem.convex and least < np.inf)):
            break
        if (above if kink else central) - rounding <= allowed:
            return 0.0
        least, beyond = min(least, central - rounding), max(beyond, above - 2 * rounding)
    if problem.convex:
        return beyond if beyond > allowed else 0.0
    return least if least < np.inf else 0.0


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
    if problem.convex:
        _turns_back(problem, x, size, rng)


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


def _turns_back(problem: Problem, x: Tree, size: float, rng: np.random.Generator) -> None:
    """Raise InvalidArgument if the gradient decreases along a short chord, near x or on the way to the minimiser."""
    for turn in range(TURNS):
        a = combine(1.0, x, rng.uniform(0, 0.1) * size, direction(rng, x))
        if problem.minimiser is not None:
            along = rng.uniform()
            a = combine(1 - along, a, along, problem.minimiser)
        step = combine(SHORT[turn % len(SHORT)] * size, direction(rng, x), 0.0, x)
        b = combine(1.0, a, 1.0, step)
        first, second = gradient_at(problem, a), gradient_at(problem, b)
        if first is None or second is None or not np.isfinite([value_at(problem, a), value_at(problem, b)]).all():
            continue  # a formula of the gradient may go on where f is infinite
        turned = float(inner(subtract(second, first), step))
        if turned < -BACK * (float(l2(first)) + float(l2(second))) * float(l2(step)):
            raise InvalidArgument(
                f"problem {problem.name} is declared convex, but over a distance of {float(l2(step)):.3g} near x0 its "
                f"gradient turns back: <g(y) - g(x), y - x> = {turned:.2g}."
            )
