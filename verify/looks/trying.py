"""What all looks share: values that may fail, their rounding, random directions, a small descent."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from broximal.oracles.arrays import Tree, combine, inner, l2, subtract
from broximal.theory.columns.points import CLEARLY, EPS, scale_at

NEIGHBOURS, NEXT = 8, 1e-11  # values next to a point, and how near it they are, relative to its size
RANDOM, SIGNS, AXES = 6, 4, 8  # points of each kind
HALVINGS = 30  # of a step that does not descend


class Point(NamedTuple):
    x: Tree
    value: float


def value_at(problem: Any, x: Tree) -> float:
    """f(x); NaN where the problem's own code fails, as it may away from the points of the run."""
    try:
        with np.errstate(all="ignore"):
            return float(problem.value(x))
    except Exception:
        return np.nan


def gradient_at(problem: Any, x: Tree) -> Tree | None:
    """The gradient at x, or None where it fails, is not finite, or has another shape."""
    try:
        with np.errstate(all="ignore"):
            g = jax.tree.map(np.asarray, problem.gradient(x))
    except Exception:
        return None
    if jax.tree.map(np.shape, g) != jax.tree.map(np.shape, x):
        return None
    return g if all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(g)) else None


def rounding_at(problem: Any, x: Tree) -> float:
    """How far f(x) may be from its true value, generously: a difference beyond it is no accident."""
    try:
        with np.errstate(all="ignore"):
            found = CLEARLY * (8 * EPS * scale_at(problem, x) + float(problem.rounding(x)[0]))
    except Exception:
        return np.inf
    return found if np.isfinite(found) else np.inf


def seen_rounding(problem: Any, x: Tree, seed: int) -> float:
    """How far values next to x are off the line through f(x), which for smooth f is their rounding and nothing else.

    Twice the largest of a few, at distances at which f bends by less than its rounding; 0 where a value fails.
    """
    x = jax.tree.map(lambda leaf: np.asarray(leaf, dtype=float), x)
    here, g, rng = value_at(problem, x), gradient_at(problem, x), np.random.default_rng(seed)
    if g is None:
        return 0.0
    off = []
    for _ in range(NEIGHBOURS):
        there = combine(1.0, x, NEXT * (1 + float(l2(x))), direction(rng, x))
        off.append(abs(value_at(problem, there) - here - float(inner(g, subtract(there, x)))))
    return 2 * max(off) if np.all(np.isfinite(off)) else 0.0


def direction(rng: np.random.Generator, x: Tree) -> Tree:
    """A random direction of Euclidean length 1."""
    d = jax.tree.map(lambda leaf: rng.standard_normal(np.shape(leaf)), x)
    return combine(1 / float(l2(d)), d, 0.0, d)


def points_like(rng: np.random.Generator, x: Tree) -> Iterator[Tree]:
    """Points of the space of x on which laws are tried: random ones, signs, and axes."""
    for _ in range(RANDOM):
        yield direction(rng, x)
    for _ in range(SIGNS):
        yield jax.tree.map(lambda leaf: rng.choice([-1.0, 1.0], np.shape(leaf)), x)
    leaves, structure = jax.tree.flatten(x)
    sizes = [np.size(leaf) for leaf in leaves]
    for place in rng.permutation(sum(sizes))[:AXES]:
        flat = np.split(1.0 * (np.arange(sum(sizes)) == place), np.cumsum(sizes)[:-1])
        yield structure.unflatten([part.reshape(np.shape(leaf)) for part, leaf in zip(flat, leaves, strict=True)])


def is_own(thing: Any, kind: type) -> bool:
    """Is it, or one of this kind that it is made of, of a class that is not of the package?"""
    if isinstance(thing, kind) and type(thing).__module__.split(".")[0] != "broximal":
        return True
    parts = jax.tree.leaves(thing, is_leaf=lambda part: isinstance(part, kind) and part is not thing)
    return any(is_own(part, kind) for part in parts if isinstance(part, kind) and part is not thing)


def size_of(*points: Tree) -> float:
    """A length on which points of a problem differ: that of the largest, and 1 for those at 0."""
    return max((float(l2(x)) for x in points), default=0.0) or 1.0


def descend(problem: Any, x: Tree, steps: int, first: float) -> Point:
    """The best point of a backtracking (sub)gradient descent with the steps of Barzilai and Borwein.

    first  the length of the first step
    """
    best = Point(x, value_at(problem, x))
    g = gradient_at(problem, x)
    length, halvings = None, 0
    for _ in range(steps):
        if g is None or not np.isfinite(best.value):
            break
        slope = float(l2(g))
        if slope == 0:
            break
        step = first / slope if length is None else length
        while halvings < HALVINGS:
            tried = combine(1.0, best.x, -step, g)
            if (value := value_at(problem, tried)) < best.value:
                break
            step, halvings = step / 4, halvings + 1
        else:
            break
        after = gradient_at(problem, tried)
        if after is not None:
            moved, turned = subtract(tried, best.x), subtract(after, g)
            curved = float(inner(moved, turned))
            length = float(inner(moved, moved)) / curved if curved > 0 else 4 * step
        best, g = Point(tried, value), after
    return best
