"""Assumptions of statements about one norm on the whole space."""

import dataclasses

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import Layers
from broximal.problems.smoothness import as_local
from broximal.theory.hypotheses.smoothness import LayerSmooth
from broximal.theory.language.hypothesis import Hypothesis
from broximal.theory.language.setting import Setting


@dataclasses.dataclass(frozen=True)
class OneLayer(Hypothesis):
    name = "one norm"
    latex = r"\text{the norm is not a product}"

    def look(self, setting: Setting):
        count = Layers(setting.norm).count
        return count == 1, f"the norm has {count} layer" + ("" if count == 1 else "s")


@dataclasses.dataclass(frozen=True)
class LocalSmooth(LayerSmooth):
    """Gradient differences within |x - y| <= within / L1; a bound on the second derivative gives them, inflated."""

    within: float = 0.25
    name = "(L0, L1)-smooth"
    latex = r"\|\nabla f(x) - \nabla f(y)\|_\ast \le (L^0 + L^1 \|\nabla f(x)\|_\ast) \|x - y\|"

    def find(self, setting: Setting):
        try:
            return super().find(setting)
        except MissingConstant:
            for stated in setting.problem.smoothness(setting.norm):
                if stated.kind == "A1H" and "L0" not in setting.constants and "L1" not in setting.constants:
                    return as_local(stated, self.within)
            raise
