"""The linearised broximal step: x_{k+1} = x_k + t_k LMO(grad f(x_k)), steepest descent in the norm."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar

from broximal.oracles.arrays import combine
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting

# (dual norm of the gradient, setting, step) -> radius
RadiusRule = Callable[[float, Setting, int], float]


def given(size: float, setting: Setting, step: int) -> float:
    """The radius of the setting."""
    return setting.radius_at(step)


def over_smoothness(size: float, setting: Setting, step: int) -> float:
    """|grad f|_* / L: the minimiser of the descent lemma's bound."""
    return size / setting.problem.constant("L", setting.norm).value


@dataclasses.dataclass(frozen=True)
class LmoStep(Method):
    """Moves by the LMO of the norm's ball at the exact gradient; the rule may use the gradient's dual norm."""

    rule: RadiusRule = given
    name: ClassVar[str] = "LMO step"
    update: ClassVar[str] = r"x_{k+1} = x_k + t_k \operatorname{LMO}(\nabla f(x_k))"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem, norm = setting.problem, setting.norm
        x = setting.x0
        points, records = [x], []
        for step in range(setting.steps):
            g = problem.gradient(x)
            size = float(norm.dual(g))
            if size == 0:
                break
            radius = self.rule(size, setting, step)
            x = combine(1.0, x, radius, norm.lmo(g))
            points.append(x)
            records.append(Record(None, radius))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)
