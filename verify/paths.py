"""The runs that a theorem's claims are looked at on: its method, with the columns that its claims mention."""

from collections.abc import Sequence

import sympy as sp

from broximal.theory.language.experiment import Experiment
from broximal.theory.language.quantity import Quantity, quantities
from broximal.theory.language.run import Run
from broximal.theory.language.theorem import Theorem
from broximal.verify.running import run

PARTS = ("relation", "where", "trivial", "ceiling", "second", "within", "clock")  # of a claim


def paths(theorem: Theorem, experiment: Experiment, seeds: Sequence[int]) -> list[Run]:
    """One run for every seed."""
    return run(theorem.method, experiment, mentioned(theorem), seeds)


def mentioned(theorem: Theorem) -> list[Quantity]:
    """Every quantity in the claims of a theorem and in what they rest on."""
    found: dict[str, Quantity] = {}
    for claim in theorem.claims:
        for part in (getattr(claim, name, None) for name in PARTS):
            if part is not None:
                found |= {quantity.key: quantity for group in quantities(sp.sympify(part)) for quantity in group}
    return list(found.values())
