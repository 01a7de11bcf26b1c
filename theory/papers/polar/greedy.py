"""Polar Express: the greedy composition of best odd polynomials for the interval of singular values that is left.

Statements (degree 2 q + 1, T polynomials, singular values in [low, 1], low_{T+1} the least value of the last polynomial).
  error    (Theorem 3.1) |X - polar(M)| <= 1 - low_{T+1}
  optimal  (Theorem 3.1) no composition of T odd polynomials of this degree has a smaller largest error on [low, 1]; probed
           with compositions whose coefficients are altered at random
  rate     (Theorem 3.3) |X - polar(M)| <= (1 - low^2)^{(q+1)^T}

Proof. Every best odd polynomial p_t on [l_t, u_t] has the values 1 - E and 1 + E as least and largest, l_{t+1} = p_t(l_t) = 1 - E:
so error. optimal: scaling an odd polynomial by c > 0 multiplies the ends of an image [a, b] by c, so after t polynomials only the
ratio b / a counts, and the error to which the rest can bring it increases with that ratio. Each best polynomial has the least
ratio (1 + E) / (1 - E) among all that are positive on the interval: scale another one so that its image is centred at 1. rate: the
composition of T Taylor polynomials of `polar.taylor` is one of degree 2 q + 1 each, so greedy's error is at most its error, which
is at most 1 - sqrt(1 - d) <= d with d = (1 - low^2)^{(q+1)^T}. QED

error is attained at the singular value low; rate nearly for one polynomial and a small low.
"""

import numpy as np
import sympy as sp

from broximal.oracles.polar import band, guarantee
from broximal.theory import EachStep, Rule, Source, Theorem
from broximal.theory.columns.points import k
from broximal.theory.language.quantity import Entry, Measured, column, constant
from broximal.theory.language.source import POLAR_EXPRESS
from broximal.theory.methods.probes.polar import PolarProbe
from broximal.theory.papers.polar._shared import ROUNDING, case, error, low, order, rounds

METHOD = PolarProbe("greedy")


@constant("greedy_error", "1 - \\ell_{T+1}", "largest error of the greedy composition on the interval", "1")
def greedy_error(run):
    coefficients = METHOD.method(run.world).coefficients
    return Measured.of(guarantee(coefficients, float(run.world["low"])).error, 1e-9)


@column(
    "other_error",
    r"E(\tilde p_{#})",
    "largest error on the interval of a composition with altered coefficients",
    "1",
    host=True,
)
def other_error(now, after):
    rng = np.random.default_rng([now.seed, now.k])
    size = 10.0 ** rng.uniform(-5, -0.5)
    rows = METHOD.method(now.world).coefficients
    altered = tuple(tuple(c * (1 + size * rng.standard_normal()) for c in row) for row in rows)
    a, b = band(altered, float(now.world["low"]))
    return Entry(max(1 - a, b - 1), ROUNDING)


greedy = Theorem(
    name="polar.greedy",
    title="Polar Express: error, optimality and rate of the greedy composition",
    source=Source(POLAR_EXPRESS, "second hand", "Theorems 3.1 and 3.3"),
    assumes=(),
    method=METHOD,
    parameters=(
        Rule(low, sp.Rational(1, 100), low < 1, free=True, why="any value"),
        Rule(order, sp.sympify(2), order >= 1, free=True, why="degree 3 or 5"),
        Rule(rounds, sp.sympify(3), rounds >= 1, free=True, why="any number"),
    ),
    claims=(
        EachStep(error[k] <= greedy_error, "error"),
        EachStep(greedy_error <= other_error[k], "optimal"),
        EachStep(error[k] <= (1 - low**2) ** ((order + 1) ** rounds), "rate"),
    ),
    cases=(
        case(low=0.002, order=1, composed=1, sharp=0.99, note="one cubic and a small singular value"),
        case(low=0.05, order=1, composed=4),
        case(low=0.01, order=2, composed=3),
        case(low=0.2, order=2, composed=2),
    ),
)
