"""Do the random choices of sampled runs follow the law that is declared? Many first steps, traced as sampled runs are.

What is drawn by `world.choice` is counted, an index for each of its probabilities: the law by which outcomes are listed.
Which layers move is counted where a method has a `mask` and states the `marginals`: the law that claims speak of as P_l. All
counts are exact binomial ones, at one level together. A step is also made twice with one key, since what is drawn besides
keys (by numpy, say) is one number for all paths of a traced run.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.errors import InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.algorithm import Algorithm, World
from broximal.theory.language.experiment import Experiment, world_of
from broximal.theory.language.run import start_of
from broximal.verify import confidence
from broximal.verify.outcomes import asking, equal
from broximal.verify.programs import compiled_fast
from broximal.verify.running import called, unwritable

LEVEL = 1e-6  # with which a method whose choices are as declared is refused
PATHS = 4096  # first steps
MOST = 64  # probabilities that are counted one by one
CHEAP = 2**20  # entries of all their points
SURE = 1e-5  # by which chances may be rounded


def check_step(algorithm: Algorithm, experiment: Experiment) -> None:
    """Raise InvalidArgument for a step of a method with one path that is not decided by its state and its key."""
    world, x0 = algorithm.prepare(world_of(experiment)), start_of(experiment)
    _first_step(algorithm, world, x0, experiment.seed, keyed=algorithm.keyed(experiment))


def check_choices(algorithm: Algorithm, experiment: Experiment) -> None:
    """Raise InvalidArgument, with the numbers, for choices that are not as declared, or a step that its key does not decide."""
    world, x0 = algorithm.prepare(world_of(experiment)), start_of(experiment)
    seed = experiment.seed + 15485863
    asked = _first_step(algorithm, world, x0, seed)
    marginals = world.numbers.get("marginals")
    if algorithm.host or (not asked and marginals is None):
        return
    entries = sum(np.size(leaf) for leaf in jax.tree.leaves(x0))
    count = int(np.clip(CHEAP // max(entries, 1), 64, PATHS))
    with jax.enable_x64(True):
        choices, mask = jax.tree.map(np.asarray, _steps(algorithm.compiled(), world, x0, seed + np.arange(count)))
    lines = _of_choices(algorithm, choices)
    if marginals is not None and mask is not None:
        lines += [
            (f"moves layer {layer}", on, float(chance), "state it as P")
            for layer, on, chance in zip(world.parts.labels, (mask > 0).T, np.asarray(marginals), strict=True)
        ]
    for what, happened, chance, where in lines:
        low, high = confidence.binomial(int(happened.sum()), count, LEVEL / len(lines))
        if not low - SURE <= chance <= high + SURE:
            raise InvalidArgument(
                f"{algorithm.name} {what} in {int(happened.sum())} of {number_of(count, 'first step')}, and its probabilities {where} "
                f"{chance:.4g}, which is refuted at level {LEVEL / len(lines):.1g}."
            )


def _of_choices(algorithm: Algorithm, choices: list[tuple[Any, Any]]) -> list[tuple[str, np.ndarray, float, str]]:
    """What is counted: in words, whether it happened on each path, and its probability."""
    found = []
    for call, (taken, chances) in enumerate(choices):
        if np.any(chances < 0) or np.any(np.abs(chances.sum(axis=1) - 1) > SURE):
            worst = chances[np.argmax(np.abs(chances.sum(axis=1) - 1) + (chances < 0).any(axis=1))]
            raise InvalidArgument(
                f"{algorithm.name} makes a choice with the probabilities {worst.tolist()}, which must be at least 0 and add "
                "up to 1."
            )
        if np.ptp(chances, axis=0).max() > SURE or chances.shape[1] > MOST:  # they differ from path to path
            continue
        of = f"takes index {{}} of choice {call}" if len(choices) > 1 else "takes index {} of its choice"
        for j, chance in enumerate(chances[0]):
            found.append((of.format(j), taken == j, float(chance), "state"))
    return found


def _first_step(algorithm: Algorithm, world: World, x0: Any, seed: int, keyed: bool = True) -> bool:
    """Does a first step ask for a choice? Raises InvalidArgument where the same step, made again, is another one."""
    keys: Any = jax.random.split(jax.random.key(seed)) if keyed else (None, None)
    asked, ends = [], []
    with jax.enable_x64(True), np.errstate(all="ignore"):
        at = jax.tree.map(jnp.asarray, x0) if algorithm.traced or (keyed and not algorithm.host) else unwritable(x0)
        for _ in range(2):
            said: list[Any] = []
            own = asking(world, said)
            state = called(algorithm, "init", at, own, at, keys[1])
            after = called(algorithm, "step", state.x, own, unwritable(state), 0, keys[0])
            ends.append(after.x)
            asked.append(len(said))
    if asked[0] != asked[1] or not equal(*ends):
        raise InvalidArgument(
            f"{algorithm.name} makes two different steps from one state with one key; what it draws must come from the key."
        )
    return asked[0] > 0


@compiled_fast
def _steps(algorithm: Algorithm, world: World, x0: Any, seeds: Any) -> Any:
    """([(indices (n,), chances (n, m)) of every choice], masks (n, p) or None) of the first steps with these seeds."""

    def one(seed: Any) -> Any:
        keys = jax.random.split(jax.random.key(seed), 2)
        said: list[Any] = []
        own = asking(world, said)
        after = algorithm.step(own, algorithm.init(own, jax.tree.map(jnp.asarray, x0), keys[1]), 0, keys[0])
        return said, getattr(after, "mask", None)

    return jax.vmap(one)(seeds)
