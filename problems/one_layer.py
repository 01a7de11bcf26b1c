"""What smoothness layer by layer says about the whole space as one layer, in a norm that joins the layers.

Let |grad_i f(X) - grad_i f(Y)|_i* <= sum_j M_ij a_j + L1_i g_i a_i with a_i = |X_i - Y_i|_i (A2: M the matrix, L1 = 0; A1: M the
diagonal of L0), weights being part of the layer norms. With |.| the gauge of the layer norms,

    maximum   sum_i of the left <= (sum_ij M_ij + max_i L1_i |grad f|_*) max_i a_i
    l2        the vector of the left has length <= (lambda_max(M) + max_i L1_i |grad f|_*) |a|_2
    sum       the largest of the left <= (max_ij M_ij + max_i L1_i |grad f|_*) sum_i a_i

and the same for the second derivatives of A1H.
"""

import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L2Product, Product, SumProduct
from broximal.problems.problem import Problem
from broximal.problems.smoothness import Smoothness


def as_one_layer(problem: Problem, norm: Norm) -> Smoothness:
    """The best statement (A1 or A1H) about the whole space: the smallest L1, then L0. Raises MissingConstant without any."""
    found = [s for s in (_joined(s, norm) for s in problem.smoothness(_maximum(norm))) if s is not None]
    try:
        L = problem.constant("L", norm)
        found.append(Smoothness("A1", (L.value,), (0.0,), L.why, L.kind == "exact"))
    except MissingConstant:
        pass
    if not found:
        raise MissingConstant(f"{problem.name} proves no smoothness of the whole space in the {norm.name} norm.")
    return min(found, key=lambda s: (s.L1, s.L0))


def _maximum(norm: Norm) -> Norm:
    """The product norm with the layer norms of a norm that joins layers, weights included; else the norm itself."""
    if not isinstance(norm, L2Product | SumProduct):
        return norm
    return Product(norm.layers, norm._join([1 / w for w in norm.weights]))


def _joined(s: Smoothness, norm: Norm) -> Smoothness | None:
    if s.kind not in ("A1", "A1H", "A2"):
        return None
    M = np.asarray(s.coupling) if s.coupling is not None else np.diag(s.L0)
    if isinstance(norm, L2Product):
        L0 = float(np.linalg.eigvalsh(M)[-1])
    elif isinstance(norm, SumProduct):
        L0 = float(M.max())
    else:
        L0 = float(M.sum())
    kind = "A1H" if s.kind == "A1H" else "A1"
    return Smoothness(kind, (L0,), (max(s.L1),), f"{s.why}; layers joined")
