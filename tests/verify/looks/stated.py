"""Problems that state something wrong about themselves, for tests of the looks."""

from typing import Any

import numpy as np

from broximal.problems import Problem
from broximal.problems.constant import Known


class Misstated(Problem):
    """A problem with some of its facts replaced."""

    inner: Problem
    changes: Any

    def _facts(self):
        return self.inner.facts.but(**self.changes)

    @property
    def name(self):
        return f"misstated {self.inner.name}"

    @property
    def x0(self):
        return self.inner.x0

    def value(self, x):
        return self.inner.value(x)

    def gradient(self, x):
        return self.inner.gradient(x)

    def minorant(self, u, g):
        return self.inner.minorant(u, g)

    def move(self, norm, x, radius):
        return self.inner.move(norm, x, radius)

    def constant(self, name, norm, x0=None):
        return self.inner.constant(name, norm, x0)

    def smoothness(self, norm):
        return self.inner.smoothness(norm)


def with_f_star(problem, off):
    found = problem.f_star
    return Misstated(problem, {"f_star": Known(found.value + off, found.error, "a claim")})


def with_minimiser(problem, off, follow):
    """The minimiser moved by `off` along a direction of all entries; f* follows it, or stays."""
    moved = problem.minimiser + off * np.ones_like(problem.minimiser) / np.sqrt(problem.minimiser.size)
    changes = {"minimiser": moved}
    if follow:
        changes["f_star"] = Known(float(problem.value(moved)), 0.0, "the value there")
    return Misstated(problem, changes)
