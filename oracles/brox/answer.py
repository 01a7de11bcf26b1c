"""The answer of the broximal oracle and how a raw move is certified."""

import dataclasses
import functools
from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.arrays import Tree, inner, namespace, subtract
from broximal.oracles.layers import shape_of
from broximal.oracles.norm import Norm
from broximal.oracles.objective import Move, Objective

FIELDS = ["point", "value", "gap", "rounding", "excess", "subgradient", "tau", "multiplier", "iterations"]


@functools.partial(jax.tree_util.register_dataclass, data_fields=FIELDS, meta_fields=["path"])
@dataclasses.dataclass(frozen=True, slots=True)
class BroxAnswer:
    """A minimiser u of f over |z - x| <= t, and how good it is.

    point        u
    value        f(u)
    gap          upper bound on f(u) - min over the ball (0 up to `rounding` if exact; infinite if nothing is known)
    rounding     the rounding error of gap and value, and that of the solver inside a norm: a gap below it means "exact"
    excess       max(|u - x| - t, 0)
    subgradient  g in df(u), aligned (<g, x - u> = t |g|_*) up to gap; None for non-convex f without one
    tau          effective radius <g, x - u> / |g|_*: for convex f, u is at least as good as the exact step of radius
                 tau (f(u) <= N_tau f(x)), whatever the gap; t itself where g = 0 or there is no g
    multiplier   t / |g|_*: the stepsize of the proximal step argmin f + |. - x|^2 / (2 gamma) that ends at u
    path         which solver answered
    iterations   how many iterations it made
    """

    point: Any
    value: Any
    gap: Any
    rounding: Any
    excess: Any
    subgradient: Any
    tau: Any
    multiplier: Any
    iterations: Any
    path: str


def certify(objective: Objective, norm: Norm, center: Tree, radius: Any, move: Move) -> BroxAnswer:
    """The certificate of a move. Jittable; the arguments are validated points.

    Nothing that the solver says about its own point is believed: the value is computed here, and so is the gradient of a
    smooth f. For other convex f the solver's subgradient counts as far as `minorant` proves it; where f proves nothing,
    its own subgradient at the point takes its place, unless the solver has a lower bound that does the proof.
    """
    point, subgradient, slack = move.point, move.subgradient, 0.0
    xp = namespace(point, center)
    proved = objective.convex
    if arrays.is_concrete(radius) and np.isinf(float(radius)):  # the whole space, where no slope but 0 proves anything
        value, subgradient = objective.value(point), None
    elif objective.smooth and (objective.convex or subgradient is not None):
        value, subgradient = objective.value_and_gradient(point)
    else:
        value = objective.value(point)
        if objective.convex and subgradient is not None:
            found = objective.minorant(point, subgradient)
            if found is not None:
                subgradient, slack = found
            elif move.lower is None:
                subgradient = objective.gradient(point)
            else:
                proved = False
    value = xp.asarray(value)
    step = subtract(center, point)
    unit = 4 * arrays.eps(value)
    excess = xp.maximum(norm._value(step) - radius, 0.0)
    value_noise, gradient_noise = objective.rounding(point)
    rounding = unit * xp.abs(value) + value_noise
    gap = value - move.lower if move.lower is not None else xp.asarray(xp.inf, dtype=value.dtype)
    tau = multiplier = xp.asarray(radius, dtype=value.dtype)
    if subgradient is not None:
        dual = norm.dual._value(subgradient)
        aligned = inner(subgradient, step)
        rounding = rounding + unit * (xp.abs(aligned) + radius * dual) + norm.error * radius * dual
        if proved:
            gap = xp.minimum(gap, radius * dual - aligned + slack)
        safe = xp.where(dual > 0, dual, 1.0)
        tau = xp.where(dual > 0, (aligned - slack) / safe, tau)
        multiplier = xp.where(dual > 0, radius / safe, xp.inf)
    gap = xp.maximum(gap, 0.0)
    # A family that says nothing of its gradient returns the plain number 0; the bounds of a norm may be costly.
    if type(gradient_noise) is not float and (not arrays.is_concrete(gap) or gap > rounding):
        rounding = rounding + radius * norm.l2_bounds(shape_of(center)).rho * gradient_noise
    return BroxAnswer(point, value, gap, rounding, excess, subgradient, tau, multiplier, move.iterations, move.path)
