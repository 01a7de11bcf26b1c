"""Drop-Muon with exact gradients: the sampled layers take the radius g_l / (L0_l + L1_l g_l).

That is the sharp step of size gamma_l = 1 / (L0_l + L1_l g_l).

Statements (E_k: expectation over S^k given X_k; P_l the marginals).
  descent   E_k f(X_{k+1}) <= f(X_k) - sum_l P_l g_l^2 / (2 (L0_l + L1_l g_l))
  average   L1 = 0: E[(1/K) sum_{k<K} sum_l P_l g_l^2 / (2 L_l)] <= d_0 / K
  best      all L1_l > 0: S = min_{k<K} sum_l (P_l / L1_l) E g_l: K S^2 / (B + S) <= 2 d_0, B = sum_l P_l L0_l / L1_l^2

Proof. The descent lemma with D_l = 1[l in S] t_l LMO_l(grad_l f), and E 1[l in S] = P_l. average: sum over k, total
expectation. best: x -> x^2 / (L0 + L1 x) is convex, so by Jensen d_0 / K >= sum_l P_l (E g_l)^2 / (2 (L0_l + L1_l E g_l)) on
average over k, and by Cauchy with weights P_l / L1_l that is at least S_k^2 / (2 (B + S_k)), which increases in S_k. QED

Ceiling. f falls in every step by at least the sum of g_l^2 / (2 (L0_l + L1_l g_l)) over the layers that are drawn, and one more full
step shows that the sum over all layers is at most F_k = f(X_k) - inf f <= d_0. Let A_k be its part over the layers with P_l = 1, and
q the largest P_l below one (0 without any). Then sum_l P_l g_l^2 / (2 (L0_l + L1_l g_l)) <= A_k + q (F_k - A_k), and as A_0 + ... +
A_{K-1} <= d_0 on every path, the average over K steps is at most d_0 (q + (1 - q) / K): attained where a layer is never drawn.
For best: sum_l g_l^2 / (2 (L0_l + L1_l g_l)) <= d_0 at every step, and Cauchy's inequality as above.
"""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.norms import L2
from broximal.problems.profiles.families import Huber
from broximal.problems.smooth.separable import Separable
from broximal.theory import Case, Drift, Source, Theorem
from broximal.theory.cases.gluon import COSH, COUPLED, MIXED, PSI, REAL, bowls, round_bowl
from broximal.theory.cases.remarks import APART_FROM_ROOT
from broximal.theory.cases.terms import shown
from broximal.theory.columns.layers import L0, L1, P, g
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.claims import BestExpected, Expected
from broximal.theory.language.quantity import LayerSum, Measured, constant, layer
from broximal.theory.language.source import DROP_MUON
from broximal.theory.methods.lmo import Adaptive, Drawn, LmoMethod


@constant("P_below", "q", "largest probability below one that a layer moves", "1", uses=[P], nonnegative=True)
def seldom(run):
    marginals = run.column("Pl").values
    return Measured.of(np.max(marginals, where=marginals < 1, initial=0.0))


METHOD = LmoMethod(Adaptive(), active=Drawn(), title="Drop-Muon with exact gradients")


def progress(step):
    return LayerSum(P[layer] * g[step, layer] ** 2 / (2 * (L0[layer] + L1[layer] * g[step, layer])))


_SHARP = Case(bowls, MIXED, sharp=0.999, steps=30, note="descent attained: one-dimensional layers")

descent = Theorem(
    name="drop_muon.descent",
    title="Drop-Muon: expected descent",
    source=Source(DROP_MUON, "proved here"),
    assumes=(LayerSmooth(as_descent=True, divides=True),),
    method=METHOD,
    claims=(Drift(progress(k) <= value[k] - value[k + 1], "descent"),),
    cases=(
        _SHARP,
        *(
            dataclasses.replace(case, steps=10) for case in (*PSI, *COUPLED, *COSH, *REAL)
        ),  # every outcome of every step is run
    ),
)

smooth_average = Theorem(
    name="drop_muon.smooth_average",
    title="Drop-Muon on layer-wise smooth functions: the average gradient",
    source=Source(DROP_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerSmooth(divides=True)),
    method=METHOD,
    claims=(
        Expected(
            sp.Sum(progress(i), (i, 0, K - 1)) / K <= d0 / K,
            "average",
            ceiling=d0 * (seldom + (1 - seldom) / K),
            sharpness="equality needs the whole of d_0 to be used up by K steps, each with its expected progress",
        ),
    ),
    cases=(
        *(
            Case(c.problem, c.norm, steps=steps, parameters=chosen, note=c.note)
            for c in COUPLED
            for steps, chosen in ((8, None), (24, {"P": (0.2, 0.2)}))
        ),
        Case(
            round_bowl,
            L2(),
            parameters={"P": (1.0,)},
            constants={"L1": 0.005},
            steps=1,
            sharp=0.98,
            note="without chance, to the minimum in one step: nearly attained",
        ),
        dataclasses.replace(*shown("bent", length="", share="", family="layers", P=(1.0,)), steps=6),
    ),
)


def slope(seed: int) -> Separable:
    """Huber's function, from where ten steps of length 1 do not leave the slope."""
    return Separable(Huber(), np.zeros(1), np.ones(1), np.array([11.0]))


B = LayerSum(P[layer] * L0[layer] / L1[layer] ** 2)
best = Theorem(
    name="drop_muon.best",
    title="Drop-Muon with adaptive radii: the least expected gradient",
    source=Source(DROP_MUON, "proved here"),
    assumes=(BoundedBelow(), LayerSmooth(as_descent=True, positive_L1=True)),
    method=METHOD,
    claims=(
        BestExpected(
            LayerSum(P[layer] / L1[layer] * g[k, layer]) <= (d0 + sp.sqrt(d0**2 + 2 * B * d0 * K)) / K,
            "best",
            unseen={("d_0", "d_0**2"): APART_FROM_ROOT},
            ceiling=d0 + sp.sqrt(d0**2 + 2 * B * d0),
            sharpness="Jensen's inequality is not an equality where the paths differ",
        ),
    ),
    cases=(
        Case(
            slope,
            L2(),
            parameters={"P": (1.0,)},
            constants={"L1": 1e-5},
            steps=10,
            fixed=True,
            note="without chance, down a slope on which the gradient stays what it is",
        ),
        Case(
            round_bowl,
            L2(),
            parameters={"P": (1.0,)},
            constants={"L1": 0.01},
            steps=1,
            note="without chance, to the minimum in one step",
        ),
        *(Case(c.problem, c.norm, steps=12, note=c.note) for c in (*PSI[:2], *COSH)),
    ),
)
