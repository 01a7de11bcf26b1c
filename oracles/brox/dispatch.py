"""Which solver answers: structure first, then a first-order method, then cvxpy; only what certifies is accepted."""

from typing import Any

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, as_number, as_radius, scope
from broximal.oracles.brox.answer import BroxAnswer, certify
from broximal.oracles.brox.convex_program import convex_program
from broximal.oracles.brox.first_order import first_order
from broximal.oracles.errors import InvalidArgument, NotCertified
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective

PATHS = ("structured", "first order", "cvxpy")


def brox(
    objective: Objective,
    norm: Norm,
    center: Tree,
    radius: Any,
    *,
    tol: float = 1e-9,
    paths: tuple[str, ...] = PATHS,
) -> BroxAnswer:
    """A minimiser of f over |z - center| <= radius, with its certificate (see `BroxAnswer`).

    tol is relative to the decrease f(center) - f(u). Radius 0 answers the centre exactly. Under jit only the
    structured path exists, and the caller reads the gap. Raises InvalidArgument for bad input and NotCertified, with
    the best answer found, if no path reaches the tolerance.
    """
    center = norm.prepare(center, "center")
    radius = as_radius(radius)
    tol = as_number(tol, "tol", low=0, open_low=True)
    if unknown := set(paths) - set(PATHS):
        raise InvalidArgument(f"paths has the unknown entry {unknown.pop()!r}; known are {', '.join(PATHS)}.")
    with scope(center):
        if arrays.is_concrete(radius) and radius == 0:
            return _stay(objective, norm, center)
        traced = not all(arrays.is_concrete(leaf) for leaf in arrays.leaves((center, radius)))
        if traced:
            move = objective.move(norm, center, radius)
            if move is None:
                raise InvalidArgument(
                    f"{type(objective).__name__} has no structured solver over the {norm.name} ball, so this brox "
                    "cannot run under jit; call it outside."
                )
            return certify(objective, norm, center, radius, move)
        return _search(objective, norm, center, radius, tol, paths)


def _stay(objective: Objective, norm: Norm, center: Tree) -> BroxAnswer:
    gradient = objective.gradient(center) if objective.convex or objective.smooth else None
    return certify(
        objective, norm, center, 0.0, Move(center, gradient, lower=objective.value(center), path="closed form")
    )


def _search(objective, norm, center, radius, tol, paths) -> BroxAnswer:
    best, start, size = None, None, norm._value(center)
    for path in paths:
        if path == "structured":
            move = objective.move(norm, center, radius)
        elif path == "first order":
            move = first_order(objective, norm, center, radius, tol, warm=best) if objective.smooth else None
        else:
            move = convex_program(objective, norm, center, radius)
        if move is None:
            continue
        answer = certify(objective, norm, center, radius, move)
        if start is None:
            start = objective.value(center) if move.start is None else move.start
        if best is None or answer.gap < best.gap:
            best = answer
        if accepted(best, start, radius, tol, size):
            return best
    if best is None:
        raise InvalidArgument(
            f"{type(objective).__name__} has no solver over the {norm.name} ball among the paths {', '.join(paths)}: it "
            "has no structured solver for this norm, and no convex smooth or cvxpy form."
        )
    raise NotCertified(
        f"brox of {type(objective).__name__} over the {norm.name} ball reached gap {float(best.gap):.2g} by "
        f"{best.path}, not {tol:g} relative to the decrease {float(start - best.value):.2g}.",
        best,
    )


def accepted(answer: BroxAnswer, start: Any, radius: Any, tol: float, size: Any = 0.0) -> bool:
    """Is the gap below tol (relative to the decrease) plus rounding, and the point in the ball up to rounding?

    size is |center|: adding a small step to a large centre rounds the step.
    """
    decrease = max(float(start - answer.value), 0.0)
    slack = arrays.eps(answer.value) * (64 * float(radius) + 4 * float(size))
    return bool(answer.gap <= tol * decrease + 16 * answer.rounding) and float(answer.excess) <= slack
