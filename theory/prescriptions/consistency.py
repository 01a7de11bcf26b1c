"""What constants have to do with each other: numbers that no function can have together, and constants that follow from others."""

from typing import Any, NamedTuple

import sympy as sp

from broximal.theory.columns import layered_workers as by_layer
from broximal.theory.columns.layers import L0, L1, rho as rho_l, sigma as sigma_l
from broximal.theory.columns.points import D0, G0, PL, R0, L, d0, kappa, mu, q
from broximal.theory.columns.whole import rho, sigma, size, start
from broximal.theory.columns.workers import L as L_w, L_mean, L_rms, g0, noise
from broximal.theory.language.quantity import Largest, LayerSum, layer


class Relation(NamedTuple):
    """A relation between constants that holds for every function of the hypotheses, and in words why."""

    hypotheses: tuple[str, ...]
    relation: Any
    why: str


def relation(small: Any, large: Any, why: str, *hypotheses: str) -> Relation:
    return Relation(hypotheses, sp.Le(small, large, evaluate=False), why)


_LO, _HI = (sp.Symbol(name, positive=True) for name in ("lo", "hi"))
_LO_SURE, _HI_SURE = (sp.Symbol(f"{name}_sure", positive=True) for name in ("lo", "hi"))

RELATIONS = (
    relation(D0, R0, "the minimiser is in the sublevel set of the start", "bounded sublevel set"),
    relation(mu, L, "strong convexity is at most smoothness", "strongly convex", "smooth"),
    relation(d0, L * D0**2 / 2, "f is at most that far above its minimum", "smooth", "minimiser known"),
    relation(mu * D0**2 / 2, d0, "f rises at least that much from its minimiser", "strongly convex", "minimiser known"),
    relation(kappa * D0**q, d0, "f grows at least that much from its minimiser", "growth", "minimiser known"),
    relation(d0, G0 * D0, "a subgradient bounds how far f can fall", "convex", "minimiser known"),
    relation(G0**2, 2 * L * d0, "a step against the gradient decreases f by that much", "smooth", "bounded below"),
    relation(G0**2, 2 * L * d0, "a step against the gradient decreases f by that much", "smooth", "minimiser known"),
    relation(2 * mu * d0, G0**2, "the gradient is at least that long", "strongly convex"),
    relation(PL, Largest(L0[layer]), "near the infimum f is no steeper", "layer-wise smooth", "Polyak-Lojasiewicz"),
    relation(start, size, "the start is no longer than the longer of start and minimiser"),
    relation(_LO, _HI, "a direction captures no more than its length"),
    relation(_LO_SURE, _HI_SURE, "a direction captures no more than its length"),
    relation(L_w, L_mean, "a mean is no less smooth than its terms on average", "smooth workers"),
    relation(L_mean, L_rms, "a mean is at most the quadratic mean", "smooth workers"),
    relation(
        Largest(by_layer.L[layer] / by_layer.L_rms[layer]),
        1,
        "a mean is no less smooth than its terms in quadratic mean",
        "smooth workers, separable over the layers",
    ),
)


class Derived(NamedTuple):
    """A constant that follows from others, where it is not given itself, and in words why.

    single  only where there is one layer;  zero  only where the constant of this key is 0
    """

    symbol: Any
    formula: Any
    why: str
    single: bool = False
    zero: str = ""


_FLAT = "L-smooth is (L0, L1)-smooth with L0 = L and L1 = 0"

DERIVED = (
    Derived(sp.Symbol("D0sq", positive=True), D0**2, "its square"),
    Derived(g0, G0, "the same where f is smooth"),
    Derived(noise, rho * sigma, "rho times sigma"),
    Derived(rho, sp.sqrt(LayerSum(rho_l[layer] ** 2)), "of all layers together"),
    Derived(sigma, sp.sqrt(LayerSum(sigma_l[layer] ** 2)), "of all layers together"),
    Derived(L0[layer], L, _FLAT, single=True),
    Derived(L1[layer], sp.S.Zero, _FLAT, single=True),
    Derived(sp.Symbol("L0", positive=True), L, _FLAT),
    Derived(sp.Symbol("L1", positive=True), sp.S.Zero, _FLAT),
    Derived(L, L0[0], "(L0, L1)-smooth with L1 = 0 is L-smooth", single=True, zero="L1l"),
)


def relations_of(hypotheses: tuple[str, ...]) -> tuple[Relation, ...]:
    """Those that hold for every function with these hypotheses."""
    return tuple(each for each in RELATIONS if set(each.hypotheses) <= set(hypotheses))
