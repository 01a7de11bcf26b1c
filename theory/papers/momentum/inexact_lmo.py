"""Momentum with an inexact LMO: x_{k+1} = x_k + eta O_k with <m_k, O_k> = -lo_k |m_k|_* and |O_k| = hi_k, both measured.

Statements (exact gradients; lo > 0 the least lo_k and hi the largest hi_k of the run).
  one step  f(x_{k+1}) <= f(x_k) - eta lo_k G_k + eta (lo_k + hi_k) |e_k|_* + L hi_k^2 eta^2 / 2
  average   (1/K) sum_{k<K} G_k <= (1/lo) (d_0 / (eta K) + L hi^2 eta / 2 + ((lo + hi) / K) sum_{k<K} |e_k|_*)
  apriori   the same with (lo + hi)(1-a) L hi eta / a in the place of the mean of the errors

Proof. <grad f, O> = <m, O> - <e, O> <= -lo |m|_* + hi |e|_* <= -lo G + (lo + hi) |e|_*: one step. Average: -lo_k |m_k|_* +
hi_k |e_k|_* is at most that with lo and hi, which is the same again; sum. A priori: m_0 = grad f(x_0), and steps are at most
hi eta long, so |e_k|_* <= L hi eta (1-a)/a by the recursion of `momentum.average`. QED

Attained by c |X|_F^2 / 2 in the spectral norm from a multiple of an orthogonal matrix, where every Newton-Schulz step has
lo = hi: all singular values stay equal. The average with it, by K equal steps to the minimiser.
"""

import numpy as np
import sympy as sp

from broximal.oracles.norms import LInf, Product, Spectral
from broximal.oracles.polar import NewtonSchulz, band
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.problems.smooth.coupled import CoupledQuadratic
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import matrix
from broximal.theory.cases.remarks import NEAR_ONE
from broximal.theory.cases.terms import LEVEL, shown
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import EPS, K, L, d0, i, k, value
from broximal.theory.columns.whole import E, G, eta
from broximal.theory.hypotheses.functions import BoundedBelow, ExactGradients, Positive
from broximal.theory.language.quantity import Entry, Measured, column, constant
from broximal.theory.language.source import MOMENTUM
from broximal.theory.methods.lmo import Approximate, Ema, LmoMethod, Whole
from broximal.theory.methods.lmo.directions import quality

ROOT = 0.7  # every singular value at the start of the case that attains the bounds
STEPS = 3


def _quality(now, after):
    return after.once("quality", lambda: quality(now.layers, now.layers.split(after.state.m), after.state.along))


@column("lo_k", r"\mathrm{lo}_{#}", "share of the dual norm that the direction captures", "1")
def captured(now, after):
    found = _quality(now, after)[0]
    return Entry(found, 64 * EPS * (1 + abs(found)))


@column("hi_k", r"\mathrm{hi}_{#}", "length of the direction", "1")
def length(now, after):
    found = _quality(now, after)[1]
    return Entry(found, 64 * EPS * found)


@constant(
    "lo", r"\mathrm{lo}", "least share of the dual norm that a direction of the run captures", "1", uses=[captured]
)
def lo(run):
    return Measured.of(run.column("lo_k").values.min(), 64 * EPS)


@constant("hi", r"\mathrm{hi}", "length of the longest direction of the run", "1", uses=[length])
def hi(run):
    return Measured.of(run.column("hi_k").values.max(), 64 * EPS)


FALL = eta * captured[k] * G(k) - eta * (captured[k] + length[k]) * E(k) - L * length[k] ** 2 * eta**2 / 2
ONE_STEP = EachStep(FALL <= value[k] - value[k + 1], "one step")


def equal_singular_values(seed: int) -> MatrixQuadratic:
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((2, 2)))[0]
    return MatrixQuadratic(2.0 * np.eye(2), np.eye(2), np.zeros((2, 2)), x0=ROOT * turn)


def steep_and_flat(seed: int) -> MatrixQuadratic:
    """One singular value of the gradient stays what it is, the other one has all the curvature."""
    return MatrixQuadratic(np.diag([1e-4, 1.0]), np.eye(2), np.zeros((2, 2)), x0=np.diag([5e3, 1.0]), offset=LEVEL)


def unequal(seed: int) -> MatrixQuadratic:
    return MatrixQuadratic(np.eye(2), np.eye(2), np.zeros((2, 2)), x0=np.diag([6.0, 3.0]))


UNEQUAL = (
    Case(
        steep_and_flat,
        Spectral(),
        parameters={"a": 1.0, "eta": 0.2},
        steps=8,
        fixed=True,
        note="two singular values, one of which keeps its size",
    ),
    Case(
        unequal,
        Spectral(),
        parameters={"a": 1.0, "eta": 0.1},
        steps=60,
        fixed=True,
        note="two singular values on their way to 0",
    ),
)


def matrix_and_vector(seed: int) -> CoupledQuadratic:
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((9, 9)) / 3
    return CoupledQuadratic(A @ A.T, [np.zeros((2, 3)), np.zeros(3)], [rng.standard_normal((2, 3)), np.ones(3)])


def with_direction(name: str, title: str, inexact: NewtonSchulz) -> Theorem:
    shrinks, _ = band(inexact.coefficients, 2**-0.5, 2**-0.5)  # |X|_F = 1 and both singular values equal
    errors = sp.Sum(E(i), (i, 0, K - 1)) / K
    rest = d0 / (eta * K) + L * hi**2 * eta / 2
    mean = sp.Sum(G(i), (i, 0, K - 1)) / K
    return Theorem(
        name=name,
        title=f"Momentum with an inexact LMO: {title}",
        source=Source(MOMENTUM, "proved here"),
        assumes=(BoundedBelow(), Positive("L"), ExactGradients()),
        method=LmoMethod(Whole(), Ema("a"), direction=Approximate(inexact), title=f"LMO method with momentum, {title}"),
        parameters=(
            Rule(a, sp.Rational(1, 2), a <= 1, free=True, why="any share"),
            Rule(eta, sp.sqrt(d0 / (L * K)), eta > 0, free=True, why="any radius; this one fits lo = hi = 1"),
        ),
        claims=(
            ONE_STEP,
            EachHorizon(mean <= (rest + (lo + hi) * errors) / lo, "average", unseen={(lo, hi): NEAR_ONE}),
            EachHorizon(
                mean <= (rest + (lo + hi) * L * hi * eta * (1 - a) / a) / lo,
                "a priori",
                unseen={(lo, hi): NEAR_ONE},
            ),
        ),
        cases=(
            Case(
                equal_singular_values,
                Spectral(),
                parameters={"a": 1.0, "eta": ROOT / (STEPS * shrinks)},
                steps=STEPS,
                sharp=0.999,
                note="equal singular values: K steps to the minimiser",
            ),
            Case(matrix, Spectral(), steps=40),
            *shown("friction", family="matrix"),
            *UNEQUAL,
            Case(matrix_and_vector, Product([Spectral(), LInf()]), steps=40, note="exact LMO in the second layer"),
        ),
    )


jordan = with_direction("momentum.inexact_lmo", "Muon's quintic", NewtonSchulz.jordan())
taylor = with_direction("momentum.inexact_lmo_taylor", "two Taylor steps", NewtonSchulz.taylor(2, 2))
