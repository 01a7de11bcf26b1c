"""What the parts of an LMO method are given at every step."""

from typing import Any

import equinox as eqx
import numpy as np

from broximal.oracles.errors import MissingConstant
from broximal.oracles.layers import Layers
from broximal.problems.problem import Problem
from broximal.theory.language.setting import Setting


class Context(eqx.Module):
    """Problem, layers and the numbers of a setting; a pytree, so that a jitted run compiles once for its shapes.

    radii       the setting's radius at every step, shape (K,)
    parameters  the method's own parameters, scalars or shape (p,)
    """

    problem: Problem
    layers: Layers
    L0: Any
    L1: Any
    radii: Any
    parameters: dict[str, Any]
    horizon: int = eqx.field(static=True)

    @classmethod
    def of(cls, setting: Setting) -> "Context":
        layers = Layers(setting.norm)
        s = setting.smoothness
        L0, L1 = (np.asarray(v, dtype=float) for v in ((s.L0, s.L1) if s else ((np.nan,) * layers.count,) * 2))
        radii = np.array([setting.radius_at(step) for step in range(setting.steps)])
        parameters = {name: np.asarray(value, dtype=float) for name, value in setting.parameters.items()}
        return cls(setting.problem, layers, L0, L1, radii, parameters, setting.steps)

    def parameter(self, name: str) -> Any:
        """The value of a parameter. Raises MissingConstant if the theorem has no rule for it and none was given."""
        if name not in self.parameters:
            raise MissingConstant(f"the method needs the parameter {name}, which was not given and has no rule.")
        return self.parameters[name]
