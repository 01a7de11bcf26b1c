"""Group norms of a vector: |x| = outer(|x_1|_2, ..., |x_G|_2) over the groups of a partition of its entries.

With outer = l1 this is the group lasso norm (l1-l2), with outer = l_inf its dual (l_inf-l2); any norm of vectors that
depends only on absolute values will do. LMO: -s_i x_i / |x_i|_2 in group i with s the outer LMO; a group whose part of
g is zero moves along its first entry.
"""

import dataclasses
import functools
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from broximal.oracles.arrays import is_concrete, namespace
from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.norm import Norm
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.lp import L1, LInf
from broximal.oracles.numerals import number_of


@dataclasses.dataclass(frozen=True, eq=False)
class Partition:
    """Which group every entry is in, and which entry is the first of its group; compared and hashed by content."""

    labels: np.ndarray

    @functools.cached_property
    def count(self) -> int:
        return int(self.labels.max()) + 1

    @functools.cached_property
    def first(self) -> np.ndarray:
        """1 at the first entry of each group, 0 elsewhere."""
        found = np.zeros(self.labels.size)
        found[np.unique(self.labels, return_index=True)[1]] = 1
        return found

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self.labels.tobytes())

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return isinstance(other, Partition) and np.array_equal(self.labels, other.labels)


class Group(Norm):
    """Group(groups, outer=L1()): groups is a list of lengths (consecutive entries) or of lists of indices.

    Raises InvalidArgument unless the groups partition 0, ..., n - 1 and outer depends only on absolute values.
    """

    partition: Partition = eqx.field(static=True)
    outer: Norm
    alias: ClassVar[str] = "group"
    absolute = True

    def __init__(self, groups: Any, outer: Norm | None = None):
        self.partition = groups if isinstance(groups, Partition) else Partition(_labels(groups))
        self.outer = _arguments.gauge_norm(L1() if outer is None else outer, "outer")
        self.outer._check_shape((self.count,), "the vector of group norms")

    @classmethod
    def examples(cls):
        from broximal.oracles.norms.general_lp import Lp

        return ((cls([2, 3, 1]), (6,)), (cls([[0, 2], [1, 3, 4]], LInf()), (5,)), (cls([2, 2], Lp(3)), (4,)))

    @property
    def count(self) -> int:
        return self.partition.count

    @property
    def labels(self) -> np.ndarray:
        """The number of the group of every entry."""
        return self.partition.labels

    @property
    def groups(self) -> list[list[int]]:
        """The indices of every group."""
        order = np.argsort(self.labels, kind="stable")
        ends = np.cumsum(np.bincount(self.labels))[:-1]
        return [members.tolist() for members in np.split(order, ends)]

    @property
    def name(self):
        shown = self.groups if len(self.labels) <= 16 else f"<{number_of(self.count, 'group')}>"
        return f"group({shown}, {self.outer.name})"

    @property
    def latex(self):
        return r"\|\cdot\|_{\mathrm{group}}"

    @property
    def dual(self):
        return Group(self.partition, self.outer.dual)

    def _check_shape(self, shape, name):
        _arguments.same_size(shape, name, self, len(self.labels))

    def _spread(self, values):
        """One value per group, repeated for every entry."""
        return values[self.labels]

    def _sizes(self, x):
        xp = namespace(x)
        top = xp.abs(x).max()
        safe = xp.where(top > 0, top, xp.ones_like(top))
        squares, labels = (x / safe) ** 2, self.labels
        if xp is np:
            sums = np.bincount(labels, weights=squares, minlength=self.count).astype(x.dtype)
        else:
            sums = jax.ops.segment_sum(squares, labels, num_segments=self.count)
        return safe * xp.sqrt(sums)

    def _value(self, x):
        return self.outer._value(self._sizes(x))

    def _lmo(self, g):
        xp = namespace(g)
        sizes = self._sizes(g)
        own, shares = self._spread(sizes), self._spread(xp.abs(self.outer._lmo(sizes)))
        direction = xp.where(own > 0, -g / xp.where(own > 0, own, 1), _arguments.like(self.partition.first, g))
        return shares * direction

    def _project(self, x, radius):
        xp = namespace(x)
        sizes = self._sizes(x)
        ratio = self.outer._project(sizes, radius) / xp.where(sizes > 0, sizes, 1)
        return x * self._spread(ratio)

    def cvxpy(self, expr):
        cp, labels = cvxpy(), self.labels
        return self.outer.cvxpy(cp.hstack([cp.norm2(expr[np.flatnonzero(labels == j)]) for j in range(self.count)]))

    def l2_bounds(self, shape):
        return self.outer.l2_bounds((self.count,))


def _labels(groups: Any) -> np.ndarray:
    try:
        entries = list(groups)
    except TypeError:
        raise InvalidArgument(f"groups must be a list of lengths or of lists of indices, not {groups!r}.") from None
    if not entries or not is_concrete(entries[0]):
        raise InvalidArgument("groups must be a non-empty list of lengths or of lists of indices.")
    if all(isinstance(entry, int) or np.ndim(entry) == 0 for entry in entries):
        if all(type(entry) is int and entry > 0 for entry in entries):
            return np.repeat(np.arange(len(entries)), entries)
        lengths = [_arguments.count(entry, "every length in groups") for entry in entries]
        return np.repeat(np.arange(len(lengths)), lengths)
    try:
        members = [np.atleast_1d(np.asarray(entry, dtype=int)) for entry in entries]
        flat = np.concatenate(members)
    except (TypeError, ValueError):
        raise InvalidArgument(f"groups must be a list of lengths or of lists of indices, not {groups!r}.") from None
    if any(member.size == 0 for member in members) or not np.array_equal(np.sort(flat), np.arange(flat.size)):
        raise InvalidArgument(f"groups must be non-empty and hold every index from 0 to {flat.size - 1} exactly once.")
    labels = np.empty(flat.size, dtype=int)
    for j, member in enumerate(members):
        labels[member] = j
    return labels
