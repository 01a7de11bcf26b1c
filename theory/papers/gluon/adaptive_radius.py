"""Gluon with the radii t_l = g_l / (L0_l + L1_l g_l) and exact gradients.

Statements (K counts steps; sums are over the layers).
  descent     f(X_{k+1}) <= f(X_k) - sum_l g_l^2 / (2 (L0_l + L1_l g_l))
  cumulative  sum_{k<K} sum_l g_l^2 / (2 (L0_l + L1_l g_l)) <= d_0
  weighted    S = min_{k<K} sum_l g_l / L1_l:  K S^2 / (B + S) <= 2 d_0 with B = sum_l L0_l / L1_l^2 (all L1_l > 0)
  plain       S = min_{k<K} sum_l g_l:  K S^2 / (A + C S) <= 2 d_0 with A = sum_l L0_l, C = max_l L1_l

The last two are the complexities K(eps) = 2 d_0 B / S^2 + 2 d_0 / S and 2 d_0 A / S^2 + 2 d_0 C / S of Theorems 1 and 3(1)
solved for S; Theorem 1 measures S / mean(1 / L1_l).

Proof. The descent lemma with D_l = t_l LMO_l(grad_l f) gives descent, and its sum over k cumulative. By Cauchy with
weights w_l, sum_l g_l^2 / (L0_l + L1_l g_l) >= (sum w_l g_l)^2 / sum_l w_l^2 (L0_l + L1_l g_l). For w_l = 1 / L1_l the right
side is S^2 / (B + S), for w_l = 1 at least S^2 / (A + C S); both increase in S. QED

Only the descent lemma is used, within the radii 1 / L1_l. If the constants bound the second derivative instead, both are
taken KAPPA = 1.3112 times larger; with the constants as they are "descent" is false (see `gluon.false_half`).
"""

import sympy as sp

from broximal.oracles.norms import L2
from broximal.theory import Case, EachHorizon, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COSH, COUPLED, PSI, REAL, round_bowl
from broximal.theory.cases.momentum import bowl
from broximal.theory.cases.remarks import APART_FROM_ROOT
from broximal.theory.columns.layers import L0, L1, g
from broximal.theory.columns.points import K, d0, i, k, value
from broximal.theory.hypotheses.functions import BoundedBelow
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Best, Largest, LayerSum, layer
from broximal.theory.language.source import GLUON
from broximal.theory.methods.lmo import Adaptive, LmoMethod

METHOD = LmoMethod(Adaptive(), title="Gluon with adaptive radii")


def progress(step):
    """sum_l g_l^2 / (2 (L0_l + L1_l g_l)) at a step."""
    return LayerSum(g[step, layer] ** 2 / (2 * (L0[layer] + L1[layer] * g[step, layer])))


def least(a, c):
    """The largest S with K S^2 <= 2 d_0 (a + c S)."""
    return (c * d0 + sp.sqrt(c**2 * d0**2 + 2 * a * d0 * K)) / K


_SHARP = (Case(bowl, L2(), constants={"L1": 0.0}, steps=1, sharp=0.999, note="descent attained, and one step ends it"),)

adaptive_radius = Theorem(
    name="gluon.adaptive_radius",
    title="Adaptive radii: descent, and the sum of the layers' gradients",
    source=Source(GLUON, "second hand", "Theorem 3(1)"),
    assumes=(BoundedBelow(), LayerSmooth(as_descent=True, divides=True)),
    method=METHOD,
    claims=(
        EachStep(progress(k) <= value[k] - value[k + 1], "descent"),
        EachHorizon(sp.Sum(progress(i), (i, 0, K - 1)) <= d0, "cumulative"),
        EachHorizon(
            Best(LayerSum(g[i, layer]), (i, 0, K - 1)) <= least(LayerSum(L0[layer]), Largest(L1[layer])),
            "plain",
            unseen={d0 * Largest(L1[layer]): APART_FROM_ROOT},
        ),
    ),
    cases=(*_SHARP, *PSI, *COUPLED, *COSH, *REAL),
)

_NEARLY = Case(
    round_bowl,
    L2(),
    constants={"L1": 1e-5},
    steps=1,
    sharp=0.999,
    note="nearly attained: L1 is much smaller than L0 / g",
)


adaptive_weighted = Theorem(
    name="gluon.adaptive_weighted",
    title="Adaptive radii: the gradients of the layers weighted by 1 / L1",
    source=Source(GLUON, "second hand", "Theorem 1"),
    assumes=(BoundedBelow(), LayerSmooth(as_descent=True, positive_L1=True)),
    method=METHOD,
    claims=(
        EachHorizon(
            Best(LayerSum(g[i, layer] / L1[layer]), (i, 0, K - 1)) <= least(LayerSum(L0[layer] / L1[layer] ** 2), 1),
            "weighted",
            unseen={("d_0", "d_0**2"): APART_FROM_ROOT},
        ),
    ),
    cases=(_NEARLY, *PSI[:2], *COSH),
)
