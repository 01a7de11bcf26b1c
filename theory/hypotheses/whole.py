"""Assumptions of statements about one norm on the whole space."""

import dataclasses

import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import Layers
from broximal.problems.smoothness import as_local
from broximal.theory.hypotheses.smoothness import GIVEN, LayerSmooth
from broximal.theory.language.experiment import Experiment
from broximal.theory.language.hypothesis import Hypothesis


@dataclasses.dataclass(frozen=True)
class OneLayer(Hypothesis):
    name = "one norm"
    latex = r"\text{the norm is not a product}"

    def look(self, experiment: Experiment):
        count = Layers(experiment.norm).count
        return count == 1, f"the norm has {count} layer" + ("" if count == 1 else "s")


@dataclasses.dataclass(frozen=True)
class LocalSmooth(LayerSmooth):
    """Gradient differences within |x - y| <= within / L1; a bound on the second derivative gives them, inflated."""

    within: float = 0.25
    name = "(L0, L1)-smooth"
    latex = r"\|\nabla f(x) - \nabla f(y)\|_\ast \le (L^0 + L^1 \|\nabla f(x)\|_\ast) \|x - y\|"

    def weakest(self, L1):
        return "A1loc"

    def reach(self, kind, L1):
        return tuple(self.within / value if value > 0 else np.inf for value in L1) if kind == "A1loc" else ()

    def stated(self, experiment: Experiment):
        try:
            return super().stated(experiment)
        except MissingConstant:
            for stated in experiment.problem.smoothness(experiment.norm):
                if stated.kind == "A1H" and self.given(experiment) is None:
                    return as_local(stated, self.within)
            raise

    def _accepted(self, s):
        """A1 as it is, and differences of gradients that are the user's within the distance."""
        if s.why == GIVEN and s.kind == "A1H":
            return as_local(s, self.within)
        return s if s.kind == "A1" or (s.why == GIVEN and s.kind == "A1loc") else None
