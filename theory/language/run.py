"""A run: the states of a method as views, or the columns that a scan measured, and every quantity measured on demand."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import inner
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant
from broximal.oracles.numerals import number_of
from broximal.theory.language.algorithm import Algorithm, State, World
from broximal.theory.language.experiment import Experiment, world_of
from broximal.theory.language.instance import Optimisation
from broximal.theory.language.quantity import Entry, Measured, Quantity, known, rounding_of


class View:
    """One state of a run, and what is computed from it once: what columns are measured from.

    state  of the method, with what it keeps (`now.state.m`)
    k      its index
    start  the view of the first state
    """

    def __init__(
        self, world: World, algorithm: Algorithm, state: Any, k: Any, start: "View | None" = None, seed: int = 0
    ):
        self.world, self.algorithm, self.state, self.k, self.seed = world, algorithm, state, k, seed
        self.start = self if start is None else start
        self._found: dict[str, Any] = {}

    @property
    def x(self) -> Any:
        return self.state.x

    @property
    def problem(self) -> Any:
        return self.world.problem

    @property
    def norm(self) -> Any:
        return self.world.norm

    @property
    def layers(self) -> Any:
        return self.world.parts

    def radius(self, k: Any = None) -> Any:
        """The given radius of the step from here, or of another step."""
        return self.world.radius(self.k if k is None else k)

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives, computed once for this view: an oracle call that several columns need."""
        if name not in self._found:
            self._found[name] = compute()
        return self._found[name]

    def known(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What has been computed from it in JAX: by its properties, and `once`."""
        own = {name: value for name, value in vars(self).items() if name in _computed(type(self))}
        return _traced(own), _traced(self._found)

    def knowing(self, known: tuple[dict[str, Any], dict[str, Any]]) -> "View":
        """This view, with what is known of its state."""
        self.__dict__ |= known[0]
        self._found |= known[1]
        return self

    @functools.cached_property
    def value(self) -> Any:
        """f(x)."""
        return self.problem.value(self.x)

    @functools.cached_property
    def gradient(self) -> Any:
        """The gradient at x, or a subgradient."""
        return self.problem.gradient(self.x)

    @functools.cached_property
    def slopes(self) -> list[Any]:
        """The gradient, layer by layer."""
        return self.layers.split(self.gradient)

    @functools.cached_property
    def dual_sizes(self) -> Any:
        """Dual norms of the layers of the gradient, (p,)."""
        return self.layers.dual_sizes(self.slopes)

    @functools.cached_property
    def linear(self) -> Any:
        """sum |x_i grad_i f(x)|."""
        return inner(jax.tree.map(abs, self.gradient), jax.tree.map(abs, self.x))

    @functools.cached_property
    def scale(self) -> Any:
        """The scale on which f(x) is rounded: |f(x)| + sum |x_i grad_i f(x)|, f being a sum of terms of that size."""
        try:
            linear = self.linear
        except MissingConstant:
            linear = 0.0
        return abs(self.value) + linear

    @property
    def minimiser(self) -> Any:
        """A minimiser. Raises MissingConstant if none is known."""
        found = self.world.minimiser if self.world.minimiser is not None else self.problem.minimiser
        if found is None:
            raise MissingConstant(f"{self.problem.name} has no known minimiser")
        return found


@functools.cache
def _computed(cls: type) -> set[str]:
    return {name for name, value in vars(cls).items() if isinstance(value, functools.cached_property)}


def _traced(known: dict[str, Any]) -> dict[str, Any]:
    """Those that are made of nothing but JAX arrays."""
    return {
        name: value for name, value in known.items() if all(isinstance(x, jax.Array) for x in jax.tree.leaves(value))
    }


class Run:
    """What a method did on an experiment with one seed.

    On the host all states are kept as `views`; a scan keeps the columns that it was asked to measure, and the points where
    a column needs them.
    """

    def __init__(
        self,
        experiment: Experiment,
        algorithm: Algorithm,
        world: World,
        views: Sequence[View],
        *,
        terminated: int | None = None,
        length: int | None = None,
        columns: dict[str, Measured] | None = None,
        end: Any = None,
        seed: int | None = None,
    ):
        self.experiment, self.algorithm, self.world = experiment, algorithm, world
        self.views = list(views)
        self.start = self.views[0]
        self.terminated = terminated  # the first k with x_k in X*, None if not reached
        self.length = len(self.views) - 1 if length is None else length  # how many steps were made
        self.seed = experiment.seed if seed is None else seed
        self.end = self.views[-1].x if end is None else end
        self._measured: dict[str, Measured] = dict(columns or {})

    @classmethod
    def at_start(cls, experiment: Experiment, algorithm: Algorithm | None = None) -> "Run":
        """A run without a step: what can be measured before anything is run."""
        method = algorithm or _NOTHING
        world = method.prepare(world_of(experiment))
        return cls(experiment, method, world, [View(world, method, Start(start_of(experiment)), 0)])

    @property
    def problem(self) -> Any:
        return self.experiment.problem

    @property
    def norm(self) -> Any:
        return self.experiment.norm

    @property
    def layers(self) -> Any:
        return self.experiment.layers

    def count(self, axis: Any) -> int:
        """How many layers, workers or arms there are. Raises MissingConstant where there are none."""
        return self.experiment.count(axis)

    @property
    def points(self) -> list[Any]:
        """x_0, ..., x_N. Raises BroximalError where only columns were kept."""
        if len(self.views) != self.length + 1:
            raise BroximalError(f"the points of a run of {self.algorithm.name} with many seeds were not kept.")
        return [view.x for view in self.views]

    @property
    def states(self) -> list[Any]:
        """The states of the method at x_0, ..., x_N, where they were kept."""
        return [view.state for view in self.views]

    @property
    def charges(self) -> np.ndarray:
        """How far each point may be above an exact step's value, (N + 1,)."""
        return np.array([float(state.charge) for state in self.states])

    def measure(self, quantity: Quantity) -> Measured:
        """The quantity as measured on this run; computed once.

        Raises InvalidArgument for a column that needs what the method does not keep, BroximalError for one that was not
        measured along a scan, and what the quantity itself raises (MissingConstant).
        """
        if quantity.key not in self._measured:
            # states may be JAX arrays from any step on; a run that diverges has infinite columns
            with jax.enable_x64(True), np.errstate(all="ignore"):
                self._measured[quantity.key] = self._with_norm_error(quantity, self._measure(quantity))
        return self._measured[quantity.key]

    def column(self, key: str) -> Measured:
        """The column, layer quantity or constant of this key."""
        return self.measure(known(key))

    def _with_norm_error(self, quantity: Quantity, found: Measured) -> Measured:
        """What is measured in x was measured by the norm or its dual, which may be known up to a solver's error only."""
        error = self.norm.error if isinstance(self.experiment.instance, Optimisation) else 0.0
        if error == 0 or "x" not in quantity.units:
            return found
        return Measured(found.values, found.noise + error * np.abs(found.values), found.oracle)

    def _measure(self, quantity: Quantity) -> Measured:
        if quantity.kind in ("state", "step"):
            if len(self.views) != self.length + 1:
                raise BroximalError(f"column {quantity.key!r} was not measured along the run; claims must mention it.")
            before = self.views if quantity.kind == "state" else self.views[:-1]
            pairs = (
                ((view,) for view in before) if quantity.kind == "state" else zip(before, self.views[1:], strict=True)
            )
            rows = [entry(quantity, *views) for views in pairs]
            try:
                return stack(rows, None if quantity.axis is None else self.count(quantity.axis))
            except (ValueError, TypeError):
                raise BroximalError(_no_numbers(quantity, rows, self)) from None
        found = quantity.measure(self)
        if quantity.kind == "run" and len(found.values) not in (self.length, self.length + 1):
            raise BroximalError(
                f"column {quantity.key!r} has {number_of(len(found.values), 'entry')} for a run of {number_of(self.length, 'step')};"
                " one a step, or one more, is needed."
            )
        return found


def entry(quantity: Quantity, *views: View) -> Entry:
    """A column at a state or a step. Raises InvalidArgument where the method does not keep what it is measured from."""
    try:
        found = quantity.measure(*views)
    except AttributeError as missing:
        if not any(missing.obj is view.state for view in views):
            raise
        raise InvalidArgument(
            f"column {quantity.key!r} is measured from {missing.name!r}, which {views[0].algorithm.name} does not keep."
        ) from None
    return found if isinstance(found, Entry) else Entry(found)


def stack(rows: list[Entry], count: int | None) -> Measured:
    """Entries as one column, with so many numbers each, also of a run without a step."""
    shape = (len(rows),) if count is None else (len(rows), count)
    values = np.asarray([row.value for row in rows], dtype=float).reshape(shape)
    noise = [rounding_of(np.asarray(row.value, float)) if row.noise is None else row.noise for row in rows]
    columns = [np.broadcast_to(np.asarray(part, float), shape[1:]) for part in noise]
    oracle = [np.broadcast_to(np.asarray(row.oracle, float), shape[1:]) for row in rows]
    return Measured(values, np.reshape(columns, shape) + 0.0, np.reshape(oracle, shape) + 0.0)


def _no_numbers(quantity: Quantity, rows: list[Entry], run: Run) -> str:
    """That a column has other things than numbers, or not as many as it should have, and what it has."""
    wanted = "one number" if quantity.axis is None else f"{run.count(quantity.axis)} numbers"
    value = rows[0].value
    found = f"the shape {np.shape(value)}" if np.shape(value) else f"the value {value!r:.60}"
    return f"column {quantity.key!r} must give {wanted} at every step, real ones with a real error, and has {found}."


def start_of(experiment: Experiment) -> Any:
    """x_0, None for an instance that has none."""
    return experiment.x0 if isinstance(experiment.instance, Optimisation) else None


class Start(State):
    """A point of which nothing but x was kept."""

    x: Any


class _Nothing(Algorithm):
    """Stands for a method where nothing is run."""

    name = "no method"
    update = ""

    def init(self, world, x0, key):
        raise BroximalError("nothing is run here.")

    step = init  # type: ignore[assignment]


_NOTHING = _Nothing()
