"""What the losses that are minimised by Newton's method have in common."""

import abc
from typing import Any

import numpy as np

from broximal.oracles.brox.newton import newton_move
from broximal.oracles.errors import MissingConstant
from broximal.oracles.norms import L2
from broximal.problems import _quadratic_constants as constants
from broximal.problems.constant import Constant, Known
from broximal.problems.facts import Facts
from broximal.problems.problem import Problem
from broximal.problems.regression._minimum import DENSE, NEWTON


class SmoothLoss(Problem):
    """A convex loss plus ridge |x|_2^2 / 2, with a dense Hessian over the entries, minimised once, when it is built.

    The loss alone is flat in some direction, at infinity at least, so the ridge is all the strong convexity there is.
    """

    ridge: Any
    start: Any
    _solution: Any  # None if there is no minimiser, or none that could be certified
    _infimum: Any

    @abc.abstractmethod
    def value_and_gradient(self, x: Any) -> tuple[Any, Any]:
        """Both at once: they share their work."""

    def value(self, x):
        return self.value_and_gradient(x)[0]

    def gradient(self, x):
        return self.value_and_gradient(x)[1]

    def move(self, norm, x, radius):
        return newton_move(self, norm, x, radius) if self.start.size <= NEWTON else None

    # ---- what is known ---------------------------------------------------------------------------------------------

    def _facts(self):
        return Facts(
            convex=True,
            smooth=True,
            minimiser=lambda: self._solution,
            f_star=self._f_star,
            growth=lambda: 2.0 if float(self.ridge) > 0 else None,
        )

    @property
    def x0(self):
        return self.start

    def _f_star(self) -> Known:
        if self._infimum is None:
            raise MissingConstant(f"{self.name} has no minimum that Newton's method could certify.")
        return self._infimum


class VectorLoss(SmoothLoss):
    """A loss of one vector."""

    def _constant_mu(self, norm) -> Constant | None:
        if float(self.ridge) == 0:
            return None
        n = self.start.size
        if n > DENSE:
            theta = norm.l2_bounds((n,)).theta
            kind = "exact" if isinstance(norm, L2) else "lower bound"
            return Constant("mu", float(self.ridge) / theta**2, kind, "of the ridge, over theta^2")
        found = constants.convexity(float(self.ridge) * np.eye(n), np.full(n, float(self.ridge)), np.eye(n), norm)
        return Constant("mu", found.value, found.kind, f"of the ridge ({found.why})")
