"""The contract of a method: a pure pair (init, step) on a state of its own.

    state_0 = init(world, x0, key),    state_{k+1} = step(world, state_k, k, key_k)

Nothing in a method knows of columns, traces, seeds or chunks: whoever runs it decides what is measured. The same step runs
in numpy on the host and inside a jitted scan over steps and seeds.
"""

import abc
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import is_concrete
from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.module import Module
from broximal.problems.bandits.arms import Arms
from broximal.problems.distributed.workers import Workers
from broximal.problems.instance import Instance
from broximal.theory.language.declaration import is_known
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.quantity import known, worker

SINGLE = 1e-5  # how far probabilities in single precision may be from adding up to 1

if TYPE_CHECKING:
    from broximal.theory.language.experiment import Experiment
    from broximal.theory.language.run import View


class State(Module):
    """`x` is the point that theorems speak about; everything else is the method's own.

    charge  how far above the exact step's value x may be because an oracle is not exact; an inexactness that the
            theorem itself speaks about is not charged
    drift   how far x may be from an exact step in the sense of distances to the minimiser
    """

    x: eqx.AbstractVar[Any]

    @property
    def charge(self) -> Any:
        return 0.0

    @property
    def drift(self) -> Any:
        return 0.0


class Clock(NamedTuple):
    """What a run has used up by the time it has its state: numbers, or arrays inside jit.

    samples   stochastic (or exact) gradients that were evaluated, all workers together
    bits      sent between server and workers
    rounds    of communication, or steps where there is none
    elapsed   in the unit of the workers' times, or in steps
    lmo_calls linear minimisations over a ball
    """

    samples: Any
    bits: Any
    rounds: Any
    elapsed: Any
    lmo_calls: Any


class World(Module):
    """What a method may ask, nothing else; a pytree, so that a jitted run compiles once for its shapes.

    numbers     parameters and established facts by key: arrays (one number, or one a layer), or compressors; `t` has the
                radius of every step, shape (K,)
    minimiser   of the problem, where the run is traced and a column asks for it
    """

    instance: Instance
    layers: Layers | None
    numbers: dict[str, Any]
    minimiser: Any = None
    horizon: int = eqx.field(static=True, default=0)
    tol: float = eqx.field(static=True, default=1e-10)

    def __getitem__(self, name: str) -> Any:
        """The value of a parameter. Raises MissingConstant if the theorem has no rule for it and none was given."""
        if name not in self.numbers:
            raise MissingConstant(f"the method needs the parameter {name}, which was not given and has no rule.")
        return self.numbers[name]

    @property
    def problem(self) -> Any:
        """Raises MissingConstant for an instance that is no optimisation."""
        return self.instance.optimisation.problem

    @property
    def norm(self) -> Any:
        return self.instance.optimisation.norm

    @property
    def arms(self) -> Arms:
        """The arms of a bandit. Raises MissingConstant for another instance."""
        if not isinstance(self.instance, Arms):
            raise MissingConstant(f"{self.instance.name} has no arms.")
        return self.instance

    @property
    def parts(self) -> Layers:
        """The layers of the norm."""
        if self.layers is None:
            raise MissingConstant(f"{self.instance.name} has no layers.")
        return self.layers

    @property
    def workers(self) -> int:
        """How many workers there are: of the problem, or of a parameter with one number for each.

        Raises MissingConstant where there are none.
        """
        return worker_count(self.instance, self.numbers)

    def radius(self, k: Any) -> Any:
        """The radius of step k, as given."""
        return self["t"][k]

    def choice(self, key: Any, chances: Any) -> Any:
        """An index, drawn with these probabilities, (n,): a coin, a worker, a set of layers.

        What a step draws here or from samples of its problem is known outcome by outcome, so that its conditional
        expectation is exact (see `Drift`); what it draws by itself is not.

        Raises InvalidArgument for numbers that are no probabilities, where they do not depend on what is traced.
        """
        if all(map(is_concrete, jax.tree.leaves(chances))):
            stated = np.asarray(chances, dtype=float)
            if not (np.all(stated >= 0) and abs(stated.sum() - 1) <= SINGLE):
                raise InvalidArgument(
                    f"the probabilities of a choice must be at least 0 and add up to 1, not {stated.tolist()}."
                )
        chances = jnp.asarray(chances)
        return jax.random.choice(key, len(chances), p=chances)


Gradients = Literal["none", "exact", "sample"]


class Algorithm(Module):
    """A method. `name` and `update` (LaTeX) appear on the card of its theorems.

    needs       what it evaluates: no gradients, exact ones, or samples (exact gradients where there is no noise; rewards)
    host        its step calls a solver, so that it cannot be traced
    draws       it uses its keys whatever the problem is, and one path is looked at (points drawn to probe a statement)
    chooses     its steps draw by themselves (a coin, a worker, a coordinate), also where the problem has no noise, and
                many paths are looked at
    traced      its step cannot be run in numpy, so that it is always traced
    monotone    f never increases along its runs
    parameters  names it reads besides those of a theorem's rules
    radius      how far a step goes as a formula in parameters, the horizon and k; None where there is none
    adaptive    the same in words, where it depends on what is met along the run
    """

    needs: ClassVar[Gradients] = "none"
    host: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    chooses: ClassVar[bool] = False
    traced: ClassVar[bool] = False
    monotone: ClassVar[bool] = False
    parameters: ClassVar[tuple[str, ...]] = ()
    radius: ClassVar[Any] = None
    adaptive: ClassVar[str] = ""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """In words."""

    @property
    @abc.abstractmethod
    def update(self) -> str:
        """The step in LaTeX."""

    def validate(self, experiment: "Experiment") -> None:
        """Raises InvalidArgument for given parameters of its own that it cannot run with."""
        return None

    def random(self, experiment: "Experiment") -> bool:
        """Does a run depend on its seed, so that many paths are looked at?"""
        return self.chooses or (self.needs == "sample" and experiment.noisy)

    def keyed(self, experiment: "Experiment") -> bool:
        """Does a step get a key? Else it gets None, so that nothing is drawn unseen where one path is taken for all."""
        return self.draws or self.random(experiment)

    def scanned(self, experiment: "Experiment") -> bool:
        """Are its runs traced, all seeds in one scan, and not made step by step on the host?"""
        return self.traced or (self.random(experiment) and not self.host)

    def prepare(self, world: World) -> World:
        """The world as its steps need it (numbers that do not change along the run, say); called once, on the host."""
        return world

    def compiled(self) -> "Algorithm":
        """The same method without what only its card needs, so that methods that differ in that are compiled once."""
        return self

    @abc.abstractmethod
    def init(self, world: World, x0: Any, key: Any) -> State:
        """The state at x_0. `key` is None where nothing is drawn (see `keyed`)."""

    @abc.abstractmethod
    def step(self, world: World, state: Any, k: Any, key: Any) -> State:
        """The state after step k, of the same structure."""

    def finished(self, now: "View") -> bool:
        """Is x in the set of minimisers, or is no further step made, so that a run on the host ends? Asked of every state."""
        return False

    def clock(self, world: World, state: Any, k: Any) -> Clock:
        """What the run has used up when it has reached the state of index k."""
        return Clock(k if self.needs != "none" else 0 * k, 0 * k, k, k, 0 * k)


def worker_count(instance: Instance, numbers: dict[str, Any]) -> int:
    """How many workers an instance and parameters speak of. Raises MissingConstant for none, InvalidArgument for two numbers."""
    counts = {key: len(value) for key, value in numbers.items() if _of_workers(key) and np.ndim(value) == 1}
    if isinstance(instance, Optimisation) and isinstance(instance.problem, Workers):
        counts[instance.name] = instance.problem.count
    if not counts:
        raise MissingConstant(f"{instance.name} has no workers, and no parameter has a number for each.")
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{count} by {name}" for name, count in counts.items())
        raise InvalidArgument(f"the number of workers is {said}.")
    return next(iter(counts.values()))


def _of_workers(key: str) -> bool:
    return is_known(key) and known(key).axis == worker
