"""Samplings of layers with costs, drawn one after the other: what comparisons of samplings are checked on. Nothing moves."""

from typing import ClassVar

import numpy as np

from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


class SamplingDraws(Method):
    """Every step draws costs (unless `cost` and `forward` are given), the marginals of a cutoff sampling, and free marginals.

    Cutoff marginals do not decrease and end with 1. Costs and marginals are spread over orders of magnitude.
    """

    name: ClassVar[str] = "random costs and samplings"
    update: ClassVar[str] = r"c_k, P_k \text{ at random}"
    parameters: ClassVar[tuple[str, ...]] = ("cost", "forward")

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        rng = np.random.default_rng(setting.seed)
        count = Run(setting, [setting.x0], []).layers.count
        records = []
        for step in range(setting.steps):
            drawn = 10 ** rng.uniform(-1, 1, count + 1)
            forward = float(setting.parameters.get("forward", drawn[0]))
            cost = np.broadcast_to(np.asarray(setting.parameters.get("cost", drawn[1:]), dtype=float), (count,))
            nested = np.sort(10 ** rng.uniform(-2, 0, count))
            nested[-1] = 1.0
            extra = {"cost": cost, "forward": forward, "nested": nested, "free": 10 ** rng.uniform(-2, 0, count)}
            records.append(Record(None, 1.0, extra=extra))
            if progress is not None:
                progress(step + 1, setting.steps)
        return Run(setting, [setting.x0] * (setting.steps + 1), records)
