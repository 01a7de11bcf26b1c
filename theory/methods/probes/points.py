"""No method at all: points drawn around the start, for statements about every x."""

import dataclasses
from typing import ClassVar

import jax
import numpy as np

from broximal.oracles.arrays import combine
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


@dataclasses.dataclass(frozen=True)
class Probe(Method):
    """x_0 is the start of the problem, x_1, x_2, ... are drawn around it at random, out to a few initial distances.

    Statements are then checked at each point, or between a point and the next one.
    """

    name: ClassVar[str] = "random points"
    update: ClassVar[str] = r"x_0, x_1, \dots \text{ drawn at random}"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        rng = np.random.default_rng(setting.seed)
        x0, norm, problem = setting.x0, setting.norm, setting.problem
        centre = problem.minimiser if problem.minimiser is not None else x0
        reach = problem.distance(x0, norm).value if problem.minimiser is not None else 1.0
        points, records = [x0], []
        for step in range(setting.steps):
            direction = jax.tree.map(lambda leaf: rng.standard_normal(leaf.shape), x0)
            length = (reach or 1.0) * rng.uniform(0, 2) / float(norm(direction))
            points.append(combine(1.0, centre, length, direction))
            records.append(Record(None, setting.radius_at(step)))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)
