"""The Broximal Point Method: x_{k+1} in argmin { f(z) : |z - x_k| <= t_k }, in any norm, any radii."""

from typing import Any, ClassVar

from broximal.oracles.arrays import l2, scale, subtract
from broximal.oracles.brox import brox
from broximal.oracles.errors import MissingConstant
from broximal.oracles.norms import L2
from broximal.theory.language.algorithm import Algorithm, State
from broximal.theory.language.quantity import EPS


class BroximalState(State):
    """answer: the certified answer of the step from `before` to x (None at the start); radius: of its ball.

    reached  was the start of that step within its radius of the only minimiser, so that x is one?
    """

    x: Any
    before: Any = None
    answer: Any = None
    radius: Any = 0.0
    drift: Any = 0.0
    reached: bool = False

    @property
    def charge(self) -> float:
        return 0.0 if self.answer is None else float(self.answer.gap)


class BroximalPoint(Algorithm):
    """Exact up to the certificate of every step, which the run keeps.

    The run ends at the first k with x_k in X*: the ball around x_{k-1} contained a minimiser.
    """

    host: ClassVar[bool] = True
    monotone: ClassVar[bool] = True
    name = "Broximal Point Method"
    update = r"x_{k+1} \in \operatorname{argmin}\{ f(z) : \|z - x_k\| \le t_k \}"

    def init(self, world, x0, key):
        return BroximalState(x0)

    def step(self, world, state, k, key):
        problem, norm, radius, x = world.problem, world.norm, float(world.radius(k)), state.x
        reached = reaches_minimum(problem, norm, x, radius)
        answer = brox(problem, norm, x, radius, tol=world.tol)
        drift = 0.0
        if isinstance(norm, L2) and answer.subgradient is not None:
            drift = misalignment(subtract(x, answer.point), answer.subgradient)
        return BroximalState(answer.point, x, answer, radius, drift, reached)

    def finished(self, now):
        if now.state.reached:
            return True
        asked = now.k == 0 or not now.problem.unique_minimiser
        return asked and at_minimum(now.problem, now.norm, now.x)


def reaches_minimum(problem, norm, x, radius) -> bool:
    """Does the ball around x contain the known minimiser? Then, and only then if it is unique, the step ends in X*."""
    if problem.minimiser is None:
        return False
    known = problem.distance(x, norm)
    return known.value <= radius + known.error


def at_minimum(problem, norm, x) -> bool:
    """Is x a minimiser up to rounding: at distance zero, or with a gap that cannot be told from zero?"""
    if problem.minimiser is not None:
        known = problem.distance(x, norm)
        if known.value <= known.error or problem.unique_minimiser:
            return known.value <= known.error
    try:
        f_star = problem.f_star
    except MissingConstant:
        return False
    value = float(problem.value(x))
    return value - f_star.value <= f_star.error + 4 * EPS * (abs(value) + abs(f_star.value))


def misalignment(step, subgradient) -> float:
    """|x - u - t g / |g|_2|_2, how far a Euclidean step is from the direction of its subgradient."""
    size = float(l2(subgradient))
    if size == 0:
        return 0.0
    return float(l2(subtract(step, scale(float(l2(step)) / size, subgradient))))
