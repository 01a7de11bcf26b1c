"""One experiment: a problem, a norm, a start, a radius rule and a number of steps; and the run that came of it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, as_number, nearest
from broximal.oracles.compressors import Compressor, parse
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm, as_norm
from broximal.problems.problem import CONSTANTS, Problem, finite_start
from broximal.problems.smoothness import Smoothness

Schedule = Callable[[int], float]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a method is run with.

    radius     a number (constant radius) or a function of k
    tol        relative tolerance of the oracle calls
    constants  values the user insists on, instead of the problem's own; `make` checks that they do not contradict it
    parameters values of a method's own parameters (momentum, radius factors of the layers, ...) by the name that its
               theorem gives them, a number or one number a layer, or a compressor or its name
    smoothness the statement about layer-wise smoothness that the theorem relies on, put here by its hypothesis
    """

    problem: Problem
    norm: Norm
    x0: Tree
    steps: int
    radius: float | Schedule
    seed: int = 0
    tol: float = 1e-10
    constants: dict[str, Any] = dataclasses.field(default_factory=dict)
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    smoothness: Smoothness | None = None

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
        constants: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> "Setting":
        """A validated setting. Radius None: D_0 / 9.7, or 1 if no minimiser is known. Raises InvalidArgument."""
        if not isinstance(problem, Problem):
            raise InvalidArgument(f"problem must be a broximal Problem, not {type(problem).__name__}.")
        norm = as_norm(norm)
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
            raise InvalidArgument(f"steps must be a positive integer, not {steps!r}.")
        # Checks are made in double precision, whatever the start was given in.
        x0 = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float64), finite_start(problem, x0, norm))
        if radius is None:
            start = problem.distance(x0, norm).value if problem.minimiser is not None else 0.0
            radius = start / 9.7 if start > 0 else 1.0
        elif not callable(radius):
            radius = float(as_number(radius, "radius", low=0, open_low=True))
            if not np.isfinite(radius):
                raise InvalidArgument("radius is infinite; the ball would be the whole space.")
        if constants is not None and not isinstance(constants, dict):
            raise InvalidArgument(f"constants must be a dict from names to values, not {type(constants).__name__}.")
        own = dict(constants or {})
        for name, value in own.items():
            if name not in CONSTANTS:
                raise InvalidArgument(
                    f"constants has the unknown name {name!r}; known are {', '.join(CONSTANTS)}.{nearest(name, CONSTANTS)}"
                )
            if name in ("L0", "L1") and isinstance(value, (list, tuple, np.ndarray)):  # one number a layer
                own[name] = tuple(float(as_number(entry, f"constant {name}", low=0)) for entry in value)
            else:
                own[name] = float(as_number(value, f"constant {name}", low=0))
        if own.get("mu", 0.0) > own.get("L", np.inf):
            raise InvalidArgument(f"constant mu = {own['mu']:g} is larger than L = {own['L']:g}.")
        _refuse_contradictions(problem, norm, x0, own)
        rule: Any = radius
        return cls(problem, norm, x0, int(steps), rule, int(seed), tol, own, _parameters(parameters))

    def radius_at(self, step: int) -> float:
        try:
            value = self.radius(step) if callable(self.radius) else self.radius
        except Exception as error:  # the user's own function
            raise InvalidArgument(f"radius({step}) raised {type(error).__name__}: {error}.") from None
        return float(as_number(value, f"radius at step {step}", low=0, open_low=True))

    @property
    def constant_radius(self) -> bool:
        return not callable(self.radius)


def _parameters(given: dict[str, Any] | None) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise InvalidArgument(f"parameters must be a dict from names to values, not {type(given).__name__}.")
    found = {}
    for name, value in (given or {}).items():
        if isinstance(value, (str, Compressor)):
            found[name] = parse(value) if isinstance(value, str) else value
            continue
        several = isinstance(value, (list, tuple, np.ndarray))
        numbers = [float(as_number(entry, f"parameter {name}", low=0)) for entry in (value if several else [value])]
        found[name] = tuple(numbers) if several else numbers[0]
    return found


def _refuse_contradictions(problem: Problem, norm: Norm, x0: Tree, constants: dict[str, float]) -> None:
    for name, value in constants.items():
        if name not in ("L", "mu", "G", "kappa", "R0"):
            continue
        too_small = name in ("L", "G", "R0")  # what is wrong with a value on the wrong side
        try:
            own = problem.constant(name, norm, x0)
        except MissingConstant:
            own = None
        if own is not None and own.kind == "exact":
            if value < own.value * (1 - 1e-12) if too_small else value > own.value * (1 + 1e-12):
                raise InvalidArgument(f"constant {name} = {value:g} contradicts {problem.name}, where {own}.")
        elif (limit := _limit_at_start(problem, norm, x0, name)) is not None:
            if value < limit * (1 - 1e-9) if too_small else value > limit * (1 + 1e-9):
                raise InvalidArgument(
                    f"constant {name} = {value:g} contradicts {problem.name}, where the start and the minimiser alone "
                    f"show that {name} in {norm.name} is at {'least' if too_small else 'most'} {limit:g}."
                )


def _limit_at_start(problem: Problem, norm: Norm, x0: Tree, name: str) -> float | None:
    """What the pair x0, x* says about a constant: growth at most gap / D_0^q, and R0 at least D_0."""
    try:
        if not problem.unique_minimiser:
            return None
        distance = problem.distance(x0, norm)
        if name == "R0":
            return distance.value - distance.error
        if name != "kappa" or problem.growth_exponent is None or not distance.value > distance.error:
            return None
        top = float(problem.gap(x0)) + problem.f_star.error
        return top / (distance.value - distance.error) ** problem.growth_exponent
    except MissingConstant:
        return None


class Run:
    """What a method did: the points x_0 .. x_N, one record per step, and the columns measured from them on demand."""

    def __init__(self, setting: Setting, points: list[Tree], records: list[Any], *, terminated: int | None = None):
        self.setting = setting
        self.problem = setting.problem
        self.norm = setting.norm
        self.points = points
        self.records = records
        self.terminated = terminated  # the first k with x_k in X*, None if not reached
        self.layers = Layers(setting.norm)
        self.trace: dict[str, np.ndarray] = {}  # columns that a jitted run recorded as it went
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
