"""Which solver answers: structure, a first-order method, cutting planes, cvxpy; only what certifies is accepted."""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, as_number, as_radius, scope
from broximal.oracles.brox.answer import BroxAnswer, certify
from broximal.oracles.brox.convex_program import convex_program, solved_move
from broximal.oracles.brox.cutting_planes import cutting_planes
from broximal.oracles.brox.first_order import first_order
from broximal.oracles.errors import BroximalError, InvalidArgument, MissingConstant, NotCertified
from broximal.oracles.norm import Norm, as_norm
from broximal.oracles.objective import Move, Objective

PATHS = ("structured", "first order", "cutting planes", "cvxpy")
LITTLE = 1e-9  # by how much of the radius a point may lie outside and still be drawn in
HUGE, TINY = 1e75, 1e-75  # fourth powers of what lies between are numbers


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

    tol is relative to the decrease f(center) - f(u). Radius 0 answers the centre exactly; an infinite radius answers
    the known minimiser. Under jit only the structured and the first-order path exist, and the caller reads the gap.
    Raises InvalidArgument for bad input and NotCertified, with the best answer found, if no path reaches the tolerance.
    """
    if not isinstance(objective, Objective):
        raise InvalidArgument(f"objective must be a broximal Objective, not {type(objective).__name__}.")
    norm = as_norm(norm)
    center = norm.prepare(center, "center")
    radius = as_radius(radius, allow_infinite=True)
    tol = as_number(tol, "tol", low=0, open_low=True)
    if unknown := set(paths) - set(PATHS):
        raise InvalidArgument(f"paths has the unknown entry {unknown.pop()!r}; known are {', '.join(PATHS)}.")
    _check_shape(objective, center)
    with scope(center):
        if not all(arrays.is_concrete(leaf) for leaf in jax.tree.leaves((center, radius, objective))):
            return _traced(objective, norm, center, radius, tol, paths)
        if radius == 0:
            return _stay(objective, norm, center)
        hit = _hit(objective, norm, center, radius) if "structured" in paths else None
        if hit is not None:
            size = norm._value(center)
            if accepted(hit, hit.value, radius, tol, size) or accepted(hit, objective.value(center), radius, tol, size):
                return hit
        if np.isinf(float(radius)):
            name = getattr(objective, "name", type(objective).__name__)
            if hit is not None:
                raise NotCertified(f"the minimiser of {name} is known up to {float(hit.gap):.2g} in f only.", hit)
            raise InvalidArgument(f"radius is infinite, so brox is the minimiser, but {name} has no known one.")
        if TINY < float(radius) < HUGE and all(float(abs(leaf).max()) < HUGE for leaf in jax.tree.leaves(center)):
            return _search(objective, norm, center, radius, tol, paths)
        return _far_out(objective, norm, center, radius, tol, paths)


def _far_out(objective, norm, center, radius, tol, paths) -> BroxAnswer:
    """Where squares and products of slopes may overflow: answered if they do not, else one clear error."""
    name = getattr(objective, "name", type(objective).__name__)
    with np.errstate(all="ignore"):
        value, slope = objective.value_and_gradient(center)
        reached = (
            objective.value(arrays.combine(1.0, center, radius, norm._lmo(slope))) if np.isfinite(value) else value
        )
        for size in (value, arrays.inner(slope, slope), reached):
            if not np.isfinite(size):
                raise InvalidArgument(f"center or radius is too large: {name} and its slope overflow there.")
        try:
            # Conic solvers print what they think of such numbers.
            return _search(objective, norm, center, radius, tol, [path for path in paths if path != "cvxpy"])
        except (BroximalError, MemoryError):
            raise
        except Exception as error:  # whatever a library says about an overflow inside its own computations
            raise InvalidArgument(
                f"center and radius are out of the range in which {name} can be solved ({error})."
            ) from error


def _check_shape(objective: Objective, center: Tree) -> None:
    """Problems know the space they live on; a broadcast of a wrong shape would pass unnoticed."""
    own = getattr(objective, "x0", None)
    if isinstance(own, np.ndarray) and own.shape == getattr(center, "shape", None):
        return
    if own is not None and (
        jax.tree.structure(own) != jax.tree.structure(center)
        or [np.shape(a) for a in jax.tree.leaves(own)] != [np.shape(a) for a in jax.tree.leaves(center)]
    ):
        shapes = [str(np.shape(a)) for a in jax.tree.leaves(center)], [str(np.shape(a)) for a in jax.tree.leaves(own)]
        raise InvalidArgument(
            f"center has shape {', '.join(shapes[0])}, but {getattr(objective, 'name', 'the objective')} lives on "
            f"{', '.join(shapes[1])}."
        )


def _traced(objective, norm, center, radius, tol, paths) -> BroxAnswer:
    move = objective.move(norm, center, radius) if "structured" in paths else None
    if move is None and "first order" in paths:
        move = first_order(objective, norm, center, radius, tol)
    if move is None:
        raise InvalidArgument(
            f"{type(objective).__name__} has no jittable solver over the {norm.name} ball, so this brox "
            "cannot run under jit; call it outside."
        )
    return certify(objective, norm, center, radius, move)


def _stay(objective: Objective, norm: Norm, center: Tree) -> BroxAnswer:
    gradient = objective.gradient(center) if objective.convex or objective.smooth else None
    return certify(
        objective, norm, center, 0.0, Move(center, gradient, lower=objective.value(center), path="closed form")
    )


def _hit(objective: Objective, norm: Norm, center: Tree, radius: Any) -> BroxAnswer | None:
    """The known minimiser, if the ball contains it: then it is a broximal point, convex f or not."""
    solution = getattr(objective, "minimiser", None)
    if solution is None:
        return None
    solution = jax.tree.map(lambda s, c: arrays.namespace(c).asarray(s, dtype=c.dtype), solution, center)
    if not float(norm._value(arrays.subtract(center, solution))) <= float(radius):
        return None
    gradient = None
    if np.isfinite(float(radius)):
        # At a minimiser 0 is a subgradient, whichever element of df `gradient` would return there.
        flat = arrays.scale(0.0, solution) if objective.convex else None
        gradient = objective.gradient(solution) if objective.smooth else flat
    try:
        known = objective.f_star
        lower = known.value - known.error
    except (AttributeError, MissingConstant):  # that it is a minimiser is all that is known
        lower = objective.value(solution)
    return certify(objective, norm, center, radius, Move(solution, gradient, lower, "closed form"))


def _search(objective, norm, center, radius, tol, paths) -> BroxAnswer:
    best, start, size, found = None, None, norm._value(center), None
    # The solver's point and multiplier, good to some digits, are where cutting planes end the search in many dimensions.
    for path in (*paths, "polish") if "cutting planes" in paths else paths:
        move = None
        if path == "structured":
            move = objective.move(norm, center, radius)
        elif path == "first order":
            move = first_order(objective, norm, center, radius, tol, warm=best)
        elif path == "cutting planes" and not objective.smooth:
            move = cutting_planes(objective, norm, center, radius, tol)
        elif path == "cvxpy":
            found = convex_program(objective, norm, center, radius)
            move = found and solved_move(objective, center, radius, found)
        elif path == "polish" and found is not None and found.slope is not None:
            move = cutting_planes(objective, norm, center, radius, tol, near=found)
        if move is None:
            continue
        answer = _within(objective, norm, center, radius, certify(objective, norm, center, radius, move), size)
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


def _within(objective, norm, center, radius, answer: BroxAnswer, size) -> BroxAnswer:
    """The answer, drawn into the ball where rounding in a badly conditioned norm left it outside by a little.

    What was proved about the minimum over the ball stays proved: f(u) - gap for the point u that was answered.
    """
    t, step, lower, inner = float(radius), arrays.subtract(answer.point, center), answer.value - answer.gap, answer
    margin = 2 * float(answer.excess)
    for _ in range(3):  # the norm of the new step has its rounding too
        if not _slack(inner, radius, size) < float(inner.excess) <= LITTLE * t:
            break
        move = Move(arrays.combine(1.0, center, t / (t + margin), step), answer.subgradient, lower, answer.path)
        inner = certify(objective, norm, center, radius, move._replace(iterations=answer.iterations))
        margin *= 4
    return inner


def _slack(answer: BroxAnswer, radius: Any, size: Any) -> float:
    """size is |center|: adding a small step to a large centre rounds the step."""
    return arrays.eps(answer.value) * (64 * float(radius) + 4 * float(size))


def accepted(answer: BroxAnswer, start: Any, radius: Any, tol: float, size: Any = 0.0) -> bool:
    """Is the gap below tol (relative to the decrease) plus rounding, and the point in the ball up to rounding?

    size is |center|.
    """
    decrease = max(float(start - answer.value), 0.0)
    inside = float(answer.excess) <= _slack(answer, radius, size)
    return bool(answer.gap <= tol * decrease + 16 * answer.rounding) and inside
