"""Running a method: on the host step by step, or as one jitted scan over steps and seeds, measuring what is asked for."""

from collections.abc import Iterable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.arrays import is_concrete
from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.theory.language.algorithm import Algorithm, State, World
from broximal.theory.language.experiment import Experiment, world_of
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.quantity import Measured, Quantity, known, rounding_of
from broximal.theory.language.run import Run, Start, View, entry, start_of
from broximal.verify.programs import compiled, compiled_fast, forget_programs

CHUNK = 32  # seeds that run at once: one size, so that a run is compiled once however many seeds there will be
CHUNK_BYTES = 2**28  # how much of the columns and points of a scan is held at once
SMALL = 10_000  # entries of a point times steps; such runs take less time than their compilation
MANY = 512  # seeds, for which a better compilation pays all the same


def run(
    algorithm: Algorithm,
    experiment: Experiment,
    columns: Iterable[Any] = (),
    seeds: Sequence[int] | None = None,
    *,
    points: bool = False,
) -> list[Run]:
    """One `Run` for every seed (by default the experiment's own).

    columns  what will be measured: columns of the vocabulary (`gap`, `g`) or their `Quantity`. Along a traced run only
             these, and what they are computed from, can be measured; on the host all states are kept
    seeds    of the paths; they matter where something is drawn
    points   keep the points of traced runs

    A run on the host ends early in the set of minimisers; a traced one makes all its steps. Raises MissingConstant for a
    parameter that the method needs and does not have, and what the problem's own code raises.

    >>> from broximal.oracles.norms import L2
    >>> from broximal.problems import Quadratic
    >>> from broximal.theory import LmoMethod, PerLayer, gap
    >>> experiment = Experiment.make(Quadratic.example(3), L2(), steps=5, parameters={"tau": 0.1})
    >>> (path,) = run(LmoMethod(PerLayer()), experiment, columns=[gap])
    >>> path.column("gap").values.shape
    (6,)
    """
    algorithm.validate(experiment)
    seeds = [experiment.seed] if seeds is None else list(seeds)
    asked = closure(columns)
    if algorithm.scanned(experiment):
        keep = points or any(q.points or q.host for q in asked)
        return _scanned(algorithm, experiment, [q for q in asked if not q.host], seeds, keep)
    return [on_host(algorithm, experiment, seed) for seed in seeds]


def closure(columns: Iterable[Any]) -> list[Quantity]:
    """The quantities, and those that they are computed from."""
    found: dict[str, Quantity] = {}
    waiting = [q if isinstance(q, Quantity) else known(str(getattr(q, "label", q))) for q in columns]
    while waiting:
        quantity = waiting.pop()
        if quantity.key not in found:
            found[quantity.key] = quantity
            waiting += [known(key) for key in quantity.uses]
    return list(found.values())


# ---- on the host -----------------------------------------------------------------------------------------------------


def on_host(algorithm: Algorithm, experiment: Experiment, seed: int | None = None, *, in_numpy: bool = False) -> Run:
    """The run of one seed, step by step; all states are kept.

    in_numpy  a method that draws is given numpy arrays too, unless it is traced
    """
    seed = experiment.seed if seed is None else seed
    world, steps = algorithm.prepare(world_of(experiment)), experiment.steps
    random = algorithm.random(experiment)
    x0, keys = start_of(experiment), [None] * (steps + 1)
    with jax.enable_x64(True), np.errstate(all="ignore"):  # a run may diverge; its verdict says so
        if algorithm.keyed(experiment):
            # The keys do not depend on how many there are, so few numbers of them are compiled.
            many = jax.random.split(jax.random.key(seed), 2 ** steps.bit_length())
            keys = list(many[: steps + 1])
        if algorithm.traced or (random and not algorithm.host and not in_numpy):
            x0 = jax.tree.map(jnp.asarray, x0)  # what is drawn comes from JAX, and so does the rest
        state = unwritable(called(algorithm, "init", x0, world, unwritable(x0), keys[-1]))
        start = now = View(world, algorithm, state, 0, seed=seed)
        views, terminated = [start], None
        for k in range(steps):
            if algorithm.finished(now):
                terminated = k
                break
            state = unwritable(called(algorithm, "step", state.x, world, state, k, keys[k]))
            now = View(world, algorithm, state, k + 1, start, seed)
            views.append(now)
        else:
            terminated = steps if algorithm.finished(now) else None
    return Run(experiment, algorithm, world, views, terminated=terminated, seed=seed)


def unwritable(state: Any) -> Any:
    """The same state, whose arrays no step or column can change: it is measured from when the run is over."""

    def view(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        seen = leaf.view()
        seen.flags.writeable = False
        return seen

    return jax.tree.map(view, state)


def called(algorithm: Algorithm, name: str, before: Any, *arguments: Any) -> Any:
    """The state that `init` or `step` returns for these arguments, the key last.

    Its x must be like the point before (None: it may be anything). Raises BroximalError where it is not, or where the
    method is asked for a step from a point that is not finite and refuses; InvalidArgument where it draws and nothing says so.
    """
    try:
        state = getattr(algorithm, name)(*arguments)
    except (TypeError, InvalidArgument) as error:
        if any(is_concrete(leaf) and not np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(before)):
            raise BroximalError(f"{name} of {algorithm.name} is at a point that is not finite: {error}") from error
        if arguments[-1] is not None or "key" not in str(error):
            raise
        raise InvalidArgument(
            f"{name} of {algorithm.name} uses its key, and nothing says that it draws here: a method whose steps draw by "
            'themselves says `chooses = True`, one that draws samples `needs = "sample"`.'
        ) from error
    said = f"{name} of {algorithm.name} returns"
    if not isinstance(state, State):
        raise BroximalError(f"{said} {type(state).__name__}, which is no State with the point x.")
    shapes = [jax.tree.map(np.shape, x) for x in (state.x, before)]
    if before is not None and shapes[0] != shapes[1]:
        raise BroximalError(f"{said} a point of shape {shapes[0]} after one of shape {shapes[1]}.")
    kinds = {jnp.result_type(leaf) for leaf in jax.tree.leaves(state.x)}
    if wrong := [kind for kind in kinds if not jnp.issubdtype(kind, jnp.floating)]:
        raise BroximalError(f"{said} a point of {wrong[0]} numbers; its entries must be real numbers.")
    return state


# ---- as one scan ------------------------------------------------------------------------------------------------------


def _scanned(
    algorithm: Algorithm, experiment: Experiment, columns: list[Quantity], seeds: list[int], keep: bool
) -> list[Run]:
    forget_programs()
    world, lean = algorithm.prepare(world_of(experiment)), algorithm.compiled()
    x0, steps, keyed = start_of(experiment), experiment.steps, algorithm.keyed(experiment)
    if isinstance(world.instance, Optimisation):
        world = eqx.tree_at(
            lambda w: w.minimiser, world, experiment.problem.minimiser, is_leaf=lambda leaf: leaf is None
        )
    measured = tuple((q.key, q.kind, q.measure, q) for q in columns if q.kind in ("state", "step"))
    entries = sum(np.size(leaf) for leaf in jax.tree.leaves(x0))
    width = experiment.layers.count if isinstance(experiment.instance, Optimisation) else 1
    held = 8 * steps * (3 * width * max(len(measured), 1) + (entries if keep else 0)) + 64 * entries
    size = min(CHUNK, len(seeds), max(CHUNK_BYTES // held, 1))
    quick = _many if len(seeds) >= MANY else _quick
    scan = quick if entries * steps <= SMALL else _optimised
    runs: list[Run] = []
    start = Start(start_of(experiment))
    with jax.enable_x64(True):
        for low in range(0, len(seeds), size):
            part = np.asarray(seeds[low : low + size])
            padded = np.concatenate([part, np.full(size - len(part), part[-1])])
            found = jax.tree.map(np.asarray, scan(lean, world, x0, measured, _spread(padded), keep, keyed))
            leaves, kind = jax.tree.flatten(found)
            for seed, *own in zip(part.tolist(), *leaves, strict=False):  # what was padded is left out
                views = [View(world, algorithm, start, 0, seed=seed)]
                runs.append(_as_run(experiment, views, jax.tree.unflatten(kind, own), keep))
    return runs


def _as_run(experiment: Experiment, views: list[View], found: Any, keep: bool) -> Run:
    """The run with this first view, from what a scan found along it."""
    columns, end, path = found
    first = views[0]
    if keep:
        for k in range(1, experiment.steps + 1):
            x = jax.tree.map(lambda leaf, at=k: leaf[at], path) if k < experiment.steps else end
            views.append(View(first.world, first.algorithm, Start(x), k, first, first.seed))
    measured = {key: Measured(*parts) for key, parts in columns.items()}
    return Run(
        experiment,
        first.algorithm,
        first.world,
        views,
        length=experiment.steps,
        columns=measured,
        end=end,
        seed=first.seed,
    )


def _seeds(algorithm: Algorithm, world: World, x0: Any, measured: Any, seeds: Any, keep: bool, keyed: bool) -> Any:
    """(columns, ends, points) of the runs of these seeds, jittable: one scan over steps that are made for all seeds at once.

    (Many scans at once would be the same, but tracing them takes twice as long: their bodies are traced one by one, and
    then over.)
    """
    keys = jax.vmap(lambda seed: jax.random.split(jax.random.key(seed), world.horizon + 1))(seeds)

    def begun(key: Any) -> Any:
        state = called(algorithm, "init", x0, world, jax.tree.map(jnp.asarray, x0), key if keyed else None)
        start = View(world, algorithm, state, 0)
        for _, kind, _, quantity in measured:  # what is computed at the start is computed once, before the scan
            if kind == "state":
                entry(quantity, start)
        return state, start.known()

    first, known = jax.vmap(begun)(keys[:, -1])

    def step(start: Any, known: Any, state: Any, k: Any, key: Any) -> Any:
        origin = View(world, algorithm, start, 0).knowing(known)
        after = called(algorithm, "step", state.x, world, state, k, key if keyed else None)
        here, there = (View(world, algorithm, at, j, origin) for at, j in ((state, k), (after, k + 1)))
        return after, {
            name: _numbers(q, *((here,) if kind == "state" else (here, there))) for name, kind, _, q in measured
        }

    def steps(carry: Any, inputs: Any) -> Any:
        (state, _), (k, own) = carry, inputs
        after, seen = jax.vmap(step, in_axes=(0, 0, 0, None, 0))(first, known, state, k, own)
        return (after, state.x), (seen, state.x if keep else ())

    # One step more than the horizon, whose result is dropped: then states are traced in one place only, the last one too.
    along = (jnp.arange(world.horizon + 1), jnp.swapaxes(keys, 0, 1))
    (_, ends), found = jax.lax.scan(steps, (first, first.x), along)
    columns, path = jax.tree.map(lambda leaf: jnp.swapaxes(leaf, 0, 1), found)
    steps_only = {name for name, kind, _, _ in measured if kind == "step"}
    columns = {
        name: tuple(part[:, :-1] if name in steps_only else part for part in parts) for name, parts in columns.items()
    }
    return columns, ends, jax.tree.map(lambda leaf: leaf[:, :-1], path)


def _numbers(quantity: Quantity, *views: View) -> tuple[Any, Any, Any]:
    """(value, noise, oracle) of an entry, of one shape."""
    found = entry(quantity, *views)
    value = jnp.asarray(found.value, dtype=float)
    noise = rounding_of(value) if found.noise is None else jnp.asarray(found.noise, dtype=float)
    return value, jnp.broadcast_to(noise, value.shape), jnp.broadcast_to(jnp.asarray(found.oracle, float), value.shape)


def _spread(seeds: np.ndarray) -> Any:
    """The seeds over all devices, if there are several and they share them evenly."""
    devices = jax.devices()
    if len(devices) == 1 or len(seeds) % len(devices):
        return seeds
    mesh = jax.sharding.Mesh(np.array(devices), ("seeds",))
    return jax.device_put(seeds, jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("seeds")))


# Small runs are compiled fast, large ones to run fast.
_optimised, _quick, _many = compiled(_seeds), compiled_fast(_seeds), compiled_fast(_seeds, level=1)
