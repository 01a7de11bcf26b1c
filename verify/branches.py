"""A run with all outcomes of each of its steps, and expressions on it in expectation over them."""

import itertools
import weakref
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from broximal.oracles.errors import BroximalError, InvalidArgument
from broximal.oracles.numerals import number_of
from broximal.theory.language.grammar import affine
from broximal.theory.language.quantity import EPS, Measured, Quantity, key_of, known, place_in
from broximal.theory.language.run import Run, Start, View, entry, stack
from broximal.verify.evaluate import Evaluator, Places, Sides, Values
from broximal.verify.outcomes import Lists, Outcome, equal, outcomes
from broximal.verify.running import on_host


class Branch(Run):
    """A run up to x_k and one outcome of the step from there; what was measured before is not measured again."""

    def __init__(self, stem: Run, k: int, outcome: Outcome):
        after = View(stem.world, stem.algorithm, outcome.state, k + 1, stem.start, stem.seed)
        super().__init__(
            stem.experiment, stem.algorithm, stem.world, [*stem.views[: k + 1], after], seed=stem.seed, end=after.x
        )
        self.stem, self.chance = stem, outcome.chance

    def _measure(self, quantity: Quantity) -> Measured:
        if quantity.kind not in ("state", "step"):
            return super()._measure(quantity)
        views = self.views[-1:] if quantity.kind == "state" else self.views[-2:]
        new = stack([entry(quantity, *views)], None if quantity.axis is None else self.count(quantity.axis))
        past, cut = self.stem.measure(quantity), self.length if quantity.kind == "state" else self.length - 1
        parts = ((past.values, new.values), (past.noise, new.noise), (past.oracle, new.oracle))
        return Measured(*(np.concatenate([old[:cut], last]) for old, last in parts))


class Forked(Run):
    """A run with its `branches`: for every step the outcomes of the step from its state."""

    def __init__(self, run: Run):
        """Raises NotEnumerable where the outcomes of a step cannot be listed, InvalidArgument where they contradict the run."""
        stem = _with_states(run)
        views: list[View] = []
        for view in stem.views:
            first = views[0] if views else None
            views.append(View(stem.world, stem.algorithm, _numpy(view.state), view.k, first, stem.seed))
        super().__init__(stem.experiment, stem.algorithm, stem.world, views, terminated=stem.terminated, seed=stem.seed)
        self._traced = any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(stem.end))
        lists = Lists()
        self.branches = [self._branches(k, lists) for k in range(self.length)]

    def _branches(self, k: int, lists: Lists) -> list[Branch]:
        state = self.views[k].state
        with jax.enable_x64(True), np.errstate(all="ignore"):
            if self._traced:
                state = jax.tree.map(lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, state)
            found = outcomes(self.algorithm, self.world, state, k, lists)
        branches = [Branch(self, k, Outcome(chance, _numpy(state))) for chance, state in found]
        here, drawn = self.views[k].x, self.views[k + 1].x
        if not any(equal(branch.end, drawn, of=here) for branch in branches):
            raise InvalidArgument(
                f"step {k} of {self.algorithm.name} on {self.experiment.instance.name} leads to a point that is none of its "
                f"{number_of(len(branches), 'listed outcome')}."
            )
        return branches

    @property
    def size(self) -> int:
        """How many branches there are."""
        return sum(map(len, self.branches))

    def evaluator(self, given: dict[Any, float] | None) -> Evaluator:
        """Of expressions in expectation over the outcomes."""
        return _Conditional(self, given)


def _with_states(run: Run) -> Run:
    """The run with the states of its method, in numpy as the contract of a method says, or with JAX arrays."""
    if len(run.views) == run.length + 1 and not any(isinstance(view.state, Start) for view in run.views):
        return run
    if not run.algorithm.traced:
        try:
            return on_host(run.algorithm, run.experiment, run.seed, in_numpy=True)
        except (AttributeError, TypeError):  # an array that is asked for what only JAX has, such as `.at`
            pass
    return on_host(run.algorithm, run.experiment, run.seed)


def _numpy(state: Any) -> Any:
    def of(leaf: Any) -> Any:
        key = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        return np.asarray(leaf) if isinstance(leaf, jax.Array) and not key else leaf

    return jax.tree.map(of, state)


_forked: "weakref.WeakKeyDictionary[Run, Forked]" = weakref.WeakKeyDictionary()


def forked(run: Run) -> Forked:
    """The run with the outcomes of its steps, which are listed once for all claims about it. Raises what `Forked` does."""
    if run not in _forked:
        _forked[run] = Forked(run)
    return _forked[run]


class _Conditional(Evaluator):
    """Both sides at every outcome of every step, averaged over the outcomes."""

    run: Forked

    def __init__(self, run: Forked, given: dict[Any, float] | None):
        super().__init__(run, accumulate=False, given=given)

    def entry(self, node: Any, at: Places, size: int) -> Values:
        quantity, place = known(key_of(node)), affine(node.indices[0])
        if not quantity.along or place is None or place.symbol is None or (quantity.kind, place.offset) == ("state", 0):
            return super().entry(node, at, size)
        rows, errors = [], []
        for branch in self._flat:
            found, where = branch.measure(quantity), branch.length - 1 + place.offset
            if where >= len(found.values) or found.values.ndim != len(node.indices):
                raise BroximalError(f"the column {key_of(node)} has no entry {node} after one step.")
            last = (place_in(node, 1),) if len(node.indices) == 2 else ()
            rows.append(found.values[where, *last])
            errors.append(found.noise[where, *last] + found.oracle[where, *last])
        values = Values(np.array(rows, dtype=float), np.array(errors, dtype=float))
        if quantity.kind == "run" and place.offset == 0:
            self._refuse_decided(node, values)
        return values

    def _refuse_decided(self, node: Any, found: Values) -> None:
        """An entry at k of a column that is computed from a run must be known at x_k."""
        for a, b in zip(self._starts, [*self._starts, len(found.values)][1:], strict=True):
            own = found.values[a:b]
            if np.any(np.abs(own - own[0]) > found.error[a:b] + found.error[a]):
                raise BroximalError(f"{node} is not known at k: the step decides it.")

    def sides(self, small: Any, large: Any, at: Places, indices: np.ndarray) -> Sides:
        flat, places = self._spread(at, indices)
        return self._averaged(super().sides(small, large, places, flat), indices)

    def sides_by(
        self, symbol: Any, small: Any, large: Any, at: Places, indices: np.ndarray
    ) -> Callable[[float], Sides]:
        flat, places = self._spread(at, indices)
        by = super().sides_by(symbol, small, large, places, flat)
        return lambda value: self._averaged(by(value), indices)

    def _spread(self, at: Places, indices: np.ndarray) -> tuple[np.ndarray, Places]:
        """(the index, the places of all symbols) of every branch of the steps at these indices."""
        groups = [self.run.branches[k] for k in indices]
        counts = [len(group) for group in groups]
        self._flat = [branch for group in groups for branch in group]
        self._starts = (np.cumsum(counts) - counts).astype(int)
        owner = np.repeat(np.arange(len(indices)), counts)
        return indices[owner], {symbol: values[owner] for symbol, values in at.items()}

    def _averaged(self, sides: Sides, indices: np.ndarray) -> Sides:
        chances = np.array([branch.chance for branch in self._flat])
        starts = [*self._starts, len(chances)]

        def mean(values: np.ndarray) -> np.ndarray:
            with np.errstate(all="ignore"):
                return np.array([chances[a:b] @ values[a:b] for a, b in itertools.pairwise(starts)], float)

        def budget() -> np.ndarray:
            # chances are products that were rounded, and so is their sum with the values
            rounding = (8 + np.diff(starts)) * EPS * mean(np.abs(sides.small) + np.abs(sides.large))
            return mean(sides.budget) + rounding

        return Sides(indices, mean(sides.small), mean(sides.large), budget)
