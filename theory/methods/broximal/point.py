"""The Broximal Point Method: x_{k+1} in argmin { f(z) : |z - x_k| <= t_k }, in any norm, any radii."""

import dataclasses
from typing import ClassVar

from broximal.oracles.arrays import subtract
from broximal.oracles.brox import brox
from broximal.oracles.errors import MissingConstant
from broximal.oracles.norms import L2
from broximal.theory.columns.points import EPS, misalignment
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


@dataclasses.dataclass(frozen=True)
class BroximalPoint(Method):
    """Exact up to the certificate of every step, which the run keeps.

    The run ends at the first k with x_k in X*: the ball around x_{k-1} contained a minimiser.
    """

    name: ClassVar[str] = "Broximal Point Method"
    update: ClassVar[str] = r"x_{k+1} \in \operatorname{argmin}\{ f(z) : \|z - x_k\| \le t_k \}"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem, norm = setting.problem, setting.norm
        x = setting.x0
        points, records, terminated = [x], [], None
        if at_minimum(problem, norm, x):
            return Run(setting, points, records, terminated=0)
        for step in range(setting.steps):
            radius = setting.radius_at(step)
            hit = reaches_minimum(problem, norm, x, radius)
            answer = brox(problem, norm, x, radius, tol=setting.tol)
            drift = 0.0
            if isinstance(norm, L2) and answer.subgradient is not None:
                drift = misalignment(norm, subtract(x, answer.point), answer.subgradient)
            x = answer.point
            points.append(x)
            records.append(Record(answer, radius, float(answer.gap), drift))
            if progress is not None:
                progress(step + 1, setting.steps)
            if hit or (not problem.unique_minimiser and at_minimum(problem, norm, x)):
                terminated = step + 1
                break
        return Run(setting, points, records, terminated=terminated)


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
