"""What a check says: one report per theorem and instance, with one finding per claim."""

import dataclasses
import functools
import math
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from broximal.theory.language.hypothesis import Finding
from broximal.verify.power import NONE, Power
from broximal.verify.verdict import PASSED, Verdict


@dataclasses.dataclass(frozen=True)
class ClaimReport:
    """One claim on one run. Its words and LaTeX are those of the claim, made when they are asked for.

    worst_ratio  max measured / bound over the indices; at most 1 up to the budget if the claim holds
    worst_step   where it is reached
    budget       the error budget there
    curve        {"index", "measured", "bound", "budget"}: what the plot shows, the measured side being what the claim bounds
                 from either side; of means over paths also {"low", "high"}, where they are at the level of the report
    vacuous      the bound is nowhere better than what holds without the theorem
    """

    claim: Any
    verdict: Verdict
    why: str
    worst_ratio: float | None
    worst_step: int | None
    budget: float | None
    power: Power
    vacuous: bool
    curve: dict[str, list[float]]

    @classmethod
    def of(
        cls,
        claim: Any,
        verdict: Verdict,
        why: str,
        *,
        ratio: float | None = None,
        step: int | None = None,
        budget: float | None = None,
        power: Power | None = None,
        vacuous: bool = False,
        curve: dict[str, Any] | None = None,
    ) -> "ClaimReport":
        """The finding about a claim; what is not said was not measured."""
        power = power if power is not None else NONE
        curve = curve if curve is not None else {"index": [], "measured": [], "bound": [], "budget": []}
        return cls(claim, verdict, why, ratio, step, budget, power, vacuous, curve)

    @property
    def label(self) -> str:
        return self.claim.label

    @property
    def statement(self) -> str:
        return str(self.claim)

    @property
    def latex(self) -> str:
        return self.claim.latex()

    @property
    def shown(self) -> tuple[str, str, str]:
        """LaTeX of what is measured, of the sign, and of the bound."""
        return self.claim.shown

    @property
    def unseen(self) -> dict[str, str]:
        """{ingredient: why no case shows it}, as the claim says."""
        return self.claim.unseen

    @property
    def rests_on(self) -> str:
        """LaTeX of the proved bound (a ceiling, a second moment) that the samples of the claim were judged with."""
        return self.claim.rests_on


@dataclasses.dataclass(frozen=True)
class Report:
    """A theorem on an instance; `paths` says over how many random paths, `rests_on` what was given and not proved."""

    theorem: str
    source_mark: str
    expected: str
    problem: str
    norm: str
    dims: list[int]
    steps: int
    seed: int
    paths: int
    radius: str
    hypotheses: tuple[Finding, ...]
    claims: tuple[ClaimReport, ...]
    verdict: Verdict
    why: str
    oracle_path: str
    max_certificate_gap: float
    exact: str
    wall_s: float
    case: int | None = None
    sharp: float | None = None
    constants: dict[str, float] = dataclasses.field(default_factory=dict)
    witness: dict[str, Any] | None = None
    rests_on: tuple[str, ...] = ()

    @property
    def as_expected(self) -> bool:
        """On the catalogue's own cases a true theorem passes and a false one is refuted.

        On any other instance a true theorem may also not apply, and a false one may happen to hold. That a check passes
        says nothing of its power: see the verdict, and `summary` for what counts as holding.
        """
        if self.case is not None and self.expected == "violated":
            return self.verdict is Verdict.VIOLATED
        passed = self.verdict in PASSED
        return (
            passed
            if self.case is not None
            else passed or self.expected == "violated" or self.verdict is Verdict.NOT_APPLICABLE
        )

    def records(self) -> list[dict[str, Any]]:
        """One JSON-ready record per claim (one for the whole report if no claim was evaluated)."""
        common = {
            "theorem": self.theorem,
            "source_mark": self.source_mark,
            "problem": self.problem,
            "norm": self.norm,
            "dims": self.dims,
            "steps": self.steps,
            "seeds": [self.seed],
            "paths": self.paths,
            "radius": self.radius,
            "expected": self.expected,
            "hypotheses": [dataclasses.asdict(finding) for finding in self.hypotheses],
            "constants": self.constants,
            "oracle_path": self.oracle_path,
            "max_certificate_gap": self.max_certificate_gap,
            "exact": self.exact,
            "given": list(self.rests_on),
            "versions": versions(),
            "wall_s": self.wall_s,
            "case": self.case,
            "witness": self.witness,
        }
        if not self.claims:
            nothing = {"claim": None, "verdict": self.verdict.value, "why": self.why, "worst_ratio": None}
            return [common | nothing | {"worst_step": None, "budget": None, "power": None, "vacuous": False}]
        return [
            common
            | {
                "claim": claim.label,
                "statement": claim.statement,
                "verdict": claim.verdict.value,
                "why": claim.why,
                "worst_ratio": claim.worst_ratio,
                "worst_step": claim.worst_step,
                "budget": claim.budget,
                "power": dataclasses.asdict(claim.power),
                "vacuous": claim.vacuous,
                "curve": claim.curve,
                "shown": list(claim.shown),
                "rests_on": claim.rests_on,
                "unseen": claim.unseen,
            }
            for claim in self.claims
        ]

    def save(self, path: str | Path) -> None:
        """Write the records as JSON lines, the large arrays of a witness in files beside them. Raises InvalidArgument."""
        from broximal.verify.saving import save_lines

        save_lines([clean(record) for record in self.records()], Path(path))

    def __str__(self) -> str:
        from broximal.verify.show import text

        return text([self])

    def _repr_html_(self) -> str:
        from broximal.verify.show import html

        return html(self)

    def to_latex(self) -> str:
        """A table for a paper, one row a claim: a tabular with the rules of booktabs; its formulas need amsmath."""
        from broximal.verify.latex_table import to_latex

        return to_latex([self])

    def plot(self, path: str | Path | None = None) -> Any:
        """Measured against bound, log scale; returns the matplotlib figure, saved if a path is given."""
        from broximal.verify.plot import figure

        return figure([self], path)


def clean(value: Any) -> Any:
    """value with numpy scalars as Python ones and non-finite floats as strings, so that JSON stays standard."""
    if isinstance(value, dict):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    if isinstance(value, np.ndarray):
        return clean(value.tolist())
    if isinstance(value, (np.floating, float)):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.bool_):
        return bool(value)
    return value


@functools.cache  # every look at an installed package reads its files
def versions() -> dict[str, str]:
    names = ("broximal", "numpy", "scipy", "jax", "cvxpy", "sympy")
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}
