"""What a problem's own functions return: one real number and a gradient like the point, in double precision, the same each time.

Everything after this rests on it. A value of shape (1,) would broadcast, an integer gradient truncates, one in single
precision has roundings that no error budget counts, and one that is drawn anew at every call is noise that nobody was told of.
"""

from typing import Any

import jax
import numpy as np

from broximal.oracles.arrays import Tree, combine, l2
from broximal.oracles.errors import InvalidArgument
from broximal.problems.distributed.workers import Workers
from broximal.problems.problem import Problem
from broximal.problems.stochastic.contract import Stochastic
from broximal.verify.looks.trying import direction

AGAIN = 1e-9  # relative, by which two answers at one point may differ: a sum may be added up in another order
NEAR = 1e-2  # of the size of x0, how far the second point is


def check_answers(problem: Problem, x0: Tree, seed: int, traced: bool = False) -> None:
    """Raise InvalidArgument, in one sentence, for a value or a gradient of the wrong shape or kind at x0 or near it.

    traced  the run will be, so that JAX must be able to follow the gradient
    """
    near = combine(1.0, x0, NEAR * (1.0 + float(l2(x0))), direction(np.random.default_rng(seed), x0))
    _check(problem, x0, near)
    if isinstance(problem, Workers):
        for part in problem.parts:
            _check(part, x0, near)
    if problem.stochastic and isinstance(problem, Stochastic):
        key = jax.random.key(seed)
        _check_gradient(f"draw(key).gradient(x) of problem {problem.name}", problem.draw(key).gradient, x0, "x0")
    if traced:
        _check_traceable(problem, x0)


def _check_traceable(problem: Problem, x0: Tree) -> None:
    def gradient(x: Tree, key: Any) -> Tree:
        return (problem.draw(key) if problem.stochastic else problem).gradient(x)

    try:
        jax.eval_shape(gradient, jax.tree.map(jax.numpy.asarray, x0), jax.random.key(0))
    except jax.errors.JAXTypeError:
        raise InvalidArgument(
            f"gradient(x) of problem {problem.name} cannot be traced by JAX, as all paths of a random method are; write it "
            "in jax.numpy, or with the functions of oracles.arrays.namespace(x)."
        ) from None


def _check(problem: Problem, x0: Tree, near: Tree) -> None:
    of = f"of problem {problem.name}"
    at_start = _check_value(f"value(x) {of}", problem.value, x0, "x0")
    if not np.isfinite(at_start):
        raise InvalidArgument(f"value(x) {of} is {float(at_start):g} at x0, where a run would start.")
    beside = _check_value(f"value(x) {of}", problem.value, near, "a point near x0")
    slope = _check_gradient(f"gradient(x) {of}", problem.gradient, x0, "x0")
    # `max(0, ..)` is an integer where it is flat, and only there
    if at_start.dtype.kind in "iu" and beside.dtype.kind in "iu" and float(l2(slope)) > 0:
        raise InvalidArgument(f"value(x) {of} returns integers ({at_start.dtype}); return real numbers.")
    if np.isfinite(beside):
        _check_gradient(f"gradient(x) {of}", problem.gradient, near, "a point near x0")


def _check_value(called: str, value: Any, x: Tree, where: str) -> np.ndarray:
    found, again = _twice(called, value, x, where)
    if np.shape(found) != () or isinstance(found, (list, tuple, dict)):
        raise InvalidArgument(f"{called} has the shape {_shape(found)} at {where}; it must be one number.")
    number = np.asarray(found)
    _check_kind(called, number, where, integers=True)
    _check_same(called, [number], [np.asarray(again)], where)
    return number


def _check_gradient(called: str, gradient: Any, x: Tree, where: str) -> Tree:
    found, again = _twice(called, gradient, x, where)
    if _shape(found) != _shape(x):
        raise InvalidArgument(f"{called} has the shape {_shape(found)} at {where}, a point of shape {_shape(x)}.")
    leaves, others = ([np.asarray(leaf) for leaf in jax.tree.leaves(g)] for g in (found, again))
    for leaf in leaves:
        _check_kind(called, leaf, where)
        if not np.all(np.isfinite(leaf)):
            raise InvalidArgument(f"{called} is not finite at {where}.")
    _check_same(called, leaves, others, where)
    return found


def _twice(called: str, function: Any, x: Tree, where: str) -> tuple[Any, Any]:
    """Two answers at the same point, which must be the same point afterwards."""
    given = jax.tree.map(np.array, x)
    with np.errstate(all="ignore"):
        found = jax.tree.map(np.array, function(given))  # it may be x itself
        again = function(given)
    if not all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(given), jax.tree.leaves(x), strict=True)):
        raise InvalidArgument(f"{called} changes the point that it is given, at {where}.")
    return found, again


def _check_kind(called: str, found: np.ndarray, where: str, integers: bool = False) -> None:
    kind, size = found.dtype.kind, found.dtype.itemsize
    if kind in "iu" and not integers:
        raise InvalidArgument(f"{called} returns integers ({found.dtype}) at {where}; return real numbers.")
    if kind == "f" and size < 8:
        raise InvalidArgument(
            f"{called} returns {found.dtype} at {where}, and checks count the roundings of float64; compute it in float64."
        )
    if kind not in "iuf":
        raise InvalidArgument(f"{called} returns {_said(found)} at {where}; return real numbers.")


def _said(found: np.ndarray) -> str:
    kinds = {"b": "truth values", "c": "complex numbers", "U": "text", "S": "text"}
    return kinds.get(found.dtype.kind, f"Python objects ({type(found.flat[0]).__name__})")


def _check_same(called: str, first: list[np.ndarray], second: list[np.ndarray], where: str) -> None:
    for a, b in zip(first, second, strict=True):
        with np.errstate(all="ignore"):
            off = np.max(np.abs(a - b), initial=0.0)
            allowed = AGAIN * np.max(np.abs(a), initial=0.0)
        if off > allowed:  # two that are not finite say nothing
            raise InvalidArgument(
                f"{called} gives two answers at {where}, {off:.4g} apart; noise is drawn by `draw` of a problems.Stochastic."
            )


def _shape(x: Any) -> Any:
    return jax.tree.map(np.shape, x)
