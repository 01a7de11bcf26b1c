"""Small instances on each of which one term of a bound for an LMO method with momentum is what matters.

They are |x - end|_2^2 / 2 from (start, ..., start), in one dimension, or with many equal entries in l_inf, where rho =
sqrt(d): what is seen in one dimension is seen there with every factor rho. Noise is +-1, or so, in every entry.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2, LInf, Product, Spectral
from broximal.problems.profiles.families import Huber
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.problems.smooth.quadratic import Quadratic
from broximal.problems.smooth.ridges import RidgeLayer, Ridges
from broximal.problems.smooth.separable import Separable
from broximal.problems.stochastic.noise import Rare, Signs
from broximal.problems.stochastic.noisy import Noisy
from broximal.theory.language.theorem import Case

MANY = 400  # entries
LEVEL = -10.0  # the minimum of quadratics: where it is 0, values of f are gaps
FLAT = float(np.sqrt(32 * np.pi))  # where psi is as curved as it gets nearby, compared with its gradient


@dataclasses.dataclass(frozen=True)
class Instance:
    """Where it starts, how far a step moves, which share of the momentum is new, how many steps, the size of the noise."""

    start: float
    length: float
    share: float
    steps: int
    noise: float
    note: str
    dim: int = 1
    kind: str = "square"
    end: float = 0.0
    chance: float = 1.0  # of noise in a step


INSTANCES = {
    "noise": Instance(1e-3, 0.05, 1.0, 400, 1.0, "nothing but noise"),
    "fine": Instance(1e-3, 1e-3, 1.0, 50, 1.0, "nothing but noise, and steps too short to matter"),
    "remembered": Instance(1e-3, 0.02, 0.1, 400, 1.0, "nothing but noise, averaged"),
    "friction": Instance(2.03, 0.1, 0.05, 200, 0.0, "momentum swings across the minimum"),
    "near": Instance(0.13, 0.1, 0.3, 100, 0.0, "momentum next to the minimum"),
    "straight": Instance(10.03, 0.1, 1.0, 100, 0.0, "straight to the minimum"),
    "across": Instance(0.051, 0.1, 1.0, 100, 0.0, "to and fro across the minimum"),
    "once": Instance(1.0, 1.0, 1.0, 1, 0.0, "one step to the minimum"),
    "outside": Instance(-1.0, 0.1, 1.0, 100, 0.0, "towards a minimum far outside of the ball", end=11.0),
    "confused": Instance(0.0, 0.05, 1.0, 400, 4.5, "noise turns every other step back", end=4.0),
    "lost": Instance(0.0, 0.02, 1.0, 100, 1.5, "noise larger than the gradient", end=1.0),
    "swamped": Instance(1.0, 0.3, 1.0, 8192, 60.0, "noise larger than the gradient, averaged or not"),
    "turned": Instance(-1.0, 1.0, 1.0, 3, 0.82, "rare noise turns a step back", chance=0.6),
    "valley": Instance(8.0, 0.1, 1.0, 20, 0.0, "the wall of a steep valley", kind="cosh"),
    "basin": Instance(1.0, 0.1, 1.0, 3, 0.0, "the bottom of a steep valley", kind="cosh"),
    "steep": Instance(10.0, 0.1, 1.0, 100, 0.0, "an exponential, where the gradient is all the curvature", kind="exp"),
    "slope": Instance(5.0, 0.04, 1.0, 100, 0.0, "down a long slope, where the gradient stays what it is", kind="huber"),
    "doubted": Instance(
        5.0, 0.04, 1.0, 20, 0.72, "rare noise, just larger than the gradient of a long slope", kind="huber", chance=0.5
    ),
    "stuck": Instance(3.0, 0.05, 1.0, 400, 1.5, "noise larger than the gradient of a long slope", kind="huber"),
    "gentle": Instance(2.15, 0.0, 1.0, 6561, 0.0, "many short steps down a long slope", kind="huber"),
    "bent": Instance(FLAT, 0.02, 1.0, 2, 0.0, "where the curvature is that of a large gradient", kind="psi"),
}


def shown(
    *names: str,
    length: str = "eta",
    share: str = "a",
    scale: Callable[[Instance], float] = lambda instance: instance.length,
    family: str = "quadratic",
    **parameters: Any,
) -> tuple[Case, ...]:
    """Cases of these names; "many NAME" has many entries.

    length, share  the parameters that are the length of a step (a function `scale` of the instance) and the share of what is new;
                   empty where the theorem has none
    family         "matrix" for a matrix of one entry in the spectral norm; "layers" for statements about sums over layers (A1), "coupled" for those about coupled ones (A2)
    """
    found = []
    for name in names:
        many = name.startswith("many ")
        own = INSTANCES[name.removeprefix("many ")]
        own = dataclasses.replace(own, dim=MANY, note=f"{own.note}, in many entries") if many else own
        chosen = ({share: own.share} if share else {}) | ({length: scale(own)} if length else {}) | parameters
        norm: Norm = LInf() if own.dim > 1 else L2()
        if family in ("coupled", "matrix"):
            norm = Product([norm, norm]) if family == "coupled" else Spectral()
        found.append(Case(problem(own, family), norm, parameters=chosen, steps=own.steps, fixed=True, note=own.note))
    return tuple(found)


def problem(own: Instance, family: str = "quadratic") -> Callable[[int], Any]:
    """The problem of an instance, the same for every seed."""
    return lambda seed: _made(own, family)


@functools.lru_cache(maxsize=128)  # theorems share instances
def _made(own: Instance, family: str) -> Any:
    ones, start = np.ones(own.dim), np.full(own.dim, own.start)
    exact: Any
    if own.kind == "huber":
        exact = Separable(Huber(), own.end * ones, ones, start)
    elif family == "layers" or own.kind != "square":
        exact = Ridges(RidgeLayer(own.kind, ones, ones, own.end * ones, start))
    elif family == "matrix":
        one = np.ones((1, 1))
        exact = MatrixQuadratic(one, one, own.end * one, x0=own.start * one)
    elif family == "coupled":
        whole = np.kron(np.ones((2, 2)), np.eye(own.dim))  # of the sum of the two layers
        exact = CoupledQuadratic(whole, [own.end * ones / 2] * 2, [start / 2] * 2)
    else:
        exact = Quadratic(np.eye(own.dim), about=own.end * ones, x0=start, offset=LEVEL)
    if not own.noise:
        return exact
    return Noisy(exact, Signs(own.noise) if own.chance == 1 else Rare(own.noise / own.chance**0.5, own.chance))


def by_three_quarters(instance: Instance) -> float:
    """The radius of which K^{-3/4} is the length of a step."""
    return instance.length * instance.steps**0.75
