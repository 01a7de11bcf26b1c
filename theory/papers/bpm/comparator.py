"""A rate without a minimiser, in any norm.

Statement. f convex, z any point. While f(x_K) >= f(z),

    f(x_K) - f(z)  <=  |x_0 - z| / (|x_0 - z| + S_K) (f(x_0) - f(z)).

So sum t_k = infinity implies f(x_k) -> inf f, even where the infimum is not attained or is minus infinity.

Proof. The proofs of the star form and of the unconditional rate use x* only through f(x*) <= f(x_{k+1}). QED

The check takes for z the minimiser if there is one, else the end of one steepest descent step of the norm from x_0, of
length 0.6 S_K; any other point would do. Equality is attained as in `bpm.unconditional_constant` with z = x*.
"""

import sympy as sp

from broximal.oracles.arrays import combine, subtract
from broximal.oracles.norms import L1, L2, LInf
from broximal.problems import Linear, Logistic, RidgeFunction
from broximal.theory import Case, EachHorizon, Source, Theorem
from broximal.theory.columns.points import EPS, K, i, radius, scale_at, value
from broximal.theory.hypotheses.functions import Convex
from broximal.theory.language.quantity import Measured, constant, of_run
from broximal.theory.language.source import NON_EUCLIDEAN_BPM
from broximal.theory.methods import BroximalPoint
from broximal.theory.papers.bpm._cases import CONVEX, varied


def _comparator(run):
    """The minimiser, or else the end of one long steepest descent step of the norm from x_0: any z is allowed."""
    if run.problem.minimiser is not None:
        return run.problem.minimiser
    length = 0.6 * float(run.column("t").values.sum())
    return combine(1.0, run.start.x, 1.0, run.norm.lmo(run.start.gradient, length))


@of_run("above", r"(f(x_{#}) - f(z))", "function value above that of the comparator z", "f", uses=[value, radius])
def above(run):
    z, found = _comparator(run), run.column("f")
    noise = found.noise + 8 * EPS * scale_at(run.problem, z)
    return Measured.of(found.values - float(run.problem.value(z)), noise, found.oracle)


@constant("D_z", r"\|x_0 - z\|", "distance of the start to the comparator z", "x", uses=[radius])
def to_comparator(run):
    return Measured.of(float(run.norm(subtract(run.start.x, _comparator(run)))))


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
    cases=varied(
        Case(lambda seed: Linear.example(5, seed), LInf(), radius=1.0, note="unbounded below"),
        Case(lambda seed: RidgeFunction.example(4, seed), L1(), radius=0.5),
        Case(lambda seed: Logistic.example(5, seed), L2(), radius=0.2, note="no minimiser is used"),
        *CONVEX[:3],
    ),
)
