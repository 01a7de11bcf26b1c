"""Momentum with an inexact LMO and stochastic gradients: x_{k+1} = x_k + eta O_k with <m_k, O_k> = -lo_k |m_k|_*, |O_k| = hi_k.

m_k = (1 - a) m_{k-1} + a g(x_k; xi_k), m_0 = g(x_0; xi_0). Assumed: f L-smooth in the norm, unbiased stochastic gradients with
E|g - grad f|_2^2 <= sigma^2; O_k Newton-Schulz in matrix layers, whose lo_k >= lo > 0 and hi_k <= hi surely (`polar.universal`
of the rank; hi >= 1/2), and the LMO itself in the others.

Statements (delta = (1-a) L hi eta / a + rho sigma (1 / (a K) + sqrt(a / (2-a))) bounds the mean of E|e_k|_*).
  quality   lo <= lo_k                                                                                    on every path
  one step  f(x_{k+1}) <= f(x_k) - eta lo_k G_k + eta (lo_k + hi_k) |e_k|_* + L hi_k^2 eta^2 / 2          on every path
  path      (1/K) sum_{k<K} lo_k G_k <= d_0 / (eta K) + L hi^2 eta / 2 + (2 hi / K) sum_{k<K} |e_k|_*      on every path
  captured  E (1/K) sum_{k<K} lo_k G_k <= d_0 / (eta K) + L hi^2 eta / 2 + 2 hi delta
  average   (1/K) sum_{k<K} E G_k <= (1/lo) (d_0 / (eta K) + L hi^2 eta / 2 + (lo + hi) delta)

Proof. One step as in `momentum.inexact_lmo`, for any estimate m_k. path: lo_k <= hi_k by Hoelder's inequality, or lo_k = 1 <= 2 hi
where m_k = 0; sum. captured: the mean of E|e_k|_* as in `momentum.average`, with steps no longer than hi eta. average: -lo_k
|m_k|_* + hi_k |e_k|_* <= -lo |m_k|_* + hi |e_k|_* <= -lo G_k + (lo + hi) |e_k|_* before the sum. In a product norm lo_k is a mean of
those of the layers, weighted by their dual norms, and hi_k the largest. QED

Ceiling. As there: with noise that is surely at most s, |e_k|_* <= (1-a) L hi eta / a + rho s, and the sums hold on every path;
and G_k <= G_0 + L k hi eta always.
Attained without noise by one singular value, which Newton-Schulz maps to lo = hi, and K equal steps to the minimiser.
"""

import numpy as np
import sympy as sp

from broximal.oracles.layers import shape_of
from broximal.oracles.norms import LInf, Product, Spectral
from broximal.oracles.polar import NewtonSchulz
from broximal.problems.regression.matrix_least_squares import MatrixQuadratic
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.momentum import matrix, noisy
from broximal.theory.cases.remarks import FIRST, MANY_STEPS, ROOM, VARIANCE
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import a
from broximal.theory.columns.points import K, L, d0, i, k
from broximal.theory.columns.whole import E, G, eta, rho, sigma, sure
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.smoothness import BoundedVariance
from broximal.theory.language.claims import Expected
from broximal.theory.language.quantity import Measured, constant
from broximal.theory.language.source import MOMENTUM
from broximal.theory.methods.lmo import Approximate, Ema, LmoMethod, Whole
from broximal.theory.methods.lmo.directions import approximated
from broximal.theory.papers.momentum.average import MEAN
from broximal.theory.papers.momentum.inexact_lmo import ONE_STEP, UNEQUAL, captured, matrix_and_vector

ROOT, STEPS = 0.7, 3
QUINTIC = NewtonSchulz.jordan(
    epsilon=0.0
)  # with an epsilon a direction shrinks with its gradient, and there is no lo for all


def one_entry(seed: int) -> MatrixQuadratic:
    return MatrixQuadratic(np.array([[2.0]]), np.eye(1), np.zeros((1, 1)), x0=np.array([[ROOT * (-1.0) ** seed]]))


def surely(run) -> tuple[float, float]:
    """(lo, hi) of every direction of a run with this LMO in its matrix layers."""
    parts = zip(run.layers.norms, run.layers.split(run.experiment.x0), strict=True)
    shapes = [shape_of(x) for norm, x in parts if approximated(QUINTIC, norm, shape_of(x)) is not None]
    known = [QUINTIC.universal(min(shape)) for shape in shapes]
    exact = len(known) < run.layers.count
    return min([b.lo for b in known] + [1.0] * exact), max([b.hi for b in known] + [1.0] * exact)


@constant(
    "lo_sure", r"\underline{\mathrm{lo}}", "share of the dual norm that every direction of Muon's quintic captures", "1"
)
def lo(run):
    return Measured.of(surely(run)[0], 1e-12)


@constant("hi_sure", r"\overline{\mathrm{hi}}", "length that no direction of Muon's quintic exceeds", "1")
def hi(run):
    return Measured.of(surely(run)[1], 1e-12)


DRIFT = (1 - a) * L * hi * eta / a
DELTA = DRIFT + rho * sigma * (1 / (a * K) + sp.sqrt(a / (2 - a)))
REST = d0 / (eta * K) + L * hi**2 * eta / 2
HIGHEST = G(0) + L * hi * eta * (K - 1) / 2
SHARES = sp.Sum(captured[i] * G(i), (i, 0, K - 1)) / K

stochastic = Theorem(
    name="momentum.inexact_lmo_stochastic",
    title="Momentum with an inexact LMO and stochastic gradients: Muon's quintic without its epsilon",
    source=Source(MOMENTUM, "proved here"),
    assumes=(BoundedBelow(), Positive("L"), BoundedVariance()),
    method=LmoMethod(
        Whole(), Ema("a"), direction=Approximate(QUINTIC), title="LMO method with momentum, Muon's quintic"
    ),
    parameters=(
        Rule(a, 1 / sp.sqrt(K), a <= 1, free=True, why="any share"),
        Rule(eta, sp.sqrt(a * d0 / (2 * L * K)) / hi, eta > 0, free=True, why="balances the terms without noise"),
    ),
    claims=(
        EachStep(captured[k] >= lo, "quality"),
        ONE_STEP,
        EachHorizon(SHARES <= REST + 2 * hi * sp.Sum(E(i), (i, 0, K - 1)) / K, "path"),
        Expected(
            SHARES <= REST + 2 * hi * DELTA,
            "captured",
            unseen={"1/(K*a)": FIRST, "-a": VARIANCE, "rho_n -> 1": MANY_STEPS},
            ceiling=sp.Min(hi * HIGHEST, REST + 2 * hi * (DRIFT + rho * sure)),
        ),
        Expected(
            MEAN <= (REST + (lo + hi) * DELTA) / lo,
            "average",
            unseen={("hi_sure", "lo_sure"): ROOM, "1/(K*a)": FIRST, "-a": VARIANCE, "rho_n -> 1": MANY_STEPS},
            ceiling=sp.Min(HIGHEST, (REST + (lo + hi) * (DRIFT + rho * sure)) / lo),
        ),
    ),
    cases=(
        Case(
            one_entry,
            Spectral(),
            parameters={"a": 1.0, "eta": 1.05 * ROOT / (STEPS * QUINTIC.universal(1).lo)},
            steps=STEPS,
            sharp=0.99,
            note="one singular value, no noise: K steps to the minimiser, hardly beyond",
        ),
        *shown("noise", "friction", family="matrix"),
        *shown("turned", scale=lambda own: own.length / QUINTIC.universal(1).lo, family="matrix"),
        *UNEQUAL,
        Case(noisy(matrix, 0.1), Spectral(), steps=300),
        Case(
            noisy(matrix_and_vector, 0.1),
            Product([Spectral(), LInf()]),
            steps=300,
            note="exact LMO in the second layer",
        ),
    ),
)
