"""What a Drop-Muon run costs by its bound, and the sampling for which that is least.

A step costs c_f (the forward pass) + sum_{l in S} c_l. With exact gradients and radii g_l / L_l the expectation of
min_k sum_l g_l^2 is at most eps after 2 (d_0 / eps) max_l (L_l / P_l) steps (`smooth_average`, as P_l / L_l >= min_l P_l / L_l), so the
bound on the expected cost is (2 d_0 / eps) T(P) with T(P) = max_l (L_l / P_l) (c_f + sum_l P_l c_l).

Statements. (c_f, c_l, L_l > 0; L_max the largest L_l.)
  cutoff       P_1 <= ... <= P_b = 1 (a cutoff s is drawn, the layers s, ..., b move): T(P) >= T* =
               L_max (c_f + c_b) + sum_{l < b} c_l max_{j <= l} L_j, attained at P*_l = max_{j <= l} L_j / L_max, P*_b = 1
  independent  any marginals: T(P) >= L_max c_f + sum_l c_l L_l, attained at P_l = L_l / L_max
  full         T(1) = L_max (c_f + sum_l c_l), which is T* iff the first layer has L_1 = L_max (or there is one layer)

Proof. Let m = max_l L_l / P_l >= L_max (P <= 1). Then P_l >= L_l / m, and if P does not decrease, P_l >= max_{j <= l} L_j / m; so T(P) >=
m c_f + sum_l c_l max_{j <= l} L_j, where for cutoffs the last term is m c_b instead. These increase in m, so m = L_max is best.
full: T(1) - T* = sum_{l < b} c_l (L_max - max_{j <= l} L_j). QED
"""

from typing import Any

import numpy as np

from broximal.theory import Case, EachStep, Source, Theorem
from broximal.theory.cases.gluon import COUPLED, MIXED, layers
from broximal.theory.columns.points import k
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.quantity import Entry, column
from broximal.theory.language.source import DROP_MUON
from broximal.theory.methods.probes.samplings import SamplingDraws


def bound(L: Any, P: Any, cost: Any, forward: float) -> float:
    """T(P) = max_l (L_l / P_l) (c_f + sum_l P_l c_l)."""
    L, P, cost = (np.asarray(part, dtype=float) for part in (L, P, cost))
    return float(np.max(L / P) * (forward + P @ cost))


def best_cutoff(L: Any) -> np.ndarray:
    """The marginals of the cutoff sampling of least bound; it does not depend on the costs."""
    P = np.maximum.accumulate(np.asarray(L, dtype=float)) / np.max(L)
    return np.append(P[:-1], 1.0)


def best_independent(L: Any) -> np.ndarray:
    """The marginals of least bound among all."""
    return np.asarray(L, dtype=float) / np.max(L)


def _constants(now) -> np.ndarray:
    return np.asarray(now.world["L0"])


def _entry(found: float, count: int) -> Entry:
    return Entry(found, 8 * count * np.finfo(float).eps * abs(found))


def _sampled(now, after, kind: str, best: Any) -> Entry:
    """T of the samplings that were drawn; of the best one at every second step, so that the bound is seen attained."""
    L, draw = _constants(now), after.state
    P = getattr(draw, kind) if now.k % 2 else best(L)
    return _entry(bound(L, P, draw.cost, draw.forward), L.size)


@column("T_nested", r"T(P_{#})", "bound on the cost of a cutoff sampling", "f/x^2", host=True)
def nested(now, after):
    return _sampled(now, after, "nested", best_cutoff)


@column("T_free", r"T(Q_{#})", "bound on the cost of a sampling with any marginals", "f/x^2", host=True)
def free(now, after):
    return _sampled(now, after, "free", best_independent)


@column("T_best", r"T^\ast_{#}", "L_max (c_f + c_b) + sum_{l < b} c_l max_{j <= l} L_j", "f/x^2", host=True)
def least_nested(now, after):
    L, cost = _constants(now), after.state.cost
    found = L.max() * (after.state.forward + cost[-1]) + cost[:-1] @ np.maximum.accumulate(L)[:-1]
    return _entry(float(found), L.size)


@column("T_least", r"T^{\mathrm{ind}}_{#}", "L_max c_f + sum_l c_l L_l", "f/x^2", host=True)
def least_free(now, after):
    L = _constants(now)
    return _entry(float(L.max() * after.state.forward + after.state.cost @ L), L.size)


@column("T_full", r"T(1)_{#}", "bound on the cost of moving all layers", "f/x^2", host=True)
def full(now, after):
    L = _constants(now)
    return _entry(bound(L, np.ones(len(L)), after.state.cost, after.state.forward), L.size)


cost_bound = Theorem(
    name="drop_muon.cost_bound",
    title="Drop-Muon: the sampling of least cost, by the bound",
    source=Source(DROP_MUON, "proved here"),
    assumes=(LayerSmooth(zero_L1=True),),
    method=SamplingDraws(),
    claims=(
        EachStep(least_nested[k] <= nested[k], "cutoff"),
        EachStep(least_free[k] <= free[k], "independent"),
        EachStep(least_nested[k] <= full[k], "full"),
    ),
    cases=(
        Case(layers("square"), MIXED, steps=200, sharp=0.999, note="attained by the best samplings, at even steps"),
        *(Case(c.problem, c.norm, steps=100, note=c.note) for c in COUPLED),
    ),
    notes="This compares upper bounds on one measure. Cheaper by the bound is not cheaper: on ill-conditioned separable "
    "quadratics the sampling of least bound was measured to need more work than full updates, not less.",
)
