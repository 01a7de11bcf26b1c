"""Clipped short steps of the conditional gradient method in a ball around 0."""

import dataclasses
from typing import Any, ClassVar

from broximal.oracles.arrays import combine, inner, subtract
from broximal.oracles.errors import InvalidArgument
from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


@dataclasses.dataclass(frozen=True)
class ClippedShortStep(Method):
    """x+ = x - gamma min{varrho, <g, v> / |v|^2} v with v = x - b LMO(g), in the ball of radius b (parameters of the run).

    A record's `extra` holds the Frank-Wolfe gap <g, v>.
    """

    name: ClassVar[str] = "clipped short step"
    update: ClassVar[str] = (
        r"x_{k+1} = x_k - \gamma \min\{\varrho, \langle g_k, v_k \rangle / \|v_k\|^2\} v_k,\ "
        r"v_k = x_k - b \operatorname{LMO}(g_k)"
    )

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        problem, norm = setting.problem, setting.norm
        gam, cap, ball = (float(setting.parameters[name]) for name in ("gam", "cap", "ball"))
        x = setting.x0
        if float(norm(x)) > ball * (1 + 1e-12):
            raise InvalidArgument(f"x0 has norm {float(norm(x)):g} and lies outside the ball of radius {ball:g}.")
        points, records = [x], []
        for step in range(setting.steps):
            v, gap = _towards(problem, norm, x, ball)
            length = float(norm(v))
            if length == 0:
                break
            radius = gam * min(cap, gap / length**2)
            x = combine(1.0, x, -radius, v)
            points.append(x)
            records.append(Record(None, radius, extra={"fw_gap": gap, "fw_length": length}))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, points, records)


def _towards(problem: Any, norm: Any, x: Any, ball: float) -> tuple[Any, float]:
    g = problem.gradient(x)
    v = subtract(x, combine(ball, norm.lmo(g), 0.0, x))
    return v, float(inner(g, v))
