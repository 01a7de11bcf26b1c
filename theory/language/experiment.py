"""One experiment: an instance, a radius rule, parameters, a number of steps, and what its hypotheses established."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import numpy as np

from broximal.oracles.arguments import as_integer, nearest
from broximal.oracles.arrays import Tree, as_number
from broximal.oracles.compressors import Compressor, parse
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.norm import Norm, as_norm
from broximal.problems.bandits.arms import Arms
from broximal.problems.instance import Instance
from broximal.problems.problem import CONSTANTS, Problem, check_minimiser, finite_start
from broximal.problems.smoothness import MEANING
from broximal.theory.language.algorithm import World, worker_count
from broximal.theory.language.declaration import range_of
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.quantity import arm, layer

Schedule = Callable[[int], float]
Fact = TypeVar("Fact")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What a method is run with.

    radius     a number (constant radius) or a function of k
    tol        relative tolerance of the oracle calls
    constants  values the user insists on, instead of the problem's own; `make` checks that they do not contradict it.
               "smoothness" says which meaning L0 and L1 have (see `problems.smoothness`)
    parameters values of a method's own parameters (momentum, radius factors of the layers, ...) by the name that its
               theorem gives them, a number or one number a layer, or a compressor or its name
    facts      what the hypotheses of a theorem established, by type
    """

    instance: Instance
    steps: int
    radius: float | Schedule
    seed: int = 0
    tol: float = 1e-10
    constants: dict[str, Any] = dataclasses.field(default_factory=dict)
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    facts: dict[type, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def make(
        cls,
        problem: Problem | Instance,
        norm: Norm | None = None,
        *,
        x0: Tree | None = None,
        steps: int = 50,
        radius: Any = None,
        seed: int = 0,
        tol: float = 1e-10,
        constants: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> "Experiment":
        """A validated experiment on a problem in a norm, or on an instance of another kind.

        Radius None: D_0 / 9.7, or 1 if no minimiser is known. Raises InvalidArgument.
        """
        steps = as_integer(steps, "steps")
        if isinstance(problem, Instance):
            if norm is not None or x0 is not None or constants:
                raise InvalidArgument(f"norm, x0 and constants belong to a problem, and {problem.name} is none.")
            instance, own = problem, {}
            start = 0.0
        else:
            if not isinstance(problem, Problem):
                raise InvalidArgument(f"problem must be a broximal Problem, not {type(problem).__name__}.")
            norm = as_norm(norm)
            # Checks are made in double precision, whatever the start was given in.
            x0 = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=np.float64), finite_start(problem, x0, norm))
            check_minimiser(problem, x0)
            instance = Optimisation(problem, norm, x0)
            start = problem.distance(x0, norm).value if radius is None and problem.minimiser is not None else 0.0
            own = _constants(constants)
            _refuse_contradictions(problem, norm, x0, own)
        if radius is None:
            radius = start / 9.7 if start > 0 else 1.0
        elif not callable(radius):
            radius = float(as_number(radius, "radius", low=0, open_low=True))
            if not np.isfinite(radius):
                raise InvalidArgument("radius is infinite; the ball would be the whole space.")
        rule: Any = radius
        found = cls(instance, steps, rule, int(seed), tol, own, _parameters(parameters))
        if callable(radius):
            for step in range(found.steps):
                found.radius_at(step)
        return found

    def radius_at(self, step: int) -> float:
        try:
            value = self.radius(step) if callable(self.radius) else self.radius
        except Exception as error:  # the user's own function
            raise InvalidArgument(f"radius({step}) raised {type(error).__name__}: {error}.") from None
        return float(as_number(value, f"radius at step {step}", low=0, open_low=True))

    @property
    def constant_radius(self) -> bool:
        return not callable(self.radius)

    @property
    def problem(self) -> Any:
        """Raises MissingConstant for an instance that is no optimisation."""
        return self.instance.optimisation.problem

    @property
    def norm(self) -> Norm:
        return self.instance.optimisation.norm

    @property
    def x0(self) -> Tree:
        return self.instance.optimisation.x0

    @functools.cached_property
    def layers(self) -> Layers:
        """The layers of the norm. Raises MissingConstant where there is no norm."""
        return Layers(self.norm)

    def count(self, axis: Any) -> int:
        """How many layers, workers or arms there are. Raises MissingConstant where there are none.

        Workers are those of the problem, or of the parameter that has a number for each.
        """
        if axis == layer:
            return self.layers.count
        return self.instance.arms if axis == arm else worker_count(self.instance, self.parameters)

    @property
    def noisy(self) -> bool:
        """Are the gradients of the problem seen through noise, or rewards of arms drawn?"""
        return isinstance(self.instance, Arms) or (isinstance(self.instance, Optimisation) and self.problem.stochastic)

    def fact(self, kind: type[Fact]) -> Fact:
        """What a hypothesis established. Raises MissingConstant if none did."""
        if kind not in self.facts:
            raise MissingConstant(f"no {kind.__name__} was established for this run")
        return self.facts[kind]

    def established(self, fact: Any) -> "Experiment":
        """The experiment with this fact, in the place of one of its type."""
        return dataclasses.replace(self, facts=self.facts | {type(fact): fact})


def world_of(experiment: Experiment) -> World:
    """What a method of this experiment may ask."""
    numbers: dict[str, Any] = {}
    for fact in experiment.facts.values():
        numbers |= {key: np.asarray(value, dtype=float) for key, value in getattr(fact, "numbers", {}).items()}
    for key, value in experiment.parameters.items():
        numbers[key] = value if isinstance(value, Compressor) else np.asarray(value, dtype=float)
    numbers["t"] = np.array([experiment.radius_at(step) for step in range(experiment.steps)])
    layers = experiment.layers if isinstance(experiment.instance, Optimisation) else None
    return World(experiment.instance, layers, numbers, None, experiment.steps, experiment.tol)


def _constants(given: dict[str, Any] | None) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise InvalidArgument(f"constants must be a dict from names to values, not {type(given).__name__}.")
    own = dict(given or {})
    for name, value in own.items():
        if name == "smoothness":
            if value not in MEANING:
                raise InvalidArgument(f"constants has smoothness {value!r}; known meanings are {', '.join(MEANING)}.")
            continue
        if name not in CONSTANTS:
            raise InvalidArgument(
                f"constants has the unknown name {name!r}; known are {', '.join(CONSTANTS)}.{nearest(name, CONSTANTS)}"
            )
        if name in ("L0", "L1") and isinstance(value, (list, tuple, np.ndarray)):  # one number a layer
            own[name] = tuple(range_of(name).check(entry, f"constant {name}") for entry in value)
        else:
            own[name] = range_of(name).check(value, f"constant {name}")
    if "smoothness" in own and not {"L0", "L1"} & set(own):
        raise InvalidArgument("constants has smoothness, which says what L0 and L1 mean, but neither of them.")
    if own.get("mu", 0.0) > own.get("L", np.inf):
        raise InvalidArgument(f"constant mu = {own['mu']:g} is larger than L = {own['L']:g}.")
    return own


def _parameters(given: dict[str, Any] | None) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise InvalidArgument(f"parameters must be a dict from names to values, not {type(given).__name__}.")
    found = {}
    for name, value in (given or {}).items():
        if isinstance(value, (str, Compressor)):
            found[name] = parse(value) if isinstance(value, str) else value
            continue
        several = isinstance(value, (list, tuple, np.ndarray))
        numbers = [range_of(name).check(entry, f"parameter {name}") for entry in (value if several else [value])]
        found[name] = tuple(numbers) if several else numbers[0]
    return found


def _refuse_contradictions(problem: Problem, norm: Norm, x0: Tree, constants: dict[str, float]) -> None:
    for name, value in constants.items():
        if name not in CONSTANTS or not CONSTANTS[name].alone:
            continue
        too_small = CONSTANTS[name].safe == "larger"  # what is wrong with a value on the wrong side
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
