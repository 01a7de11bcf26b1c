"""Generalised gradient norm clipping with exact gradients: radii gamma min{varrho, G_k}.

Assumed: (L0, L1)-smoothness within 1 / L1, gamma <= 1 / (L0 + varrho L1).

Statements (S = min_{k<K} G_k).
  one step   f(x_{k+1}) <= f(x_k) - (gamma / 2) min{G_k^2, varrho G_k}
  best       S <= max{sqrt(2 d_0 / (gamma K)), 2 d_0 / (gamma varrho K)}
  printed    (Theorem 4.3) S <= sqrt(d_0 / (gamma K)) + 2 d_0 / (gamma varrho K): FALSE

Proof. Let m = min{varrho, G}; the descent lemma gives a decrease of at least gamma m G - (L0 + L1 G) gamma^2 m^2 / 2. If G <=
varrho, gamma (L0 + L1 G) <= 1 and m = G. Else gamma (L0 + L1 G) <= (L0 + L1 G) / (L0 + L1 varrho) <= G / varrho. So one step
holds in both cases, and its sum is d_0 >= (gamma K / 2) min{S^2, varrho S}. QED

The printed bound. From 2 b S - b^2 <= 2 d_0 / (gamma K) for every b > 0, its proof must take b^2 = 2 d_0 / (gamma K), which
gives the root of 2 d_0 and not of d_0. Refuted, with L1 = 0, gamma = 1 / L0 and varrho large, by L x^2 / 2 and K = 1 (factor
sqrt 2), and for every K by `problems.worst.SawTooth`: K equal gradients g with d_0 = (3 K - 1) g^2 / (4 L), where the printed
root is g sqrt((3 K - 1) / (4 K)) < g. "In particular varrho = L0 / L1, gamma = 1 / L0" does not satisfy its own condition.
"""

from fractions import Fraction

import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems.worst import SawTooth
from broximal.theory import Case, EachHorizon, EachStep, Rule, Source, Theorem
from broximal.theory.cases.terms import shown
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.columns.whole import G, cap, gam
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.whole import LocalSmooth, OneLayer
from broximal.theory.language.quantity import Best
from broximal.theory.language.source import GGNC
from broximal.theory.methods.lmo import Clipped, LmoMethod
from broximal.theory.papers.clipping.conditional_gradient import M0, M1, RELAXED

METHOD = LmoMethod(Clipped(), title="generalised gradient norm clipping")
ASSUMES = (BoundedBelow(), OneLayer(), LocalSmooth(accepts=("A1",), within=1.0))
PARAMETERS = (
    Rule(cap, sp.sqrt(M0 * d0 / 8), cap > 0, free=True, why="any cap; this one is a quarter of the largest gradient"),
    Rule(gam, 1 / (M0 + cap * M1), gam * (M0 + cap * M1) <= 1, free=True, why="at most 1 / (L0 + varrho L1)"),
)
HIGH = 100  # a cap that no gradient of the cases reaches
SAW_TEETH = tuple(
    Case(
        lambda seed, n=n: SawTooth(n, 1.0, 2.0),
        L2(),
        parameters={"cap": float(HIGH), "gam": 0.5},
        steps=n,
        fixed=True,
        note=f"{n} equal gradients",
    )
    for n in (1, 2, 5, 50)
)
LEAST = Best(G(i), (i, 0, K - 1))

clipping = Theorem(
    name="clipping.clipping",
    title="Generalised gradient norm clipping",
    source=Source(GGNC, "proved here"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=PARAMETERS,
    claims=(
        EachStep(gam / 2 * sp.Min(G(k) ** 2, cap * G(k)) <= value[k] - value[k + 1], "one step"),
        EachHorizon(LEAST <= sp.Max(sp.sqrt(2 * d0 / (gam * K)), 2 * d0 / (gam * cap * K)), "best"),
    ),
    cases=(
        Case(
            lambda seed: SawTooth(1, 1.0, 2.0),
            L2(),
            parameters={"cap": float(HIGH), "gam": 0.5},
            steps=1,
            fixed=True,
            sharp=0.999,
            note="one step to the minimiser: attained",
        ),
        *SAW_TEETH[1:],
        *RELAXED,
        *shown("straight", length="", share="", cap=0.1, gam=1.0),
    ),
)


def _exactly():
    # g = 1, L = 2, gamma = 1/2, five steps: (1 - second term)^2 against d_0 / (gamma K)
    steps, L, gamma = 5, Fraction(2), Fraction(1, 2)
    start = (steps - 1) * Fraction(3, 4) / L + 1 / (2 * L)
    return (1 - 2 * start / (gamma * HIGH * steps)) ** 2, start / (gamma * steps)


false_clipping = Theorem(
    name="clipping.false_clipping",
    title="Generalised gradient norm clipping, with the printed constant",
    source=Source(GGNC, "false as printed", "Theorem 4.3"),
    assumes=ASSUMES,
    method=METHOD,
    parameters=PARAMETERS,
    claims=(EachHorizon(LEAST <= sp.sqrt(d0 / (gam * K)) + 2 * d0 / (gam * cap * K), "best"),),
    cases=SAW_TEETH,
    truth=False,
    repair="clipping.clipping",
    exact=_exactly,
)
