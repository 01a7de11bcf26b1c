"""Is an own norm one, and are its dual, its LMO, its projection and its bounds those of it? Laws at points like x0.

Every law compares what is computed independently: values with dual values (Hölder), the LMO with the dual value, the
projection p of x with the LMO's value at x - p (p is the nearest point of the ball of radius r if <x - p, p> = r |x - p|_*).
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from broximal.oracles.arrays import Tree, combine, inner, l2, scale, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm
from broximal.verify.looks.trying import is_own, points_like

SHARES = (0.3, 0.95)  # of |x|, radii of balls that x is projected onto
SLACK = 1e-7  # relative


def check_norm(norm: Norm, x0: Tree, seed: int) -> None:
    """Raise InvalidArgument, with the numbers, for an own norm that breaks a law; those of the package pass its tests."""
    if not is_own(norm, Norm):
        return
    points = list(points_like(np.random.default_rng(seed), x0))
    for one in (norm, norm.dual):
        if wrong := next(_broken(one, points), ""):
            raise InvalidArgument(f"norm {one.name} {wrong}.")


def _broken(norm: Norm, points: list[Tree]) -> Iterator[str]:
    """What is wrong, in words; where its own code fails nothing is said, as no method may need it."""
    slack, bounds = SLACK + 10 * norm.error, _asked(lambda: norm.l2_bounds(shape_of(points[0])))
    for x, g in zip(points, points[1:] + points[:1], strict=True):
        size, dual = _asked(lambda x=x: float(norm(x))), _asked(lambda g=g: float(norm.dual(g)))
        if size is None or dual is None:
            continue
        if not 0 < size < np.inf:
            yield f"is {size:g} at a point that is not 0"
        for factor in (-1.0, 2.5, 1e-3):
            if abs(float(norm(scale(factor, x))) - abs(factor) * size) > slack * abs(factor) * size:
                yield f"is no norm: |{factor:g} x| = {float(norm(scale(factor, x))):.6g} where |x| = {size:.6g}"
        both, other = float(norm(combine(1.0, x, 1.0, g))), float(norm(g))
        if both > (size + other) * (1 + slack):
            yield f"is no norm: |x + y| = {both:.6g} where |x| + |y| = {size + other:.6g}"
        if (along := abs(float(inner(g, x)))) > size * dual * (1 + slack):
            yield f"has a dual that is too small: <g, x> = {along:.6g} where |x| |g|_* = {size * dual:.6g}"
        if (v := _asked(lambda g=g: norm.lmo(g))) is not None:
            if (length := float(norm(v))) > 1 + slack:
                yield f"has an LMO that leaves the unit ball: |v| = {length:.6g}"
            if abs(float(inner(g, v)) + dual) > slack * dual:
                yield f"has an LMO with <g, v> = {float(inner(g, v)):.6g} where -|g|_* = {-dual:.6g}"
        for radius in (share * size for share in SHARES):
            if (p := _asked(lambda x=x, radius=radius: norm.project(x, radius))) is None:
                continue
            off = subtract(x, p)
            if float(norm(p)) > radius * (1 + slack):
                yield f"projects onto |p| = {float(norm(p)):.6g} for the radius {radius:.6g}"
            if (more := radius * float(norm.dual(off)) - float(inner(off, p))) > slack * radius * float(l2(x)):
                yield f"has a projection that is not the nearest point: <x - p, v - p> = {more:.4g} for a v of the ball"
        for u in (x,) if v is None or bounds is None else (x, v):
            if bounds is not None and (ratio := float(l2(u)) / float(norm(u))) > bounds.rho * (1 + slack):
                yield f"states rho = {bounds.rho:.6g}, and |u|_2 / |u| = {ratio:.6g}"
            if bounds is not None and 1 / ratio > bounds.theta * (1 + slack):
                yield f"states theta = {bounds.theta:.6g}, and |u| / |u|_2 = {1 / ratio:.6g}"


def _asked(function: Callable[[], Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function()
    except Exception:
        return None
