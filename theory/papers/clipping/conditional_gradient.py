"""The unconstrained conditional gradient method, x_{k+1} = x_k + eta LMO(grad f(x_k)) with eta = gamma varrho.

Statements.
  smooth            (Proposition 4.1) f L-smooth: (1/K) sum_{k<K} G_k <= d_0 / (eta K) + L eta / 2
  relaxed           (Theorem 4.5) (L0, L1), eta <= 1 / (2 L1): min_{k<K} G_k <= 2 d_0 / (eta K) + 2 L0 eta
  relaxed average   (L0, L1), L1 eta < 2: (1/K) sum_{k<K} G_k <= (d_0 / (eta K) + L0 eta / 2) / (1 - L1 eta / 2)

Proof. The descent lemma f(x_{k+1}) <= f(x_k) - eta G_k + (L0 + L1 G_k) eta^2 / 2, summed. For eta <= 1 / (2 L1) the divisor is
at least 3/4, so Theorem 4.5 holds with 4/3 and 2/3 in the place of its 2 and 2. QED

Proposition 4.1 is attained in the limit by c x^2 / 2 from eta / 2, where the method jumps to and fro at G = c eta / 2.
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2, LInf, Spectral
from broximal.problems.smooth.quadratic import Quadratic
from broximal.theory import Case, EachHorizon, Rule, Source, Theorem
from broximal.theory.cases.momentum import SMOOTH, ridges
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1
from broximal.theory.columns.points import K, L, d0, i
from broximal.theory.columns.whole import G, eta
from broximal.theory.hypotheses.functions import BoundedBelow, Positive
from broximal.theory.hypotheses.whole import LocalSmooth, OneLayer
from broximal.theory.language.quantity import Best
from broximal.theory.language.source import GGNC
from broximal.theory.methods.lmo import LmoMethod, Whole

M0, M1 = L0[0], L1[0]
METHOD = LmoMethod(Whole(), title="unconstrained conditional gradient")
MEAN = sp.Sum(G(i), (i, 0, K - 1)) / K


def to_and_fro(seed: int) -> Quadratic:
    """c x^2 / 2 from 1/4: steps of length 1/2 go to -1/4 and back."""
    return Quadratic(np.array([[1.5 + seed % 3]]), about=np.zeros(1), x0=np.array([0.25]))


JUMPS = Case(
    to_and_fro, L2(), parameters={"eta": 0.5}, steps=40, sharp=0.99, note="jumps to and fro: attained in the limit"
)
RELAXED = tuple(
    Case(ridges(kind, shape), norm, steps=60, note=note)
    for kind, shape, norm, note in (
        ("psi", 4, L2(), "non-convex, not L-smooth"),
        ("psi", 3, LInf(), "non-convex, not L-smooth"),
        ("psi", (2, 3), Spectral(), "non-convex, not L-smooth"),
        ("cosh", 3, LInf(), "second derivative bounded, inflated"),
        ("power4", (2, 3), Spectral(), "second derivative bounded, inflated"),
    )
)
SHORT = sp.sqrt(2 * d0 / (L * K))

smooth = Theorem(
    name="clipping.conditional_gradient",
    title="Unconstrained conditional gradient on a smooth function",
    source=Source(GGNC, "as published", "Proposition 4.1"),
    assumes=(BoundedBelow(), Positive("L")),
    method=METHOD,
    parameters=(Rule(eta, SHORT, eta > 0, free=True, why="minimises the bound"),),
    claims=(EachHorizon(MEAN <= d0 / (eta * K) + L * eta / 2, "average"),),
    cases=(JUMPS, *(Case(problem, norm, steps=60) for problem, norm in SMOOTH)),
)

STEP = 1 / (2 * M1 + sp.sqrt(M0 * K / (2 * d0)))

relaxed = Theorem(
    name="clipping.conditional_gradient_relaxed",
    title="Unconstrained conditional gradient under (L0, L1)-smoothness",
    source=Source(GGNC, "as published", "Theorem 4.5"),
    assumes=(BoundedBelow(), OneLayer(), LocalSmooth(accepts=("A1",), within=0.5)),
    method=METHOD,
    parameters=(Rule(eta, STEP, 2 * M1 * eta <= 1, free=True, why="at most 1 / (2 L1)"),),
    claims=(
        EachHorizon(
            Best(G(i), (i, 0, K - 1)) <= 2 * d0 / (eta * K) + 2 * M0 * eta,
            "best",
            sharpness="the constants are 3/2 and 3 times larger than what the proof gives",
        ),
    ),
    cases=(dataclasses.replace(JUMPS, sharp=None), *RELAXED, *shown("friction", share="", family="layers")),
)

relaxed_average = Theorem(
    name="clipping.conditional_gradient_average",
    title="Unconstrained conditional gradient under (L0, L1)-smoothness: the average",
    source=Source(GGNC, "proved here"),
    assumes=relaxed.assumes,
    method=METHOD,
    parameters=relaxed.parameters,
    claims=(EachHorizon(MEAN <= (d0 / (eta * K) + M0 * eta / 2) / (1 - M1 * eta / 2), "average"),),
    cases=(JUMPS, *RELAXED, *shown("once", length="eta", share="")),
)
