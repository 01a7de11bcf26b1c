"""One experiment: a problem, a norm, a start, a radius rule and a number of steps; and the run that came of it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from broximal.oracles.arrays import Tree, as_number
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.problems.problem import Problem, finite_start

Schedule = Callable[[int], float]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a method is run with.

    radius     a number (constant radius) or a function of k
    tol        relative tolerance of the oracle calls
    constants  values the user insists on, instead of the problem's own; `make` checks that they do not contradict it
    """

    problem: Problem
    norm: Norm
    x0: Tree
    steps: int
    radius: float | Schedule
    seed: int = 0
    tol: float = 1e-10
    constants: dict[str, float] = dataclasses.field(default_factory=dict)

    @classmethod
    def make(
        cls,
        problem: Problem,
        norm: Norm,
        *,
        x0: Tree | None = None,
        steps: int = 50,
        radius: Any = None,
        seed: int = 0,
        tol: float = 1e-10,
        constants: dict[str, float] | None = None,
    ) -> "Setting":
        """A validated setting. Radius None: D_0 / 9.7, or 1 if no minimiser is known. Raises InvalidArgument."""
        if not isinstance(problem, Problem):
            raise InvalidArgument(f"problem must be a broximal Problem, not {type(problem).__name__}.")
        if not isinstance(norm, Norm):
            raise InvalidArgument(f"norm must be a broximal Norm, not {type(norm).__name__}.")
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
            raise InvalidArgument(f"steps must be a positive integer, not {steps!r}.")
        x0 = finite_start(problem, x0, norm)
        if radius is None:
            start = problem.distance(x0, norm).value if problem.minimiser is not None else 0.0
            radius = start / 9.7 if start > 0 else 1.0
        elif not callable(radius):
            radius = float(as_number(radius, "radius", low=0, open_low=True))
            if not np.isfinite(radius):
                raise InvalidArgument("radius is infinite; the ball would be the whole space.")
        own = dict(constants or {})
        for name, value in own.items():
            own[name] = float(as_number(value, f"constant {name}", low=0))
        if own.get("mu", 0.0) > own.get("L", np.inf):
            raise InvalidArgument(f"constant mu = {own['mu']:g} is larger than L = {own['L']:g}.")
        _refuse_contradictions(problem, norm, own)
        rule: Any = radius
        return cls(problem, norm, x0, int(steps), rule, int(seed), tol, own)

    def radius_at(self, step: int) -> float:
        value = self.radius(step) if callable(self.radius) else self.radius
        return float(as_number(value, f"radius at step {step}", low=0, open_low=True))

    @property
    def constant_radius(self) -> bool:
        return not callable(self.radius)


def _refuse_contradictions(problem: Problem, norm: Norm, constants: dict[str, float]) -> None:
    from broximal.oracles.errors import MissingConstant

    for name, value in constants.items():
        if name not in ("L", "mu", "G", "kappa"):
            continue
        try:
            own = problem.constant(name, norm)
        except MissingConstant:
            continue
        too_small = name in ("L", "G") and value < own.value * (1 - 1e-12)
        too_large = name in ("mu", "kappa") and value > own.value * (1 + 1e-12)
        if own.kind == "exact" and (too_small or too_large):
            raise InvalidArgument(f"constant {name} = {value:g} contradicts {problem.name}, where {own}.")


class Run:
    """What a method did: the points x_0 .. x_N, one record per step, and the columns measured from them on demand."""

    def __init__(self, setting: Setting, points: list[Tree], records: list[Any], *, terminated: int | None = None):
        self.setting = setting
        self.problem = setting.problem
        self.norm = setting.norm
        self.points = points
        self.records = records
        self.terminated = terminated  # the first k with x_k in X*, None if not reached
        self._measured: dict[str, Any] = {}

    @property
    def length(self) -> int:
        """How many steps were made."""
        return len(self.records)

    def measure(self, quantity) -> Any:
        """The quantity as measured on this run; computed once."""
        if quantity.key not in self._measured:
            self._measured[quantity.key] = quantity.measure(self)
        return self._measured[quantity.key]
