"""How large one norm can be where another one is 1."""

import math
from typing import Any, NamedTuple

import numpy as np

from broximal.oracles.brox.kinds import plain, same
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, LInf, Lp
from broximal.oracles.norms.schatten import UnitarilyInvariant

MAX_UNITS = 4096  # unit vectors that are tried one by one


class Ratio(NamedTuple):
    value: float
    exact: bool
    why: str


def ratio(a: Norm, b: Norm, shape: Any) -> Ratio:
    """max |d|_a / |d|_b over d of this shape, or an upper bound of it.

    Proved here: |.|_a is convex, so over the l1 ball its maximum is at a signed unit vector; |d|_inf is the largest of
    the linear functions +-d_i, so over the b ball its maximum is max_i |e_i|_b*; an absolute norm increases with the
    sizes of the entries, so over the l_inf ball it is |(1, .., 1)|; dually |d|_1 <= |(1, .., 1)|_b* |d|_b. Between lp
    and lq it is n^(1/p - 1/q) for p < q, else 1. A symmetric gauge of the singular values has the ratio of the gauges.
    """
    (a, shrink), (b, grow) = plain(a), plain(b)
    factor = float(grow / shrink)  # |d|_(c a) = c |d|_a, and `plain` divides the radius 1 by c
    found = _plain_ratio(a, b, shape)
    return Ratio(found.value * factor, found.exact, found.why)


def _plain_ratio(a: Norm, b: Norm, shape: Any) -> Ratio:
    if same(a, b):
        return Ratio(1.0, True, "the same norm")
    if not (isinstance(shape, tuple) and all(isinstance(n, int) for n in shape)):
        rho, theta = b.l2_bounds(shape).rho, a.l2_bounds(shape).theta
        return Ratio(rho * theta, False, "through the Euclidean norm")
    size, ones = math.prod(shape), np.ones(shape)
    if _is_lp(a) and _is_lp(b):
        p, q = _power(a), _power(b)
        return Ratio(size ** max(0.0, 1 / p - 1 / q), True, "lp against lq")
    if _lifted(a) and _lifted(b) and len(shape) == 2:
        found = _plain_ratio(_gauge(a), _gauge(b), (min(shape),))
        return Ratio(found.value, found.exact, f"of the singular values: {found.why}")
    if isinstance(b, L1) and size <= MAX_UNITS:
        return Ratio(max(float(a(unit)) for unit in _units(shape)), True, "largest at a unit vector")
    if isinstance(a, LInf) and size <= MAX_UNITS:
        return Ratio(max(float(b.dual(unit)) for unit in _units(shape)), True, "largest at a unit vector of the dual")
    if isinstance(b, LInf) and a.absolute:
        return Ratio(float(a(ones)), True, "largest at (1, .., 1)")
    if isinstance(a, L1) and b.absolute:
        return Ratio(float(b.dual(ones)), True, "the dual norm of (1, .., 1)")
    rho, theta = b.l2_bounds(shape), a.l2_bounds(shape)
    if isinstance(a, L2):
        return Ratio(rho.rho, rho.exact, "against the Euclidean norm")
    if isinstance(b, L2):
        return Ratio(theta.theta, theta.exact, "against the Euclidean norm")
    return Ratio(rho.rho * theta.theta, False, "through the Euclidean norm")


def _is_lp(norm: Norm) -> bool:
    return isinstance(norm, L1 | L2 | LInf | Lp)


def _power(norm: Norm) -> float:
    return norm.p if isinstance(norm, Lp) else {L1: 1.0, L2: 2.0, LInf: math.inf}[type(norm)]


def _lifted(norm: Norm) -> bool:
    return isinstance(norm, UnitarilyInvariant | L2)


def _gauge(norm: Norm) -> Norm:
    return norm if isinstance(norm, L2) else plain(norm.gauge)[0]


def _units(shape: tuple[int, ...]):
    for i in range(math.prod(shape)):
        unit = np.zeros(shape)
        unit.flat[i] = 1.0
        yield unit
