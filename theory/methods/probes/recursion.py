"""Scalar sequences that satisfy a recursion with equality, for statements about u_k <= (1 - b_k) u_{k-1} + e_k."""

import dataclasses
from typing import ClassVar

import numpy as np

from broximal.theory.language.method import Method, Progress, Record
from broximal.theory.language.setting import Run, Setting


@dataclasses.dataclass(frozen=True)
class Recursion(Method):
    """u_k = (1 - b) u_{k-1} + e, or with `vanishing` u_k = (1 - 1 / (2 sqrt k)) u_{k-1} + e / k; u_1 given, k from 1.

    Right sides increase in u_{k-1}, so the sequence with equality dominates every other one. The problem of the setting
    plays no role. A record's `extra` holds u.
    """

    vanishing: bool = False
    name: ClassVar[str] = "scalar recursion"

    @property
    def update(self) -> str:  # type: ignore[override]
        if self.vanishing:
            return r"u_k = \bigl(1 - \tfrac{1}{2 \sqrt{k}}\bigr) u_{k-1} + \tfrac{e}{k}"
        return r"u_k = (1 - b) u_{k-1} + e"

    def run(self, setting: Setting, progress: Progress | None = None) -> Run:
        given = setting.parameters
        u, records = float(given["first"]), []
        for k in range(1, setting.steps + 1):
            if k > 1:
                share = 1 / (2 * np.sqrt(k)) if self.vanishing else given["shrink"]
                u = (1 - share) * u + given["input"] / (k if self.vanishing else 1)
            records.append(Record(None, 1.0, extra={"u": u}))
            if progress is not None:
                progress(k, setting.steps)
        return Run(setting, [setting.x0] * (setting.steps + 1), records)
