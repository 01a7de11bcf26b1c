"""The Ky Fan k norm, the sum of the k largest singular values, and its dual max(|X|_op, |X|_nuc / k).

Both are lifts of gauges (top-k and its dual), so that LMO and projection are those of schatten.py.
"""

from typing import ClassVar

import equinox as eqx

from broximal.oracles.cvxpy_bridge import cvxpy
from broximal.oracles.norms import _arguments
from broximal.oracles.norms.ordered import TopK, TopKDual
from broximal.oracles.norms.schatten import UnitarilyInvariant, dilation


class KyFan(UnitarilyInvariant):
    """KyFan(k): the sum of the k largest singular values. Raises InvalidArgument unless 1 <= k <= min(m, n)."""

    k: int = eqx.field(static=True)
    alias: ClassVar[str] = "kyfan"

    def __init__(self, k: int):
        self.k = _arguments.count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(2), (3, 4)), (cls(1), (3, 2)))

    @property
    def gauge(self):
        return TopK(self.k)

    @property
    def name(self):
        return f"kyfan({self.k})"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{\mathrm{{KF}}({self.k})}}"

    def cvxpy(self, expr):
        return cvxpy().lambda_sum_largest(dilation(expr), self.k)


class KyFanDual(UnitarilyInvariant):
    """KyFanDual(k): max(|X|_op, |X|_nuc / k), the dual of Ky Fan k."""

    k: int = eqx.field(static=True)
    alias: ClassVar[str] = "kyfan_dual"

    def __init__(self, k: int):
        self.k = _arguments.count(k, "k")

    @classmethod
    def examples(cls):
        return ((cls(2), (3, 4)),)

    @property
    def gauge(self):
        return TopKDual(self.k)

    @property
    def name(self):
        return f"kyfan_dual({self.k})"

    @property
    def latex(self):
        return rf"\|\cdot\|_{{\mathrm{{KF}}({self.k})*}}"

    def cvxpy(self, expr):
        return cvxpy().maximum(cvxpy().sigma_max(expr), cvxpy().normNuc(expr) / self.k)
