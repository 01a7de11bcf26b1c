"""What a verdict rests on that nobody proved: constants that were given, where the theorem uses them."""

import dataclasses

import numpy as np
import sympy as sp

from broximal.oracles.errors import BroximalError
from broximal.problems.smoothness import Smoothness
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import quantities
from broximal.theory.language.theorem import Theorem
from broximal.verify.paths import mentioned
from broximal.verify.running import closure

KEYS = {
    "L": "L",
    "mu": "mu",
    "kappa": "kappa",
    "PL": "PL",
    "R_0": "R0",
    "G": "G",
}  # of quantities, to names of constants
UPPER = ("L", "G", "R0")  # a larger value says less


def used(theorem: Theorem) -> set[str]:
    """The names of the constants that the hypotheses, the claims or the rules of a theorem speak of."""
    names = {name for hypothesis in theorem.assumes for name in hypothesis.takes}
    sides = [
        sp.sympify(side) for rule in theorem.parameters for side in (rule.formula, rule.domain) if side is not None
    ]
    ruled = [quantity for side in sides for group in quantities(side) for quantity in group]
    keys = {quantity.key for quantity in closure([*mentioned(theorem), *ruled])}
    return names | {KEYS[key] for key in keys & set(KEYS)}


def rests_on(theorem: Theorem, experiment: Experiment, own_case: bool) -> tuple[str, ...]:
    """In words, the given constants that the theorem uses; without those of its own case that the problem proves anyway."""
    names = used(theorem)
    given = {name: value for name, value in experiment.constants.items() if name in names and name != "smoothness"}
    found = []
    for name, value in given.items():
        if name in ("L0", "L1") or (own_case and _implied(experiment, name, value)):
            continue
        found.append(f"{name} = {value:g} given by the user")
    layers = [name for name in ("L0", "L1") if name in given]
    stated = experiment.facts.get(Smoothness)
    if layers and not (own_case and _implied_layers(theorem, experiment, stated)):
        meaning = experiment.constants.get("smoothness")
        said = f" ({meaning})" if meaning else f" (taken as {stated.kind})" if stated else ""
        found.append(f"{', '.join(layers)} given by the user{said}")
    return tuple(found)


def _implied(experiment: Experiment, name: str, value: float) -> bool:
    """Does the problem prove the constant?"""
    try:
        own = experiment.problem.constant(name, experiment.norm, experiment.x0)
    except BroximalError:
        return False
    return own.kind != "estimate" and (value >= own.value if name in UPPER else value <= own.value)


def _implied_layers(theorem: Theorem, experiment: Experiment, stated: Smoothness | None) -> bool:
    without = dataclasses.replace(experiment, constants={}, facts={})
    for hypothesis in theorem.assumes:
        if not isinstance(hypothesis, LayerSmooth) or stated is None:
            continue
        try:
            own = hypothesis.stated(without)
        except BroximalError:
            return False
        pairs = ((own.L0, stated.L0), (own.L1, stated.L1), (stated.reach, own.reach))
        if not all(np.all(np.asarray(small) <= np.asarray(large)) for small, large in pairs):
            return False
    return stated is not None
