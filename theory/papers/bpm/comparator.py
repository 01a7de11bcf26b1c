"""A rate without a minimiser, in any norm.

Statement. f convex, z any point. While f(x_K) >= f(z),

    f(x_K) - f(z)  <=  |x_0 - z| / (|x_0 - z| + S_K) (f(x_0) - f(z)).

So sum t_k = infinity implies f(x_k) -> inf f, even where the infimum is not attained or is minus infinity.

Proof. The proofs of the star form and of the unconditional rate use x* only through f(x*) <= f(x_{k+1}). QED

The check takes for z the minimiser if there is one, else the end of one steepest descent step of the norm from x_0, of
length 0.6 S_K; any other point would do. Equality is attained as in `bpm.unconditional_constant` with z = x*.
"""

import numpy as np
import sympy as sp

from broximal.oracles.arrays import combine, subtract
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import Linear, Logistic, RidgeFunction
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.columns.points import EPS, K, i, oracle_gaps, radius, size_of_value
from broximal.theory.hypotheses.functions import Convex
from broximal.theory.language.quantity import Measured, column, constant
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX


def _comparator(run):
    """The minimiser, or else the end of one long steepest descent step of the norm from x_0: any z is allowed."""
    x0 = run.points[0]
    if run.problem.minimiser is not None:
        return run.problem.minimiser
    length = 0.6 * sum(record.radius for record in run.records)
    return combine(1.0, x0, 1.0, run.norm.lmo(run.problem.gradient(x0), length))


@column("above", r"(f(x_{#}) - f(z))", "function value above that of the comparator z")
def above(run):
    z = _comparator(run)
    base = float(run.problem.value(z))
    values = np.array([float(run.problem.value(x)) - base for x in run.points])
    noise = np.array([8 * EPS * (size_of_value(run, x) + size_of_value(run, z)) for x in run.points])
    return Measured.of(values, noise, oracle_gaps(run))


@constant("D_z", r"\|x_0 - z\|", "distance of the start to the comparator z")
def to_comparator(run):
    return Measured.of(float(run.norm(subtract(run.points[0], _comparator(run)))))


comparator = Theorem(
    name="bpm.comparator",
    title="Rate against any comparator",
    source=Source(NON_EUCLIDEAN_BPM, "proved here"),
    assumes=(Convex(),),
    method=BroximalPoint(),
    claims=(
        EachHorizon(
            above[K] <= to_comparator * above[0] / (to_comparator + sp.Sum(radius[i], (i, 0, K - 1))),
            "last iterate",
            where=above[K] >= 0,
            trivial=above[0],
        ),
    ),
    cases=(
        Case(lambda seed: Linear.example(5, seed), LInf(), radius=1.0, note="unbounded below"),
        Case(lambda seed: RidgeFunction.example(4, seed), L1(), radius=0.5),
        Case(lambda seed: Logistic.example(5, seed), L2(), radius=0.2, note="no minimiser is used"),
        *CONVEX[:3],
    ),
)
