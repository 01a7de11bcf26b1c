"""The hypothesis of layer-wise (L0, L1)-smoothness: which meanings a theorem accepts, and at what inflation."""

import contextlib
import dataclasses

import numpy as np

from broximal.oracles.errors import InvalidArgument, MissingConstant
from broximal.oracles.layers import Layers
from broximal.oracles.numerals import number_of
from broximal.problems.smoothness import MEANING, Kind, Smoothness, as_descent
from broximal.theory.language.declaration import Range
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Hypothesis

GIVEN = "given by the user"
WEAKEST_FIRST: tuple[Kind, ...] = ("A1D", "A1loc", "A1H", "A1", "A2")


@dataclasses.dataclass(frozen=True)
class LayerSmooth(Hypothesis):
    """The problem proves one of the accepted meanings; the first accepted one is used.

    accepts       the meanings that are taken as they are (A2 with its row sums as L0)
    as_descent    A1H is taken as a descent lemma, with both constants inflated
    positive_L1   every L1 must be positive
    zero_L1       every L1 must be 0
    divides       no layer may have L0 = L1 = 0, as the theorem divides by L0 + L1 g
    """

    accepts: tuple[Kind, ...] = ("A1", "A1D", "A1loc", "A2")
    as_descent: bool = False
    positive_L1: bool = False
    zero_L1: bool = False
    divides: bool = False
    takes = ("L0", "L1", "smoothness")
    name = "layer-wise smooth"
    latex = (
        r"f(X + D) \le f(X) + \langle \nabla f(X), D \rangle + \sum_l \tfrac12 "
        r"(L^0_l + L^1_l \|\nabla_l f(X)\|_{(l)\ast}) \|D_l\|_{(l)}^2"
    )

    @property
    def meanings(self) -> tuple[str, ...]:  # type: ignore[override]
        """The meanings that are taken as they are."""
        return tuple(f"{MEANING[kind]} ({kind})" for kind in self.accepts)

    @property
    def needs(self) -> dict[str, Range]:  # type: ignore[override]
        if self.zero_L1:
            return {"L1": Range(0.0, 0.0)}
        return {"L1": Range(strict=True)} if self.positive_L1 else {}

    def look(self, experiment):
        found = self.find(experiment)
        return True, str(found)

    def validate(self, experiment):
        with contextlib.suppress(MissingConstant):
            self.given(experiment)

    def establish(self, experiment):
        return self.find(experiment)

    def find(self, experiment: Experiment) -> Smoothness:
        """The accepted statement. Raises MissingConstant with what the problem has instead."""
        return self._with_L1(self.stated(experiment), experiment)

    def stated(self, experiment: Experiment) -> Smoothness:
        """The same, whatever its L1 are."""
        given = self.given(experiment)
        stated = experiment.problem.smoothness(experiment.norm) if given is None else (given,)
        for s in stated:
            if (accepted := self._accepted(s)) is not None:
                return accepted
        wanted = ", ".join(self.accepts) + (", A1H inflated" if self.as_descent else "")
        has = "; ".join(f"{s.kind} ({MEANING[s.kind]})" for s in stated) or "nothing"
        if given is not None:
            raise MissingConstant(f"the constants given are for {has}, and the theorem needs {wanted}")
        raise MissingConstant(
            f"{experiment.problem.name} proves {has} in the {experiment.norm.name} norm, and the theorem needs {wanted}"
        )

    def given(self, experiment: Experiment) -> Smoothness | None:
        """The user's constants in the meaning that he said, if there are any: a number for all layers or one a layer.

        Raises InvalidArgument where exact ones are larger.
        """
        if not {"L0", "L1"} & set(experiment.constants):
            return None
        stated = experiment.problem.smoothness(experiment.norm)
        own = next((s for s in stated if s.kind in self.accepts), None)
        count = Layers(experiment.norm).count
        values = []
        for name in ("L0", "L1"):
            value = experiment.constants.get(name, getattr(own, name) if own else 0.0)
            value = value if isinstance(value, tuple) else (value,) * count
            if len(value) != count:
                raise InvalidArgument(
                    f"constant {name} must have one entry for each of the {number_of(count, 'layer')}, not {value}."
                )
            values.append(value)
        L0, L1 = values
        kind = experiment.constants.get("smoothness") or self.weakest(L1)
        same = next((s for s in stated if s.kind == kind and s.exact and not any(L1)), None)
        if same is not None and any(a < b * (1 - 1e-12) for a, b in zip(L0, same.L0, strict=True)):
            raise InvalidArgument(f"constant L0 = {L0} contradicts {experiment.problem.name}, where {same}.")
        if kind == "A2" and any(L1):
            raise InvalidArgument(f"constant L1 = {L1} must be 0 where smoothness is A2, which has no L1.")
        return Smoothness(kind, L0, L1, GIVEN, reach=self.reach(kind, L1))

    def weakest(self, L1: tuple[float, ...]) -> Kind:
        """The weakest meaning that is accepted, in which constants are taken whose meaning was not said."""
        return next(kind for kind in WEAKEST_FIRST if kind in self.accepts and (kind != "A2" or not any(L1)))

    def reach(self, kind: Kind, L1: tuple[float, ...]) -> tuple[float, ...]:
        """The distances within which constants that are given in this meaning have to hold; () for all."""
        return ()

    def _accepted(self, s: Smoothness) -> Smoothness | None:
        """The statement as the theorem takes it, or None."""
        if s.kind in self.accepts:
            return s
        return as_descent(s) if s.kind == "A1H" and self.as_descent else None

    def _with_L1(self, s: Smoothness, experiment: Experiment) -> Smoothness:
        if self.positive_L1 and not all(value > 0 for value in s.L1):
            raise MissingConstant(f"{experiment.problem.name} has a layer with L1 = 0, and the theorem divides by L1")
        flat = [label for label, *pair in zip(experiment.layers.labels, s.L0, s.L1, strict=True) if pair == [0, 0]]
        if self.divides and flat:
            raise MissingConstant(
                f"{experiment.problem.name} has L0 = L1 = 0 in layer {', '.join(flat)}, where f is constant, and the theorem"
                " divides by L0 + L1 g; leave it out"
            )
        if self.zero_L1 and any(s.L1):
            raise MissingConstant(f"{experiment.problem.name} has a layer with L1 > 0, and the theorem needs L1 = 0")
        return s


@dataclasses.dataclass(frozen=True)
class BoundedVariance(Hypothesis):
    """The stochastic gradient is unbiased, with a known Euclidean standard deviation for every layer (0 without noise)."""

    name = "bounded variance"
    latex = (
        r"\mathbb{E}\, g_l(X; \xi) = \nabla_l f(X), \; \mathbb{E} \|g_l(X; \xi) - \nabla_l f(X)\|_2^2 \le \sigma_l^2"
    )

    def look(self, experiment):
        problem = experiment.problem
        if not experiment.noisy:
            return True, "the gradients are exact"
        sigmas = problem.sigma(experiment.norm)
        known = all(np.isfinite(sigma) for sigma in sigmas)
        shown = ", ".join(f"{sigma:.4g}" for sigma in sigmas)
        return known, f"{problem.name} with standard deviation [{shown}]" + ("" if known else ", which is not finite")
