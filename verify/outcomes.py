"""All outcomes of one step of a method from one state, with their probabilities.

The step is made again and again: each time the samples and the choices that it asks for are answered otherwise, until every
combination was given. Its key is silent (see `theory.language.keys`), so that a step that draws anything else is refused and
never taken for one that draws nothing.
"""

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from broximal.oracles.arrays import is_concrete, subtract
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.problems.bandits.arms import Arms
from broximal.problems.stochastic.contract import Stochastic
from broximal.problems.stochastic.noise import OUTCOMES
from broximal.theory.language.algorithm import Algorithm, World
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.keys import NotEnumerable, silent_key

SURE = 1e-9  # how far probabilities may be from adding up to 1, by rounding


class Outcome(NamedTuple):
    """A state after the step, and how likely it is."""

    chance: float
    state: Any


class Lists(dict[Any, list[tuple[float, Any]]]):
    """The (probability, value) of everything that steps asked for, listed once for all states."""

    def of(self, name: Any, make: Callable[[], list[tuple[float, Any]]]) -> list[tuple[float, Any]]:
        """Without what is impossible. Raises InvalidArgument unless the probabilities add up to 1."""
        if name not in self:
            found = [(float(chance), value) for chance, value in make()]
            total = math.fsum(chance for chance, _ in found)
            if not all(chance >= 0 for chance, _ in found):
                raise InvalidArgument(f"a probability of {name[0]} is {min(chance for chance, _ in found):.12g}.")
            if not abs(total - 1) <= SURE:
                raise InvalidArgument(f"the probabilities of {name[0]} add up to {total:.12g}, not to 1.")
            self[name] = [(chance, value) for chance, value in found if chance > 0]
        return self[name]


class _Pass:
    """One pass through a step. `script` says which outcome the first questions get; the others get the first one.

    taken   which outcome every question got;  counts  how many it had;  chance  of all of them together
    """

    def __init__(self, script: tuple[int, ...], lists: Lists):
        self.script, self.lists = script, lists
        self.taken: list[int] = []
        self.counts: list[int] = []
        self.chance = 1.0
        self._known: dict[bytes, tuple[Any, Any]] = {}

    def ask(self, key: Any, name: Any, make: Callable[[], list[tuple[float, Any]]]) -> Any:
        """The value of what is called `name`, drawn with this key; equal keys give equal values."""
        if key is None or not is_concrete(key):
            raise NotEnumerable("its step draws samples inside a loop that JAX traces, where outcomes cannot be put in")
        own = np.asarray(jax.random.key_data(key)).tobytes()
        if own in self._known:
            before, value = self._known[own]
            if before != name:
                raise NotEnumerable(f"its step draws {before[0]} and {name[0]} with the same key")
            return value
        options = self.lists.of(name, make)
        place = len(self.taken)
        taken = self.script[place] if place < len(self.script) else 0
        chance, value = options[taken]
        self.taken.append(taken)
        self.counts.append(len(options))
        self.chance *= chance
        self._known[own] = name, value
        return value

    @property
    def keys(self) -> set[bytes]:
        """The keys with which it was asked."""
        return set(self._known)

    def world(self, world: World) -> World:
        """The world, answered by this pass."""
        asked = _with(world, choice=self._choice)
        instance = world.instance
        if isinstance(instance, Arms):
            arms = instance

            def rewards(key: Any) -> Any:
                return self.ask(key, ("rewards", None), lambda: _enumerable(arms.outcomes))

            def pull(key: Any, arm: Any) -> Any:
                return self.ask(key, ("a reward", int(arm)), lambda: _enumerable(lambda: arms.outcomes(int(arm))))

            return _with(asked, instance=_with(instance, draw=rewards, pull=pull))
        if isinstance(instance, Optimisation) and isinstance(instance.problem, Stochastic):
            problem = instance.problem

            def draw(key: Any, batch: int | None = None) -> Any:
                size = problem.batch if batch is None else batch
                return self.ask(key, ("a sample", size), lambda: _enumerable(lambda: problem.outcomes(batch)))

            asked = _with(asked, instance=_with(instance, problem=_with(problem, draw=draw)))
        return asked

    def _choice(self, key: Any, chances: Any) -> Any:
        chances = np.asarray(chances, dtype=float)
        return self.ask(key, ("a choice", tuple(chances.tolist())), lambda: [(p, j) for j, p in enumerate(chances)])

    def others(self) -> list[tuple[int, ...]]:
        """The scripts that differ from this pass first at a question after those of its own script."""
        return [
            (*self.taken[:place], other)
            for place in range(len(self.script), len(self.taken))
            for other in range(1, self.counts[place])
        ]


def _enumerable(listed: Callable[[], list[tuple[float, Any]]]) -> list[tuple[float, Any]]:
    try:
        return listed()
    except BroximalError as missing:
        raise NotEnumerable(str(missing).rstrip(".")) from None


def _with(value: Any, **parts: Any) -> Any:
    """A copy with other attributes. Under jit or vmap it is what it was, and its draws find a silent key."""
    twin = copy.copy(value)
    for name, part in parts.items():
        object.__setattr__(twin, name, part)
    return twin


def asking(world: World, said: list[Any]) -> World:
    """The world, whose choices are drawn as ever, and kept in the list with their probabilities."""

    def choice(key: Any, chances: Any) -> Any:
        taken = world.choice(key, chances)
        said.append((taken, jax.numpy.asarray(chances, dtype=float)))
        return taken

    return _with(world, choice=choice)


def outcomes(algorithm: Algorithm, world: World, state: Any, k: int, lists: Lists) -> list[Outcome]:
    """All outcomes of step k from this state; their chances add up to 1.

    Raises NotEnumerable where the step draws what has no list or they are more than 4096, InvalidArgument for lists whose
    probabilities do not add up to 1, and what the step itself raises.
    """
    found: list[Outcome] = []
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        script = waiting.pop()
        this = _Pass(script, lists)
        after = algorithm.step(this.world(world), state, k, silent_key(k))
        if not script:
            again = _Pass(script, lists)
            twin = algorithm.step(again.world(world), state, k, silent_key(k + 2**20))
            if again.taken != this.taken or not equal(after.x, twin.x, 0.0):
                raise NotEnumerable("its step depends on its key besides samples of the problem and `world.choice`")
            if this.keys & again.keys:
                raise NotEnumerable(
                    "its step draws with a key that is not made from its own, so that nothing new is drawn"
                )
        found.append(Outcome(this.chance, after))
        waiting += this.others()
        if len(found) + len(waiting) > OUTCOMES:
            raise NotEnumerable(f"its step has more than {OUTCOMES} outcomes")
    total = math.fsum(chance for chance, _ in found)
    if abs(total - 1) > SURE * len(lists):
        raise InvalidArgument(f"the probabilities of the outcomes of step {k} add up to {total:.12g}, not to 1.")
    return found


def equal(a: Any, b: Any, tolerance: float = 1e-9, of: Any = ()) -> bool:
    """Are two points equal, up to this share of their size, or of that of a third one?"""
    sizes = [np.abs(np.asarray(leaf)).max(initial=0.0) for leaf in jax.tree.leaves((a, b, of))]
    off = [np.abs(np.asarray(leaf)).max(initial=0.0) for leaf in jax.tree.leaves(subtract(a, b))]
    with np.errstate(invalid="ignore"):
        return not np.any(np.asarray(off) > tolerance * max(sizes, default=0.0))
