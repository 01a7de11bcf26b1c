"""Recognising norms: which ball a structured solver is in front of, whatever name the norm goes by."""

from typing import Any

import jax
import numpy as np

from broximal.oracles import arrays
from broximal.oracles.norm import Norm
from broximal.oracles.norms import L1, L2, LInf, Lp, Scaled, WeightedL1, WeightedLInf
from broximal.oracles.norms.polyhedral import AtomHull, MaxAbsLinear
from broximal.oracles.norms.schatten import Frobenius, UnitarilyInvariant, lift


def plain(norm: Norm, radius: Any = 1.0) -> tuple[Norm, Any]:
    """The same ball by its simplest name: `Scaled(c, n)` of radius t is n of radius t / c, lp of 1, 2, inf is L1 ..

    The Frobenius norm is L2: the entries do not know that they form a matrix. A polyhedral norm whose rows are multiples
    of the unit vectors, one each, is a (weighted) l_inf or l1 norm.
    """
    while isinstance(norm, Scaled):
        norm, radius = norm.base, radius / norm.c
    if isinstance(norm, UnitarilyInvariant):
        gauge, radius = plain(norm.gauge, radius)
        norm = lift(gauge)
    if isinstance(norm, Frobenius):
        return L2(), radius
    if isinstance(norm, MaxAbsLinear | AtomHull):
        return _on_axes(norm), radius
    return (norm._exact or norm, radius) if isinstance(norm, Lp) else (norm, radius)


def _on_axes(norm: MaxAbsLinear | AtomHull) -> Norm:
    if not arrays.is_concrete(norm.A) or norm.A.shape[0] != norm.A.shape[1]:
        return norm
    A = np.abs(np.asarray(norm.A))
    if np.count_nonzero(A) != len(A):  # of full rank, so this is one in every row and column
        return norm
    sizes, primal = A.max(axis=0), isinstance(norm, MaxAbsLinear)
    if (sizes == 1).all():
        return LInf() if primal else L1()
    return WeightedLInf(sizes) if primal else WeightedL1(1 / sizes)


def same(a: Norm, b: Norm) -> bool:
    """Are two norms provably the same? (Traced parameters are the same only if they are one object.)"""
    if a is b:
        return True
    left, right = jax.tree.leaves(a), jax.tree.leaves(b)
    if type(a) is not type(b) or jax.tree.structure(a) != jax.tree.structure(b):
        return False
    return all(
        u is v or (arrays.is_concrete(u) and arrays.is_concrete(v) and np.array_equal(u, v))
        for u, v in zip(left, right, strict=True)
    )
