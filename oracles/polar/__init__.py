"""Inexact LMOs of matrix norms: approximate polar factors and leading pairs, with measured and guaranteed (lo, hi)."""

from broximal.oracles.polar.answer import Guarantee, InexactLMO, measured
from broximal.oracles.polar.bounds import band, greedy_bound, guarantee, taylor_bound, universal
from broximal.oracles.polar.catalogue import method, names
from broximal.oracles.polar.coefficients import CUBIC, CUSHION, JORDAN, LIMIT, POLAR_EXPRESS, taylor
from broximal.oracles.polar.method import Exact, InexactMethod
from broximal.oracles.polar.newton_schulz import NewtonSchulz
from broximal.oracles.polar.power import PowerIteration
from broximal.oracles.polar.remez import best_odd, greedy

__all__ = [
    "CUBIC",
    "CUSHION",
    "JORDAN",
    "LIMIT",
    "POLAR_EXPRESS",
    "Exact",
    "Guarantee",
    "InexactLMO",
    "InexactMethod",
    "NewtonSchulz",
    "PowerIteration",
    "band",
    "best_odd",
    "greedy",
    "greedy_bound",
    "guarantee",
    "measured",
    "method",
    "names",
    "taylor",
    "taylor_bound",
    "universal",
]
